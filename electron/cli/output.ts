import { once } from 'node:events';

/** Where a command writes. */
export interface Output {
  /** Text, or text in UTF-8 (then it must not change any more). Resolves when the reader is ready for more. */
  write(text: string | Uint8Array): Promise<void>;
}

/** Text is gathered to pieces of this size: one system call for each line would dominate a large output. */
const PIECE = 64 * 1024;

/** Standard output, waiting for slow readers instead of filling memory. */
export class StreamOutput implements Output {
  readonly #stream: NodeJS.WriteStream;
  #pending: string[] = [];
  #length = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  async write(text: string | Uint8Array): Promise<void> {
    if (typeof text !== 'string') {
      await this.flush();
      if (!this.#stream.write(text)) await once(this.#stream, 'drain');
      return;
    }
    this.#pending.push(text);
    this.#length += text.length;
    if (this.#length >= PIECE) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const text = this.#pending.join('');
    this.#pending = [];
    this.#length = 0;
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }
}
