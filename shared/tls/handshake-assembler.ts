import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { type ByteRange, NOTHING_MISSING } from './byte-range.ts';
import type { HandshakeMessage } from './handshake-message.ts';
import { HANDSHAKE_PROBE_BYTES, plausibleHandshakeStart } from './record-header.ts';

const HEADER_BYTES = 4;
const FIRST_BUFFER_BYTES = 4096;

/** What the assembler does with the bytes of the current record. */
type Mode = 'read' | 'probe' | 'skip';

/**
 * Cuts the fragments of handshake records into messages (RFC 8446 section 5.1): several in one record, one over many.
 *
 * A message that lies whole in one piece is delivered as a view of it; any other is gathered in a buffer that grows
 * with what arrives, up to the limit. Where the start of a message is lost, records are skipped until one begins with
 * a plausible message.
 */
export class HandshakeAssembler {
  private readonly deliver: (message: HandshakeMessage) => void;
  private readonly damage: (problem: Problem) => void;

  private mode: Mode = 'read';
  private framingLost = false;
  private recordVersion = 0;
  private recordLength = 0;
  /** Bytes of a message header, or of the start of a record that is probed. */
  private readonly head = new Uint8Array(HANDSHAKE_PROBE_BYTES);
  private headCount = 0;
  private headOffset = 0;
  private headVersion = 0;

  /** Header and body of the message in progress; `length` is -1 when there is none. */
  private buffer = new Uint8Array(0);
  private length = -1;
  private received = 0;
  private missing: ByteRange[] = [];

  constructor(deliver: (message: HandshakeMessage) => void, damage: (problem: Problem) => void) {
    this.deliver = deliver;
    this.damage = damage;
  }

  /** A message has begun and is not whole. */
  get isPending(): boolean {
    return this.length >= 0 || (this.mode === 'read' && this.headCount > 0);
  }

  /** A handshake record of `length` bytes begins. */
  beginRecord(version: number, length: number): void {
    this.recordVersion = version;
    this.recordLength = length;
    if (!this.framingLost) return;
    this.headCount = 0;
    this.mode = length < HEADER_BYTES ? 'skip' : 'probe';
  }

  /** The bytes `[start, end)` of the record's fragment; `offset` is where the first stands in the direction. */
  feed(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const toOffset = offset - start;
    let at = start;
    while (at < end) {
      if (this.mode === 'skip') return;
      if (this.mode === 'probe') {
        at = this.probe(bytes, at, end, toOffset + at);
      } else if (this.length >= 0) {
        at = this.feedBody(bytes, at, end);
      } else {
        at = this.feedHeader(bytes, at, end, toOffset + at);
      }
    }
  }

  /** `size` bytes of the record's fragment are missing, from `offset` on. */
  hole(size: number, offset: number): void {
    let rest = size;
    if (this.mode === 'skip' || rest === 0) return;
    if (this.mode === 'probe') {
      this.mode = 'skip';
      return;
    }
    if (this.length >= 0) {
      const inside = Math.min(rest, this.length - this.received);
      this.addMissing(this.received, this.received + inside);
      this.received += inside;
      rest -= inside;
      if (this.received === this.length) this.complete(false);
      if (rest === 0) return;
    }
    this.loseFraming({
      code: 'tls-handshake-lost',
      message: `A hole of ${rest} bytes covers the start of a handshake message.`,
      offset: offset + size - rest,
    });
  }

  /** The message in progress gets no more bytes: it is delivered as far as it came. */
  abandon(): void {
    if (this.length >= 0) {
      this.damage({
        code: 'tls-handshake-incomplete',
        message: `A handshake message of type ${this.buffer[0]} ends after ${this.received} of ${this.length} bytes.`,
        offset: this.headOffset,
      });
      this.addMissing(this.received, this.length);
      this.complete(true);
    } else if (this.mode === 'read' && this.headCount > 0) {
      this.damage({
        code: 'tls-handshake-incomplete',
        message: 'The header of a handshake message is incomplete.',
        offset: this.headOffset,
      });
    }
    this.headCount = 0;
  }

  /** Records were lost: as `abandon`, and the next record may begin in the midst of a message. */
  desynchronize(): void {
    this.abandon();
    this.framingLost = true;
    this.mode = 'skip';
  }

  private loseFraming(problem: Problem): void {
    this.headCount = 0;
    this.framingLost = true;
    this.mode = 'skip';
    this.damage(problem);
  }

  private probe(bytes: Uint8Array, start: number, end: number, offset: number): number {
    const needed = Math.min(HANDSHAKE_PROBE_BYTES, this.recordLength);
    if (this.headCount === 0) this.headOffset = offset;
    const take = Math.min(needed - this.headCount, end - start);
    this.head.set(bytes.subarray(start, start + take), this.headCount);
    this.headCount += take;
    if (this.headCount < needed) return start + take;
    if (!plausibleHandshakeStart(this.head, 0, this.recordLength)) {
      this.mode = 'skip';
      return end;
    }
    this.framingLost = false;
    this.mode = 'read';
    this.headCount = 0;
    // The probed bytes go the normal way, together with what follows where that saves a copy.
    if (take === needed) return start;
    this.feed(this.head.slice(0, needed), 0, needed, this.headOffset);
    return start + take;
  }

  private feedHeader(bytes: Uint8Array, start: number, end: number, offset: number): number {
    if (this.headCount === 0) {
      this.headOffset = offset;
      this.headVersion = this.recordVersion;
      if (end - start >= HEADER_BYTES) {
        const length = uint24(bytes, start + 1);
        const messageEnd = start + HEADER_BYTES + length;
        if (messageEnd <= end) {
          this.deliverMessage(bytes.subarray(start, messageEnd), length, NOTHING_MISSING, false);
          return messageEnd;
        }
      }
    }
    const take = Math.min(HEADER_BYTES - this.headCount, end - start);
    this.head.set(bytes.subarray(start, start + take), this.headCount);
    this.headCount += take;
    if (this.headCount === HEADER_BYTES) this.begin();
    return start + take;
  }

  /** The header in `head` is whole. */
  private begin(): void {
    this.headCount = 0;
    const length = uint24(this.head, 1);
    if (length > LIMITS.tlsHandshakeBytes) {
      this.loseFraming({
        code: 'tls-handshake-oversized',
        message: `A handshake message of ${length} bytes exceeds the limit of ${LIMITS.tlsHandshakeBytes}.`,
        offset: this.headOffset,
      });
      return;
    }
    this.length = length;
    this.received = 0;
    this.missing = [];
    this.buffer = new Uint8Array(Math.min(HEADER_BYTES + length, FIRST_BUFFER_BYTES));
    this.buffer.set(this.head.subarray(0, HEADER_BYTES));
    if (length === 0) this.complete(false);
  }

  private feedBody(bytes: Uint8Array, start: number, end: number): number {
    const take = Math.min(this.length - this.received, end - start);
    const at = HEADER_BYTES + this.received;
    this.reserve(at + take);
    this.buffer.set(bytes.subarray(start, start + take), at);
    this.received += take;
    if (this.received === this.length) this.complete(false);
    return start + take;
  }

  private reserve(size: number): void {
    if (size <= this.buffer.length) return;
    const grown = new Uint8Array(Math.min(HEADER_BYTES + this.length, Math.max(size, 2 * this.buffer.length)));
    grown.set(this.buffer);
    this.buffer = grown;
  }

  /** Holes beyond the limit are merged with the last, what lies between included: parsing stays linear. */
  private addMissing(start: number, end: number): void {
    if (start >= end) return;
    const last = this.missing.at(-1);
    if (last !== undefined && (last.end === start || this.missing.length >= LIMITS.holesPerHandshake)) {
      this.buffer.fill(0, HEADER_BYTES + last.end, HEADER_BYTES + start);
      this.missing[this.missing.length - 1] = { start: last.start, end };
    } else {
      this.missing.push({ start, end });
    }
  }

  private complete(truncated: boolean): void {
    const { buffer, length, missing } = this;
    // A hole at the end costs no memory: the bytes that are not there need no zeros.
    const last = missing.at(-1);
    const present = last !== undefined && last.end === length ? last.start : length;
    this.length = -1;
    this.buffer = new Uint8Array(0);
    this.missing = [];
    this.deliverMessage(buffer.subarray(0, HEADER_BYTES + present), length, missing, truncated);
  }

  private deliverMessage(bytes: Uint8Array, length: number, missing: readonly ByteRange[], truncated: boolean): void {
    this.deliver({
      format: 'tls',
      type: bytes[0],
      length,
      bytes,
      body: bytes.subarray(HEADER_BYTES),
      missing,
      truncated,
      recordVersion: this.headVersion,
      offset: this.headOffset,
    });
  }
}

function uint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}
