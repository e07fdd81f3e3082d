import { CONTENT } from './codes.ts';
import { RECORD_HEADER_BYTES, RECORD_PROBE_BYTES, weighRecord } from './record-header.ts';

/** Weak candidates that are followed at a time: chance produces one in 16 MiB of ciphertext. */
const CANDIDATES = 16;

/** A header that may be one; whether a header stands behind its record decides. Offsets count from the direction's start. */
interface Candidate {
  readonly type: number;
  readonly length: number;
  readonly next: number;
}

export interface Synchronized {
  /** Where the record layer goes on: a record header begins at `bytes[at]`. */
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly offset: number;
  /** The record in front of it, whose fragment has passed, if it was what proved the place. */
  readonly passed: { readonly type: number; readonly length: number } | null;
}

/**
 * Finds the next record header in bytes whose framing is lost (behind a hole, in the midst of a connection, behind
 * garbage). A header is taken
 * - at the very start of a run of bytes, for packets mostly begin where records do,
 * - where header and fragment fit each other (a handshake message, a ChangeCipherSpec, an alert in plaintext),
 * - or where the record behind it has a header too.
 *
 * Nothing is buffered but the few bytes that decide, and the answer does not depend on how the bytes are split.
 */
export class RecordSynchronizer {
  /** Offset of the next byte that no decision was made on. */
  private offset: number;
  private runStart: number;
  private carry = new Uint8Array(0);
  private candidates: Candidate[] = [];
  /** The nearest `next` of all candidates. */
  private nearest = Number.POSITIVE_INFINITY;

  /** `atRunStart`: a record may begin with the first byte (behind a hole), rather than surely not (garbage). */
  constructor(offset: number, atRunStart: boolean) {
    this.offset = offset;
    this.runStart = atRunStart ? offset : -1;
  }

  /** Offset up to which it is decided that no record begins. */
  get decided(): number {
    return this.offset;
  }

  /** Looks at the bytes `[start, end)`, all of which it takes unless it finds a record. */
  push(bytes: Uint8Array, start: number, end: number): Synchronized | null {
    if (this.carry.length === 0) return this.scan(bytes, start, end, false);
    const joined = new Uint8Array(this.carry.length + end - start);
    joined.set(this.carry);
    joined.set(bytes.subarray(start, end), this.carry.length);
    return this.scan(joined, 0, joined.length, false);
  }

  /** No byte follows directly: decides on those that wait for more. */
  flush(): Synchronized | null {
    return this.scan(this.carry, 0, this.carry.length, true);
  }

  /** `size` bytes are missing here. To be called after `flush`. */
  hole(size: number): void {
    this.offset += size;
    this.runStart = this.offset;
    this.retire(this.offset);
  }

  /** After `flush` at the end of the direction: the candidate whose record ends exactly there. */
  recordAtEnd(): { readonly type: number; readonly length: number } | null {
    return this.candidates.find((candidate) => candidate.next === this.offset) ?? null;
  }

  private scan(bytes: Uint8Array, start: number, end: number, final: boolean): Synchronized | null {
    for (let at = start; at < end; at++) {
      const type = bytes[at];
      // The common case, first: no record begins with this byte.
      if ((type < CONTENT.changeCipherSpec || type > CONTENT.heartbeat) && this.offset !== this.nearest) {
        this.offset++;
        continue;
      }
      const evidence = weighRecord(bytes, at, Math.min(end, at + RECORD_PROBE_BYTES), final);
      if (evidence === null) {
        this.carry = bytes.slice(at, end);
        return null;
      }
      if (evidence !== 'none') {
        const found = this.consider(bytes, at, end, evidence === 'strong');
        if (found !== null) return found;
      }
      this.offset++;
      this.retire(this.offset);
    }
    this.carry = new Uint8Array(0);
    return null;
  }

  private consider(bytes: Uint8Array, at: number, end: number, strong: boolean): Synchronized | null {
    const { offset } = this;
    const passed = offset === this.nearest ? this.candidates.find((candidate) => candidate.next === offset) : undefined;
    if (strong || passed !== undefined || offset === this.runStart) {
      return { bytes, at, end, offset, passed: passed ?? null };
    }
    if (this.candidates.length < CANDIDATES) {
      const length = (bytes[at + 3] << 8) | bytes[at + 4];
      this.candidates.push({ type: bytes[at], length, next: offset + RECORD_HEADER_BYTES + length });
      this.nearest = Math.min(this.nearest, offset + RECORD_HEADER_BYTES + length);
    }
    return null;
  }

  /** Forgets candidates that were not confirmed in front of `offset`. */
  private retire(offset: number): void {
    if (this.nearest >= offset) return;
    this.candidates = this.candidates.filter((candidate) => candidate.next >= offset);
    this.nearest = Math.min(...this.candidates.map((candidate) => candidate.next));
  }
}
