import { analysisOf, analyzeCaptures } from '../../electron/service/analyze-captures.ts';
import type { Analysis } from '../../shared/contract/analysis.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';

export interface Analyzed {
  readonly analysis: Analysis;
  /** Why the file could not be read at all; otherwise empty. */
  readonly refusals: readonly string[];
  /** DER of each certificate, by SHA-256. */
  readonly certificateBytes: ReadonlyMap<string, Uint8Array>;
}

/** One file through the real host: streams, decompression and all. */
export async function analyzed(path: string, scope: Scope): Promise<Analyzed> {
  const result = await analyzeCaptures([path], { scope });
  const { errors, certificateBytes } = result;
  return { analysis: analysisOf(result), refusals: errors.map(({ problem }) => problem.message), certificateBytes };
}
