import { LIMITS } from '../../shared/bytes/limits.ts';
import type { CaptureWindow } from '../../shared/capture/window.ts';
import { readBuffers } from './buffer-pool.ts';
import type { ByteSource } from './byte-source.ts';

/** First read behind a seek; each further one doubles, so that jumping about stays cheap. */
const FIRST_READ_BYTES = 16 * 1024;
const FIRST_HEAD_ROOM_BYTES = 8 * 1024;

const PAGE_BYTES = 4096;
/**
 * Where in a page the bytes of a file that is read at once go. The kernel's copy is half as fast when source and
 * target lie a few bytes apart modulo the page size (measured on AMD: 0.22 s against 0.17 s for 1 GB); half a page
 * apart it never is.
 */
const PAGE_SHIFT_BYTES = PAGE_BYTES / 2;

/**
 * Keeps a CaptureWindow filled from a source: of a regular file one buffer, read at once. Of anything else two buffers take
 * turns: while one is being parsed, the next bytes are
 * read into the other, behind head-room for what the parser has left over (less than one packet).
 */
export class WindowFeeder {
  private readonly source: ByteSource;
  private readonly window: CaptureWindow;
  private readonly chunkBytes: number;
  private headRoom = FIRST_HEAD_ROOM_BYTES;
  private readBytes: number;
  private current: Uint8Array | null = null;
  private spare: Uint8Array | null = null;
  /** The read under way into `spare`, and where in it its bytes go. */
  private pending: Promise<number> | null = null;
  private pendingAt = 0;

  constructor(source: ByteSource, window: CaptureWindow, chunkBytes: number) {
    this.source = source;
    this.window = window;
    this.chunkBytes = chunkBytes;
    this.readBytes = Math.min(FIRST_READ_BYTES, chunkBytes);
  }

  /** Answers READ_MORE: at least `window.needed` bytes from `window.start`, or all there are. Null: done already. */
  refill(): Promise<void> | null {
    const window = this.window;
    const needed = Math.min(Math.max(window.needed, 1), LIMITS.blockBytes + 4);
    if (window.final || window.end - window.start >= needed) return null;
    if (this.source.readSync === null) return this.refillBehind(needed);
    this.refillAtOnce(needed, this.source.readSync);
    return null;
  }

  private refillAtOnce(needed: number, read: NonNullable<ByteSource['readSync']>): void {
    const window = this.window;
    const rest = window.end - window.start;
    if (needed > this.headRoom) this.headRoom = 2 ** Math.ceil(Math.log2(needed));
    const dataAt = Math.ceil(this.headRoom / PAGE_BYTES) * PAGE_BYTES + PAGE_SHIFT_BYTES;
    const length = Math.max(this.readBytes, needed);
    let buffer = this.current;
    if (buffer === null || buffer.length < dataAt + length) {
      buffer = readBuffers.take(dataAt + 2 ** Math.ceil(Math.log2(length)));
    }
    buffer.set(window.bytes.subarray(window.start, window.end), dataAt - rest);
    if (buffer !== this.current) {
      if (this.current !== null) readBuffers.give(this.current);
      this.current = buffer;
      window.bytes = buffer;
    }
    window.base += window.start - (dataAt - rest);
    window.low = window.start = dataAt - rest;
    window.end = dataAt;
    while (window.end - window.start < needed && !window.final) {
      const count = read(buffer, window.end, Math.max(this.readBytes, needed - (window.end - window.start)));
      if (count === 0) window.final = true;
      window.end += count;
    }
    this.readBytes = Math.min(this.readBytes * 2, this.chunkBytes);
  }

  private async refillBehind(needed: number): Promise<void> {
    const window = this.window;
    if (needed > this.headRoom) this.headRoom = 2 ** Math.ceil(Math.log2(needed));
    await this.turn();
    const bytes = window.bytes;
    while (window.end - window.start < needed && !window.final) {
      const count = await this.source.read(bytes, window.end, bytes.length - window.end);
      if (count === 0) window.final = true;
      window.end += count;
    }
    this.readAhead();
  }

  /** Answers READ_SEEK. The source must be one that can seek. */
  async seek(): Promise<void> {
    const window = this.window;
    if (this.pending !== null) await this.pending;
    this.pending = null;
    this.source.seek?.(window.seekTo);
    window.base = window.seekTo;
    window.low = 0;
    window.start = 0;
    window.end = 0;
    window.final = false;
    window.needed = 1;
    this.readBytes = Math.min(FIRST_READ_BYTES, this.chunkBytes);
    await this.refill();
  }

  /** Waits for the read under way and gives the buffers back. The window is empty afterwards. */
  async close(): Promise<void> {
    if (this.pending !== null) await this.pending;
    this.pending = null;
    this.replaceSpare(null);
    const { current, window } = this;
    this.current = null;
    window.bytes = new Uint8Array(0);
    window.low = window.start = window.end = 0;
    window.final = true;
    if (current !== null) readBuffers.give(current);
  }

  /** Swaps the buffers, taking the rest of the old one along in front of what has been read into the new one. */
  private async turn(): Promise<void> {
    const window = this.window;
    if (this.pending === null) this.readAhead();
    let next = this.spare ?? this.allocate();
    this.spare = null;
    let dataAt = this.pendingAt;
    const count = (await this.pending) ?? 0;
    this.pending = null;
    const rest = window.end - window.start;
    if (next.length < this.bufferBytes() || rest > dataAt) {
      const larger = this.allocate();
      larger.set(next.subarray(dataAt, dataAt + count), this.headRoom);
      readBuffers.give(next);
      next = larger;
      dataAt = this.headRoom;
    }
    next.set(window.bytes.subarray(window.start, window.end), dataAt - rest);
    window.base += window.start - (dataAt - rest);
    this.replaceSpare(this.current);
    this.current = next;
    window.bytes = next;
    window.low = window.start = dataAt - rest;
    window.end = dataAt + count;
    if (count === 0) window.final = true;
  }

  private readAhead(): void {
    if (this.window.final || this.pending !== null) return;
    if (this.spare === null || this.spare.length < this.bufferBytes()) this.replaceSpare(this.allocate());
    if (this.spare === null) return;
    this.pendingAt = this.headRoom;
    this.pending = this.source.read(
      this.spare,
      this.headRoom,
      Math.min(this.readBytes, this.spare.length - this.headRoom),
    );
    this.readBytes = Math.min(this.readBytes * 2, this.chunkBytes);
  }

  /** Room for a whole block in front and behind: what a reader needs always fits into one buffer. */
  private bufferBytes(): number {
    return this.headRoom + Math.max(this.chunkBytes, this.headRoom);
  }

  private allocate(): Uint8Array {
    return readBuffers.take(this.bufferBytes());
  }

  private replaceSpare(buffer: Uint8Array | null): void {
    if (this.spare !== null) readBuffers.give(this.spare);
    this.spare = buffer;
  }
}
