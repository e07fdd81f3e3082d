/** What goes into path validation (RFC 5280 section 6) and what comes out of it. */
import type { SignatureAlgorithm } from '../algorithms.ts';
import type { X509Certificate } from '../certificate.ts';
import type { BitString } from '../der-values.ts';
import type { PublicKey } from '../public-key.ts';

/**
 * How much is asked of a certificate. `path`: RFC 5280 section 6, what mail servers enforce. `rfc5280`: also the
 * certificate profile of section 4. `webpki`: also the rules of the CA/Browser Forum that can be checked offline.
 */
export type Profile = 'path' | 'rfc5280' | 'webpki';

/** What the target is to be used for: the extended key usage that it needs. */
export type Purpose = 'server' | 'client' | 'any';

export interface SignatureCheck {
  readonly algorithm: SignatureAlgorithm;
  readonly key: PublicKey;
  /** The bytes that the signature covers. */
  readonly signed: Uint8Array;
  readonly signature: BitString;
}

/** `unsupported`: the platform lacks the algorithm, the curve or the key size; nothing is known of the signature. */
export type SignatureOutcome = 'valid' | 'invalid' | 'unsupported';

/** Given by the host. Never rejects. */
export type VerifySignature = (check: SignatureCheck) => Promise<SignatureOutcome>;

export interface TrustAnchor {
  readonly certificate: X509Certificate;
  /** Seconds since 1970 from and until which the policy trusts the anchor; null where the policy sets no date. */
  readonly trustedFrom: number | null;
  readonly trustedUntil: number | null;
  /** Certificates whose notBefore lies behind this are not trusted under the anchor (seconds since 1970). */
  readonly distrustAfter: number | null;
  /** Where the policy has the anchor from: a file, a store, a document. */
  readonly source: string;
}

export interface AlgorithmRules {
  /** Whether signatures over SHA-1 count. MD5 and older never do. */
  readonly sha1: boolean;
  readonly minimumRsaBits: number;
}

export interface PathRequest {
  readonly target: X509Certificate;
  /** Certificates that may stand between the target and an anchor, in any order; surplus ones do no harm. */
  readonly intermediates: readonly X509Certificate[];
  readonly anchors: readonly TrustAnchor[];
  /** Seconds since 1970. */
  readonly at: number;
  readonly profile: Profile;
  readonly purpose: Purpose;
  readonly algorithms: AlgorithmRules;
  /** Intermediates that are not self-issued and may stand in a path; null for the built-in limit alone. */
  readonly maximumIntermediates: number | null;
  readonly verifySignature: VerifySignature;
  /** Null: revocation is not looked at, and stays unknown. */
  readonly revocation: RevocationCheck | null;
}

/**
 * Looks at one candidate path that is valid otherwise: the target first, the anchor last. Called for each candidate, so
 * that a revoked intermediate leaves room for a cross-signed one.
 */
export type RevocationCheck = (path: readonly X509Certificate[], at: number) => Promise<RevocationResult>;

export interface RevocationResult {
  /** `unknown` is never good: it is told, and refuses only where the caller asked for certainty. */
  readonly status: 'good' | 'revoked' | 'unknown';
  /** Findings of severity `error` make the path invalid. */
  readonly findings: readonly Finding[];
}

/**
 * `error`: the path is refused under the profile asked for. `warning`: a stricter profile, or a stricter peer, refuses
 * it. `note`: worth knowing.
 */
export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  /** Stable, `kebab-case`: `expired`, `issuer-not-found`, `name-constraint-violated`. */
  readonly code: string;
  readonly severity: Severity;
  /** The most lenient profile that refuses this; null when none does. */
  readonly profile: Profile | null;
  /** SHA-256 of the certificate it is about, or null. */
  readonly certificate: string | null;
  /** One sentence for a person, with the values that matter. */
  readonly message: string;
  /** `RFC 5280 section 4.2.1.9`, `CA/Browser Forum BR section 7.1.2.7.6`, or the policy's name. */
  readonly rule: string;
}

/** `undetermined`: it failed only because of what the platform lacks or because the budget was spent. */
export type PathOutcome = 'valid' | 'invalid' | 'undetermined';

export interface PathElement {
  readonly certificate: X509Certificate;
  /** The anchor counts as `anchor` also where it was sent. */
  readonly role: 'target' | 'intermediate' | 'anchor';
}

export interface PathResult {
  readonly outcome: PathOutcome;
  /** The target first. Of a path that is not valid: the candidate that came furthest, which may lack an anchor. */
  readonly path: readonly PathElement[];
  readonly anchor: TrustAnchor | null;
  /** About the path shown, most severe first. */
  readonly findings: readonly Finding[];
  readonly revocation: RevocationResult['status'];
  /** Work done, of the budgets in LIMITS. */
  readonly signaturesChecked: number;
}

/** What a peer presented, judged. What was sent and the path that was verified are different things. */
export interface ChainJudgement {
  /** With nothing but what was sent: what a peer sees that fetches nothing and remembers nothing. */
  readonly asSent: PathResult;
  /** With the known certificates as well, where these make the path valid; else null. */
  readonly completed: PathResult | null;
  /** How what was sent differs from the verified path: missing intermediate, wrong order, surplus, root included. */
  readonly differences: readonly Finding[];
}
