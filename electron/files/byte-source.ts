import type { Problem } from '../../shared/bytes/problem.ts';

/**
 * Bytes of a file or pipe, in order. One call of `read` at a time. Failures of the operating system are Problems of
 * the source, and end it: what was read before stays good.
 */
export interface ByteSource {
  /**
   * Fills `target` from `at` with up to `length` bytes and answers how many; 0 is the end. Less than `length` does
   * not mean the end.
   */
  read(target: Uint8Array, at: number, length: number): Promise<number>;
  /**
   * The same at once, for regular files: their bytes mostly lie in the page cache, and reading them there takes less
   * than asking another thread for it (measured: 0.15 s against 0.22 s for 1 GB). Null where it could wait for ever.
   */
  readonly readSync: ((target: Uint8Array, at: number, length: number) => number) | null;
  /** Continues at an offset, or null when the source can only go forwards. */
  readonly seek: ((offset: number) => void) | null;
  /** Bytes that were taken from the file or pipe itself, before decompression. */
  readonly bytesRead: number;
  /** Size of the file itself, before decompression; null for pipes. */
  readonly totalBytes: number | null;
  readonly problems: readonly Problem[];
  close(): Promise<void>;
}
