import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { CaptureTime } from '../../shared/capture/timestamp.ts';
import {
  type CaptureStream,
  DEFAULT_CHUNK_BYTES,
  type OpenedCapture,
  openCapture,
  openCaptureSource,
} from './capture-stream.ts';
import { type InputError, openError, systemReason } from './input-error.ts';
import { StreamSource } from './stream-source.ts';

/** A capture that `readCaptures` can read. */
export interface CaptureInput {
  /** As the user gave it; a file in a folder is the folder as given and the path in it. */
  readonly file: string;
  /** The first packet's time, where it was looked up: the file need not be open before it is reached. */
  readonly startsAt: CaptureTime | null;
  /** Pipes are open already, and can be read once. */
  readonly isPipe: boolean;
  /** Size of the file as it lies on disk; null for pipes. */
  readonly byteLength: number | null;
  /** Opens the capture from its beginning, in chunks of `chunkBytes`. */
  open(chunkBytes: number): Promise<OpenedCapture>;
}

/** What the arguments of a command come to. */
export interface CaptureSet {
  readonly inputs: readonly CaptureInput[];
  /** Files in folders that are no captures, with the reason: no error. */
  readonly skipped: readonly InputError[];
  /** Arguments that come to nothing: missing files, files that are no captures, folders without captures. */
  readonly errors: readonly InputError[];
}

/** Chunk that is enough to recognise a file and find its first packet. */
const LOOK_BYTES = 64 * 1024;

/**
 * Resolves file names, folders (recursively, by the content of files) and `-` for standard input, in the order given;
 * files in a folder by name. A file that is named twice, by whatever path, counts once.
 */
export async function resolveCaptures(names: readonly string[], stdin: Readable = process.stdin): Promise<CaptureSet> {
  const set: MutableSet = { inputs: [], skipped: [], errors: [], seen: new Set() };
  for (const name of names) {
    if (name === '-') await addStandardInput(set, stdin);
    else await addPath(set, name);
  }
  // Only a merge needs to know when each file begins.
  if (set.inputs.length < 2) return set;
  const inputs: CaptureInput[] = [];
  for (const input of set.inputs) inputs.push(await withFirstTime(input));
  return { ...set, inputs };
}

/** A capture file as an input, without looking at it. */
function captureFile(path: string, byteLength: number): CaptureInput {
  return { file: path, startsAt: null, isPipe: false, byteLength, open: (chunkBytes) => openCapture(path, chunkBytes) };
}

interface MutableSet {
  readonly inputs: CaptureInput[];
  readonly skipped: InputError[];
  readonly errors: InputError[];
  /** Device and inode of the files that are in. */
  readonly seen: Set<string>;
}

async function addStandardInput(set: MutableSet, stdin: Readable): Promise<void> {
  if (set.seen.has('-')) return;
  set.seen.add('-');
  addOpened(set, '-', await openCaptureSource('-', new StreamSource(stdin), DEFAULT_CHUNK_BYTES));
}

/** A pipe cannot be looked at and put back, so it is open from here on. */
function addOpened(set: MutableSet, file: string, opened: OpenedCapture): void {
  if (opened.kind === 'error') {
    set.errors.push(opened.error);
    return;
  }
  let result: OpenedCapture = opened;
  const open = async (): Promise<OpenedCapture> => {
    const once = result;
    const message = `${file}: a pipe can be read once only.`;
    result = { kind: 'error', error: { file, problem: { code: 'cannot-open', message } } };
    return once;
  };
  set.inputs.push({ file, startsAt: null, isPipe: true, byteLength: null, open });
}

async function addPath(set: MutableSet, path: string): Promise<void> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) {
      await addFolder(set, path);
      return;
    }
    if (isSeen(set, found)) return;
    if (!found.isFile()) {
      addOpened(set, path, await openCapture(path));
      return;
    }
    const refused = await look(path);
    if (refused !== null) set.errors.push(refused);
    else set.inputs.push(captureFile(path, Number(found.size)));
  } catch (error) {
    set.errors.push(openError(path, error));
  }
}

async function addFolder(set: MutableSet, folder: string): Promise<void> {
  const before = set.inputs.length;
  const skippedBefore = set.skipped.length;
  const known = { count: 0 };
  const waiting = [folder];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    let names: string[];
    try {
      names = (await readdir(path)).sort(byCodeUnits);
    } catch (error) {
      (path === folder ? set.errors : set.skipped).push(openError(path, error));
      if (path === folder) return;
      continue;
    }
    const folders: string[] = [];
    for (const name of names) await addFolderEntry(set, join(path, name), folders, known);
    // Depth first, so that files of one subfolder stay together.
    waiting.unshift(...folders);
  }
  if (set.inputs.length > before || known.count > 0) return;
  const skipped = set.skipped.length - skippedBefore;
  const message = `${folder}: no capture is in this folder (${skipped} other ${skipped === 1 ? 'file' : 'files'}); give the folder that holds the captures, or the files.`;
  set.errors.push({ file: folder, problem: { code: 'no-captures', message } });
}

async function addFolderEntry(
  set: MutableSet,
  path: string,
  folders: string[],
  known: { count: number },
): Promise<void> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) {
      // A linked folder may lead upwards, and round and round; what it holds is seen where it lies.
      if (!isSeen(set, found)) folders.push(path);
      return;
    }
    if (!found.isFile()) return;
    if (isSeen(set, found)) {
      known.count += 1;
      return;
    }
    const refused = await look(path);
    if (refused !== null) set.skipped.push(refused);
    else set.inputs.push(captureFile(path, Number(found.size)));
  } catch (error) {
    set.skipped.push({
      file: path,
      problem: { code: 'cannot-open', message: `${path}: it cannot be opened: ${systemReason(error)}.` },
    });
  }
}

function isSeen(set: MutableSet, found: { readonly dev: bigint; readonly ino: bigint }): boolean {
  // File systems without inode numbers say 0: then every file is its own.
  if (found.ino === 0n) return false;
  const key = `${found.dev}:${found.ino}`;
  if (set.seen.has(key)) return true;
  set.seen.add(key);
  return false;
}

/** Why a file is no capture, or null. */
async function look(path: string): Promise<InputError | null> {
  const opened = await openCapture(path, LOOK_BYTES);
  if (opened.kind === 'error') return opened.error;
  await opened.stream.close();
  return null;
}

async function withFirstTime(input: CaptureInput): Promise<CaptureInput> {
  if (input.isPipe) return input;
  const opened = await input.open(LOOK_BYTES);
  if (opened.kind === 'error') return input;
  const startsAt = await firstTime(opened.stream);
  await opened.stream.close();
  return { ...input, startsAt };
}

async function firstTime(stream: CaptureStream): Promise<CaptureTime | null> {
  const { reader } = stream;
  while (await stream.advance()) {
    const digits = reader.timeDigits();
    if (digits >= 0) return { seconds: reader.timeSeconds(), fraction: reader.timeFraction(), digits };
  }
  return null;
}

function byCodeUnits(first: string, second: string): number {
  return first < second ? -1 : first > second ? 1 : 0;
}
