import { ANALYSIS_SCHEMA, type Analysis } from '../../shared/contract/analysis.ts';
import type { CertificateStore } from '../../shared/trace/certificate-store.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { TraceAnalysis } from '../../shared/trace/trace-analysis.ts';
import { resolveCaptures } from '../files/capture-set.ts';
import type { InputError } from '../files/input-error.ts';
import { CaptureOpenError, type ReadOptions, readCaptures } from '../files/read-captures.ts';

export interface AnalyzeOptions extends ReadOptions {
  readonly scope: Scope;
}

export interface AnalyzedCaptures {
  readonly analysis: Analysis;
  /** The bytes of every certificate of the analysis. */
  readonly store: CertificateStore;
  /** Inputs that could not be read at all. */
  readonly errors: readonly InputError[];
  /** Files in folders that are no captures: no error, but worth a word. */
  readonly skipped: readonly InputError[];
}

/**
 * Reads files, folders and standard input (`-`) and analyses all of them as one run, merged by time. Rejects with the
 * signal's reason when it is aborted; everything that is wrong with the input comes back as data.
 */
export async function analyzeCaptures(names: readonly string[], options: AnalyzeOptions): Promise<AnalyzedCaptures> {
  const set = await resolveCaptures(names);
  const trace = new TraceAnalysis(options.scope);
  try {
    const summaries = await readCaptures(set.inputs, trace, options);
    const { sessions, certificates, store } = trace.finish();
    const captures = summaries.map(({ secrets: _, ...capture }, index) => ({
      ...capture,
      problems: [...capture.problems, ...trace.problems(index)],
    }));
    const analysis: Analysis = { schema: ANALYSIS_SCHEMA, captures, certificates, sessions };
    return { analysis, store, errors: set.errors, skipped: set.skipped };
  } catch (error) {
    if (!(error instanceof CaptureOpenError)) throw error;
    // It was there when the arguments were resolved, and is gone: nothing was analysed.
    const analysis: Analysis = { schema: ANALYSIS_SCHEMA, captures: [], certificates: {}, sessions: [] };
    return { analysis, store: trace.finish().store, errors: [...set.errors, error.input], skipped: set.skipped };
  }
}
