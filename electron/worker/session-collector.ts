import { jsonText } from '../../shared/bytes/printable.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { Certificate, UnreadableCertificate } from '../../shared/contract/analysis.ts';
import { type Arrival, compareArrivals } from '../../shared/net/arrival.ts';
import { SessionAnalysis } from '../../shared/trace/session-analysis.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { JsonArena, type TextPlace } from './json-arena.ts';

/** All that a run found in the segments it was given. Its large buffers can change threads without a copy. */
export interface CollectedSessions {
  /** The chunks of the arena that hold the sessions as JSON objects in UTF-8, without their ids. */
  readonly chunks: readonly Uint8Array[];
  /** Where each session lies, in order of their start: chunk, start and end. */
  readonly places: Uint32Array;
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  /** DER of each certificate, by SHA-256. */
  readonly certificateBytes: ReadonlyMap<string, Uint8Array>;
  /** Stapled OCSP responses, by the SHA-256 of the certificate that was presented with them. */
  readonly staples: ReadonlyMap<string, Uint8Array>;
  /** By capture. */
  readonly problems: readonly (readonly Problem[])[];
}

/** Numbers in `places` for one session. */
export const PLACE_NUMBERS = 3;

/**
 * Keeps the sessions of a run as JSON: as objects they would have to be moved about by the garbage collector until all
 * are there, and would take five times the memory.
 */
export class SessionCollector {
  readonly analysis: SessionAnalysis;
  readonly #arena = new JsonArena();
  readonly #finished: { readonly start: Arrival; readonly place: TextPlace }[] = [];

  constructor(scope: Scope) {
    this.analysis = new SessionAnalysis(scope, ({ start, session }) => {
      this.#finished.push({ start, place: this.#arena.add(jsonText(session)) });
    });
  }

  /** Sessions that have ended. */
  get count(): number {
    return this.#finished.length;
  }

  /** No more segments. */
  finish(captureCount: number): CollectedSessions {
    const { analysis } = this;
    analysis.finish();
    const finished = this.#finished.sort((a, b) => compareArrivals(a.start, b.start));
    const places = new Uint32Array(finished.length * PLACE_NUMBERS);
    for (const [index, { place }] of finished.entries()) {
      places.set([place.chunk, place.start, place.end], index * PLACE_NUMBERS);
    }
    const problems: (readonly Problem[])[] = [];
    for (let capture = 0; capture < captureCount; capture++) problems.push(analysis.problems(capture));
    const { store } = analysis;
    return {
      chunks: this.#arena.chunks,
      places,
      certificates: store.contract(),
      certificateBytes: store.bytes(),
      staples: store.staples(),
      problems,
    };
  }
}
