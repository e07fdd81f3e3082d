/** The worker thread of `analyzeOnTwoThreads`: reads the ring to its end and posts what it found. */
import { parentPort, workerData } from 'node:worker_threads';
import { type AnalysisWorkerData, analyzeRing, transferable } from './ring-analysis.ts';
import { CONTROL } from './segment-ring.ts';

const data = workerData as AnalysisWorkerData;
try {
  const result = analyzeRing(data);
  parentPort?.postMessage(result, transferable(result));
} catch (error) {
  // The writer waits for empty blocks: it must not wait for ever.
  Atomics.store(new Int32Array(data.ring.control), CONTROL.failed, 1);
  throw error;
}
