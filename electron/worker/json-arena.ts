/** Room for the JSON of some hundred sessions. */
const CHUNK_BYTES = 1024 * 1024;
/** UTF-8 takes at most three bytes for one unit of UTF-16. */
const BYTES_PER_UNIT = 3;

/** Where a text lies: the number of the chunk, and the bytes in it. */
export interface TextPlace {
  readonly chunk: number;
  readonly start: number;
  readonly end: number;
}

/** Many texts as UTF-8 in a few large buffers, outside of the garbage collector's reach. */
export class JsonArena {
  readonly chunks: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  #at = 0;

  add(text: string): TextPlace {
    const room = text.length * BYTES_PER_UNIT;
    let chunk = this.chunks.at(-1);
    if (chunk === undefined || this.#at + room > chunk.length) {
      chunk = new Uint8Array(Math.max(CHUNK_BYTES, room));
      this.chunks.push(chunk);
      this.#at = 0;
    }
    const start = this.#at;
    this.#at += this.#encoder.encodeInto(text, chunk.subarray(start)).written;
    return { chunk: this.chunks.length - 1, start, end: this.#at };
  }
}
