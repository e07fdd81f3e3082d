import { LIMITS } from '../bytes/limits.ts';

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a byte stream into lines that end with LF or CRLF, however the stream is split. Holds at most one line of
 * `LIMITS.smtpLineBytes`; a longer one is dropped as a whole when its end comes.
 */
export class LineReader {
  #buffer = new Uint8Array(0);
  #length = 0;
  #overlong = false;
  /** Bytes of the unfinished line that are gone because it is overlong. */
  #dropped = 0;

  /** The line found by `read`: `bytes[start, end)` without its end; valid until the next call. */
  bytes: Uint8Array = this.#buffer;
  start = 0;
  end = 0;
  /** True when the line found was longer than the cap and its bytes are gone. */
  overlong = false;
  /** Bytes of the line found, without its end, also where they are gone. */
  byteLength = 0;

  /** Bytes of an unfinished line are held. */
  get partial(): boolean {
    return this.#length > 0 || this.#overlong;
  }

  /** Consumes `bytes[start, end)` up to the first line end. Returns where the next line starts, or -1 without a line. */
  read(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && bytes[at] !== LF) at++;
    if (at === end) {
      this.#append(bytes, start, end);
      return -1;
    }
    if (this.partial || at - start > LIMITS.smtpLineBytes) {
      this.#append(bytes, start, at);
      this.bytes = this.#buffer;
      this.start = 0;
      this.end = this.#length;
    } else {
      this.bytes = bytes;
      this.start = start;
      this.end = at;
    }
    this.overlong = this.#overlong;
    if (this.end > this.start && this.bytes[this.end - 1] === CR) this.end--;
    this.byteLength = this.#overlong ? this.#dropped : this.end - this.start;
    this.reset();
    return at + 1;
  }

  /** Forgets an unfinished line. */
  reset(): void {
    this.#length = 0;
    this.#overlong = false;
    this.#dropped = 0;
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const wanted = this.#length + end - start;
    if (this.#overlong || wanted > LIMITS.smtpLineBytes) {
      this.#dropped += wanted;
      this.#overlong = true;
      this.#length = 0;
      return;
    }
    if (wanted > this.#buffer.length) {
      const grown = new Uint8Array(Math.min(LIMITS.smtpLineBytes, Math.max(256, 2 * wanted)));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes.subarray(start, end), this.#length);
    this.#length = wanted;
  }
}
