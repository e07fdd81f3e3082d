import { unlinkSync } from 'node:fs';
import { mkdtemp, open, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { ByteSource } from './byte-source.ts';
import { FileSource } from './file-source.ts';

const COPY_BYTES = 256 * 1024;

/**
 * Copies a source that only goes forwards to a temporary file, which can be read at any place. The file has no name
 * any more once it is open; where the system does not allow that (Windows), it is removed on close and on exit.
 * The problems of the original are those of the copy.
 */
export async function spool(source: ByteSource): Promise<ByteSource> {
  const folder = await mkdtemp(join(tmpdir(), 'starttrace-spool-'));
  const path = join(folder, 'capture');
  const handle = await open(path, 'wx+', 0o600);
  const remove = await removeEarly(path);
  try {
    const buffer = new Uint8Array(COPY_BYTES);
    for (let size = 0; ; ) {
      const count = await source.read(buffer, 0, COPY_BYTES);
      if (count === 0) break;
      await writeFully(handle, buffer.subarray(0, count), size);
      size += count;
    }
  } catch (error) {
    await handle.close();
    await remove();
    throw error;
  }
  return new SpooledSource(new FileSource(handle, null), source, remove);
}

/** A plain FileSource over the copy that reports sizes and problems of the original. */
class SpooledSource implements ByteSource {
  readonly seek: (offset: number) => void;
  readonly readSync: (target: Uint8Array, at: number, length: number) => number;
  private readonly copy: FileSource;
  private readonly original: ByteSource;
  private readonly remove: () => Promise<void>;

  constructor(copy: FileSource, original: ByteSource, remove: () => Promise<void>) {
    this.copy = copy;
    this.original = original;
    this.remove = remove;
    this.seek = copy.seek;
    this.readSync = copy.readSync;
  }

  get bytesRead(): number {
    return this.original.bytesRead;
  }

  get totalBytes(): number | null {
    return this.original.totalBytes;
  }

  get problems(): readonly Problem[] {
    return [...this.original.problems, ...this.copy.problems];
  }

  read(target: Uint8Array, at: number, length: number): Promise<number> {
    return this.copy.read(target, at, length);
  }

  async close(): Promise<void> {
    await this.copy.close();
    await this.remove();
    await this.original.close();
  }
}

async function writeFully(
  handle: {
    write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  },
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Removes the file's name now, or answers how to do so later. */
async function removeEarly(path: string): Promise<() => Promise<void>> {
  const folder = dirname(path);
  try {
    await unlink(path);
    await rmdir(folder);
    return async () => {};
  } catch {
    // An open file cannot be removed here: it goes when it is closed, or else with the process.
    const onExit = () => {
      try {
        unlinkSync(path);
      } catch {
        // The process ends; nobody is left to be told.
      }
    };
    process.once('exit', onExit);
    return async () => {
      process.off('exit', onExit);
      await unlink(path);
      await rmdir(folder);
    };
  }
}
