import type { Readable } from 'node:stream';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { ByteSource } from './byte-source.ts';
import { systemReason } from './input-error.ts';

/** Standard input or any other byte stream. Read on demand, so a slow reader slows the writer. */
export class StreamSource implements ByteSource {
  readonly seek = null;
  readonly readSync = null;
  readonly totalBytes = null;
  readonly problems: Problem[] = [];
  private readonly iterator: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);
  private received = 0;
  private ended = false;

  constructor(stream: Readable) {
    this.iterator = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  get bytesRead(): number {
    return this.received;
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    while (this.rest.length === 0 && !this.ended) await this.pull();
    const count = Math.min(length, this.rest.length);
    target.set(this.rest.subarray(0, count), at);
    this.rest = this.rest.subarray(count);
    return count;
  }

  async close(): Promise<void> {
    this.ended = true;
    await this.iterator.return?.();
  }

  private async pull(): Promise<void> {
    try {
      const next = await this.iterator.next();
      if (next.done === true) {
        this.ended = true;
        return;
      }
      this.rest = next.value;
      this.received += next.value.length;
    } catch (error) {
      this.ended = true;
      const message = `Reading failed behind ${this.received} bytes: ${systemReason(error)}. Everything before it was read.`;
      this.problems.push({ code: 'read-error', message, offset: this.received });
    }
  }
}
