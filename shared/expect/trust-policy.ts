/** Whom to trust, as data: roots with their dates, and the rules of a path. Nothing in code knows a root by name. */
import type { X509Certificate } from '../x509/certificate.ts';
import type { AlgorithmRules, Profile, TrustAnchor } from '../x509/path/model.ts';

export interface TrustPolicy {
  /** Lower-case letters, digits, dots and dashes for a policy with a document; the path for certificates alone. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** The day that this version of the policy is of: ISO 8601. Null for certificates without a document. */
  readonly issued: string | null;
  /** Who says so, and where. */
  readonly source: string;
  readonly description: string | null;
  readonly anchors: readonly TrustAnchor[];
  /** Certificates that complete a chain; they are trusted only where a path leads on to an anchor. */
  readonly intermediates: readonly X509Certificate[];
  readonly rules: TrustRules;
}

export interface TrustRules {
  readonly profile: Profile;
  readonly algorithms: AlgorithmRules;
  /** Whether the subject's common name counts where there is no subjectAltName (RFC 6125 section 6.4.4). */
  readonly commonNameFallback: boolean;
  /** Whether unknown revocation makes a path fail. */
  readonly requireRevocation: boolean;
  /** The point in time that decides, unless the user names one; null: the policy has no opinion. */
  readonly time: 'capture' | 'now' | null;
}

/** What holds where a policy says nothing: what mail servers of today enforce. */
export const DEFAULT_RULES: TrustRules = {
  profile: 'path',
  algorithms: { sha1: false, minimumRsaBits: 2048 },
  commonNameFallback: false,
  requireRevocation: false,
  time: null,
};

/**
 * Whether the certificate says of itself that it may sign others; those before version 3 cannot say, and are taken for
 * roots as everybody does (RFC 5280 section 4.2.1.9).
 */
export function isAuthority({ version, known }: X509Certificate): boolean {
  if (version < 3) return true;
  return known.basicConstraints.kind === 'present' && known.basicConstraints.value.isCertificateAuthority;
}

/** An anchor without dates of its own. */
export function plainAnchor(certificate: X509Certificate, source: string): TrustAnchor {
  return { certificate, trustedFrom: null, trustedUntil: null, distrustAfter: null, source };
}
