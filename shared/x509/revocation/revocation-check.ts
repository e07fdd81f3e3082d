/** All that is known about revocation, put together. Nothing is ever fetched. */
import type { X509Certificate } from '../certificate.ts';
import type { Finding, RevocationCheck, RevocationResult } from '../path/model.ts';
import type { CertificateList } from './certificate-list.ts';
import { crlRevocation, type RevocationOptions } from './crl-revocation.ts';
import type { OcspReading } from './ocsp-response.ts';
import { ocspRevocation } from './ocsp-revocation.ts';

export interface RevocationSources extends RevocationOptions {
  /** CRLs at hand. With any, each certificate below the anchor needs one that covers it. */
  readonly lists: readonly CertificateList[];
  /** The OCSP response that was stapled for the target, or null. */
  readonly staple: OcspReading | null;
  /** Whether a path whose revocation is unknown fails. */
  readonly required: boolean;
}

/**
 * CRLs given are strict, as RFC 5280 section 6.3 has it; a stapled response speaks for the target. Where neither tells,
 * the status is `unknown` and said to be: a note, or an error where certainty is required. A response that says
 * "revoked" counts against CRLs that do not, and the other way round.
 */
export function revocationCheck(sources: RevocationSources): RevocationCheck {
  const { lists, staple, required } = sources;
  const byLists = lists.length === 0 ? null : crlRevocation(lists, sources);
  return async (path, at) => {
    const stapled = await stapleResult(staple, path, at, sources);
    if (byLists !== null) return combined(await byLists(path, at), stapled);
    if (stapled.status === 'revoked') return stapled;
    // A staple speaks for the target only; roots have nobody who could revoke them.
    const unproved = path.slice(stapled.status === 'good' ? 1 : 0, -1);
    if (unproved.length === 0) return { status: 'good', findings: stapled.findings };
    return { status: 'unknown', findings: [...stapled.findings, unknownFinding(unproved, required)] };
  };
}

async function stapleResult(
  staple: OcspReading | null,
  path: readonly X509Certificate[],
  at: number,
  options: RevocationOptions,
): Promise<RevocationResult> {
  if (staple === null || path.length < 2) return { status: 'unknown', findings: [] };
  const warning = (code: string, message: string, rule: string): RevocationResult => {
    const about = { severity: 'warning', profile: null, certificate: path[0].sha256 } as const;
    return { status: 'unknown', findings: [{ code, message, rule, ...about }] };
  };
  switch (staple.kind) {
    case 'response':
      return ocspRevocation(staple.response, path[0], path[1], at, options);
    case 'refused':
      return warning(
        'ocsp-refused',
        `The stapled OCSP response says only "${staple.status}".`,
        'RFC 6960 section 4.2.1',
      );
    case 'unreadable':
      return warning(
        'ocsp-unreadable',
        `The stapled OCSP response cannot be read: ${staple.problem.message}`,
        'RFC 6960 section 4.2.1',
      );
  }
}

function combined(listed: RevocationResult, stapled: RevocationResult): RevocationResult {
  const status = stapled.status === 'revoked' ? 'revoked' : listed.status;
  return { status, findings: [...listed.findings, ...stapled.findings] };
}

function unknownFinding(unproved: readonly X509Certificate[], required: boolean): Finding {
  const [first] = unproved;
  const others = unproved.length - 1;
  const too = others === 0 ? '' : `, and so it is for ${others} more in the path`;
  return {
    code: 'revocation-unknown',
    severity: required ? 'error' : 'note',
    profile: null,
    certificate: first.sha256,
    message: `Whether ${first.subject.text} has been revoked is unknown${too}: neither a CRL nor an OCSP response tells.`,
    rule: required ? 'the policy, which requires certainty about revocation' : 'RFC 5280 section 6.3',
  };
}
