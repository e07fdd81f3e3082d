/**
 * Certificate policies (RFC 5280 sections 6.1.2 to 6.1.5), with any policy acceptable to the user and nothing inhibited at
 * the start: a path fails only where a certificate in it demands an explicit policy.
 *
 * RFC 5280's tree grows exponentially with policy mappings; RFC 9618 replaces it with a graph. Of that graph only the
 * last level matters here, for no list of policies is given out: the graph is empty when its last level is.
 */

import type { X509Certificate } from '../certificate.ts';
import type { PolicyMapping } from '../policy-extensions.ts';
import { type Breach, pathBreach, rfc5280 } from './breach.ts';
import { isSelfIssued } from './compare-names.ts';

const ANY_POLICY = '2.5.29.32.0';

/** valid_policy to expected_policy_set. Null when the graph is empty. */
type Level = ReadonlyMap<string, ReadonlySet<string>>;

/** Checks the certificates of a path, the one below the anchor first, the target last. */
export function checkPolicies(path: readonly X509Certificate[]): Breach | null {
  let level: Level = new Map([[ANY_POLICY, new Set([ANY_POLICY])]]);
  let explicitPolicy = path.length + 1;
  let inhibitAnyPolicy = path.length + 1;
  let policyMapping = path.length + 1;
  for (const [index, certificate] of path.entries()) {
    const last = index === path.length - 1;
    const selfIssued = isSelfIssued(certificate);
    const { certificatePolicies, policyMappings, policyConstraints, inhibitAnyPolicy: inhibit } = certificate.known;
    // Section 6.1.3 (d), (e).
    const policies = certificatePolicies.kind === 'present' ? certificatePolicies.value.map(({ oid }) => oid) : [];
    level = nextLevel(level, policies, inhibitAnyPolicy > 0 || (!last && selfIssued));
    // Section 6.1.3 (f).
    if (explicitPolicy === 0 && level.size === 0) return noPolicy(certificate, '6.1.3');
    const constraints = policyConstraints.kind === 'present' ? policyConstraints.value : null;
    if (last) {
      // Section 6.1.5 (a), (b).
      if (explicitPolicy > 0) explicitPolicy--;
      if (constraints?.requireExplicitPolicy === 0) explicitPolicy = 0;
      // Section 6.1.5 (g).
      if (explicitPolicy === 0 && level.size === 0) return noPolicy(certificate, '6.1.5');
      return null;
    }
    // Section 6.1.4 (a), (b).
    if (policyMappings.kind === 'present') {
      if (policyMappings.value.some(mapsAnyPolicy)) {
        const message = 'A policy mapping maps anyPolicy, which stands for all policies.';
        return pathBreach('policy-mapping-any', certificate, message, rfc5280('6.1.4 (a)'));
      }
      level = mapPolicies(level, policyMappings.value, policyMapping > 0);
    }
    // Section 6.1.4 (h), (i), (j).
    if (!selfIssued) {
      if (explicitPolicy > 0) explicitPolicy--;
      if (policyMapping > 0) policyMapping--;
      if (inhibitAnyPolicy > 0) inhibitAnyPolicy--;
    }
    explicitPolicy = Math.min(explicitPolicy, constraints?.requireExplicitPolicy ?? explicitPolicy);
    policyMapping = Math.min(policyMapping, constraints?.inhibitPolicyMapping ?? policyMapping);
    if (inhibit.kind === 'present') inhibitAnyPolicy = Math.min(inhibitAnyPolicy, inhibit.value);
  }
  return null;
}

function noPolicy(certificate: X509Certificate, section: string): Breach {
  const message = 'A certificate authority of the path demands a valid policy, and none is left at this certificate.';
  return pathBreach('policy-required', certificate, message, rfc5280(section));
}

function mapsAnyPolicy({ issuerDomainPolicy, subjectDomainPolicy }: PolicyMapping): boolean {
  return issuerDomainPolicy === ANY_POLICY || subjectDomainPolicy === ANY_POLICY;
}

/** Section 6.1.3 (d): the policies of a certificate that its issuers expect. */
function nextLevel(level: Level, policies: readonly string[], anyPolicyCounts: boolean): Level {
  const next = new Map<string, ReadonlySet<string>>();
  const expected = new Set<string>();
  for (const set of level.values()) for (const policy of set) expected.add(policy);
  for (const policy of policies) {
    if (policy !== ANY_POLICY && (expected.has(policy) || level.has(ANY_POLICY))) next.set(policy, new Set([policy]));
  }
  if (policies.includes(ANY_POLICY) && anyPolicyCounts) {
    for (const policy of expected) if (!next.has(policy)) next.set(policy, new Set([policy]));
  }
  return next;
}

/** Section 6.1.4 (b). */
function mapPolicies(level: Level, mappings: readonly PolicyMapping[], allowed: boolean): Level {
  const next = new Map(level);
  const bySource = new Map<string, Set<string>>();
  for (const { issuerDomainPolicy, subjectDomainPolicy } of mappings) {
    const targets = bySource.get(issuerDomainPolicy) ?? new Set<string>();
    targets.add(subjectDomainPolicy);
    bySource.set(issuerDomainPolicy, targets);
  }
  for (const [source, targets] of bySource) {
    if (!allowed) next.delete(source);
    else if (level.has(source) || level.has(ANY_POLICY)) next.set(source, targets);
  }
  return next;
}
