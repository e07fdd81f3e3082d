import type { Scope } from '../../shared/trace/session-recorder.ts';
import { readSegments } from './segment-reader.ts';
import type { SegmentRing } from './segment-ring.ts';
import { type CollectedSessions, SessionCollector } from './session-collector.ts';

/** What the worker is started with. */
export interface AnalysisWorkerData {
  readonly scope: Scope;
  readonly captureCount: number;
  readonly ring: SegmentRing;
}

/** Reads the ring to its end. */
export function analyzeRing({ scope, captureCount, ring }: AnalysisWorkerData): CollectedSessions {
  const collector = new SessionCollector(scope);
  readSegments(ring, collector.analysis.connections);
  return collector.finish(captureCount);
}

/** The large buffers of a result: they change hands instead of being copied. */
export function transferable({ chunks, places }: CollectedSessions): ArrayBuffer[] {
  return [...chunks, places].map(({ buffer }) => buffer as ArrayBuffer);
}
