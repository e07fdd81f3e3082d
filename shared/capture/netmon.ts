import { calendarSeconds } from '../bytes/calendar.ts';
import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { ProblemList } from '../bytes/problem-list.ts';
import { cutFile, damagedRecord } from './damage.ts';
import { uint16, uint32Little } from './integers.ts';
import { UNMAPPED_LINK_TYPE } from './linktypes.ts';
import { NETMON_ATM_PREFIX_BYTES, type NetmonMedium, netmonMedium } from './netmon-types.ts';
import { type PacketReader, READ_END, READ_MORE, READ_PACKET, READ_SEEK, type SecretsBlock } from './reader.ts';
import { TimeRange } from './time-range.ts';
import { type CaptureTime, POWERS_OF_TEN } from './timestamp.ts';
import { UnitTime } from './unit-time.ts';
import type { CaptureWindow } from './window.ts';

/** All fields that are used lie in front of it; packets follow at 128. */
const FILE_HEADER_BYTES = 32;
const FIRST_RECORD_OFFSET = 128;

const PHASE_HEADER = 0;
const PHASE_TABLE = 1;
const PHASE_RECORDS = 2;
const PHASE_END = 3;

/** The window stands where it should. */
const ARRIVED = -1;

/** Seconds from 1601, where Windows counts from, to 1970. */
const FILETIME_OFFSET_SECONDS = -11_644_473_600;

/**
 * Reads Microsoft Network Monitor 1.x and 2.x (also what Message Analyzer and nmcap write).
 *
 * A table at the end of the file says where the frames are, and in which order; it is read in parts. A file whose
 * table is missing was cut, and its frames are read one behind the other.
 *
 * Only version 2.3 says which time zone its times are in; older ones hold the capturing machine's local time, which
 * is taken for UTC.
 */
export class NetmonReader implements PacketReader {
  readonly format = 'netmon';
  buffer: Uint8Array;
  offset = 0;
  capturedLength = 0;
  originalLength = 0;
  linkType = UNMAPPED_LINK_TYPE;
  frame = 0;
  readonly linkTypes: number[] = [];
  readonly secrets: readonly SecretsBlock[] = [];

  private readonly window: CaptureWindow;
  private phase = PHASE_HEADER;
  private isVersion1 = false;
  private recordHeaderBytes = 16;
  private trailerBytes = 0;
  private hasFileTime = false;
  private fileMedium: NetmonMedium = netmonMedium(0);
  private startSeconds = 0;
  private startMilliseconds = 0;
  private digits = 6;
  private unitsPerSecond = 1_000_000;

  private tableOffset = 0;
  /** Entries of the whole table, of those in `table`, and the index in `table` of the next one. */
  private tableEntries = 0;
  private tableFirst = 0;
  private tableNext = 0;
  private table = new Uint32Array(0);
  /** Without a table: where the next record is. */
  private isSequential = false;
  private sequentialOffset = FIRST_RECORD_OFFSET;
  private fileEnd = Number.POSITIVE_INFINITY;

  private seconds = 0;
  private fraction = 0;
  private readonly fileTime = new UnitTime(10, 7, FILETIME_OFFSET_SECONDS);
  private readonly range = new TimeRange();
  private readonly problemList = new ProblemList();

  constructor(window: CaptureWindow) {
    this.window = window;
    this.buffer = window.bytes;
  }

  get problems() {
    return this.problemList.items;
  }

  next(): number {
    for (;;) {
      const answer = this.step();
      if (answer !== ARRIVED) return answer;
    }
  }

  timeSeconds(): number {
    return this.seconds;
  }

  timeFraction(): number {
    return this.fraction;
  }

  timeDigits(): number {
    return this.digits;
  }

  earliest(): CaptureTime | null {
    return this.range.earliest(this.digits);
  }

  latest(): CaptureTime | null {
    return this.range.latest(this.digits);
  }

  /** ARRIVED when there is more to do. */
  private step(): number {
    switch (this.phase) {
      case PHASE_HEADER:
        return this.readHeader();
      case PHASE_TABLE:
        return this.readTable();
      case PHASE_RECORDS:
        return this.readRecord();
      default:
        return READ_END;
    }
  }

  private readHeader(): number {
    const window = this.window;
    const at = window.start;
    const bytes = window.bytes;
    if (at + FILE_HEADER_BYTES > window.end) {
      if (!window.final) return this.more(FILE_HEADER_BYTES);
      return this.end(cutFile('file header', window.base + at, window.end - at, FILE_HEADER_BYTES, 1));
    }
    const minor = bytes[at + 4];
    const major = bytes[at + 5];
    if (major !== 1 && major !== 2) {
      const message = `Version ${major}.${minor} of Network Monitor's format is unknown; the file header is damaged, or the file is not a capture.`;
      return this.end({ code: 'unsupported-version', message, offset: 4 });
    }
    this.isVersion1 = major === 1;
    this.recordHeaderBytes = this.isVersion1 ? 8 : 16;
    this.trailerBytes = this.isVersion1 || minor === 0 ? 0 : minor === 1 ? 2 : minor === 2 ? 6 : 15;
    this.hasFileTime = major === 2 && minor >= 3;
    this.digits = this.isVersion1 ? 3 : this.hasFileTime ? 7 : 6;
    this.unitsPerSecond = POWERS_OF_TEN[this.digits];
    this.fileMedium = netmonMedium(uint16(bytes, at + 6, true));
    if (this.trailerBytes === 0) this.addLinkType(this.fileMedium.linkType);
    this.startSeconds = calendarSeconds({
      year: uint16(bytes, at + 8, true),
      month: uint16(bytes, at + 10, true),
      day: uint16(bytes, at + 14, true),
      hour: uint16(bytes, at + 16, true),
      minute: uint16(bytes, at + 18, true),
      second: uint16(bytes, at + 20, true),
    });
    this.startMilliseconds = uint16(bytes, at + 22, true);
    this.tableOffset = uint32Little(bytes, at + 24);
    this.tableEntries = uint32Little(bytes, at + 28) >>> 2;
    this.phase = PHASE_TABLE;
    return ARRIVED;
  }

  /** Brings the next part of the frame table into memory. */
  private readTable(): number {
    const first = this.tableFirst + this.table.length;
    const wanted = Math.min(this.tableEntries - first, LIMITS.netmonTableEntries);
    if (wanted <= 0) {
      if (first === 0) return this.readWithoutTable();
      this.phase = PHASE_END;
      return READ_END;
    }
    const target = this.tableOffset + 4 * first;
    const answer = this.goTo(target);
    if (answer !== ARRIVED) return answer;
    const window = this.window;
    const available = Math.floor((window.end - window.start) / 4);
    if (available < wanted && !window.final) return this.more(4 * wanted);
    const count = Math.min(available, wanted);
    if (count < wanted) {
      if (first === 0 && count === 0) return this.readWithoutTable();
      const missing = this.tableEntries - first - count;
      this.problemList.add({
        code: 'cut-file',
        message: `The file ends inside the frame table at offset ${target + 4 * count}: the places of ${missing} frames are unknown. The others were read; copy the file again if the original is complete.`,
        offset: target + 4 * count,
      });
      this.tableEntries = first + count;
    }
    this.tableFirst = first;
    this.tableNext = 0;
    this.table = new Uint32Array(count);
    for (let i = 0; i < count; i++) this.table[i] = uint32Little(window.bytes, window.start + 4 * i);
    this.phase = PHASE_RECORDS;
    return ARRIVED;
  }

  private readWithoutTable(): number {
    this.isSequential = true;
    this.phase = PHASE_RECORDS;
    this.problemList.add({
      code: 'cut-file',
      message: `The frame table at offset ${this.tableOffset} is missing: the file was cut, or its capture never ended. The frames were read one behind the other; copy the file again if the original is complete.`,
      offset: this.tableOffset,
    });
    return ARRIVED;
  }

  private readRecord(): number {
    const window = this.window;
    if (!this.isSequential && this.tableNext >= this.table.length) {
      this.phase = PHASE_TABLE;
      return ARRIVED;
    }
    const target = this.isSequential ? this.sequentialOffset : this.table[this.tableNext];
    const answer = this.goTo(target);
    if (answer !== ARRIVED) return answer;

    const at = window.start;
    if (at + this.recordHeaderBytes > window.end) return this.recordMore(target, this.recordHeaderBytes);
    const bytes = window.bytes;
    const captured = this.isVersion1 ? uint16(bytes, at + 6, true) : uint32Little(bytes, at + 12);
    if (captured > LIMITS.packetBytes) return this.skipRecord(target, captured);
    const recordBytes = this.recordHeaderBytes + captured + this.trailerBytes;
    if (at + recordBytes > window.end) return this.recordMore(target, recordBytes);
    window.start = at + recordBytes;
    this.tableNext += 1;
    this.sequentialOffset = target + recordBytes;

    const trailer = at + this.recordHeaderBytes + captured;
    const medium = this.trailerBytes > 0 ? netmonMedium(uint16(bytes, trailer, true)) : this.fileMedium;
    if (!medium.isFrame) return ARRIVED;
    const prefix = Math.min(captured, prefixBytes(medium, bytes, at + this.recordHeaderBytes, captured));
    this.frame += 1;
    this.buffer = bytes;
    this.offset = at + this.recordHeaderBytes + prefix;
    this.capturedLength = captured - prefix;
    this.originalLength = (this.isVersion1 ? uint16(bytes, at + 4, true) : uint32Little(bytes, at + 8)) - prefix;
    this.linkType = medium.linkType;
    this.addLinkType(medium.linkType);
    if (this.hasFileTime) this.setFileTime(bytes, trailer + 6);
    else this.setElapsedTime(bytes, at);
    this.range.add(this.seconds, this.fraction);
    return READ_PACKET;
  }

  private setFileTime(bytes: Uint8Array, at: number): void {
    this.fileTime.resolve(uint32Little(bytes, at + 4), uint32Little(bytes, at));
    this.seconds = this.fileTime.seconds;
    this.fraction = this.fileTime.fraction;
  }

  /** Milliseconds (1.x) or microseconds since the start; the latter may be negative, once multiplied by ten. */
  private setElapsedTime(bytes: Uint8Array, at: number): void {
    const low = uint32Little(bytes, at);
    const high = this.isVersion1 ? 0 : uint32Little(bytes, at + 4);
    let elapsed = high * 4_294_967_296 + low;
    if (high >= 0x0020_0000) {
      const units = ((BigInt(high) << 32n) | BigInt(low)) * 10n;
      elapsed = Number(BigInt.asIntN(64, units) / 10n);
    }
    const total = elapsed + (this.startMilliseconds * this.unitsPerSecond) / 1000;
    const seconds = Math.floor(total / this.unitsPerSecond);
    this.seconds = this.startSeconds + seconds;
    this.fraction = total - seconds * this.unitsPerSecond;
  }

  /** Moves the window's start to a file offset: ARRIVED, or READ_SEEK. */
  private goTo(target: number): number {
    const window = this.window;
    if (window.final) this.fileEnd = Math.min(this.fileEnd, window.base + window.end);
    const index = target - window.base;
    if (index >= window.low && (index < window.end || (index === window.end && !window.final))) {
      window.start = index;
      return ARRIVED;
    }
    if (target >= this.fileEnd && window.final) {
      window.start = window.end;
      return ARRIVED;
    }
    window.seekTo = target;
    return READ_SEEK;
  }

  private recordMore(target: number, needed: number): number {
    const window = this.window;
    if (!window.final) return this.more(needed);
    const present = target >= this.fileEnd ? 0 : window.end - window.start;
    if (this.isSequential) {
      this.phase = PHASE_END;
      // The missing table has been reported; a last record without a byte is no further loss.
      if (present > 0) this.problemList.add(cutFile('packet record', target, present, needed, this.frame + 1));
      return READ_END;
    }
    this.frame += 1;
    this.tableNext += 1;
    this.problemList.add({
      code: 'damaged-record',
      message: `Frame ${this.frame} is skipped: it should be at offset ${target}, where the file has ${present} of at least ${needed} bytes. Copy the file again if the original is complete.`,
      offset: target,
      frame: this.frame,
    });
    return ARRIVED;
  }

  private skipRecord(target: number, captured: number): number {
    const fault = `Frame ${this.frame + 1} claims ${captured} bytes, and no packet has more than ${LIMITS.packetBytes},`;
    if (this.isSequential) return this.end(damagedRecord(fault, target, this.frame + 1, null));
    this.frame += 1;
    this.tableNext += 1;
    this.problemList.add({
      code: 'damaged-record',
      message: `${fault} at offset ${target}. It was skipped.`,
      offset: target,
      frame: this.frame,
    });
    return ARRIVED;
  }

  private more(needed: number): number {
    this.window.needed = needed;
    return READ_MORE;
  }

  private end(problem: Problem): number {
    this.problemList.add(problem);
    this.phase = PHASE_END;
    return READ_END;
  }

  private addLinkType(linkType: number): void {
    if (linkType !== UNMAPPED_LINK_TYPE && !this.linkTypes.includes(linkType)) this.linkTypes.push(linkType);
  }
}

/** Bytes in front of the packet that its LINKTYPE_ format does not have. */
function prefixBytes(medium: NetmonMedium, bytes: Uint8Array, at: number, captured: number): number {
  switch (medium.prefix) {
    case 'none':
      return 0;
    case 'atm':
      return NETMON_ATM_PREFIX_BYTES;
    case 'wireless':
      // Version and length of the metadata come first.
      return captured >= 3 ? uint16(bytes, at + 1, true) : 0;
  }
}
