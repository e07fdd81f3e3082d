import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Session } from '../../shared/contract/analysis.ts';
import { PacketScan } from '../../shared/trace/packet-scan.ts';
import type { CaptureInput } from '../files/capture-set.ts';
import { readCaptures } from '../files/read-captures.ts';
import { type AnalysisWorkerData, PLACE_NUMBERS, type RingResult } from '../worker/ring-analysis.ts';
import { createSegmentRing } from '../worker/segment-ring.ts';
import { SegmentWriter } from '../worker/segment-writer.ts';
import type { AnalyzeOptions, RunResult, SessionList } from './analyze-captures.ts';

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
  const answer = once(worker, 'message') as Promise<[RingResult]>;
  // When reading fails first, nobody waits for the answer any more.
  answer.catch(() => {});
  try {
    const writer = new SegmentWriter(ring);
    const scan = new PacketScan(options.scope, writer);
    const summaries = await readCaptures(inputs, scan, options);
    writer.end();
    const [result] = await answer;
    const { certificates, certificateBytes, problems } = result;
    return {
      summaries,
      sessions: sessionsOf(result),
      certificates,
      certificateBytes,
      problems: (capture) => [...scan.problems(capture), ...problems[capture]],
    };
  } finally {
    await worker.terminate();
  }
}

/** Text is put together to pieces of this size. */
const PIECE_BYTES = 256 * 1024;

function sessionsOf({ chunks, places }: RingResult): SessionList {
  const count = places.length / PLACE_NUMBERS;
  const sessionAt = (index: number): Uint8Array => {
    const [chunk, start, end] = places.subarray(index * PLACE_NUMBERS, (index + 1) * PLACE_NUMBERS);
    return chunks[chunk].subarray(start, end);
  };
  return {
    count,
    all() {
      const decoder = new TextDecoder();
      return Array.from({ length: count }, (_, index): Session => {
        const session: Omit<Session, 'id'> = JSON.parse(decoder.decode(sessionAt(index)));
        return { id: idOf(index), ...session };
      });
    },
    *json() {
      let parts: Uint8Array[] = [];
      let length = 0;
      for (let index = 0; index < count; index++) {
        // The object begins with its brace, behind which the id goes.
        const head = Buffer.from(`${index === 0 ? '' : ',\n'}{"id":"${idOf(index)}",`);
        const rest = sessionAt(index).subarray(1);
        parts.push(head, rest);
        length += head.length + rest.length;
        if (length < PIECE_BYTES) continue;
        yield Buffer.concat(parts, length);
        parts = [];
        length = 0;
      }
      if (length > 0) yield Buffer.concat(parts, length);
    },
  };
}

function idOf(index: number): string {
  return `s${index + 1}`;
}
