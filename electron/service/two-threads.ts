import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PacketScan } from '../../shared/trace/packet-scan.ts';
import type { CaptureInput } from '../files/capture-set.ts';
import { type ReadOptions, readCaptures } from '../files/read-captures.ts';
import type { AnalysisWorkerData } from '../worker/ring-analysis.ts';
import { createSegmentRing } from '../worker/segment-ring.ts';
import { SegmentWriter } from '../worker/segment-writer.ts';
import type { CollectedSessions } from '../worker/session-collector.ts';
import type { AnalyzeOptions } from './analyze-captures.ts';
import { type RunResult, runResult } from './run-result.ts';

/** Short-lived objects are all there is in the worker: a small nursery keeps its memory low at no cost in time. */
const NURSERY_MEGABYTES = 6;

/**
 * The analysis on two threads: this one reads and scans packets, a worker reads the mail in them. Most packets of a
 * large capture never leave this thread.
 */
export async function analyzeOnTwoThreads(
  inputs: readonly CaptureInput[],
  options: AnalyzeOptions,
  workerScript: URL,
): Promise<RunResult> {
  const ring = createSegmentRing();
  const workerData: AnalysisWorkerData = { scope: options.scope, captureCount: inputs.length, ring };
  const worker = new Worker(workerScript, {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MEGABYTES },
  });
  const answer = once(worker, 'message') as Promise<[CollectedSessions]>;
  // When reading fails first, nobody waits for the answer any more.
  answer.catch(() => {});
  try {
    const writer = new SegmentWriter(ring);
    const scan = new PacketScan(options.scope, writer);
    const { onProgress, ...rest } = options;
    const read: ReadOptions =
      onProgress === undefined ? rest : { ...rest, onProgress: (progress) => onProgress({ ...progress, sessions: 0 }) };
    const summaries = await readCaptures(inputs, scan, read);
    writer.end();
    const [collected] = await answer;
    return runResult(summaries, scan, collected);
  } finally {
    await worker.terminate();
  }
}
