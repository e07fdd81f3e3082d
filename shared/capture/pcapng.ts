import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { ProblemList } from '../bytes/problem-list.ts';
import { cutFile, damagedRecord } from './damage.ts';
import { uint16, uint32, uint32Big, uint32Little } from './integers.ts';
import {
  BLOCK_CUSTOM,
  BLOCK_CUSTOM_NO_COPY,
  BLOCK_DECRYPTION_SECRETS,
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE,
  BLOCK_JOURNAL,
  BLOCK_PACKET,
  BLOCK_SECTION_HEADER,
  BLOCK_SIMPLE_PACKET,
  BLOCK_SYSDIG_EVENT,
  BLOCK_SYSDIG_EVENT_2,
  BLOCK_SYSDIG_EVENT_2_LARGE,
  BYTE_ORDER_MAGIC,
} from './pcapng-blocks.ts';
import { PcapngInterface } from './pcapng-interface.ts';
import { FIND_NEEDS_MORE, findBlock, NOT_FOUND } from './pcapng-resume.ts';
import { type PacketReader, READ_END, READ_MORE, READ_PACKET, type SecretsBlock } from './reader.ts';
import { type CaptureTime, compareCaptureTimes } from './timestamp.ts';
import type { UnitTime } from './unit-time.ts';
import type { CaptureWindow } from './window.ts';

const PHASE_BLOCKS = 0;
const PHASE_SEARCH = 1;
const PHASE_END = 2;

/** Answer of a method that handled a block without a packet in it. */
const NO_PACKET = -1;

/** Reads pcapng (draft-ietf-opsawg-pcapng): any number of sections, each with its byte order and interfaces. */
export class PcapngReader implements PacketReader {
  readonly format = 'pcapng';
  buffer: Uint8Array;
  offset = 0;
  capturedLength = 0;
  originalLength = 0;
  linkType = 0;
  frame = 0;
  readonly linkTypes: number[] = [];
  readonly secrets: SecretsBlock[] = [];

  private readonly window: CaptureWindow;
  private phase = PHASE_BLOCKS;
  private section = -1;
  private littleEndian = true;
  private interfaces: PcapngInterface[] = [];
  /** Interfaces of earlier sections that have packet times. */
  private readonly earlier: { earliest: CaptureTime | null; latest: CaptureTime | null } = {
    earliest: null,
    latest: null,
  };
  private packetInterface: PcapngInterface | null = null;
  private timeHigh = 0;
  private timeLow = 0;
  private timeIsResolved = false;
  private secretsBytes = 0;
  private damageOffset = 0;
  private damageFault = '';
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
      if (this.phase === PHASE_END) return READ_END;
      const answer = this.phase === PHASE_BLOCKS ? this.readBlocks() : this.search();
      if (answer !== NO_PACKET) return answer;
    }
  }

  timeSeconds(): number {
    return this.resolvedTime()?.seconds ?? 0;
  }

  timeFraction(): number {
    return this.resolvedTime()?.fraction ?? 0;
  }

  timeDigits(): number {
    return this.packetInterface === null ? -1 : this.packetInterface.time.digits;
  }

  earliest(): CaptureTime | null {
    let earliest = this.earlier.earliest;
    for (const one of this.interfaces) earliest = earlierOf(earliest, one.earliest());
    this.timeIsResolved = false;
    return earliest;
  }

  latest(): CaptureTime | null {
    let latest = this.earlier.latest;
    for (const one of this.interfaces) latest = laterOf(latest, one.latest());
    this.timeIsResolved = false;
    return latest;
  }

  /** Reads blocks up to the next packet. NO_PACKET when the phase has changed. */
  private readBlocks(): number {
    const window = this.window;
    for (;;) {
      const at = window.start;
      if (at + 12 > window.end) return this.more(12);
      const bytes = window.bytes;
      const little = this.littleEndian;
      const type = little ? uint32Little(bytes, at) : uint32Big(bytes, at);
      if (type === BLOCK_SECTION_HEADER) {
        const answer = this.readSectionHeader(at);
        if (answer !== NO_PACKET || this.phase !== PHASE_BLOCKS) return answer;
        continue;
      }
      const length = little ? uint32Little(bytes, at + 4) : uint32Big(bytes, at + 4);
      if (length < 12 || length > LIMITS.blockBytes) return this.damage(`a length of ${length} bytes`);
      // Some writers leave the padding out of the length, though not out of the file.
      const end = at + ((length + 3) & ~3);
      if (end > window.end) return this.more(end - at);
      const trailing = little ? uint32Little(bytes, end - 4) : uint32Big(bytes, end - 4);
      if (trailing !== length) return this.damage(`the lengths ${length} in front and ${trailing} behind`);
      if (this.section < 0) return this.damage('no section header in front of it');
      window.start = end;
      if (type === BLOCK_ENHANCED_PACKET) {
        if (this.readEnhancedPacket(bytes, at, length)) return READ_PACKET;
      } else if (this.readOtherBlock(type, bytes, at, length)) return READ_PACKET;
    }
  }

  /** Section 4.3. The block lies in memory as a whole. */
  private readEnhancedPacket(bytes: Uint8Array, at: number, length: number): boolean {
    this.frame += 1;
    if (length < 32) return this.skipPacket(at, `its length is ${length}, and the least is 32`);
    const little = this.littleEndian;
    const index = little ? uint32Little(bytes, at + 8) : uint32Big(bytes, at + 8);
    const captured = little ? uint32Little(bytes, at + 20) : uint32Big(bytes, at + 20);
    if (index >= this.interfaces.length) return this.skipPacket(at, `it names interface ${index}, which is missing`);
    if (captured > length - 32 || captured > LIMITS.packetBytes) {
      return this.skipPacket(at, `it claims ${captured} bytes of packet in a block of ${length}`);
    }
    const packetInterface = this.interfaces[index];
    const high = little ? uint32Little(bytes, at + 12) : uint32Big(bytes, at + 12);
    const low = little ? uint32Little(bytes, at + 16) : uint32Big(bytes, at + 16);
    packetInterface.addTime(high, low);
    this.packetInterface = packetInterface;
    this.timeHigh = high;
    this.timeLow = low;
    this.timeIsResolved = false;
    this.buffer = bytes;
    this.offset = at + 28;
    this.capturedLength = captured;
    this.originalLength = little ? uint32Little(bytes, at + 24) : uint32Big(bytes, at + 24);
    this.linkType = packetInterface.linkType;
    return true;
  }

  private readOtherBlock(type: number, bytes: Uint8Array, at: number, length: number): boolean {
    switch (type) {
      case BLOCK_SIMPLE_PACKET:
        return this.readSimplePacket(bytes, at, length);
      case BLOCK_PACKET:
        return this.readObsoletePacket(bytes, at, length);
      case BLOCK_INTERFACE:
        this.readInterface(bytes, at, length);
        return false;
      case BLOCK_DECRYPTION_SECRETS:
        this.readSecrets(bytes, at, length);
        return false;
      case BLOCK_CUSTOM:
      case BLOCK_CUSTOM_NO_COPY:
      case BLOCK_JOURNAL:
      case BLOCK_SYSDIG_EVENT:
      case BLOCK_SYSDIG_EVENT_2:
      case BLOCK_SYSDIG_EVENT_2_LARGE:
        // No packets, but Wireshark shows them as frames, and frame numbers have to be its own.
        this.frame += 1;
        return false;
      default:
        return false;
    }
  }

  /** Section 4.4: no time, no interface (the first one is meant), captured up to that interface's snap length. */
  private readSimplePacket(bytes: Uint8Array, at: number, length: number): boolean {
    this.frame += 1;
    if (length < 16) return this.skipPacket(at, `its length is ${length}, and the least is 16`);
    if (this.interfaces.length === 0) return this.skipPacket(at, 'no interface is described in front of it');
    const first = this.interfaces[0];
    const original = uint32(bytes, at + 8, this.littleEndian);
    const kept = first.snapLength === 0 ? original : Math.min(original, first.snapLength);
    if (kept > length - 16 || kept > LIMITS.packetBytes) {
      return this.skipPacket(at, `it claims ${kept} bytes of packet in a block of ${length}`);
    }
    this.packetInterface = null;
    this.buffer = bytes;
    this.offset = at + 12;
    this.capturedLength = kept;
    this.originalLength = original;
    this.linkType = first.linkType;
    return true;
  }

  /** Appendix A: the Packet Block that the Enhanced Packet Block replaced. */
  private readObsoletePacket(bytes: Uint8Array, at: number, length: number): boolean {
    this.frame += 1;
    if (length < 32) return this.skipPacket(at, `its length is ${length}, and the least is 32`);
    const little = this.littleEndian;
    const index = uint16(bytes, at + 8, little);
    const captured = uint32(bytes, at + 20, little);
    if (index >= this.interfaces.length) return this.skipPacket(at, `it names interface ${index}, which is missing`);
    if (captured > length - 32 || captured > LIMITS.packetBytes) {
      return this.skipPacket(at, `it claims ${captured} bytes of packet in a block of ${length}`);
    }
    this.packetInterface = this.interfaces[index];
    this.timeHigh = uint32(bytes, at + 12, little);
    this.timeLow = uint32(bytes, at + 16, little);
    this.timeIsResolved = false;
    this.packetInterface.addTime(this.timeHigh, this.timeLow);
    this.buffer = bytes;
    this.offset = at + 28;
    this.capturedLength = captured;
    this.originalLength = uint32(bytes, at + 24, little);
    this.linkType = this.packetInterface.linkType;
    return true;
  }

  private readInterface(bytes: Uint8Array, at: number, length: number): void {
    if (length < 20 || this.interfaces.length >= LIMITS.interfaces) {
      const reason =
        length < 20 ? `its length is ${length}, and the least is 20` : `a section may have ${LIMITS.interfaces}`;
      this.addProblem(
        'damaged-block',
        `The interface description at offset ${this.fileOffset(at)} is ignored: ${reason}.`,
        at,
      );
      return;
    }
    const described = new PcapngInterface(bytes, at + 8, at + length - 4, this.littleEndian);
    this.interfaces.push(described);
    if (!this.linkTypes.includes(described.linkType)) this.linkTypes.push(described.linkType);
  }

  /** Section 4.7. */
  private readSecrets(bytes: Uint8Array, at: number, length: number): void {
    const size = length < 20 ? -1 : uint32(bytes, at + 12, this.littleEndian);
    if (size < 0 || size > length - 20) {
      this.addProblem(
        'damaged-block',
        `The decryption secrets at offset ${this.fileOffset(at)} are ignored: their lengths contradict each other.`,
        at,
      );
      return;
    }
    if (this.secretsBytes + size > LIMITS.secretsBytes) {
      this.addProblem(
        'too-many-secrets',
        `The decryption secrets at offset ${this.fileOffset(at)} are ignored: more than ${LIMITS.secretsBytes} bytes of them are not kept. Give them as a key log file.`,
        at,
      );
      return;
    }
    this.secretsBytes += size;
    this.secrets.push({
      type: uint32(bytes, at + 8, this.littleEndian),
      bytes: bytes.slice(at + 16, at + 16 + size),
      section: this.section,
      frame: this.frame,
    });
  }

  /** Section 4.1. Sets the byte order, which is why its length is read here. */
  private readSectionHeader(at: number): number {
    const window = this.window;
    const bytes = window.bytes;
    const little = uint32Little(bytes, at + 8) === BYTE_ORDER_MAGIC;
    if (!little && uint32Big(bytes, at + 8) !== BYTE_ORDER_MAGIC) return this.damage('no byte-order magic');
    const length = uint32(bytes, at + 4, little);
    if (length < 28 || length > LIMITS.blockBytes) return this.damage(`a length of ${length} bytes`);
    const end = at + ((length + 3) & ~3);
    if (end > window.end) return this.more(end - at);
    const trailing = uint32(bytes, end - 4, little);
    if (trailing !== length) return this.damage(`the lengths ${length} in front and ${trailing} behind`);
    const version = uint16(bytes, at + 12, little);
    if (version !== 1) {
      this.addProblem(
        'unsupported-version',
        `The section at offset ${this.fileOffset(at)} has version ${version} of pcapng, and only version 1 is known; reading stops here.`,
        at,
      );
      this.phase = PHASE_END;
      return READ_END;
    }
    this.earlier.earliest = this.earliest();
    this.earlier.latest = this.latest();
    this.interfaces = [];
    this.littleEndian = little;
    this.section += 1;
    window.start = end;
    return NO_PACKET;
  }

  /** The packet's time, resolved once for all time methods; null for a packet without. */
  private resolvedTime(): UnitTime | null {
    if (this.packetInterface === null) return null;
    const time = this.packetInterface.time;
    if (!this.timeIsResolved) {
      time.resolve(this.timeHigh, this.timeLow);
      this.timeIsResolved = true;
    }
    return time;
  }

  private more(needed: number): number {
    const window = this.window;
    if (!window.final) {
      window.needed = needed;
      return READ_MORE;
    }
    this.phase = PHASE_END;
    const present = window.end - window.start;
    if (present > 0) {
      this.problemList.add(cutFile('block', window.base + window.start, present, needed, this.frame + 1));
    }
    return READ_END;
  }

  private damage(fault: string): number {
    const window = this.window;
    this.damageOffset = this.fileOffset(window.start);
    this.damageFault = `A block behind frame ${this.frame} has ${fault},`;
    window.start += 1;
    this.phase = PHASE_SEARCH;
    return NO_PACKET;
  }

  private search(): number {
    const window = this.window;
    const found = findBlock(window, this.littleEndian, this.section >= 0);
    if (found === FIND_NEEDS_MORE) return READ_MORE;
    const resumed = found === NOT_FOUND ? null : this.fileOffset(found);
    this.problemList.add(damagedRecord(this.damageFault, this.damageOffset, this.frame + 1, resumed));
    this.phase = resumed === null ? PHASE_END : PHASE_BLOCKS;
    return NO_PACKET;
  }

  private skipPacket(at: number, fault: string): false {
    this.addProblem(
      'damaged-packet',
      `Frame ${this.frame} at offset ${this.fileOffset(at)} is skipped: ${fault}.`,
      at,
      this.frame,
    );
    return false;
  }

  private addProblem(code: string, message: string, at: number, frame?: number): void {
    const problem: Problem = { code, message, offset: this.fileOffset(at) };
    this.problemList.add(frame === undefined ? problem : { ...problem, frame });
  }

  private fileOffset(at: number): number {
    return this.window.base + at;
  }
}

function earlierOf(first: CaptureTime | null, second: CaptureTime | null): CaptureTime | null {
  if (first === null || second === null) return first ?? second;
  return compareCaptureTimes(second, first) < 0 ? second : first;
}

function laterOf(first: CaptureTime | null, second: CaptureTime | null): CaptureTime | null {
  if (first === null || second === null) return first ?? second;
  return compareCaptureTimes(second, first) > 0 ? second : first;
}
