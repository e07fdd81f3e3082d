/** The trust policies that a user keeps, one file each in the data folder of the application. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder } from './data-folder.ts';
import type { TrustHost } from './trust-host.ts';

const ENDING = /\.(?:yaml|yml|json)$/;

/** Where the policies of this user stand. The folder need not be there. */
export function policyFolder(host: TrustHost): string {
  return join(dataFolder(host), 'policies');
}

/** The files of the user's policies by the names that they are called by; where two have one name, the first counts. */
export async function userPolicyFiles(host: TrustHost): Promise<ReadonlyMap<string, string>> {
  const folder = policyFolder(host);
  const files = new Map<string, string>();
  for (const file of (await filesIn(folder)).sort()) {
    const name = file.replace(ENDING, '');
    if (ENDING.test(file) && !files.has(name)) files.set(name, join(folder, file));
  }
  return files;
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // Most users have none.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Puts a policy in its place, as a whole or not at all. Resolves to the file; rejects as the file system does. */
export async function writeUserPolicy(name: string, text: string, host: TrustHost): Promise<string> {
  const folder = policyFolder(host);
  const inPlace = (await userPolicyFiles(host)).get(name);
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name}.yaml`);
  const half = join(folder, `.${name}.${randomUUID()}`);
  try {
    const handle = await open(half, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(half, file);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
  // The same policy under another ending would hide this one, or come back after it.
  if (inPlace !== undefined && inPlace !== file) await rm(inPlace, { force: true });
  return file;
}
