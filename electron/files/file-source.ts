import { constants, openSync, readSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { ByteSource } from './byte-source.ts';
import { systemReason } from './input-error.ts';
import { StreamSource } from './stream-source.ts';

/** A file of the file system. A file that grows is read to the end it has when that is reached. */
export class FileSource implements ByteSource {
  readonly seek: (offset: number) => void;
  readonly readSync: (target: Uint8Array, at: number, length: number) => number;
  readonly totalBytes: number | null;
  readonly problems: Problem[] = [];
  private readonly handle: FileHandle;
  private position = 0;
  private received = 0;

  constructor(handle: FileHandle, totalBytes: number | null) {
    this.handle = handle;
    this.totalBytes = totalBytes;
    this.seek = (offset) => {
      this.position = offset;
    };
    this.readSync = (target, at, length) => {
      try {
        const count = readSync(this.handle.fd, target, at, length, this.position);
        this.position += count;
        this.received += count;
        return count;
      } catch (error) {
        this.problems.push({
          code: 'read-error',
          message: `Reading failed at offset ${this.position}: ${systemReason(error)}. Everything before it was read.`,
          offset: this.position,
        });
        return 0;
      }
    };
  }

  get bytesRead(): number {
    return this.received;
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    return this.readSync(target, at, length);
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/**
 * Opens a regular file for random reads; pipes and devices (`/dev/fd/63`, FIFOs) become sources that only go forwards.
 * Rejects with the error of the operating system.
 */
export async function openFileSource(path: string): Promise<ByteSource> {
  if ((await stat(path)).isFIFO()) return openFifo(path);
  const handle = await open(path, 'r');
  const opened = await handle.stat();
  return opened.isFile() ? new FileSource(handle, opened.size) : new DeviceSource(handle);
}

/**
 * Opened without waiting for a writer and read by events: a silent FIFO would otherwise block a thread of Node's pool,
 * and the process could not even end.
 */
function openFifo(path: string): ByteSource {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new StreamSource(new Socket({ fd, readable: true, writable: false }));
}

/** A character device: read in order, without positions. */
class DeviceSource implements ByteSource {
  readonly seek = null;
  readonly readSync = null;
  readonly totalBytes = null;
  readonly problems: Problem[] = [];
  private readonly handle: FileHandle;
  private received = 0;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  get bytesRead(): number {
    return this.received;
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    try {
      const { bytesRead } = await this.handle.read(target, at, length, null);
      this.received += bytesRead;
      return bytesRead;
    } catch (error) {
      const message = `Reading failed behind ${this.received} bytes: ${systemReason(error)}. Everything before it was read.`;
      this.problems.push({ code: 'read-error', message, offset: this.received });
      return 0;
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
