/** The certificate's names against the one name that a connector requires. */
import type { Assumptions } from '../expectations.ts';
import type { ObservedIdentity } from '../observation.ts';
import { matchTlsDomain } from '../tls-domain.ts';
import { allNames, type Step, step } from './steps.ts';

export interface NameDemand {
  /** The setting as its administrator knows it: `TlsDomain`. */
  readonly setting: string;
  /** Any of these will do. */
  readonly wanted: readonly string[];
  readonly source: string;
  readonly assumptions: Assumptions | undefined;
}

/** Compares as Exchange does. The remedy names what to set instead. */
export function nameStep(identity: ObservedIdentity, { setting, wanted, source, assumptions }: NameDemand): Step {
  const results = wanted.map((name) => ({ name, match: matchTlsDomain(name, identity, assumptions) }));
  const found = results.find(({ match }) => match.matches);
  const assumed = new Set((found ? [found] : results).flatMap(({ match }) => match.assumed));
  const parts = {
    id: 'certificate-name',
    rule: `The certificate has the name ${wanted.join(' or ')} (${setting}).`,
    source: assumed.size === 0 ? source : `assumed: ${[...assumed].join('; ')}. ${source}`,
    frame: identity.frame,
  };
  if (found) {
    return step('none', {
      status: 'passed',
      ...parts,
      evidence: `The certificate has the name ${found.match.presented}.`,
    });
  }
  const names = allNames(identity);
  const evidence = `The certificate has ${inShort(identity, names)}, where ${wanted.join(' or ')} is required.`;
  return step('breaks', { status: 'failed', ...parts, evidence, remedy: nameRemedy(identity, setting, wanted[0]) });
}

/** The name that people know it by, and how many there are beside it. */
function inShort(identity: ObservedIdentity, names: readonly string[]): string {
  if (names.length === 0) return 'no name';
  const others = names.length - 1;
  const first = bestName(identity) ?? names[0];
  return others === 0 ? first : `${first} and ${others} other name${others === 1 ? '' : 's'}`;
}

function nameRemedy(identity: ObservedIdentity, setting: string, wanted: string): string {
  const better = bestName(identity);
  if (better === null) return `Install a certificate for ${wanted} on the server that presented this one.`;
  return identity.provider
    ? `Set ${setting} to ${better}: ${identity.provider} cannot present your certificate.`
    : `Set ${setting} to ${better}, or install a certificate for ${wanted} on the server that presented this one.`;
}

/** The name to ask for instead: the common name where it is a host's name, else the first that is no wildcard. */
function bestName({ commonNames, dnsNames }: ObservedIdentity): string | null {
  const isHost = (name: string): boolean => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(name);
  return commonNames.find(isHost) ?? dnsNames.find(isHost) ?? dnsNames[0] ?? null;
}
