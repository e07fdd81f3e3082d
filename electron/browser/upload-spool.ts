/** Files that were dropped on the page: kept in a folder of this launch until their run is closed. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { systemReason } from '../files/input-error.ts';
import type { Uploads } from '../service/application.ts';
import { ApplicationFailure } from '../service/application-failure.ts';

export class UploadSpool implements Uploads {
  readonly #limit: number;
  /** Made with the first file: most windows never get one. */
  #folder: Promise<string> | null = null;
  readonly #files = new Map<string, { readonly path: string; readonly name: string }>();
  readonly #sizes = new Map<string, number>();

  /** `limit` in bytes, of all files together. */
  constructor(limit: number = LIMITS.uploadBytes) {
    this.#limit = limit;
  }

  /** Writes the request's body to a file; resolves to its ticket. `name` is only ever shown. */
  async receive(request: IncomingMessage, name: string): Promise<string> {
    const ticket = randomUUID();
    const path = join(await this.#makeFolder(name), ticket);
    this.#sizes.set(path, 0);
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced + this.#total() > this.#limit) {
      this.#sizes.delete(path);
      throw this.#tooLarge();
    }
    const count = new Transform({
      transform: (piece: Buffer, _encoding, done) => {
        this.#sizes.set(path, (this.#sizes.get(path) ?? 0) + piece.length);
        if (this.#total() > this.#limit) done(this.#tooLarge());
        else done(null, piece);
      },
    });
    try {
      // Not destroyed with it: the answer, why it was not taken, goes the same way.
      const pieces = request.iterator({ destroyOnReturn: false });
      await pipeline(pieces, count, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      await this.discard([path]);
      if (error instanceof ApplicationFailure) throw error;
      throw this.#failed(name, error);
    }
    this.#files.set(ticket, { path, name });
    return ticket;
  }

  take(ticket: string): { readonly path: string; readonly name: string } | null {
    const file = this.#files.get(ticket) ?? null;
    this.#files.delete(ticket);
    return file;
  }

  /** Deletes a file that no run was opened with; of any other ticket nothing is there to delete. */
  async giveBack(ticket: string): Promise<void> {
    const file = this.take(ticket);
    if (file !== null) await this.discard([file.path]);
  }

  async discard(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      this.#sizes.delete(path);
      await rm(path, { force: true });
    }
  }

  /** Removes the folder with all that is left in it. */
  async close(): Promise<void> {
    const folder = await this.#folder?.catch(() => null);
    if (folder) await rm(folder, { recursive: true, force: true });
  }

  async #makeFolder(name: string): Promise<string> {
    // mkdtemp makes it for its owner only.
    this.#folder ??= mkdtemp(join(tmpdir(), 'starttrace-'));
    try {
      return await this.#folder;
    } catch (error) {
      // The disk may have room again next time.
      this.#folder = null;
      throw this.#failed(name, error);
    }
  }

  #failed(name: string, error: unknown): ApplicationFailure {
    return new ApplicationFailure(
      'upload-failed',
      `${name}: it could not be taken over: ${systemReason(error)}. Open it by its name: starttrace open FILE`,
    );
  }

  #total(): number {
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  #tooLarge(): ApplicationFailure {
    const gigabytes = Math.floor(this.#limit / 2 ** 30);
    const most = gigabytes > 0 ? `${gigabytes} GiB` : `${this.#limit} bytes`;
    return new ApplicationFailure(
      'upload-too-large',
      `Dropped files take at most ${most} together. Close some of them, or open large captures by name: starttrace open FILE`,
    );
  }
}
