/**
 * What a front end may ask of the application, over Electron's channels or the loopback host alike: for each operation
 * the schema of its input, which the host checks before anything else, and the type of its result.
 */
import * as z from 'zod/mini';
import type { Problem } from '../bytes/problem.ts';
import type { Capture, Certificate, Session, Side, UnreadableCertificate } from './analysis.ts';
import type { TrustDocument } from './trust.ts';
import type { JudgedBy, JudgedSession, Outcome, Pool } from './verdict.ts';
import type { WhatIf } from './what-if.ts';

const id = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));
const path = z.string().check(z.minLength(1), z.maxLength(4096));
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const documentText = z.string().check(z.maxLength(2_000_000));
const run = z.strictObject({ run: id });

/** What to judge by; all null: the policy `mozilla`, at the capture's time, without expectations. */
export const JUDGE_QUESTION = z.strictObject({
  /** A policy's name or a file. */
  trust: z.nullable(path),
  /** The text of an expectation file, with its name for messages. */
  expectations: z.nullable(z.strictObject({ name: path, text: documentText })),
  at: z.nullable(z.union([z.enum(['capture', 'now']), z.strictObject({ date: z.int() })])),
});

/** The environment variable by which the command line tells Electron what to judge its files by: JSON. */
export const QUESTION_VARIABLE = 'STARTTRACE_QUESTION';

const format = z.enum(['pem', 'der', 'p7b']);

export const OPERATIONS = {
  /** Begins to analyse files and folders as one run; events tell the rest. */
  openCaptures: z.strictObject({ names: z.array(path).check(z.minLength(1), z.maxLength(1000)) }),
  /** Captures that the page handed over to the host, which gave each a ticket (loopback host: dropped files). */
  openUploads: z.strictObject({ tickets: z.array(id).check(z.minLength(1), z.maxLength(1000)) }),
  /** Asks the person for captures, where the host has a dialog. */
  chooseCaptures: z.strictObject({}),
  openSample: z.strictObject({}),
  cancelRun: run,
  closeRun: run,
  /** The whole session with the certificates that it shows. */
  session: z.strictObject({ run: id, id }),
  /** Every field of a certificate, for people. */
  certificate: z.strictObject({ run: id, sha256 }),
  /** Judges the run anew; an event brings the rows' verdicts. */
  judge: z.strictObject({ run: id, question: JUDGE_QUESTION }),
  judgedSession: z.strictObject({ run: id, id }),
  /** The bytes of certificates in a file's form. */
  exportCertificates: z.strictObject({
    run: id,
    certificates: z.array(sha256).check(z.minLength(1), z.maxLength(10_000)),
    format,
  }),
  trustPolicies: z.strictObject({}),
  checkExpectations: z.strictObject({ name: path, text: documentText }),
  openExpectations: z.strictObject({ file: z.nullable(path) }),
  saveExpectations: z.strictObject({ file: z.nullable(path), text: documentText }),
  importConnectors: z.strictObject({ text: documentText }),
  whatIf: z.strictObject({
    expectations: z.strictObject({ name: path, text: documentText }),
    movesTo: id,
    only: z.nullable(z.string().check(z.maxLength(253))),
    direction: z.enum(['inbound', 'outbound', 'both']),
    trust: z.nullable(path),
  }),
  catalogue: z.strictObject({}),
  recentFiles: z.strictObject({}),
  forgetRecentFiles: z.strictObject({}),
  openInWireshark: z.strictObject({ run: id, capture: z.int(), frame: z.int() }),
  about: z.strictObject({}),
} as const;

export type OperationName = keyof typeof OPERATIONS;
export type OperationInput<N extends OperationName> = z.infer<(typeof OPERATIONS)[N]>;
export type JudgeQuestionInput = z.infer<typeof JUDGE_QUESTION>;
export type CertificateFormat = z.infer<typeof format>;

/** The result of each operation. What cannot be done rejects with an ApplicationError. */
export interface OperationResults {
  readonly openCaptures: { readonly run: string };
  readonly openUploads: { readonly run: string };
  /** Null: the person changed their mind, or the host has no dialog. */
  readonly chooseCaptures: { readonly run: string } | null;
  /** The story, with what it is to be judged by. */
  readonly openSample: { readonly run: string; readonly question: JudgeQuestionInput };
  readonly cancelRun: null;
  readonly closeRun: null;
  readonly session: SessionDetail;
  readonly certificate: CertificateDetail;
  readonly judge: JudgedRun;
  readonly judgedSession: JudgedSession;
  /** `base64` of the file. */
  readonly exportCertificates: { readonly fileName: string; readonly base64: string };
  readonly trustPolicies: TrustDocument;
  readonly checkExpectations: ExpectationsCheck;
  readonly openExpectations: { readonly file: string; readonly text: string } | null;
  readonly saveExpectations: { readonly file: string } | null;
  readonly importConnectors: { readonly text: string; readonly problems: readonly string[] };
  readonly whatIf: WhatIf;
  readonly catalogue: readonly { readonly id: string; readonly title: string; readonly from: string | null }[];
  readonly recentFiles: readonly RecentFile[];
  readonly forgetRecentFiles: null;
  readonly openInWireshark: { readonly opened: boolean; readonly explanation: string };
  readonly about: About;
}

export type OperationResult<N extends OperationName> = OperationResults[N];

/** What went wrong, for a person: what, where, and the next step. */
export interface ApplicationError {
  readonly code: string;
  readonly message: string;
}

export interface About {
  readonly version: string;
  readonly host: 'electron' | 'browser';
  readonly wireshark: boolean;
}

export interface RecentFile {
  readonly file: string;
  readonly openedAt: string;
  readonly sessions: number;
}

export interface SessionDetail {
  readonly session: Session;
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
}

/** Groups of labelled values, in the order to show them. */
export interface CertificateDetail {
  readonly sha256: string;
  readonly groups: readonly {
    readonly title: string;
    readonly fields: readonly { readonly label: string; readonly value: string; readonly critical?: boolean }[];
  }[];
  readonly pem: string;
}

export interface ExpectationsCheck {
  readonly problems: readonly { readonly message: string; readonly line: number; readonly column: number }[];
  /** Null while there are problems. */
  readonly partners:
    | readonly { readonly name: string; readonly kind: string; readonly side: Side; readonly demands: string }[]
    | null;
}

/** What judging a run came to: the columns that the table of sessions gains. */
export interface JudgedRun {
  readonly judgedBy: JudgedBy;
  /** In the order of the sessions. */
  readonly rows: readonly JudgedRow[];
  readonly pools: readonly Pool[];
  /** The answer in words: how many sessions fail and why. */
  readonly headline: string;
  /** What to change, most effective first. */
  readonly remedies: readonly string[];
}

export interface JudgedRow {
  /** The server's path at the moment that counts; null without a certificate. */
  readonly path: 'valid' | 'invalid' | 'undetermined' | null;
  readonly root: string | null;
  readonly outcome: Outcome | null;
  readonly partner: string | null;
}

/** One line of the table of sessions. */
export interface SessionRow {
  readonly id: string;
  readonly startedAt: string | null;
  readonly client: string;
  readonly server: string;
  /** The name in the greeting, or the server name asked for. */
  readonly name: string | null;
  readonly service: Session['service'];
  readonly starttls: string;
  readonly tls: string | null;
  readonly tlsOutcome: 'established' | 'failed' | 'incomplete' | null;
  /** The name in the server's certificate; null: see `visibility`. */
  readonly certificate: string | null;
  readonly visibility: Session['certificates']['server']['visibility'];
  readonly clientCertificate: string | null;
  readonly notAfter: string | null;
}

/** What the application says without being asked. */
export type ApplicationEvent =
  | {
      readonly kind: 'run-progress';
      readonly run: string;
      readonly bytesRead: number;
      /** Null where the size is not known. */
      readonly bytesTotal: number | null;
      readonly packets: number;
      readonly sessions: number;
    }
  /** Rows as they become known, in order; many for each event. */
  | { readonly kind: 'run-rows'; readonly run: string; readonly from: number; readonly rows: readonly SessionRow[] }
  | {
      readonly kind: 'run-finished';
      readonly run: string;
      readonly captures: readonly Capture[];
      readonly sessions: number;
      readonly errors: readonly { readonly file: string; readonly problem: Problem }[];
      readonly skipped: readonly { readonly file: string; readonly problem: Problem }[];
    }
  | { readonly kind: 'run-failed'; readonly run: string; readonly error: ApplicationError }
  | { readonly kind: 'run-cancelled'; readonly run: string }
  /** The host opened something by itself: a file of the command line, or one that was double-clicked. */
  | {
      readonly kind: 'run-opened';
      readonly run: string;
      readonly names: readonly string[];
      /** What it is to be judged by, where it came with that: the sample. */
      readonly question?: JudgeQuestionInput;
    };
