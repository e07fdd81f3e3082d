import { once } from 'node:events';

/** Where a command writes. */
export interface Output {
  /** Resolves when the reader is ready for more. */
  write(text: string): Promise<void>;
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

  async write(text: string): Promise<void> {
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
