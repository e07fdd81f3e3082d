/**
 * Makes the captures that the benchmark reads: `npx tsx test/bench/generate.ts [megabytes…]`. The same size gives the
 * same bytes on every machine; a capture that is already there with its truth beside it is kept.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { createGzip } from 'node:zlib';
import type { Flow } from './flow.ts';
import { type MailSession, planMail } from './mail.ts';
import { MAXIMUM_FRAME_LENGTH, type Packet, writePacket } from './packet.ts';
import { readTemplates } from './templates.ts';
import { planTraffic } from './traffic.ts';

export const DATA_FOLDER = join(import.meta.dirname, 'data');

/** To be raised with every change that alters the bytes. */
const GENERATOR_VERSION = 1;
const SEED = 0x57a7;
const SESSIONS_PER_MEGABYTE = 2;
/** 2026-03-02T08:00:00Z */
const EPOCH_SECONDS = 1_772_438_400;
const MICROSECONDS = 1_000_000;

/** What a generated capture holds, kept beside it as NAME.truth.json. */
export interface Truth {
  readonly generator: string;
  readonly byteLength: number;
  readonly packets: number;
  readonly flows: number;
  readonly sessions: readonly MailSession[];
  /** SHA-256 of every certificate that mail sessions show in the clear, each once, sorted. */
  readonly certificates: readonly string[];
}

export interface GeneratedCapture {
  readonly megabytes: number;
  readonly file: string;
  readonly truth: Truth;
}

interface Running {
  packet: Packet;
  readonly packets: Iterator<Packet>;
}

/** Merges flows by time: a binary heap of the flows that have begun, fed from the flows in order of their start. */
class Merger {
  private readonly heap: Running[] = [];
  private readonly planned: readonly Flow[];
  private begun = 0;
  /** The most flows that were under way at once. */
  mostConcurrent = 0;

  constructor(flows: readonly Flow[]) {
    this.planned = flows.toSorted((left, right) => left.start - right.start);
  }

  next(): Packet | null {
    while (this.begun < this.planned.length) {
      const flow = this.planned[this.begun];
      if (this.heap.length > 0 && flow.start > this.heap[0].packet.at) break;
      this.begun += 1;
      const packets = flow.packets();
      const first = packets.next();
      if (first.done !== true) this.push({ packet: first.value, packets });
    }
    if (this.heap.length === 0) return null;
    const top = this.heap[0];
    const { packet } = top;
    const following = top.packets.next();
    if (following.done !== true) {
      top.packet = following.value;
      this.sink();
    } else {
      const last = this.heap.pop();
      if (last !== undefined && this.heap.length > 0) {
        this.heap[0] = last;
        this.sink();
      }
    }
    return packet;
  }

  private push(running: Running): void {
    const { heap } = this;
    let at = heap.push(running) - 1;
    this.mostConcurrent = Math.max(this.mostConcurrent, heap.length);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent].packet.at <= running.packet.at) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = running;
  }

  private sink(): void {
    const { heap } = this;
    const moving = heap[0];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].packet.at < heap[child].packet.at) child += 1;
      if (heap[child].packet.at >= moving.packet.at) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moving;
  }
}

const WRITE_LENGTH = 4 << 20;
const RECORD_HEADER_LENGTH = 16;

function pcapHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  return header;
}

/** Streams all packets into a pcap file with microseconds; gives their number. */
function writePcap(file: string, merger: Merger): number {
  const descriptor = openSync(file, 'w');
  const buffer = Buffer.alloc(WRITE_LENGTH + MAXIMUM_FRAME_LENGTH + RECORD_HEADER_LENGTH);
  let at = pcapHeader().copy(buffer);
  let packets = 0;
  for (let packet = merger.next(); packet !== null; packet = merger.next()) {
    const length = writePacket(buffer, at + RECORD_HEADER_LENGTH, packet, packets);
    const time = Math.floor(packet.at);
    buffer.writeUInt32LE(EPOCH_SECONDS + Math.floor(time / MICROSECONDS), at);
    buffer.writeUInt32LE(time % MICROSECONDS, at + 4);
    buffer.writeUInt32LE(length, at + 8);
    buffer.writeUInt32LE(length, at + 12);
    at += RECORD_HEADER_LENGTH + length;
    packets += 1;
    if (at >= WRITE_LENGTH) {
      writeSync(descriptor, buffer, 0, at);
      at = 0;
    }
  }
  writeSync(descriptor, buffer, 0, at);
  closeSync(descriptor);
  return packets;
}

const captureFile = (megabytes: number): string => join(DATA_FOLDER, `mixed-${megabytes}mb.v${GENERATOR_VERSION}.pcap`);

const compressedName = (file: string): string => `${file}.gz`;
const pcapngName = (file: string): string => file.replace(/\.pcap$/, '.pcapng');

function readTruth(file: string, generator: string): Truth | null {
  const truthFile = `${file}.truth.json`;
  if (!existsSync(file) || !existsSync(truthFile)) return null;
  const truth: Truth = JSON.parse(readFileSync(truthFile, 'utf8'));
  return truth.generator === generator && statSync(file).size === truth.byteLength ? truth : null;
}

/** The capture of about this many megabytes (10^6 bytes), made now unless it is already there. */
export function generateCapture(megabytes: number): GeneratedCapture {
  mkdirSync(DATA_FOLDER, { recursive: true });
  const { templates, digest } = readTemplates();
  const generator = `${GENERATOR_VERSION}:${digest}`;
  const file = captureFile(megabytes);
  const known = readTruth(file, generator);
  if (known !== null) return { megabytes, file, truth: known };

  const bytes = megabytes * 1e6;
  // Five minutes for a gigabyte; smaller captures are both shorter and quieter.
  const duration = Math.round(300 * MICROSECONDS * Math.sqrt(megabytes / 1000));
  const mail = planMail(Math.max(10, Math.round(megabytes * SESSIONS_PER_MEGABYTE)), duration, templates, SEED);
  const mailBytes = mail.flows.reduce((total, flow) => total + flow.estimate, 0);
  const traffic = planTraffic(Math.max(0, bytes - mailBytes), duration, templates, SEED);
  const flows = [...mail.flows, ...traffic];
  const merger = new Merger(flows);
  const began = process.hrtime.bigint();
  const packets = writePcap(`${file}.part`, merger);
  renameSync(`${file}.part`, file);
  for (const derived of [compressedName(file), pcapngName(file)]) rmSync(derived, { force: true });
  const shown = mail.sessions.flatMap((session) => [...session.serverCertificates, ...session.clientCertificates]);
  const truth: Truth = {
    generator,
    byteLength: statSync(file).size,
    packets,
    flows: flows.length,
    sessions: mail.sessions,
    certificates: [...new Set(shown)].sort(),
  };
  writeFileSync(`${file}.truth.json`, `${JSON.stringify(truth)}\n`);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(
    `made ${file}: ${truth.byteLength} bytes, ${packets} packets (mean ${Math.round(truth.byteLength / packets - 16)}), ` +
      `${flows.length} flows (up to ${merger.mostConcurrent} at once), ${mail.sessions.length} mail sessions, ` +
      `${Math.round(mailBytes / 1e6)} MB of mail, ${truth.certificates.length} certificates, ${seconds.toFixed(1)} s`,
  );
  return { megabytes, file, truth };
}

/** The same capture compressed, as `NAME.gz`. */
export async function compressCapture({ file }: GeneratedCapture): Promise<string> {
  const compressed = compressedName(file);
  if (existsSync(compressed)) return compressed;
  await pipeline(createReadStream(file), createGzip({ level: 6 }), createWriteStream(`${compressed}.part`));
  renameSync(`${compressed}.part`, compressed);
  return compressed;
}

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const ENHANCED_PACKET_BLOCK = 6;

function pcapngHeader(): Buffer {
  const header = Buffer.alloc(28 + 20);
  header.writeUInt32LE(SECTION_HEADER_BLOCK, 0);
  header.writeUInt32LE(28, 4);
  header.writeUInt32LE(0x1a2b3c4d, 8);
  header.writeUInt16LE(1, 12);
  header.writeBigInt64LE(-1n, 16);
  header.writeUInt32LE(28, 24);
  header.writeUInt32LE(INTERFACE_DESCRIPTION_BLOCK, 28);
  header.writeUInt32LE(20, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt32LE(262_144, 40);
  header.writeUInt32LE(20, 44);
  return header;
}

/** The same packets as pcapng: one section, one interface, enhanced packet blocks. */
export function convertToPcapng({ file }: GeneratedCapture): string {
  const converted = pcapngName(file);
  if (existsSync(converted)) return converted;
  const input = openSync(file, 'r');
  const output = openSync(`${converted}.part`, 'w');
  writeSync(output, pcapngHeader());
  const source = Buffer.alloc(WRITE_LENGTH);
  const target = Buffer.alloc(WRITE_LENGTH * 2);
  let position = pcapHeader().length;
  for (let count = readSync(input, source, 0, WRITE_LENGTH, position); count > 0; ) {
    let at = 0;
    let written = 0;
    while (at + RECORD_HEADER_LENGTH <= count) {
      const length = source.readUInt32LE(at + 8);
      const end = at + RECORD_HEADER_LENGTH + length;
      if (end > count) break;
      const blockLength = 32 + Math.ceil(length / 4) * 4;
      const time = BigInt(source.readUInt32LE(at)) * BigInt(MICROSECONDS) + BigInt(source.readUInt32LE(at + 4));
      target.writeUInt32LE(ENHANCED_PACKET_BLOCK, written);
      target.writeUInt32LE(blockLength, written + 4);
      target.writeUInt32LE(0, written + 8);
      target.writeUInt32LE(Number(time >> 32n), written + 12);
      target.writeUInt32LE(Number(time & 0xffff_ffffn), written + 16);
      target.writeUInt32LE(length, written + 20);
      target.writeUInt32LE(length, written + 24);
      target.fill(0, written + 28 + length, written + blockLength - 4);
      source.copy(target, written + 28, at + RECORD_HEADER_LENGTH, end);
      target.writeUInt32LE(blockLength, written + blockLength - 4);
      written += blockLength;
      at = end;
    }
    writeSync(output, target, 0, written);
    position += at;
    count = readSync(input, source, 0, WRITE_LENGTH, position);
  }
  closeSync(input);
  closeSync(output);
  renameSync(`${converted}.part`, converted);
  return converted;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const asked = process.argv.slice(2).map(Number);
  for (const megabytes of asked.length > 0 ? asked : [10, 100, 1000]) generateCapture(megabytes);
}
