/**
 * `starttrace/verification@1`: what `starttrace verify --json` prints: one chain of certificates, verified against one
 * trust policy at one time. Times are ISO 8601 in UTC, hex is lower case; later versions of the schema only add fields.
 */
import type { Problem } from '../bytes/problem.ts';
import type { Certificate, UnreadableCertificate } from './analysis.ts';

export const VERIFICATION_SCHEMA = 'starttrace/verification@1';

export interface Verification {
  readonly schema: typeof VERIFICATION_SCHEMA;
  /** The file that was verified, as given. */
  readonly file: string;
  /** `undetermined`: this platform lacks an algorithm, or the path was too costly to check. */
  readonly outcome: 'valid' | 'invalid' | 'undetermined';
  readonly at: string;
  readonly profile: 'path' | 'rfc5280' | 'webpki';
  readonly purpose: 'server' | 'client';
  /** The trust policy or file of roots, as given, and how many anchors it has. */
  readonly trust: { readonly source: string; readonly anchors: number };
  /** Null when no name was asked for. */
  readonly name: VerifiedName | null;
  /** The path with nothing but what was sent: the target first; of one that is not valid as far as it led. */
  readonly path: readonly VerifiedCertificate[];
  /** The path that would have worked with the policy's intermediates; null when `path` is valid, or none would. */
  readonly completedPath: readonly VerifiedCertificate[] | null;
  /** The certificates of the file in their order. */
  readonly sent: readonly SentCertificate[];
  /** What is wrong with the path and the name, most severe first. */
  readonly findings: readonly VerificationFinding[];
  /** How what was sent differs from the verified path. */
  readonly differences: readonly VerificationFinding[];
  readonly revocation: VerifiedRevocation;
  /** Embedded certificate timestamps of the target (RFC 6962), whose signatures are not verified. */
  readonly timestamps: readonly CertificateTimestamp[];
  /** Every certificate that is named above, by its SHA-256. */
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  /** Parts of the inputs that could not be read. */
  readonly problems: readonly Problem[];
}

export interface VerifiedName {
  /** As asked for, in A-labels. */
  readonly asked: string;
  readonly matches: boolean;
  /** Which kind of name matched. */
  readonly by: 'dNSName' | 'iPAddress' | 'commonName' | null;
  /** The presented name that matched. */
  readonly presented: string | null;
}

export interface VerifiedCertificate {
  readonly sha256: string;
  readonly subject: string;
  readonly role: 'target' | 'intermediate' | 'anchor';
  readonly sent: boolean;
  /** Where an anchor is trusted by: a file, a store, a document; null for others. */
  readonly source: string | null;
}

export interface SentCertificate {
  readonly sha256: string;
  readonly subject: string;
  /** What part it has in the path; null when it has none. */
  readonly role: 'target' | 'intermediate' | 'anchor' | null;
}

export interface VerificationFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** The most lenient profile that refuses this; null when none does. */
  readonly profile: 'path' | 'rfc5280' | 'webpki' | null;
  readonly certificate: string | null;
  readonly message: string;
  readonly rule: string;
}

export interface VerifiedRevocation {
  readonly status: 'good' | 'revoked' | 'unknown';
  /** Whether a path of unknown revocation fails. */
  readonly required: boolean;
  /** The CRLs that were given. */
  readonly lists: readonly RevocationList[];
}

export interface RevocationList {
  readonly file: string;
  readonly issuer: string;
  readonly thisUpdate: string;
  readonly nextUpdate: string | null;
  /** Hex, as serial numbers are written; null when it has none. */
  readonly number: string | null;
  readonly entryCount: number;
}

export interface CertificateTimestamp {
  /** SHA-256 of the log's key. */
  readonly logId: string;
  readonly at: string;
}
