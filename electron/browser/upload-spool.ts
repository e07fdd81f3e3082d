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
    const path = join(await this.#makeFolder(), ticket);
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
      await pipeline(request, count, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    } catch (error) {
      await this.discard([path]);
      if (error instanceof ApplicationFailure) throw error;
      throw new ApplicationFailure('upload-failed', `${name}: it could not be taken over: ${systemReason(error)}.`);
    }
    this.#files.set(ticket, { path, name });
    return ticket;
  }

  take(ticket: string): { readonly path: string; readonly name: string } | null {
    const file = this.#files.get(ticket) ?? null;
    this.#files.delete(ticket);
    return file;
  }

  async discard(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      this.#sizes.delete(path);
      await rm(path, { force: true });
    }
  }

  /** Removes the folder with all that is left in it. */
  async close(): Promise<void> {
    if (this.#folder !== null) await rm(await this.#folder, { recursive: true, force: true });
  }

  #makeFolder(): Promise<string> {
    // mkdtemp makes it for its owner only.
    this.#folder ??= mkdtemp(join(tmpdir(), 'starttrace-'));
    return this.#folder;
  }

  #total(): number {
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  #tooLarge(): ApplicationFailure {
    const gigabytes = Math.floor(this.#limit / 2 ** 30);
    const most = gigabytes > 0 ? `${gigabytes} GiB` : `${this.#limit} bytes`;
    return new ApplicationFailure(
      'upload-too-large',
      `At most ${most} can be dropped at a time. Open large captures by name: starttrace open FILE`,
    );
  }
}
