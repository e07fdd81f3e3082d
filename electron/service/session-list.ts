import { jsonText } from '../../shared/bytes/printable.ts';
import type { Session } from '../../shared/contract/analysis.ts';
import { type CollectedSessions, PLACE_NUMBERS } from '../worker/session-collector.ts';

export interface SessionList {
  readonly count: number;
  /** The session of that number, counted from 0 in the order of their start. */
  at(index: number): Session;
  /** The same without its timeline and problems, which are most of it. */
  outline(index: number): Session;
  all(): readonly Session[];
  /** The same as JSON objects with `,\n` between them, as text or as UTF-8, in pieces of any size. */
  json(): Iterable<string | Uint8Array>;
}

/** A list of sessions that are there as objects. */
export function listOf(sessions: readonly Session[]): SessionList {
  return {
    count: sessions.length,
    at: (index) => sessions[index],
    outline: (index) => sessions[index],
    all: () => sessions,
    *json() {
      for (const [index, session] of sessions.entries()) yield (index === 0 ? '' : ',\n') + jsonText(session);
    },
  };
}

/** Text is put together to pieces of this size. */
const PIECE_BYTES = 256 * 1024;

/** Only the field itself looks like this: inside of a text, quotation marks are escaped. */
const TIMELINE = ',"timeline":[';
const NO_TIMELINE = ',"timeline":[],"problems":[]}';

/** A list of sessions that are there as JSON: parsed when they are asked for, and printed as they are. */
export function collectedList({ chunks, places }: CollectedSessions): SessionList {
  const count = places.length / PLACE_NUMBERS;
  const sessionAt = (index: number): Uint8Array => {
    const [chunk, start, end] = places.subarray(index * PLACE_NUMBERS, (index + 1) * PLACE_NUMBERS);
    return chunks[chunk].subarray(start, end);
  };
  const decoder = new TextDecoder();
  const at = (index: number): Session => {
    const session: Omit<Session, 'id'> = JSON.parse(decoder.decode(sessionAt(index)));
    return { id: idOf(index), ...session };
  };
  return {
    count,
    at,
    outline(index) {
      const bytes = sessionAt(index);
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const end = whole.indexOf(TIMELINE);
      if (end < 0) return at(index);
      const session: Omit<Session, 'id'> = JSON.parse(`${whole.toString('utf8', 0, end)}${NO_TIMELINE}`);
      return { id: idOf(index), ...session };
    },
    all: () => Array.from({ length: count }, (_, index) => at(index)),
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

/** The index of the session with that id, or null where there is none. */
export function indexOf(id: string, count: number): number | null {
  if (!/^s[1-9]\d{0,8}$/.test(id)) return null;
  const index = Number(id.slice(1)) - 1;
  return index < count ? index : null;
}
