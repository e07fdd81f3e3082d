/**
 * Writers for the capture formats, written from the specifications and apart from the readers under test. Times are
 * given in units of the format, as bigint, so that no test is exact only by luck.
 */
import { concat } from './octets.ts';

/** Integers in one byte order. */
export class Fields {
  readonly littleEndian: boolean;

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }

  u16(value: number): Uint8Array {
    const bytes = new Uint8Array(2);
    new DataView(bytes.buffer).setUint16(0, value, this.littleEndian);
    return bytes;
  }

  u32(value: number): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, this.littleEndian);
    return bytes;
  }

  u64(value: bigint): Uint8Array {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), this.littleEndian);
    return bytes;
  }
}

export const LITTLE = new Fields(true);
export const BIG = new Fields(false);

export interface PcapOptions {
  readonly fields?: Fields;
  readonly magic?: number;
  readonly version?: readonly [number, number];
  readonly snapLength?: number;
  readonly network?: number;
  /** Bytes behind the file header. */
  readonly headerTail?: Uint8Array;
}

export interface PcapRecord {
  readonly seconds?: number;
  readonly fraction?: number;
  readonly data?: Uint8Array;
  readonly captured?: number;
  readonly original?: number;
  /** Old versions: the original length comes first. */
  readonly swapLengths?: boolean;
  /** Bytes between the record header and the packet. */
  readonly extra?: Uint8Array;
}

export function pcapHeader(options: PcapOptions = {}): Uint8Array {
  const { fields = LITTLE, magic = 0xa1b2c3d4, version = [2, 4], snapLength = 65_535, network = 1 } = options;
  return concat(
    fields.u32(magic),
    fields.u16(version[0]),
    fields.u16(version[1]),
    fields.u32(0),
    fields.u32(0),
    fields.u32(snapLength),
    fields.u32(network),
    options.headerTail ?? new Uint8Array(0),
  );
}

export function pcapRecord(record: PcapRecord, fields: Fields = LITTLE): Uint8Array {
  const data = record.data ?? new Uint8Array(60);
  const captured = record.captured ?? data.length;
  const original = record.original ?? captured;
  return concat(
    fields.u32(record.seconds ?? 1_400_000_000),
    fields.u32(record.fraction ?? 0),
    fields.u32(record.swapLengths === true ? original : captured),
    fields.u32(record.swapLengths === true ? captured : original),
    record.extra ?? new Uint8Array(0),
    data,
  );
}

export function pcapFile(options: PcapOptions, records: readonly PcapRecord[]): Uint8Array {
  return concat(pcapHeader(options), ...records.map((record) => pcapRecord(record, options.fields)));
}

/** A pcapng block with both lengths and padding. */
export function block(type: number, body: Uint8Array, fields: Fields = LITTLE): Uint8Array {
  const padding = new Uint8Array(-body.length & 3);
  const length = fields.u32(12 + body.length + padding.length);
  return concat(fields.u32(type), length, body, padding, length);
}

export function sectionHeader(fields: Fields = LITTLE, version = 1): Uint8Array {
  return block(0x0a0d0d0a, concat(fields.u32(0x1a2b3c4d), fields.u16(version), fields.u16(0), fields.u64(-1n)), fields);
}

export interface InterfaceOptions {
  readonly fields?: Fields;
  readonly linkType?: number;
  readonly snapLength?: number;
  /** The byte of if_tsresol. */
  readonly resolution?: number;
  readonly offsetSeconds?: bigint;
}

export function interfaceDescription(options: InterfaceOptions = {}): Uint8Array {
  const { fields = LITTLE, linkType = 1, snapLength = 0 } = options;
  const parts = [fields.u16(linkType), fields.u16(0), fields.u32(snapLength)];
  // A name in front, so that options have to be walked.
  parts.push(fields.u16(2), fields.u16(3), Uint8Array.of(0x6c, 0x61, 0x6e, 0));
  if (options.resolution !== undefined) {
    parts.push(fields.u16(9), fields.u16(1), Uint8Array.of(options.resolution, 0, 0, 0));
  }
  if (options.offsetSeconds !== undefined) parts.push(fields.u16(14), fields.u16(8), fields.u64(options.offsetSeconds));
  parts.push(fields.u16(0), fields.u16(0));
  return block(1, concat(...parts), fields);
}

export interface EnhancedPacket {
  readonly fields?: Fields;
  readonly interfaceIndex?: number;
  readonly time?: bigint;
  readonly data?: Uint8Array;
  readonly captured?: number;
  readonly original?: number;
  readonly options?: Uint8Array;
}

export function enhancedPacket(packet: EnhancedPacket = {}): Uint8Array {
  const { fields = LITTLE, data = new Uint8Array(60), time = 1_400_000_000_000_000n } = packet;
  const captured = packet.captured ?? data.length;
  const body = concat(
    fields.u32(packet.interfaceIndex ?? 0),
    fields.u32(Number(time >> 32n)),
    fields.u32(Number(time & 0xffffffffn)),
    fields.u32(captured),
    fields.u32(packet.original ?? captured),
    data,
    new Uint8Array(-data.length & 3),
    packet.options ?? new Uint8Array(0),
  );
  return block(6, body, fields);
}

export function simplePacket(data: Uint8Array, original = data.length, fields: Fields = LITTLE): Uint8Array {
  return block(3, concat(fields.u32(original), data), fields);
}

export interface NetmonFrame {
  /** Milliseconds (1.x) or microseconds since the start; two's complement as the format has it. */
  readonly elapsed?: bigint;
  readonly data?: Uint8Array;
  readonly original?: number;
  /** Media type in the trailer, from 2.1. */
  readonly mediaType?: number;
  /** Windows FILETIME in the trailer, from 2.3. */
  readonly fileTime?: bigint;
}

export interface NetmonOptions {
  readonly version: readonly [number, number];
  readonly network?: number;
  /** Year, month, day of week, day, hour, minute, second, millisecond. */
  readonly start?: readonly number[];
  /** Order of the frames in the file; the table is in the order of `frames`. */
  readonly fileOrder?: readonly number[];
  /** Unused bytes in front of each record. */
  readonly hole?: number;
}

export function netmonFile(options: NetmonOptions, frames: readonly NetmonFrame[]): Uint8Array {
  const [major, minor] = options.version;
  const records = frames.map((frame) => netmonRecord(major, minor, frame));
  const hole = new Uint8Array(options.hole ?? 0).fill(0xee);
  const offsets: number[] = new Array(frames.length).fill(0);
  const parts: Uint8Array[] = [];
  let at = 128;
  for (const index of options.fileOrder ?? frames.map((_, i) => i)) {
    parts.push(hole, records[index]);
    offsets[index] = at + hole.length;
    at += hole.length + records[index].length;
  }
  const start = options.start ?? [2014, 9, 3, 3, 10, 2, 11, 250];
  const header = concat(
    Uint8Array.from(major === 1 ? 'RTSS' : 'GMBU', (character) => character.charCodeAt(0)),
    Uint8Array.of(minor, major),
    LITTLE.u16(options.network ?? 1),
    ...start.map((field) => LITTLE.u16(field)),
    LITTLE.u32(at),
    LITTLE.u32(4 * frames.length),
  );
  const table = Buffer.concat(offsets.map((offset) => LITTLE.u32(offset)));
  return concat(header, new Uint8Array(128 - header.length), Buffer.concat(parts), table);
}

function netmonRecord(major: number, minor: number, frame: NetmonFrame): Uint8Array {
  const data = frame.data ?? new Uint8Array(60);
  const original = frame.original ?? data.length;
  const elapsed = frame.elapsed ?? 0n;
  if (major === 1) return concat(LITTLE.u32(Number(elapsed)), LITTLE.u16(original), LITTLE.u16(data.length), data);
  const parts = [LITTLE.u64(elapsed), LITTLE.u32(original), LITTLE.u32(data.length), data];
  if (minor >= 1) parts.push(LITTLE.u16(frame.mediaType ?? 1));
  if (minor >= 2) parts.push(LITTLE.u32(0));
  if (minor >= 3) parts.push(LITTLE.u64(frame.fileTime ?? 0n), Uint8Array.of(0));
  return concat(...parts);
}

export interface SnoopRecord {
  readonly seconds?: number;
  readonly microseconds?: number;
  readonly data?: Uint8Array;
  readonly original?: number;
  readonly padding?: number;
}

export function snoopFile(network: number, records: readonly SnoopRecord[], version = 2): Uint8Array {
  const magic = Uint8Array.from('snoop\0\0\0', (character) => character.charCodeAt(0));
  return concat(magic, BIG.u32(version), BIG.u32(network), ...records.map(snoopRecord));
}

function snoopRecord(record: SnoopRecord): Uint8Array {
  const data = record.data ?? new Uint8Array(60);
  const padding = record.padding ?? -data.length & 3;
  return concat(
    BIG.u32(record.original ?? data.length),
    BIG.u32(data.length),
    BIG.u32(24 + data.length + padding),
    BIG.u32(0),
    BIG.u32(record.seconds ?? 1_400_000_000),
    BIG.u32(record.microseconds ?? 0),
    data,
    new Uint8Array(padding),
  );
}

/** `length` bytes that differ from place to place and, with another `seed`, from each other. */
export function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31 + 1) & 0xff);
}
