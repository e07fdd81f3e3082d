/** How the rules of path validation report what they found, before it is known how strict the caller wants to be. */
import type { X509Certificate } from '../certificate.ts';
import type { Finding, Profile, Severity } from './model.ts';

/** One rule that a certificate or a path breaks. */
export interface Breach {
  readonly code: FindingCode;
  /** The most lenient profile that refuses it. */
  readonly profile: Profile;
  /** A stricter profile that allows it by an explicit exception, or null. */
  readonly allowedBy: Profile | null;
  readonly certificate: X509Certificate | null;
  readonly message: string;
  readonly rule: string;
}

const STRICTNESS: Readonly<Record<Profile, number>> = { path: 0, rfc5280: 1, webpki: 2 };

/** Whether a path with this breach is refused under `profile`. */
export function refuses(profile: Profile, breach: Breach): boolean {
  return STRICTNESS[breach.profile] <= STRICTNESS[profile] && breach.allowedBy !== profile;
}

/** The finding as the caller sees it, who asked for `profile`. */
export function findingOf(breach: Breach, profile: Profile): Finding {
  const { code, certificate, message, rule } = breach;
  const severity: Severity = refuses(profile, breach) ? 'error' : 'warning';
  return { code, severity, profile: breach.profile, certificate: certificate?.sha256 ?? null, message, rule };
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/** Most severe first, otherwise in the order given. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** Codes of findings that leave the outcome open: the platform or the budget failed, not the path. */
export const UNDETERMINED_CODES: ReadonlySet<string> = new Set<FindingCode>([
  'signature-unsupported',
  'budget-spent',
  'name-constraints-too-many',
]);

export type FindingCode = (typeof FINDING_CODES)[number];

/** Every code that path validation gives. Codes are API: documented, and only added to. */
export const FINDING_CODES = [
  'no-certificate',
  'issuer-not-found',
  'self-signed-not-trusted',
  'signature-invalid',
  'signature-unsupported',
  'budget-spent',
  'path-too-long',
  'not-yet-valid',
  'expired',
  'anchor-not-yet-valid',
  'anchor-expired',
  'anchor-not-yet-trusted',
  'anchor-no-longer-trusted',
  'anchor-distrusts-newer',
  'signature-algorithm-mismatch',
  'signature-algorithm-refused',
  'signature-algorithm-weak',
  'key-too-small',
  'key-not-allowed',
  'signature-algorithm-not-allowed',
  'critical-extension-unknown',
  'extension-unreadable',
  'extension-duplicate',
  'extension-criticality',
  'not-a-certificate-authority',
  'basic-constraints-missing',
  'path-length-exceeded',
  'path-length-misplaced',
  'key-usage-forbids-signing-certificates',
  'key-usage-inconsistent',
  'key-usage-empty',
  'key-usage-missing',
  'key-usage-unsuitable',
  'extended-key-usage-unsuitable',
  'extended-key-usage-missing',
  'extended-key-usage-not-allowed',
  'name-constraint-violated',
  'name-constraint-unsupported',
  'name-constraint-malformed',
  'name-constraint-misplaced',
  'name-constraints-too-many',
  'policy-required',
  'policy-mapping-any',
  'policy-duplicate',
  'version-not-3',
  'unique-identifier',
  'serial-number',
  'encoding',
  'issuer-empty',
  'subject-empty',
  'authority-key-identifier-missing',
  'authority-key-identifier-mismatch',
  'authority-key-identifier-not-allowed',
  'subject-key-identifier-missing',
  'subject-alternative-name-missing',
  'subject-alternative-name-malformed',
  'subject-alternative-name-not-allowed',
  'common-name-not-in-subject-alternative-name',
  'wildcard-too-wide',
  'certificate-authority-as-target',
  'validity-too-long',
] as const;

/** A breach that RFC 5280 section 6 refuses, and so every profile. */
export function pathBreach(
  code: FindingCode,
  certificate: X509Certificate | null,
  message: string,
  rule: string,
): Breach {
  return { code, profile: 'path', allowedBy: null, certificate, message, rule };
}

/** A breach of the certificate profile, RFC 5280 section 4. */
export function profileBreach(code: FindingCode, certificate: X509Certificate, message: string, rule: string): Breach {
  return { code, profile: 'rfc5280', allowedBy: null, certificate, message, rule };
}

/** A breach of the CA/Browser Forum's Baseline Requirements alone. */
export function webpkiBreach(code: FindingCode, certificate: X509Certificate, message: string, rule: string): Breach {
  return { code, profile: 'webpki', allowedBy: null, certificate, message, rule };
}

/** A section of RFC 5280, as `Finding.rule` names it. */
export function rfc5280(section: string): string {
  return `RFC 5280 section ${section}`;
}

/** A section of the CA/Browser Forum's Baseline Requirements for TLS (version 2). */
export function baseline(section: string): string {
  return `CA/Browser Forum BR section ${section}`;
}
