import { jsonText } from '../../shared/bytes/printable.ts';
import type { Session } from '../../shared/contract/analysis.ts';
import { type CollectedSessions, PLACE_NUMBERS } from '../worker/session-collector.ts';

export interface SessionList {
  readonly count: number;
  all(): readonly Session[];
  /** The same as JSON objects with `,\n` between them, as text or as UTF-8, in pieces of any size. */
  json(): Iterable<string | Uint8Array>;
}

/** A list of sessions that are there as objects. */
export function listOf(sessions: readonly Session[]): SessionList {
  return {
    count: sessions.length,
    all: () => sessions,
    *json() {
      for (const [index, session] of sessions.entries()) yield (index === 0 ? '' : ',\n') + jsonText(session);
    },
  };
}

/** Text is put together to pieces of this size. */
const PIECE_BYTES = 256 * 1024;

/** A list of sessions that are there as JSON: parsed when they are asked for, and printed as they are. */
export function collectedList({ chunks, places }: CollectedSessions): SessionList {
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
