const CR = 0x0d;
/** <CRLF>.<CRLF> (RFC 5321 section 4.1.1.4), and nothing looser: bare line feeds end no message (RFC 5321 section 2.3.8). */
const END = [CR, 0x0a, 0x2e, CR, 0x0a];

/** Finds the end of a message after DATA without keeping a byte of it. */
export class ContentEnd {
  /** How many bytes of END stand matched. The line end of the DATA command itself counts as the first two. */
  #matched = 2;
  /** Bytes of content so far, without the final dot line. */
  byteLength = 0;

  /** Nothing of the content was read or lost so far. */
  get isUntouched(): boolean {
    return this.byteLength === 0;
  }

  /** Returns the offset behind the end of the content, or -1 when it goes on behind `end`. */
  read(bytes: Uint8Array, start: number, end: number): number {
    // A search must not run on behind `end`, where other packets lie.
    const piece = bytes.subarray(start, end);
    let at = 0;
    while (at < piece.length) {
      if (this.#matched === 0) {
        at = piece.indexOf(CR, at);
        if (at < 0) break;
      }
      const byte = piece[at++];
      if (byte === END[this.#matched]) {
        this.#matched++;
        if (this.#matched === END.length) {
          this.byteLength = Math.max(0, this.byteLength + at - 3);
          return start + at;
        }
      } else {
        this.#matched = byte === CR ? 1 : 0;
      }
    }
    this.byteLength += end - start;
    return -1;
  }

  /** `size` bytes of the content are missing. */
  hole(size: number): void {
    this.#matched = 0;
    this.byteLength += size;
  }
}
