/** What to do about a path that is not valid: for each finding the next step of whoever runs the server. */
import type { Finding } from '../x509/path/model.ts';

const RENEW = 'Renew the certificate.';
const CLOCK = "Check the certificate's dates, and the clock of whoever checks it.";
const NEW_ROOT =
  'Ask the authority for a path to a root that has not ended, and trust a policy that is kept up to date.';
const REISSUE = 'Have the authority issue the certificate anew, for TLS between servers.';
const REPLACE = 'Replace the certificate with one that uses a sound algorithm and key.';

const REMEDIES: Readonly<Record<string, string>> = {
  'missing-intermediate': "Install the missing intermediate certificate beside the server's own.",
  'issuer-not-found':
    'Send the intermediate certificates as well; where the authority is a private one, trust its root (--trust FILE).',
  'self-signed-not-trusted':
    'Install a certificate of a trusted authority, or pin this one by its fingerprint in the expectation file.',
  expired: RENEW,
  'not-yet-valid': CLOCK,
  'anchor-expired': NEW_ROOT,
  'anchor-no-longer-trusted': NEW_ROOT,
  'anchor-distrusts-newer': NEW_ROOT,
  'signature-algorithm-refused': REPLACE,
  'signature-algorithm-weak': REPLACE,
  'key-too-small': REPLACE,
  'extended-key-usage-unsuitable': REISSUE,
  'key-usage-unsuitable': REISSUE,
  'name-constraint-violated': REISSUE,
  revoked: 'Replace the revoked certificate.',
  'revocation-not-covered': 'Give a current list of each authority with --crl.',
  'signature-invalid': 'Install the certificate anew: it was altered, or its issuer is not who it names.',
};

/** The remedy for the first of the findings that has one. */
export function pathRemedy(findings: readonly Pick<Finding, 'severity' | 'code'>[]): string | null {
  for (const { severity, code } of findings) {
    if (severity === 'error' && Object.hasOwn(REMEDIES, code)) return REMEDIES[code];
  }
  return null;
}
