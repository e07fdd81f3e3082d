/** Room for the JSON of some hundred sessions. */
const CHUNK_BYTES = 1024 * 1024;
/** UTF-8 takes at most three bytes for one unit of UTF-16. */
const BYTES_PER_UNIT = 3;

export interface ArenaText {
  readonly chunk: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Many texts as UTF-8 in a few large buffers, outside of the garbage collector's reach. */
export class JsonArena {
  readonly #encoder = new TextEncoder();
  #chunk = new Uint8Array(0);
  #at = 0;

  add(text: string): ArenaText {
    const room = text.length * BYTES_PER_UNIT;
    if (this.#at + room > this.#chunk.length) {
      this.#chunk = new Uint8Array(Math.max(CHUNK_BYTES, room));
      this.#at = 0;
    }
    const start = this.#at;
    const { written } = this.#encoder.encodeInto(text, this.#chunk.subarray(start));
    this.#at += written;
    return { chunk: this.#chunk, start, end: this.#at };
  }
}
