import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import {
  ANALYSIS_SCHEMA,
  type Analysis,
  type Capture,
  type Certificate,
  type UnreadableCertificate,
} from '../../shared/contract/analysis.ts';
import { scanInto } from '../../shared/trace/packet-scan.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { type CaptureInput, resolveCaptures } from '../files/capture-set.ts';
import type { InputError } from '../files/input-error.ts';
import { CaptureOpenError, type ReadOptions, type ReadProgress, readCaptures } from '../files/read-captures.ts';
import { SessionCollector } from '../worker/session-collector.ts';
import { type RunResult, runResult } from './run-result.ts';
import { listOf, type SessionList } from './session-list.ts';
import { analyzeOnTwoThreads } from './two-threads.ts';

export interface AnalyzeProgress extends ReadProgress {
  /** That have ended so far; 0 where another thread counts them. */
  readonly sessions: number;
}

export interface AnalyzeOptions extends Omit<ReadOptions, 'onProgress'> {
  readonly scope: Scope;
  /** Called at most ten times a second, and once at the end. */
  readonly onProgress?: (progress: AnalyzeProgress) => void;
  /**
   * The bundle of electron/worker/analysis-worker.ts. Without one, for small captures and on few cores everything
   * happens on the calling thread.
   */
  readonly workerScript?: URL | null;
}

/** What a run found. Sessions are kept as they came: as objects, or as JSON that is parsed when it is asked for. */
export interface AnalyzedCaptures {
  readonly captures: readonly Capture[];
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  /** DER of each certificate, by SHA-256. */
  readonly certificateBytes: ReadonlyMap<string, Uint8Array>;
  /** Stapled OCSP responses, by the SHA-256 of the certificate that was presented with them. */
  readonly staples: ReadonlyMap<string, Uint8Array>;
  readonly sessions: SessionList;
  /** Inputs that could not be read at all. */
  readonly errors: readonly InputError[];
  /** Files in folders that are no captures: no error, but worth a word. */
  readonly skipped: readonly InputError[];
}

/** With less to read a second thread costs more than it brings (measured: even at 1 GB on two cores). */
const LARGE_BYTES = 200_000_000;
/** On two cores the compiler and the garbage collector, which have threads of their own, keep the second one busy. */
const CORES_FOR_TWO_THREADS = 4;

/**
 * Reads files, folders and standard input (`-`) and analyses all of them as one run, merged by time. Rejects with the
 * signal's reason when it is aborted; everything that is wrong with the input comes back as data.
 */
export async function analyzeCaptures(names: readonly string[], options: AnalyzeOptions): Promise<AnalyzedCaptures> {
  const set = await resolveCaptures(names);
  try {
    const { workerScript } = options;
    const pays = totalBytes(set.inputs) >= LARGE_BYTES && availableParallelism() >= CORES_FOR_TWO_THREADS;
    const run =
      workerScript && pays
        ? await analyzeOnTwoThreads(set.inputs, options, workerScript)
        : await analyzeHere(set.inputs, options);
    const captures = run.summaries.map(({ secrets: _, ...capture }, index) => ({
      ...capture,
      problems: [...capture.problems, ...run.problems(index)],
    }));
    const { certificates, certificateBytes, staples, sessions } = run;
    return { captures, certificates, certificateBytes, staples, sessions, errors: set.errors, skipped: set.skipped };
  } catch (error) {
    if (!(error instanceof CaptureOpenError)) throw error;
    // It was there when the arguments were resolved, and is gone: nothing was analysed.
    return {
      captures: [],
      certificates: {},
      certificateBytes: new Map(),
      staples: new Map(),
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

/**
 * Keeps the space for new objects at its first size. What a long run makes lives so short that a larger one only costs
 * memory (measured at 1 GB: 137 instead of 145 to 171 MB, for a twentieth of the time).
 */
const SMALL_NURSERY = '--semi-space-growth-factor=1';

async function analyzeHere(inputs: readonly CaptureInput[], options: AnalyzeOptions): Promise<RunResult> {
  if (totalBytes(inputs) >= LARGE_BYTES) setFlagsFromString(SMALL_NURSERY);
  const collector = new SessionCollector(options.scope);
  const scan = scanInto(options.scope, collector.analysis.connections);
  const { onProgress, ...rest } = options;
  const read: ReadOptions =
    onProgress === undefined
      ? rest
      : { ...rest, onProgress: (progress) => onProgress({ ...progress, sessions: collector.count }) };
  const summaries = await readCaptures(inputs, scan, read);
  return runResult(summaries, scan, collector.finish(inputs.length));
}

/** Bytes to read; a pipe counts as large. */
function totalBytes(inputs: readonly CaptureInput[]): number {
  return inputs.reduce((sum, { byteLength }) => sum + (byteLength ?? LARGE_BYTES), 0);
}
