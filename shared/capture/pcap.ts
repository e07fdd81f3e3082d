import { LIMITS } from '../bytes/limits.ts';
import { ProblemList } from '../bytes/problem-list.ts';
import { cutFile, damagedRecord } from './damage.ts';
import { uint32, uint32Big, uint32Little } from './integers.ts';
import { LINKTYPE } from './linktypes.ts';
import { parsePcapHeader, RECORD_HEADER_BYTES } from './pcap-header.ts';
import { FIND_NEEDS_MORE, findRecord, NOT_FOUND } from './pcap-resume.ts';
import { chooseRecordLayout } from './pcap-variant.ts';
import { type PacketReader, READ_END, READ_MORE, READ_PACKET, type SecretsBlock } from './reader.ts';
import { TimeRange } from './time-range.ts';
import { type CaptureTime, POWERS_OF_TEN } from './timestamp.ts';
import type { CaptureWindow } from './window.ts';

const PHASE_HEADER = 0;
const PHASE_RECORDS = 1;
const PHASE_SEARCH = 2;
const PHASE_END = 3;

/** Offsets in the file header. */
const SNAP_LENGTH_AT = 16;
const NETWORK_AT = 20;

/** Link type 13 in Nokia's files: ATM with a pseudo-header like SunATM's. */
const NOKIA_ATM = 13;

/** Reads pcap in all its variants. */
export class PcapReader implements PacketReader {
  readonly format = 'pcap';
  buffer: Uint8Array;
  offset = 0;
  capturedLength = 0;
  originalLength = 0;
  linkType = 0;
  frame = 0;
  readonly linkTypes: number[] = [];
  readonly secrets: readonly SecretsBlock[] = [];

  private readonly window: CaptureWindow;
  private phase = PHASE_HEADER;
  private littleEndian = true;
  private headerBytes = 16;
  /** A copy of the file header. */
  private fileHeader = new Uint8Array(0);
  private padding = 0;
  private digits = 6;
  private unitsPerSecond = 1_000_000;
  /** Captured and original length may be swapped: the slow way of old versions. */
  private oldLengths = false;
  private smallerIsCaptured = false;
  private seconds = 0;
  private fraction = 0;
  private hasTime = false;
  private reportedFraction = false;
  private damageOffset = 0;
  private damageFault = '';
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
    if (this.phase !== PHASE_RECORDS) return this.nextPhase();
    const window = this.window;
    const at = window.start;
    const dataAt = at + this.headerBytes;
    if (dataAt > window.end) return this.more(this.headerBytes);
    const bytes = window.bytes;
    let seconds: number;
    let fraction: number;
    let captured: number;
    let original: number;
    if (this.littleEndian) {
      seconds = uint32Little(bytes, at);
      fraction = uint32Little(bytes, at + 4);
      captured = uint32Little(bytes, at + 8);
      original = uint32Little(bytes, at + 12);
    } else {
      seconds = uint32Big(bytes, at);
      fraction = uint32Big(bytes, at + 4);
      captured = uint32Big(bytes, at + 8);
      original = uint32Big(bytes, at + 12);
    }
    if (this.oldLengths && (!this.smallerIsCaptured || captured > original)) {
      const swapped = captured;
      captured = original;
      original = swapped;
    }
    if (captured > LIMITS.packetBytes) return this.damage(captured);
    if (captured === 0) {
      if (at + this.fileHeader.length > window.end && !window.final) return this.more(this.fileHeader.length);
      if (this.isFileHeader(at)) {
        this.skipFileHeaders();
        return this.next();
      }
    }
    const dataEnd = dataAt + captured;
    if (dataEnd > window.end) return this.more(this.headerBytes + captured);
    if (fraction >= this.unitsPerSecond) {
      this.reportFraction(at);
      seconds += Math.floor(fraction / this.unitsPerSecond);
      fraction %= this.unitsPerSecond;
    }
    const padding = Math.min(captured, this.padding);
    window.start = dataEnd;
    this.buffer = bytes;
    this.offset = dataAt + padding;
    this.capturedLength = captured - padding;
    this.originalLength = original - padding;
    this.frame += 1;
    this.seconds = seconds;
    this.fraction = fraction;
    this.hasTime = true;
    this.range.add(seconds, fraction);
    return READ_PACKET;
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

  private nextPhase(): number {
    switch (this.phase) {
      case PHASE_HEADER:
        return this.begin();
      case PHASE_SEARCH:
        return this.search();
      default:
        return READ_END;
    }
  }

  private begin(): number {
    const window = this.window;
    const available = window.end - window.start;
    const parsed = parsePcapHeader(window.bytes, window.start, available);
    if (parsed.kind === 'need-more') return this.more(parsed.atLeast);
    if (parsed.kind === 'malformed') return this.end(parsed.problem);
    const header = parsed.value;
    const first = parsed.end;
    const layout = chooseRecordLayout(header, window.bytes, first, window.end - first, window.final);
    if (layout.kind === 'need-more') return this.more(first - window.start + layout.atLeast);
    if (layout.kind === 'malformed') return this.end(layout.problem);

    this.littleEndian = header.littleEndian;
    this.headerBytes = RECORD_HEADER_BYTES[layout.value];
    this.padding = header.padding;
    this.digits = header.digits;
    this.unitsPerSecond = POWERS_OF_TEN[header.digits];
    this.oldLengths = header.lengthOrder !== 'captured-first';
    this.smallerIsCaptured = header.lengthOrder === 'smaller-is-captured';
    this.linkType = layout.value === 'nokia' && header.rawLinkType === NOKIA_ATM ? LINKTYPE.SUNATM : header.linkType;
    this.linkTypes.push(this.linkType);
    this.fileHeader = window.bytes.slice(window.start, first);
    window.start = first;
    this.phase = PHASE_RECORDS;
    return this.next();
  }

  /** The record at the window's start needs `needed` bytes: more of the file, or the file is cut. */
  private more(needed: number): number {
    const window = this.window;
    if (!window.final) {
      window.needed = needed;
      return READ_MORE;
    }
    const present = window.end - window.start;
    if (this.phase === PHASE_HEADER || present > 0) {
      const what = this.phase === PHASE_HEADER ? 'file header' : 'packet record';
      const frame = this.frame + 1;
      return this.end(cutFile(what, window.base + window.start, present, needed, frame));
    }
    this.phase = PHASE_END;
    return READ_END;
  }

  private end(problem: PcapReader['problems'][number]): number {
    this.problemList.add(problem);
    this.phase = PHASE_END;
    return READ_END;
  }

  private damage(captured: number): number {
    const window = this.window;
    this.damageOffset = window.base + window.start;
    this.damageFault = `The record of frame ${this.frame + 1} claims ${captured} bytes, and no packet has more than ${LIMITS.packetBytes},`;
    window.start += 1;
    this.phase = PHASE_SEARCH;
    return this.search();
  }

  private search(): number {
    const window = this.window;
    const found = this.oldLengths
      ? NOT_FOUND
      : findRecord(window, {
          littleEndian: this.littleEndian,
          headerBytes: this.headerBytes,
          unitsPerSecond: this.unitsPerSecond,
          lastSeconds: this.hasTime ? this.seconds : -1,
        });
    if (found === FIND_NEEDS_MORE) return READ_MORE;
    const resumed = found === NOT_FOUND ? null : window.base + found;
    const problem = damagedRecord(this.damageFault, this.damageOffset, this.frame + 1, resumed);
    if (resumed === null) return this.end(problem);
    this.problemList.add(problem);
    this.phase = PHASE_RECORDS;
    return this.next();
  }

  /** Whether a file header like this file's stands where a record should; as a record it would be empty. */
  private isFileHeader(at: number): boolean {
    const header = this.fileHeader;
    const window = this.window;
    const bytes = window.bytes;
    if (at + header.length > window.end) return false;
    for (let i = 0; i < header.length; i++) {
      if (bytes[at + i] !== header[i] && (i < SNAP_LENGTH_AT || i >= NETWORK_AT)) return false;
    }
    return true;
  }

  /** Steps over file headers at the window's start. There may be very many, so without recursion. */
  private skipFileHeaders(): void {
    const window = this.window;
    this.problemList.add({
      code: 'joined-captures',
      message: `Another capture begins at offset ${window.base + window.start}: files were joined as they are. Reading goes on, and frame numbers from here on are ours; join captures with mergecap.`,
      offset: window.base + window.start,
      frame: this.frame + 1,
    });
    while (this.isFileHeader(window.start)) window.start += this.fileHeader.length;
  }

  private reportFraction(at: number): void {
    if (this.reportedFraction) return;
    this.reportedFraction = true;
    const fraction = uint32(this.window.bytes, at + 4, this.littleEndian);
    this.problemList.add({
      code: 'impossible-time',
      message: `The time of frame ${this.frame + 1} has a fraction of ${fraction} units, and a second has ${this.unitsPerSecond}; it was carried over. The file was probably written with the wrong magic number.`,
      offset: this.window.base + at,
      frame: this.frame + 1,
    });
  }
}
