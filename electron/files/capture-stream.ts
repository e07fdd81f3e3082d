import type { Problem } from '../../shared/bytes/problem.ts';
import { createReader, DETECTION_BYTES, detect } from '../../shared/capture/detect.ts';
import { type PacketReader, READ_END, READ_PACKET, READ_SEEK } from '../../shared/capture/reader.ts';
import { CaptureWindow } from '../../shared/capture/window.ts';
import type { ByteSource } from './byte-source.ts';
import { openFileSource } from './file-source.ts';
import { GzipSource } from './gzip-source.ts';
import { type InputError, openError } from './input-error.ts';
import { PrependedSource } from './prepended-source.ts';
import { spool } from './spool.ts';
import { WindowFeeder } from './window-feeder.ts';

/** A capture that is being read: its reader, and the means to keep that supplied. */
export class CaptureStream {
  readonly reader: PacketReader;
  readonly compression: 'gzip' | null;
  private readonly source: ByteSource;
  private readonly feeder: WindowFeeder;

  constructor(reader: PacketReader, compression: 'gzip' | null, source: ByteSource, feeder: WindowFeeder) {
    this.reader = reader;
    this.compression = compression;
    this.source = source;
    this.feeder = feeder;
  }

  get bytesRead(): number {
    return this.source.bytesRead;
  }

  get totalBytes(): number | null {
    return this.source.totalBytes;
  }

  /** Size of the file as it lies on disk; of a pipe what came out of it so far. */
  get byteLength(): number {
    return this.source.totalBytes ?? this.source.bytesRead;
  }

  /** Problems of the file itself (reading, decompression), then those of its format. */
  get problems(): readonly Problem[] {
    return [...this.source.problems, ...this.reader.problems];
  }

  /** Does what the reader asked for with READ_MORE or READ_SEEK. Null: it is done already. */
  supply(answer: number): Promise<void> | null {
    return answer === READ_SEEK ? this.feeder.seek() : this.feeder.refill();
  }

  /** Advances to the next packet, however much must be read for it; false at the end. */
  async advance(): Promise<boolean> {
    for (;;) {
      const answer = this.reader.next();
      if (answer === READ_PACKET) return true;
      if (answer === READ_END) return false;
      const waiting = this.supply(answer);
      if (waiting !== null) await waiting;
    }
  }

  /** Closes the file. The reader's packet is gone. */
  async close(): Promise<void> {
    await this.feeder.close();
    await this.source.close();
  }
}

export type OpenedCapture =
  | { readonly kind: 'capture'; readonly stream: CaptureStream }
  | { readonly kind: 'error'; readonly error: InputError };

/**
 * Opens a capture file, compressed with gzip or not, in chunks of `chunkBytes`. A file that cannot be opened or is no
 * capture is an error as data that names the file and the next step.
 */
export async function openCapture(path: string, chunkBytes: number = DEFAULT_CHUNK_BYTES): Promise<OpenedCapture> {
  let source: ByteSource;
  try {
    source = await openFileSource(path);
  } catch (error) {
    return { kind: 'error', error: openError(path, error) };
  }
  return openCaptureSource(path, source, chunkBytes);
}

/** Measured over 1 GB in the page cache: 0.5 and 1 MB are the quickest, less and more are slower. */
export const DEFAULT_CHUNK_BYTES = 1024 * 1024;

/** Chunks do not get smaller than this, whatever is asked for. */
const LEAST_CHUNK_BYTES = 16 * 1024;

/** As `openCapture`, over a source that is open, which is closed on error. `file` names it in messages. */
export async function openCaptureSource(file: string, source: ByteSource, chunkBytes: number): Promise<OpenedCapture> {
  try {
    const opened = await recognise(file, source, chunkBytes);
    if (opened.kind === 'error') await source.close();
    return opened;
  } catch (error) {
    await source.close();
    return { kind: 'error', error: openError(file, error) };
  }
}

async function recognise(file: string, raw: ByteSource, chunkBytes: number): Promise<OpenedCapture> {
  let source = raw;
  let compression: 'gzip' | null = null;
  let head = await readHead(source);
  let detected = detect(head);
  if (detected.kind === 'gzip') {
    compression = 'gzip';
    source = new GzipSource(rewind(source, head));
    head = await readHead(source);
    detected = detect(head);
  }
  switch (detected.kind) {
    case 'gzip':
      return notACapture(file, NESTED_GZIP);
    case 'foreign': {
      const failure = head.length === 0 ? source.problems[0] : undefined;
      return notACapture(file, failure ?? detected.problem);
    }
    case 'capture': {
      let content = rewind(source, head);
      if (detected.format === 'netmon' && content.seek === null) content = await spool(content);
      const window = new CaptureWindow();
      const reader = createReader(detected.format, window);
      const mostBytes = compression === null ? (content.totalBytes ?? chunkBytes) : chunkBytes;
      const feeder = new WindowFeeder(content, window, bufferBytes(chunkBytes, mostBytes));
      return { kind: 'capture', stream: new CaptureStream(reader, compression, content, feeder) };
    }
  }
}

const NESTED_GZIP: Problem = {
  code: 'compressed-file',
  message: 'This is gzip data inside of gzip data; unpack it once with `gzip -dk FILE` and give what it holds.',
};

/** A power of two, so that buffers fit the next file; a small file needs no large ones. */
function bufferBytes(chunkBytes: number, mostBytes: number): number {
  const wanted = Math.max(LEAST_CHUNK_BYTES, Math.min(chunkBytes, mostBytes));
  return 2 ** Math.ceil(Math.log2(wanted));
}

function notACapture(file: string, problem: Problem): OpenedCapture {
  return { kind: 'error', error: { file, problem: { code: problem.code, message: `${file}: ${problem.message}` } } };
}

async function readHead(source: ByteSource): Promise<Uint8Array> {
  const head = new Uint8Array(DETECTION_BYTES);
  let filled = 0;
  while (filled < head.length) {
    const count = await source.read(head, filled, head.length - filled);
    if (count === 0) break;
    filled += count;
  }
  return head.subarray(0, filled);
}

/** The source as it was before `head` was read from it. */
function rewind(source: ByteSource, head: Uint8Array): ByteSource {
  if (source.seek === null) return new PrependedSource(head, source);
  source.seek(0);
  return source;
}
