/** What the application and one run say to each other, in one thread or across two. */
import type { Problem } from '../../shared/bytes/problem.ts';
import type { Capture } from '../../shared/contract/analysis.ts';
import type {
  ApplicationError,
  CertificateDetail,
  CertificateFormat,
  JudgedRun,
  JudgeQuestionInput,
  SessionDetail,
  SessionRow,
} from '../../shared/contract/operations.ts';
import type { JudgedSession } from '../../shared/contract/verdict.ts';

export interface RunOptions {
  /** Files and folders. */
  readonly names: readonly string[];
  /** What a file is called where people see it, when that is not its path. */
  readonly shownAs: Readonly<Record<string, string>>;
  /** Address of the script that helps with large captures; null where it is not there. */
  readonly analysisWorker: string | null;
}

/** Questions to a run, each with its answer. They wait until the captures are read. */
export interface RunQuestions {
  session: { input: { readonly id: string }; answer: SessionDetail };
  certificate: { input: { readonly sha256: string }; answer: CertificateDetail };
  judge: { input: { readonly question: JudgeQuestionInput }; answer: JudgedRun };
  judgedSession: { input: { readonly id: string }; answer: JudgedSession };
  exportCertificates: {
    input: { readonly certificates: readonly string[]; readonly format: CertificateFormat };
    answer: { readonly fileName: string; readonly bytes: Uint8Array };
  };
  rows: { input: { readonly from: number; readonly count: number }; answer: readonly SessionRow[] };
  /** For hosts that print: the sessions as JSON objects with commas between them, in pieces that are whole objects. */
  printable: { input: Record<string, never>; answer: PrintableRun };
}

export type RunQuestion = keyof RunQuestions;

export interface PrintableRun {
  readonly captures: readonly Capture[];
  readonly sessions: readonly Uint8Array[];
}

export interface FileProblem {
  readonly file: string;
  readonly problem: Problem;
}

/** How far a run is, and what it came to. */
export type RunReport =
  | {
      readonly kind: 'progress';
      readonly bytesRead: number;
      readonly bytesTotal: number | null;
      readonly packets: number;
      readonly sessions: number;
    }
  | { readonly kind: 'rows'; readonly from: number; readonly rows: readonly SessionRow[] }
  | {
      readonly kind: 'finished';
      /** With the paths that they were opened by. */
      readonly paths: readonly string[];
      readonly captures: readonly Capture[];
      readonly sessions: number;
      /** By capture. */
      readonly sessionsOf: readonly number[];
      readonly errors: readonly FileProblem[];
      readonly skipped: readonly FileProblem[];
    }
  | { readonly kind: 'failed'; readonly error: ApplicationError };

/** From the application's thread to the run's. */
export interface ThreadQuestion {
  readonly number: number;
  readonly name: RunQuestion;
  readonly input: unknown;
}

/** From the run's thread to the application's. */
export type ThreadMessage =
  | { readonly kind: 'report'; readonly report: RunReport }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly error: ApplicationError };
