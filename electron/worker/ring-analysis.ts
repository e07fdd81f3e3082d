import { jsonText } from '../../shared/bytes/printable.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { Certificate, UnreadableCertificate } from '../../shared/contract/analysis.ts';
import { type Arrival, compareArrivals } from '../../shared/net/arrival.ts';
import { SessionAnalysis } from '../../shared/trace/session-analysis.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { JsonArena, type TextPlace } from './json-arena.ts';
import { readSegments } from './segment-reader.ts';
import type { SegmentRing } from './segment-ring.ts';

/** What the worker is started with. */
export interface AnalysisWorkerData {
  readonly scope: Scope;
  readonly captureCount: number;
  readonly ring: SegmentRing;
}

/** What it answers when the ring has ended. */
export interface RingResult {
  /** The chunks of the arena that hold the sessions as JSON objects in UTF-8, without their ids. */
  readonly chunks: readonly Uint8Array[];
  /** Where each session lies, in order of their start: chunk, start and end. */
  readonly places: Uint32Array;
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  /** DER of each certificate, by SHA-256. */
  readonly certificateBytes: ReadonlyMap<string, Uint8Array>;
  /** By capture. */
  readonly problems: readonly (readonly Problem[])[];
}

/** Numbers in `places` for one session. */
export const PLACE_NUMBERS = 3;

/** Reads the ring to its end. */
export function analyzeRing(scope: Scope, captureCount: number, ring: SegmentRing): RingResult {
  const arena = new JsonArena();
  const finished: { readonly start: Arrival; readonly place: TextPlace }[] = [];
  const analysis = new SessionAnalysis(scope, ({ start, session }) => {
    // Objects would have to be kept, and moved about by the garbage collector, until all sessions are there.
    finished.push({ start, place: arena.add(jsonText(session)) });
  });
  readSegments(ring, analysis.connections);
  analysis.finish();
  finished.sort((a, b) => compareArrivals(a.start, b.start));
  const places = new Uint32Array(finished.length * PLACE_NUMBERS);
  for (const [index, { place }] of finished.entries()) {
    places.set([place.chunk, place.start, place.end], index * PLACE_NUMBERS);
  }
  const problems: (readonly Problem[])[] = [];
  for (let capture = 0; capture < captureCount; capture++) problems.push(analysis.problems(capture));
  const { store } = analysis;
  return { chunks: arena.chunks, places, certificates: store.contract(), certificateBytes: store.bytes(), problems };
}

/** The large buffers of a result: they change hands instead of being copied. */
export function transferable({ chunks, places }: RingResult): ArrayBuffer[] {
  return [...chunks, places].map(({ buffer }) => buffer as ArrayBuffer);
}
