/** The captures that were opened last, kept in the data folder. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { RecentFile } from '../../shared/contract/operations.ts';

const KEPT = 20;
const FILE = z.object({
  version: z.literal(1),
  files: z.array(z.object({ file: z.string(), openedAt: z.string(), sessions: z.number() })),
});

export class RecentFiles {
  readonly #folder: string;
  /** Changes wait for one another; what another window writes meanwhile may be lost, never torn. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The last one first. A list that cannot be read is an empty one. */
  async list(): Promise<readonly RecentFile[]> {
    await this.#last;
    return this.#read();
  }

  add(opened: readonly RecentFile[]): Promise<void> {
    return this.#change((files) => {
      const names = new Set(opened.map(({ file }) => file));
      return [...opened, ...files.filter(({ file }) => !names.has(file))].slice(0, KEPT);
    });
  }

  clear(): Promise<void> {
    return this.#change(() => []);
  }

  #change(change: (files: readonly RecentFile[]) => readonly RecentFile[]): Promise<void> {
    const changed = this.#last.then(async () => this.#write(change(await this.#read())));
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  get #path(): string {
    return join(this.#folder, 'recent-files.json');
  }

  async #read(): Promise<readonly RecentFile[]> {
    try {
      const read = z.safeParse(FILE, JSON.parse(await readFile(this.#path, 'utf8')));
      return read.success ? read.data.files.slice(0, KEPT) : [];
    } catch {
      // Not there yet, or damaged: a list of conveniences is no reason to bother anybody.
      return [];
    }
  }

  /** As a whole or not at all, readable for its owner only. */
  async #write(files: readonly RecentFile[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const half = join(this.#folder, `.recent-files.${randomUUID()}`);
    try {
      const handle = await open(half, 'wx', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify({ version: 1, files }, null, 1)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(half, this.#path);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  }
}
