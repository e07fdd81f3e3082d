import { LIMITS } from '../../bytes/limits.ts';
import { sameOctets } from '../../bytes/same-octets.ts';
import { decodeLatin1 } from '../../bytes/text.ts';

/** What a secret is, in the words of RFC 9850 where it has one. */
export type SecretLabel =
  | 'master-secret'
  | 'pre-master-secret'
  | 'client-early-traffic-secret'
  | 'client-handshake-traffic-secret'
  | 'server-handshake-traffic-secret'
  | 'client-traffic-secret-0'
  | 'server-traffic-secret-0';

const LABELS: readonly SecretLabel[] = [
  'master-secret',
  'pre-master-secret',
  'client-early-traffic-secret',
  'client-handshake-traffic-secret',
  'server-handshake-traffic-secret',
  'client-traffic-secret-0',
  'server-traffic-secret-0',
];

/** How a session is named: by the ClientHello's random, the first 8 octets of the encrypted pre-master, or the session id. */
export type SecretKey = 'client-random' | 'encrypted-pre-master' | 'session-id';

/** How many sessions a source knows, and how many of them were met in captures. */
export interface SecretUsage {
  readonly sessions: number;
  readonly usedSessions: number;
}

const CHUNK_BYTES = 1024 * 1024;
/** A session: its source (2 octets), whether it was used (1), a free one, the place of its first secret (4). */
const SESSION_BYTES = 8;
/** Before a secret: the place of the next one of the session (4), label, length. */
const SECRET_HEADER_BYTES = 6;
const LONGEST_SECRET_BYTES = 255;
const MOST_SOURCES = 0xffff;

/**
 * The secrets of all key logs, found by what a capture shows of a session.
 *
 * A key log may hold a million lines, so that sessions and secrets are no objects: they lie in chunks of bytes, and
 * only a table of names points there.
 */
export class SecretStore {
  readonly #places = new Map<string, number>();
  readonly #chunks: Uint8Array[] = [];
  /** 0 names nothing. */
  #end = SESSION_BYTES;
  #count = 0;
  readonly #usage: { sessions: number; usedSessions: number }[] = [];

  /** Secrets in all. */
  get count(): number {
    return this.#count;
  }

  /** A key log, a secrets block, a comment: gives the number under which its secrets are counted. */
  addSource(): number {
    if (this.#usage.length < MOST_SOURCES) this.#usage.push({ sessions: 0, usedSessions: 0 });
    return this.#usage.length - 1;
  }

  /** A session that stands in several sources belongs to the first. */
  usageOf(source: number): SecretUsage {
    const { sessions, usedSessions } = this.#usage[source];
    return { sessions, usedSessions };
  }

  /** Adds a secret of 1 to 255 octets. `conflict`: there is another one already; both are kept. */
  add(
    source: number,
    kind: SecretKey,
    key: Uint8Array,
    label: SecretLabel,
    secret: Uint8Array,
  ): 'added' | 'duplicate' | 'conflict' | 'full' {
    const name = nameOf(kind, key);
    const place = this.#places.get(name);
    const others = place === undefined ? [] : this.#secrets(place, label);
    if (others.some((other) => sameOctets(other, secret))) return 'duplicate';
    const isFull = this.#count >= LIMITS.keyLogSecrets || others.length >= LIMITS.keyLogAlternatives;
    if (isFull || secret.length > LONGEST_SECRET_BYTES) return 'full';
    this.#append(place ?? this.#addSession(source, name), label, secret);
    this.#count++;
    return others.length > 0 ? 'conflict' : 'added';
  }

  /** All secrets of this kind for the session, the first added first; views. Counts the session as used. */
  find(kind: SecretKey, key: Uint8Array, label: SecretLabel): readonly Uint8Array[] {
    const place = this.#places.get(nameOf(kind, key));
    if (place === undefined) return [];
    this.#use(place);
    return this.#secrets(place, label);
  }

  /** Whether the session has a secret of any kind. Counts it as used. */
  knows(kind: SecretKey, key: Uint8Array): boolean {
    const place = this.#places.get(nameOf(kind, key));
    if (place !== undefined) this.#use(place);
    return place !== undefined;
  }

  #addSession(source: number, name: string): number {
    const place = this.#reserve(SESSION_BYTES);
    const chunk = this.#chunkOf(place);
    const at = place % CHUNK_BYTES;
    chunk[at] = source >> 8;
    chunk[at + 1] = source & 0xff;
    this.#places.set(name, place);
    this.#usage[source].sessions++;
    return place;
  }

  #append(session: number, label: SecretLabel, secret: Uint8Array): void {
    const place = this.#reserve(SECRET_HEADER_BYTES + secret.length);
    const chunk = this.#chunkOf(place);
    const at = place % CHUNK_BYTES;
    chunk[at + 4] = LABELS.indexOf(label);
    chunk[at + 5] = secret.length;
    chunk.set(secret, at + SECRET_HEADER_BYTES);
    let link = session + 4;
    for (let next = this.#linkAt(link); next !== 0; next = this.#linkAt(link)) link = next;
    const linked = this.#chunkOf(link);
    for (let i = 0; i < 4; i++) linked[(link % CHUNK_BYTES) + i] = (place >>> (24 - 8 * i)) & 0xff;
  }

  #secrets(session: number, label: SecretLabel): Uint8Array[] {
    const wanted = LABELS.indexOf(label);
    const found: Uint8Array[] = [];
    for (let place = this.#linkAt(session + 4); place !== 0; place = this.#linkAt(place)) {
      const chunk = this.#chunkOf(place);
      const at = place % CHUNK_BYTES;
      const start = at + SECRET_HEADER_BYTES;
      if (chunk[at + 4] === wanted) found.push(chunk.subarray(start, start + chunk[at + 5]));
    }
    return found;
  }

  #use(session: number): void {
    const chunk = this.#chunkOf(session);
    const at = session % CHUNK_BYTES;
    if (chunk[at + 2] === 1) return;
    chunk[at + 2] = 1;
    this.#usage[(chunk[at] << 8) | chunk[at + 1]].usedSessions++;
  }

  #linkAt(place: number): number {
    const chunk = this.#chunkOf(place);
    const at = place % CHUNK_BYTES;
    return ((chunk[at] << 24) | (chunk[at + 1] << 16) | (chunk[at + 2] << 8) | chunk[at + 3]) >>> 0;
  }

  #chunkOf(place: number): Uint8Array {
    return this.#chunks[Math.floor(place / CHUNK_BYTES)];
  }

  /** A place for `size` bytes in one chunk. */
  #reserve(size: number): number {
    if ((this.#end % CHUNK_BYTES) + size > CHUNK_BYTES) this.#end = Math.ceil(this.#end / CHUNK_BYTES) * CHUNK_BYTES;
    const place = this.#end;
    if (Math.floor(place / CHUNK_BYTES) === this.#chunks.length) this.#chunks.push(new Uint8Array(CHUNK_BYTES));
    this.#end += size;
    return place;
  }
}

/** Short, and no slice of a longer string that would be kept alive by it. */
function nameOf(kind: SecretKey, key: Uint8Array): string {
  switch (kind) {
    case 'client-random':
      return `c${decodeLatin1(key)}`;
    case 'encrypted-pre-master':
      return `p${decodeLatin1(key)}`;
    case 'session-id':
      return `s${decodeLatin1(key)}`;
    default:
      return kind satisfies never;
  }
}
