/** How Exchange compares a certificate's names with TlsDomain and TlsSenderCertificateName. */
import type { Assumptions } from './expectations.ts';
import type { ObservedIdentity } from './observation.ts';

export interface TlsDomainMatch {
  readonly matches: boolean;
  /** The presented name that matched. */
  readonly presented: string | null;
  /** The choices this result hangs on, of those that the documentation leaves open: sentences for the check's source. */
  readonly assumed: readonly string[];
}

type Wildcards = 'wildcardMatchesApex' | 'wildcardMatchesDeeperLabels' | 'wildcardMatchesWildcard';

type Choices = Readonly<Record<Wildcards, boolean>> & { readonly commonName: 'also' | 'never' | 'without-names' };

interface Relation {
  readonly matches: boolean;
  readonly assumed: string | null;
}

/**
 * Compares the setting with every name of the certificate. `*.contoso.com` in the setting stands for the subdomains of
 * contoso.com; a wildcard in the certificate covers one label (RFC 9525 section 6.3). What is not documented follows
 * `assumptions`, and the result says so.
 */
export function matchTlsDomain(
  setting: string,
  identity: ObservedIdentity,
  assumptions: Assumptions | undefined,
): TlsDomainMatch {
  const choices: Choices = {
    wildcardMatchesApex: assumptions?.wildcardMatchesApex ?? false,
    wildcardMatchesDeeperLabels: assumptions?.wildcardMatchesDeeperLabels ?? true,
    wildcardMatchesWildcard: assumptions?.wildcardMatchesWildcard ?? true,
    commonName: assumptions?.commonName ?? 'also',
  };
  const wanted = setting.toLowerCase().replace(/\.$/, '');
  const assumed = new Set<string>();
  const search = (names: readonly string[], more: string | null): TlsDomainMatch | null => {
    for (const presented of names) {
      const relation = relate(wanted, presented.toLowerCase().replace(/\.$/, ''), choices);
      if (relation.matches) {
        const grounds = [relation.assumed, more].filter((ground) => ground !== null);
        return { matches: true, presented, assumed: grounds };
      }
      if (relation.assumed !== null) assumed.add(relation.assumed);
    }
    return null;
  };
  const bySan = search(identity.dnsNames, null);
  if (bySan) return bySan;
  const commonNameCounts =
    choices.commonName === 'also' || (choices.commonName === 'without-names' && identity.dnsNames.length === 0);
  const ground = `the common name counts: ${choices.commonName} (assumptions.commonName)`;
  const unlisted = identity.commonNames.filter((name) => !identity.dnsNames.includes(name));
  if (commonNameCounts) {
    const byCommonName = search(unlisted, ground);
    if (byCommonName) return byCommonName;
  } else if (unlisted.some((name) => relate(wanted, name.toLowerCase(), choices).matches)) {
    assumed.add(ground);
  }
  return { matches: false, presented: null, assumed: [...assumed] };
}

function relate(wanted: string, presented: string, choices: Choices): Relation {
  if (!wanted.startsWith('*.')) {
    const covered = presented === wanted || (presented.startsWith('*.') && oneLabelBelow(wanted, presented.slice(1)));
    return { matches: covered, assumed: null };
  }
  const suffix = wanted.slice(1);
  const apex = suffix.slice(1);
  if (presented === apex) {
    return { matches: choices.wildcardMatchesApex, assumed: choice('wildcardMatchesApex', choices) };
  }
  if (presented === wanted) {
    return { matches: choices.wildcardMatchesWildcard, assumed: choice('wildcardMatchesWildcard', choices) };
  }
  if (!presented.endsWith(suffix)) return { matches: false, assumed: null };
  if (oneLabelBelow(presented, suffix)) return { matches: true, assumed: null };
  return { matches: choices.wildcardMatchesDeeperLabels, assumed: choice('wildcardMatchesDeeperLabels', choices) };
}

function choice(name: Wildcards, choices: Choices): string {
  const meaning = {
    wildcardMatchesApex: 'matches the domain itself',
    wildcardMatchesDeeperLabels: 'matches names more than one label below',
    wildcardMatchesWildcard: 'matches the same wildcard in a certificate',
  }[name];
  return `*.domain ${choices[name] ? '' : 'never '}${meaning} (assumptions.${name})`;
}

function oneLabelBelow(name: string, suffix: string): boolean {
  return name.endsWith(suffix) && name.length > suffix.length && !name.slice(0, -suffix.length).includes('.');
}
