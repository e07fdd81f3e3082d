import { type ByteRange, NOTHING_MISSING } from './byte-range.ts';

const EMPTY = new Uint8Array(0);

/**
 * Reads the presentation language of TLS (RFC 8446 section 3) from bytes that may have holes.
 *
 * The first read that fails decides `failure`, and every later read yields zero or nothing, so that a parser reads a
 * whole structure and asks once: `short` means that the structure says more than it holds (malformed), `lost` that a
 * needed byte was never captured. A vector gets its own reader: a defect inside does not reach the outer one.
 */
export class VectorReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly missing: readonly ByteRange[];
  at: number;
  failure: 'short' | 'lost' | null = null;

  /** Reads `[start, end)` of `bytes`; positions in `missing`, and those behind the array's end, were not captured. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length, missing = NOTHING_MISSING) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.missing = missing;
  }

  get remaining(): number {
    return this.failure === null ? this.end - this.at : 0;
  }

  /** True when any byte of `[start, end)` was not captured. */
  isLost(start: number, end: number): boolean {
    if (start >= end) return false;
    if (end > this.bytes.length) return true;
    for (const range of this.missing) {
      if (range.start < end && start < range.end) return true;
    }
    return false;
  }

  /** An unsigned number of `width` bytes (1 to 4), most significant first. */
  uint(width: number): number {
    if (!this.claim(width)) return 0;
    let value = 0;
    for (let i = this.at - width; i < this.at; i++) value = value * 256 + this.bytes[i];
    return value;
  }

  /** A view of the next `size` bytes. */
  opaque(size: number): Uint8Array {
    return this.claim(size) ? this.bytes.subarray(this.at - size, this.at) : EMPTY;
  }

  /** A view of the bytes behind a length field of `lengthWidth` bytes. */
  opaqueVector(lengthWidth: number): Uint8Array {
    return this.opaque(this.uint(lengthWidth));
  }

  /** A reader over the bytes behind a length field of `lengthWidth` bytes. Only the length field must be captured. */
  vector(lengthWidth: number): VectorReader {
    const size = this.uint(lengthWidth);
    if (this.failure === null && size > this.end - this.at) this.failure = 'short';
    const inner = new VectorReader(this.bytes, this.at, this.failure === null ? this.at + size : this.at, this.missing);
    inner.failure = this.failure;
    if (this.failure === null) this.at += size;
    return inner;
  }

  /** All numbers of `width` bytes up to the end; a remainder is a failure. */
  uints(width: number): number[] {
    const values: number[] = [];
    while (this.remaining > 0) {
      const value = this.uint(width);
      if (this.failure === null) values.push(value);
    }
    return values;
  }

  /** A view of everything up to the end. */
  rest(): Uint8Array {
    return this.opaque(this.end - this.at);
  }

  private claim(size: number): boolean {
    if (this.failure !== null) return false;
    if (size > this.end - this.at) {
      this.failure = 'short';
      return false;
    }
    if (this.isLost(this.at, this.at + size)) {
      this.failure = 'lost';
      return false;
    }
    this.at += size;
    return true;
  }
}
