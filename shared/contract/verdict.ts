/**
 * What judging adds to `starttrace/analysis@1`: the paths to a root, who presented a certificate, and what each
 * partner's connector does with the mail. Facts stay as they are; nothing here is printed unless judging was asked for.
 */
import type { Side } from './analysis.ts';

/** The point in time that something is judged at: the session's own, the moment of the run, or a chosen date. */
export type Moment = 'capture' | 'now' | 'date';

export interface JudgedSession {
  /** Of each side that presented certificates, for each moment. */
  readonly paths: readonly JudgedPath[];
  /** Known senders of certificates, recognised by names. */
  readonly recognized: readonly Recognition[];
  /** One for each partner that the session belongs to and each moment; empty when it belongs to none. */
  readonly verdicts: readonly Verdict[];
  /** The worst of `verdicts` at the moment that counts (`--at`), without its checks; null when there is none. */
  readonly verdict: Omit<Verdict, 'checks'> | null;
}

export interface JudgedPath {
  readonly side: Side;
  readonly moment: Moment;
  /** ISO 8601 in UTC. */
  readonly asOf: string;
  /** `undetermined`: this platform lacks an algorithm, or the path was too costly to check. */
  readonly outcome: 'valid' | 'invalid' | 'undetermined';
  /** The verified path, the presented certificate first; of an invalid one as far as it led. */
  readonly path: readonly JudgedCertificate[];
  readonly revocation: 'good' | 'revoked' | 'unknown';
  readonly findings: readonly JudgedFinding[];
  /** The path that works once the missing certificates, which are not `sent`, are added; null when none does. */
  readonly completedPath: readonly JudgedCertificate[] | null;
}

export interface JudgedCertificate {
  readonly sha256: string;
  readonly subject: string;
  readonly notAfter: string;
  readonly role: 'target' | 'intermediate' | 'anchor';
  readonly sent: boolean;
}

export interface JudgedFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'note';
  /** The most lenient profile that refuses this; null when none does. */
  readonly profile: 'path' | 'rfc5280' | 'webpki' | null;
  readonly certificate: string | null;
  readonly message: string;
  readonly rule: string;
}

export interface Recognition {
  readonly side: Side;
  /** The entry's id in the catalogue: `eop-2014`. */
  readonly id: string;
  readonly title: string;
  /** `exact`: the set of names is the documented one. `partial`: the common name is, the set is not. */
  readonly match: 'exact' | 'partial';
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
  readonly source: string;
}

export type Outcome = 'deliver' | 'deliver-in-plaintext' | 'defer' | 'reject' | 'unknown';

export interface Verdict {
  readonly partner: string;
  /** The connector's kind. */
  readonly connector: string;
  /** How the session was found to be this partner's. */
  readonly matchedBy: string;
  readonly moment: Moment;
  /** ISO 8601 in UTC; null when the capture tells no time. */
  readonly asOf: string | null;
  readonly outcome: Outcome;
  /** One sentence: what happens to the mail, and why. */
  readonly summary: string;
  /** What the other side's server is expected to answer, where that is known. */
  readonly serverResponse: string | null;
  readonly checks: readonly Check[];
}

export type CheckStatus = 'passed' | 'failed' | 'warning' | 'unknown';

export interface Check {
  /** Stable, `kebab-case`: `certificate-name`, `certificate-path`. */
  readonly id: string;
  readonly status: CheckStatus;
  /** What is required, in one sentence. */
  readonly rule: string;
  /** Who says so: a specification's section, Microsoft's page, the expectation file; begins with `assumed:` where it is an assumption. */
  readonly source: string;
  readonly frame: number | null;
  /** What was seen. */
  readonly evidence: string;
  /** What to change, in one sentence; null when there is nothing to. */
  readonly remedy: string | null;
}

/** One name that several certificates or chains answered for. */
export interface Pool {
  readonly serverName: string;
  /** Each variant once, in order of first appearance. */
  readonly variants: readonly {
    /** SHA-256 of each certificate in the order sent. */
    readonly chain: readonly string[];
    readonly subject: string | null;
    readonly addresses: readonly string[];
    readonly sessions: number;
    readonly firstSession: string;
    readonly firstSeen: string | null;
    readonly lastSeen: string | null;
  }[];
  /** One sentence: over nodes, over time, or both, and what differs. */
  readonly message: string;
}

/** What everything was judged by. */
export interface JudgedBy {
  readonly trust: {
    readonly name: string;
    readonly title: string;
    readonly issued: string | null;
    readonly source: string;
  };
  readonly expectations: string | null;
  readonly profile: string;
  /** `capture`, `now`, or the date. */
  readonly at: string;
  /** When `now` was. */
  readonly now: string;
}

/** All that judging a run came to. */
export interface Judgement {
  readonly judgedBy: JudgedBy;
  /** By the session's id. */
  readonly sessions: ReadonlyMap<string, JudgedSession>;
  readonly pools: readonly Pool[];
}
