import { setImmediate } from 'node:timers/promises';
import type { Problem } from '../../shared/bytes/problem.ts';
import { linkTypeName } from '../../shared/capture/linktypes.ts';
import {
  type CaptureFormat,
  type PacketReader,
  READ_END,
  READ_PACKET,
  type SecretsBlock,
} from '../../shared/capture/reader.ts';
import { formatCaptureTime } from '../../shared/capture/timestamp.ts';
import type { CaptureInput } from './capture-set.ts';
import { type CaptureStream, DEFAULT_CHUNK_BYTES } from './capture-stream.ts';
import type { InputError } from './input-error.ts';
import { MergeQueue } from './merge-queue.ts';

/** Takes packets in the order of their times. The reader's fields hold until the call returns. */
export interface PacketSink {
  /** `captureIndex` counts the inputs from 0. */
  packet(captureIndex: number, reader: PacketReader): void;
}

export interface ReadProgress {
  /** Bytes taken from files and pipes, before decompression. */
  readonly bytesRead: number;
  /** Size of all inputs together; null when one is a pipe or not open yet. */
  readonly totalBytes: number | null;
  readonly packets: number;
}

export interface ReadOptions {
  /** Ends the reading: `readCaptures` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called at most ten times a second, and once at the end. */
  readonly onProgress?: (progress: ReadProgress) => void;
}

/** What is known of one input when it has been read. */
export interface CaptureInputSummary {
  readonly file: string;
  readonly format: CaptureFormat;
  readonly compression: 'gzip' | null;
  readonly byteLength: number;
  readonly packetCount: number;
  readonly linkTypes: readonly string[];
  /** Earliest and latest packet time, wherever in the file. */
  readonly firstPacketAt: string | null;
  readonly lastPacketAt: string | null;
  readonly problems: readonly Problem[];
  /** pcapng Decryption Secrets Blocks. */
  readonly secrets: readonly SecretsBlock[];
}

/** An input that could be opened when it was resolved, and not any more. */
export class CaptureOpenError extends Error {
  readonly input: InputError;

  constructor(input: InputError) {
    super(input.problem.message);
    this.name = 'CaptureOpenError';
    this.input = input;
  }
}

/**
 * Reads captures and hands every packet to the sink: of one input in its own order, of several merged by packet time,
 * where the order inside a file is kept and equal times go by the order of the inputs. A packet without a time follows
 * its predecessor. Files are open only while their time has come.
 *
 * Rejects with the signal's reason when it is aborted, and with a CaptureOpenError when an input cannot be opened.
 */
export async function readCaptures(
  inputs: readonly CaptureInput[],
  sink: PacketSink,
  options: ReadOptions = {},
): Promise<CaptureInputSummary[]> {
  const run = new ReadRun(inputs, sink, options);
  try {
    if (inputs.length === 1) await run.readOne();
    else await run.merge();
    run.progress.report();
    return run.summaries();
  } finally {
    await run.close();
  }
}

/** The least time between two progress reports. */
const PROGRESS_MILLISECONDS = 100;

/** Chunks read at once before signals and other events get their turn: a few hundredths of a second. */
const SUPPLIES_WITHOUT_PAUSE = 32;

/** Chunks shrink with the number of files that are open, so that memory does not grow with it. */
const ALL_CHUNKS_BYTES = 8 * 1024 * 1024;

class ReadRun {
  readonly progress: Progress;
  private readonly inputs: readonly CaptureInput[];
  private readonly sink: PacketSink;
  private readonly signal: AbortSignal | undefined;
  /** Rejects on abort, so that waiting for a silent pipe ends. */
  private readonly aborted: Promise<never>;
  private readonly stopListening: () => void;
  private suppliedAtOnce = 0;
  private readonly open = new Set<CaptureStream>();
  private readonly finished: (CaptureInputSummary | undefined)[];

  constructor(inputs: readonly CaptureInput[], sink: PacketSink, options: ReadOptions) {
    this.inputs = inputs;
    this.sink = sink;
    this.signal = options.signal;
    this.progress = new Progress(inputs.length, options.onProgress);
    this.finished = inputs.map(() => undefined);
    let onAbort = (): void => {};
    this.aborted = new Promise((_, reject) => {
      onAbort = () => reject(this.signal?.reason);
    });
    // Nobody may be waiting when it rejects.
    this.aborted.catch(() => {});
    this.signal?.addEventListener('abort', onAbort, { once: true });
    this.stopListening = () => this.signal?.removeEventListener('abort', onAbort);
  }

  async readOne(): Promise<void> {
    const stream = await this.openInput(0, 0);
    const { reader } = stream;
    const { sink, progress } = this;
    for (;;) {
      const answer = reader.next();
      if (answer === READ_PACKET) {
        progress.packets[0] += 1;
        sink.packet(0, reader);
      } else if (answer === READ_END) break;
      else {
        const waiting = this.supply(stream, answer);
        if (waiting !== null) await waiting;
      }
    }
    await this.finish(0, stream);
  }

  async merge(): Promise<void> {
    const queue = new MergeQueue();
    for (const [index, input] of this.inputs.entries()) queue.add(index, input.startsAt);
    for (let entry = queue.take(); entry !== null; entry = queue.take()) {
      const { index } = entry;
      let { stream } = entry;
      if (stream === null) {
        stream = await this.openInput(index, queue.openCount);
        queue.opened(entry, stream);
      } else {
        this.deliver(index, stream.reader);
      }
      // On through this file, as long as no packet of another one comes first.
      for (const { reader } = stream; ; ) {
        const answer = reader.next();
        if (answer === READ_PACKET) {
          entry.setTime(reader);
          if (queue.isFirst(entry)) {
            this.deliver(index, reader);
          } else {
            queue.putBack(entry);
            break;
          }
        } else if (answer === READ_END) {
          queue.closed();
          await this.finish(index, stream);
          break;
        } else {
          const waiting = this.supply(stream, answer);
          if (waiting !== null) await waiting;
        }
      }
    }
  }

  summaries(): CaptureInputSummary[] {
    return this.finished.filter((summary) => summary !== undefined);
  }

  async close(): Promise<void> {
    this.stopListening();
    // After an abort a pipe may never answer: its close is started, not awaited.
    const closing = [...this.open].map((stream) => stream.close());
    if (this.signal?.aborted === true) for (const one of closing) one.catch(() => {});
    else await Promise.all(closing);
  }

  private deliver(index: number, reader: PacketReader): void {
    this.progress.packets[index] += 1;
    this.sink.packet(index, reader);
  }

  private async openInput(index: number, openCount: number): Promise<CaptureStream> {
    this.signal?.throwIfAborted();
    const share = 2 ** Math.floor(Math.log2(ALL_CHUNKS_BYTES / (openCount + 1)));
    const chunkBytes = Math.min(DEFAULT_CHUNK_BYTES, share);
    const opened = await Promise.race([this.inputs[index].open(chunkBytes), this.aborted]);
    if (opened.kind === 'error') throw new CaptureOpenError(opened.error);
    this.open.add(opened.stream);
    this.progress.opened(index, opened.stream);
    return opened.stream;
  }

  /** Null when there is nothing to wait for. */
  private supply(stream: CaptureStream, answer: number): Promise<void> | null {
    const supplied = stream.supply(answer);
    this.progress.tick();
    if (supplied !== null) return this.wait(supplied);
    this.suppliedAtOnce += 1;
    return this.suppliedAtOnce % SUPPLIES_WITHOUT_PAUSE === 0 ? this.wait(setImmediate()) : null;
  }

  private async wait(work: Promise<void>): Promise<void> {
    await Promise.race([work, this.aborted]);
    this.signal?.throwIfAborted();
  }

  private async finish(index: number, stream: CaptureStream): Promise<void> {
    const { reader } = stream;
    this.finished[index] = {
      file: this.inputs[index].file,
      format: reader.format,
      compression: stream.compression,
      byteLength: stream.byteLength,
      packetCount: this.progress.packets[index],
      linkTypes: reader.linkTypes.map(linkTypeName),
      firstPacketAt: formatCaptureTime(reader.earliest()),
      lastPacketAt: formatCaptureTime(reader.latest()),
      problems: stream.problems,
      secrets: reader.secrets,
    };
    this.open.delete(stream);
    this.progress.closed(index, stream);
    await stream.close();
  }
}

/** Sums up what has been read, and reports it now and then. */
class Progress {
  readonly packets: number[];
  private readonly onProgress: ((progress: ReadProgress) => void) | undefined;
  private readonly streams: (CaptureStream | null)[];
  private readonly readBytes: number[];
  private readonly totalBytes: (number | null)[];
  private lastReport = performance.now();

  constructor(inputs: number, onProgress: ((progress: ReadProgress) => void) | undefined) {
    this.onProgress = onProgress;
    this.packets = new Array<number>(inputs).fill(0);
    this.streams = new Array<CaptureStream | null>(inputs).fill(null);
    this.readBytes = new Array<number>(inputs).fill(0);
    this.totalBytes = new Array<number | null>(inputs).fill(null);
  }

  opened(index: number, stream: CaptureStream): void {
    this.streams[index] = stream;
    this.totalBytes[index] = stream.totalBytes;
  }

  closed(index: number, stream: CaptureStream): void {
    this.readBytes[index] = stream.bytesRead;
    this.streams[index] = null;
  }

  tick(): void {
    if (this.onProgress === undefined || performance.now() - this.lastReport < PROGRESS_MILLISECONDS) return;
    this.report();
  }

  report(): void {
    if (this.onProgress === undefined) return;
    this.lastReport = performance.now();
    let bytesRead = 0;
    let totalBytes: number | null = 0;
    let packets = 0;
    for (const [index, stream] of this.streams.entries()) {
      bytesRead += stream === null ? this.readBytes[index] : stream.bytesRead;
      const total = this.totalBytes[index];
      totalBytes = totalBytes === null || total === null ? null : totalBytes + total;
      packets += this.packets[index];
    }
    this.onProgress({ bytesRead, totalBytes, packets });
  }
}
