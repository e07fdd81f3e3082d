import { jsonText } from '../../shared/bytes/printable.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import {
  ANALYSIS_SCHEMA,
  type Analysis,
  type Capture,
  type Certificate,
  type Session,
  type UnreadableCertificate,
} from '../../shared/contract/analysis.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { TraceAnalysis } from '../../shared/trace/trace-analysis.ts';
import { type CaptureInput, resolveCaptures } from '../files/capture-set.ts';
import type { InputError } from '../files/input-error.ts';
import { type CaptureInputSummary, CaptureOpenError, type ReadOptions, readCaptures } from '../files/read-captures.ts';
import { analyzeOnTwoThreads } from './two-threads.ts';

export interface AnalyzeOptions extends ReadOptions {
  readonly scope: Scope;
  /**
   * The bundle of electron/worker/analysis-worker.ts. Without one, and for small captures, everything happens on the
   * calling thread.
   */
  readonly workerScript?: URL | null;
}

/** What a run found. Sessions are kept as they came: as objects, or as JSON that is parsed when it is asked for. */
export interface AnalyzedCaptures {
  readonly captures: readonly Capture[];
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  /** DER of each certificate, by SHA-256. */
  readonly certificateBytes: ReadonlyMap<string, Uint8Array>;
  readonly sessions: SessionList;
  /** Inputs that could not be read at all. */
  readonly errors: readonly InputError[];
  /** Files in folders that are no captures: no error, but worth a word. */
  readonly skipped: readonly InputError[];
}

export interface SessionList {
  readonly count: number;
  all(): readonly Session[];
  /** The same as JSON objects with `,\n` between them, as text or as UTF-8, in pieces of any size. */
  json(): Iterable<string | Uint8Array>;
}

/** What either way of analysing comes to. */
export interface RunResult {
  readonly summaries: readonly CaptureInputSummary[];
  readonly sessions: SessionList;
  readonly certificates: AnalyzedCaptures['certificates'];
  readonly certificateBytes: AnalyzedCaptures['certificateBytes'];
  /** By capture. */
  problems(capture: number): readonly Problem[];
}

/** Starting a second thread takes as long as reading so much. */
const SMALL_BYTES = 24_000_000;

/**
 * Reads files, folders and standard input (`-`) and analyses all of them as one run, merged by time. Rejects with the
 * signal's reason when it is aborted; everything that is wrong with the input comes back as data.
 */
export async function analyzeCaptures(names: readonly string[], options: AnalyzeOptions): Promise<AnalyzedCaptures> {
  const set = await resolveCaptures(names);
  try {
    const { workerScript } = options;
    const isLarge = set.inputs.reduce((sum, { byteLength }) => sum + (byteLength ?? SMALL_BYTES), 0) >= SMALL_BYTES;
    const run =
      workerScript && isLarge
        ? await analyzeOnTwoThreads(set.inputs, options, workerScript)
        : await analyzeHere(set.inputs, options);
    const captures = run.summaries.map(({ secrets: _, ...capture }, index) => ({
      ...capture,
      problems: [...capture.problems, ...run.problems(index)],
    }));
    const { certificates, certificateBytes, sessions } = run;
    return { captures, certificates, certificateBytes, sessions, errors: set.errors, skipped: set.skipped };
  } catch (error) {
    if (!(error instanceof CaptureOpenError)) throw error;
    // It was there when the arguments were resolved, and is gone: nothing was analysed.
    return {
      captures: [],
      certificates: {},
      certificateBytes: new Map(),
      sessions: listOf([]),
      errors: [...set.errors, error.input],
      skipped: set.skipped,
    };
  }
}

/** The document that `--json` prints, as objects. */
export function analysisOf({ captures, certificates, sessions }: AnalyzedCaptures): Analysis {
  return { schema: ANALYSIS_SCHEMA, captures, certificates, sessions: sessions.all() };
}

async function analyzeHere(inputs: readonly CaptureInput[], options: AnalyzeOptions): Promise<RunResult> {
  const trace = new TraceAnalysis(options.scope);
  const summaries = await readCaptures(inputs, trace, options);
  const { sessions, certificates, store } = trace.finish();
  return {
    summaries,
    sessions: listOf(sessions),
    certificates,
    certificateBytes: store.bytes(),
    problems: (capture) => trace.problems(capture),
  };
}

/** A list of sessions that are there as objects. */
export function listOf(sessions: readonly Session[]): SessionList {
  return {
    count: sessions.length,
    all: () => sessions,
    *json() {
      for (const [index, session] of sessions.entries()) yield (index === 0 ? '' : ',\n') + jsonText(session);
    },
  };
}
