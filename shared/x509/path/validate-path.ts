/** Certification path validation: RFC 5280 section 6, with the search for the path that the section leaves open. */

import { LIMITS } from '../../bytes/limits.ts';
import { type Breach, bySeverity, findingOf, pathBreach, refuses, UNDETERMINED_CODES } from './breach.ts';
import type { Finding, PathElement, PathOutcome, PathRequest, PathResult } from './model.ts';
import { type FoundPath, PathSearch } from './path-search.ts';

/**
 * Finds a path from the target to one of the anchors that is valid under the profile asked for, trying every candidate
 * issuer, and says why where there is none. Of several valid paths it takes the one whose key identifiers match and
 * that is shortest. Never rejects unless `verifySignature` or `revocation` does; the work is bounded by `LIMITS.path*`,
 * whatever the certificates are.
 */
export async function validatePath(request: PathRequest): Promise<PathResult> {
  const search = new PathSearch(request);
  const strict = await search.run('strict');
  if (strict.best !== null) return resultOf(request, strict.best, 'valid', [], search.signaturesChecked);

  const lenient = await search.run('lenient');
  const found = lenient.best ?? { certificates: [request.target], anchor: null, breaches: [], revocation: null };
  const outcome = strict.budgetSpent ? 'undetermined' : outcomeOf(request, found);
  // Why the outcome is open, or that the explanation is incomplete.
  const told = found.breaches.some(({ code }) => UNDETERMINED_CODES.has(code));
  const extra = lenient.best === null || (strict.budgetSpent && !told) ? [budgetSpent()] : [];
  return resultOf(request, found, outcome, extra, search.signaturesChecked);
}

/** Of a path that the strict search did not find. */
function outcomeOf({ profile }: PathRequest, { anchor, breaches, revocation }: FoundPath): PathOutcome {
  if (anchor === null || revocation?.findings.some(({ severity }) => severity === 'error')) return 'invalid';
  const errors = breaches.filter((breach) => refuses(profile, breach));
  const open = errors.length > 0 && errors.every(({ code }) => UNDETERMINED_CODES.has(code));
  return open ? 'undetermined' : 'invalid';
}

function budgetSpent(): Breach {
  const message = `The search for a path was given up after ${LIMITS.pathSignatures} signatures or ${LIMITS.pathSteps} steps.`;
  return pathBreach('budget-spent', null, message, 'StartTrace’s limit');
}

function resultOf(
  request: PathRequest,
  found: FoundPath,
  outcome: PathOutcome,
  extra: readonly Breach[],
  signaturesChecked: number,
): PathResult {
  const { certificates, anchor, revocation } = found;
  const path = certificates.map((certificate, index): PathElement => {
    const last = index === certificates.length - 1;
    return { certificate, role: last && anchor !== null ? 'anchor' : index === 0 ? 'target' : 'intermediate' };
  });
  const breaches = [...extra, ...found.breaches].map((breach) => findingOf(breach, request.profile));
  const findings = bySeverity([...fewOfEach(breaches), ...(revocation?.findings ?? [])]);
  return { outcome, path, anchor, findings, revocation: revocation?.status ?? 'unknown', signaturesChecked };
}

/** A certificate with a thousand bad names breaks one rule a thousand times; the first few tell it. */
function fewOfEach(findings: readonly Finding[]): readonly Finding[] {
  const counts = new Map<string, number>();
  return findings.filter(({ code, certificate }) => {
    const key = `${code} ${certificate}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= LIMITS.findingsOfOneRule;
  });
}
