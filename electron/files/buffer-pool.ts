/** Buffers that are kept for the next file, together. Two of the largest and some small ones. */
const KEPT_BYTES = 8 * 1024 * 1024;

/**
 * Read buffers that outlive the file they were made for. A folder of a thousand files would otherwise leave a
 * thousand pairs behind, and the garbage collector is in no hurry with memory outside of its heap.
 */
class BufferPool {
  private readonly kept = new Map<number, Uint8Array[]>();
  private keptBytes = 0;

  /** A buffer of exactly `length` bytes with arbitrary content. */
  take(length: number): Uint8Array {
    const buffer = this.kept.get(length)?.pop();
    if (buffer === undefined) return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    this.keptBytes -= length;
    return buffer;
  }

  /** Takes back a buffer that nobody reads or writes any more. */
  give(buffer: Uint8Array): void {
    if (this.keptBytes + buffer.length > KEPT_BYTES) return;
    this.keptBytes += buffer.length;
    const alike = this.kept.get(buffer.length);
    if (alike === undefined) this.kept.set(buffer.length, [buffer]);
    else alike.push(buffer);
  }
}

/** The pool of this process (or worker). */
export const readBuffers = new BufferPool();
