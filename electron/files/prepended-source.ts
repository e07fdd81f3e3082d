import type { Problem } from '../../shared/bytes/problem.ts';
import type { ByteSource } from './byte-source.ts';

/** Puts bytes that were read from a source, to see what it is, back in front of it. */
export class PrependedSource implements ByteSource {
  readonly seek = null;
  readonly readSync = null;
  private head: Uint8Array;
  private readonly source: ByteSource;

  constructor(head: Uint8Array, source: ByteSource) {
    this.head = head;
    this.source = source;
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  get totalBytes(): number | null {
    return this.source.totalBytes;
  }

  get problems(): readonly Problem[] {
    return this.source.problems;
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    if (this.head.length === 0) return this.source.read(target, at, length);
    const count = Math.min(length, this.head.length);
    target.set(this.head.subarray(0, count), at);
    this.head = this.head.subarray(count);
    return count;
  }

  close(): Promise<void> {
    return this.source.close();
  }
}
