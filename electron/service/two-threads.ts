import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Session } from '../../shared/contract/analysis.ts';
import { PacketScan } from '../../shared/trace/packet-scan.ts';
import type { CaptureInput } from '../files/capture-set.ts';
import { readCaptures } from '../files/read-captures.ts';
import type { AnalysisWorkerData, AnalysisWorkerResult } from '../worker/analysis-worker.ts';
import { createSegmentRing } from '../worker/segment-ring.ts';
import { SegmentWriter } from '../worker/segment-writer.ts';
import type { AnalyzeOptions, RunResult } from './analyze-captures.ts';

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
  const workerData: AnalysisWorkerData = { task: 'analysis', scope: options.scope, captureCount: inputs.length, ring };
  const worker = new Worker(workerScript, { workerData });
  const answer = once(worker, 'message') as Promise<[AnalysisWorkerResult]>;
  // When reading fails first, nobody waits for the answer any more.
  answer.catch(() => {});
  try {
    const writer = new SegmentWriter(ring);
    const scan = new PacketScan(options.scope, writer);
    const summaries = await readCaptures(inputs, scan, options);
    writer.end();
    const [{ sessionCount, sessions, certificates, certificateBytes, problems }] = await answer;
    return {
      summaries,
      sessions: {
        count: sessionCount,
        all: () => parseSessions(sessions),
        json: () => sessions,
      },
      certificates,
      certificateBytes,
      problems: (capture) => [...scan.problems(capture), ...problems[capture]],
    };
  } finally {
    await worker.terminate();
  }
}

/** Piece by piece: one string of all of them could be longer than strings may be. */
function parseSessions(pieces: readonly Uint8Array[]): Session[] {
  return pieces.flatMap((piece): Session[] => {
    const text = new TextDecoder().decode(piece);
    return JSON.parse(`[${text.startsWith(',') ? text.slice(1) : text}]`);
  });
}
