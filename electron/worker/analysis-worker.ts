import { parentPort } from 'node:worker_threads';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { Certificate, UnreadableCertificate } from '../../shared/contract/analysis.ts';
import { type Arrival, compareArrivals } from '../../shared/net/arrival.ts';
import { SessionAnalysis } from '../../shared/trace/session-analysis.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { type ArenaText, JsonArena } from './json-arena.ts';
import { readSegments } from './segment-reader.ts';
import { CONTROL, type SegmentRing } from './segment-ring.ts';

/** What the worker is started with. */
export interface AnalysisWorkerData {
  readonly task: 'analysis';
  readonly scope: Scope;
  readonly captureCount: number;
  readonly ring: SegmentRing;
}

/** What it answers when the ring has ended. */
export interface AnalysisWorkerResult {
  readonly sessionCount: number;
  /** The sessions as JSON objects in UTF-8, in order of their start, with `,\n` between them. */
  readonly sessions: readonly Uint8Array[];
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  /** DER of each certificate, by SHA-256. */
  readonly certificateBytes: ReadonlyMap<string, Uint8Array>;
  /** By capture. */
  readonly problems: readonly (readonly Problem[])[];
}

/** Runs in the worker thread: reads the ring to its end and posts the result. */
export function runAnalysisWorker({ scope, captureCount, ring }: AnalysisWorkerData): void {
  try {
    const result = analyze(scope, captureCount, ring);
    parentPort?.postMessage(result, transferable(result));
  } catch (error) {
    // The writer waits for empty blocks: it must not wait for ever.
    Atomics.store(new Int32Array(ring.control), CONTROL.failed, 1);
    throw error;
  }
}

function analyze(scope: Scope, captureCount: number, ring: SegmentRing): AnalysisWorkerResult {
  const arena = new JsonArena();
  const finished: { readonly start: Arrival; readonly json: ArenaText }[] = [];
  const analysis = new SessionAnalysis(scope, ({ start, session }) => {
    // Objects would have to be kept, and moved about by the garbage collector, until all sessions are there.
    finished.push({ start, json: arena.add(JSON.stringify(session)) });
  });
  readSegments(ring, analysis.connections);
  analysis.finish();
  finished.sort((a, b) => compareArrivals(a.start, b.start));
  const problems: (readonly Problem[])[] = [];
  for (let capture = 0; capture < captureCount; capture++) problems.push(analysis.problems(capture));
  return {
    sessionCount: finished.length,
    sessions: pieces(finished.map(({ json }) => json)),
    certificates: analysis.store.contract(),
    certificateBytes: analysis.store.bytes(),
    problems,
  };
}

const PIECE_BYTES = 1024 * 1024;
/** More than `{"id":"s4294967295",` and the separator take. */
const HEAD_BYTES = 32;

/** Gives each session its number and joins them. */
function pieces(sessions: readonly ArenaText[]): Uint8Array[] {
  const encoder = new TextEncoder();
  const done: Uint8Array[] = [];
  let piece = new Uint8Array(0);
  let at = 0;
  for (const [index, { chunk, start, end }] of sessions.entries()) {
    const room = HEAD_BYTES + end - start;
    if (at + room > piece.length) {
      if (at > 0) done.push(piece.subarray(0, at));
      piece = new Uint8Array(Math.max(PIECE_BYTES, room));
      at = 0;
    }
    // The object begins with its brace, behind which the id goes.
    const head = `${index === 0 ? '' : ',\n'}{"id":"s${index + 1}",`;
    at += encoder.encodeInto(head, piece.subarray(at)).written;
    piece.set(chunk.subarray(start + 1, end), at);
    at += end - start - 1;
  }
  if (at > 0) done.push(piece.subarray(0, at));
  return done;
}

function transferable({ sessions }: AnalysisWorkerResult): ArrayBuffer[] {
  return sessions.map(({ buffer }) => buffer as ArrayBuffer);
}
