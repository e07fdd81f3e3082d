import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { ProblemList } from '../bytes/problem-list.ts';
import { cutFile, damagedRecord } from './damage.ts';
import { uint32Big } from './integers.ts';
import { LINKTYPE, UNMAPPED_LINK_TYPE } from './linktypes.ts';
import { type PacketReader, READ_END, READ_MORE, READ_PACKET, type SecretsBlock } from './reader.ts';
import { TimeRange } from './time-range.ts';
import type { CaptureTime } from './timestamp.ts';
import type { CaptureWindow } from './window.ts';

const FILE_HEADER_BYTES = 16;
const RECORD_HEADER_BYTES = 24;
const DIGITS = 6;

/** Shomiti's Surveyor puts this much of its own behind each packet; nobody else pads so far. */
const SHOMITI_TRAILER_BYTES = 16;
/** More padding than this behind a packet is damage. */
const MOST_PADDING = 65_536;

/** Data link types of RFC 1761 and of Solaris (dlpi.h), and how their packets look to us. */
const SNOOP_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, LINKTYPE.ETHERNET],
  [2, LINKTYPE.IEEE802_5],
  [4, LINKTYPE.ETHERNET],
  [8, LINKTYPE.FDDI],
  [9, LINKTYPE.NULL],
  [14, LINKTYPE.NULL],
  [16, LINKTYPE.IP_OVER_FC],
  [18, LINKTYPE.SUNATM],
  [26, LINKTYPE.IPOIB],
  [0x80000005, LINKTYPE.IPNET],
]);
const SNOOP_INFINIBAND = 26;
/** In front of InfiniBand packets lies a global routing header that LINKTYPE_IPOIB does not have. */
const INFINIBAND_HEADER_BYTES = 40;

/** Shomiti numbers its links differently from 10 on. */
const SHOMITI_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, LINKTYPE.ETHERNET],
  [2, LINKTYPE.IEEE802_5],
  [4, LINKTYPE.ETHERNET],
  [8, LINKTYPE.FDDI],
  [10, LINKTYPE.ETHERNET],
  [11, LINKTYPE.IEEE802_5],
  [12, LINKTYPE.ETHERNET],
  [13, LINKTYPE.IEEE802_5],
  [14, LINKTYPE.IEEE802_5],
  [18, LINKTYPE.IEEE802_11],
  [19, LINKTYPE.ETHERNET],
]);
const SHOMITI_WIRELESS = 18;

/** Reads snoop (RFC 1761) and Shomiti's variant of it. */
export class SnoopReader implements PacketReader {
  readonly format = 'snoop';
  buffer: Uint8Array;
  offset = 0;
  capturedLength = 0;
  originalLength = 0;
  linkType = UNMAPPED_LINK_TYPE;
  frame = 0;
  readonly linkTypes: number[] = [];
  readonly secrets: readonly SecretsBlock[] = [];

  private readonly window: CaptureWindow;
  private phase: 'header' | 'records' | 'end' = 'header';
  /** Bytes in front of each packet that its link type does not have; for Shomiti's wireless they vary. */
  private skipped = 0;
  private isShomitiWireless = false;
  private seconds = 0;
  private fraction = 0;
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
    if (this.phase === 'header') {
      const answer = this.begin();
      if (answer !== READ_PACKET) return answer;
    }
    if (this.phase === 'end') return READ_END;
    const window = this.window;
    const at = window.start;
    if (at + RECORD_HEADER_BYTES > window.end) return this.more(RECORD_HEADER_BYTES);
    const bytes = window.bytes;
    const captured = uint32Big(bytes, at + 4);
    const recordBytes = uint32Big(bytes, at + 8);
    const padding = recordBytes - RECORD_HEADER_BYTES - captured;
    if (captured > LIMITS.packetBytes || padding < 0 || padding > MOST_PADDING) {
      const fault = `The record of frame ${this.frame + 1} claims ${captured} bytes of packet in ${recordBytes} bytes,`;
      return this.end(damagedRecord(fault, window.base + at, this.frame + 1, null));
    }
    if (at + recordBytes > window.end) {
      // Padding behind the last packet may be missing; the packet is there.
      const isWhole = window.final && at + RECORD_HEADER_BYTES + captured <= window.end;
      if (!isWhole) return this.more(recordBytes);
    }
    const dataAt = at + RECORD_HEADER_BYTES;
    const skipped = Math.min(captured, this.isShomitiWireless ? 4 + bytes[dataAt + 3] : this.skipped);
    window.start = Math.min(at + recordBytes, window.end);
    this.buffer = bytes;
    this.offset = dataAt + skipped;
    this.capturedLength = captured - skipped;
    this.originalLength = uint32Big(bytes, at) - skipped;
    this.frame += 1;
    const units = uint32Big(bytes, at + 20);
    this.seconds = uint32Big(bytes, at + 16) + Math.floor(units / 1_000_000);
    this.fraction = units % 1_000_000;
    this.range.add(this.seconds, this.fraction);
    return READ_PACKET;
  }

  timeSeconds(): number {
    return this.seconds;
  }

  timeFraction(): number {
    return this.fraction;
  }

  timeDigits(): number {
    return DIGITS;
  }

  earliest(): CaptureTime | null {
    return this.range.earliest(DIGITS);
  }

  latest(): CaptureTime | null {
    return this.range.latest(DIGITS);
  }

  /** READ_PACKET when the header is read. */
  private begin(): number {
    const window = this.window;
    const at = window.start;
    const wanted = FILE_HEADER_BYTES + RECORD_HEADER_BYTES;
    if (at + wanted > window.end && !window.final) return this.more(wanted);
    if (at + FILE_HEADER_BYTES > window.end) return this.more(FILE_HEADER_BYTES);
    const bytes = window.bytes;
    const version = uint32Big(bytes, at + 8);
    if (version < 2 || version > 5) {
      return this.end({
        code: 'unsupported-version',
        message: `Version ${version} of snoop is unknown; the file header is damaged, or the file is not a capture.`,
        offset: window.base + at + 8,
      });
    }
    const network = uint32Big(bytes, at + 12);
    const isShomiti = at + wanted <= window.end && hasShomitiTrailer(bytes, at + FILE_HEADER_BYTES);
    const linkType = (isShomiti ? SHOMITI_LINK_TYPES : SNOOP_LINK_TYPES).get(network);
    if (linkType === undefined) {
      this.problemList.add({
        code: 'unsupported-link-type',
        message: `Data link type ${network} of snoop has no known packet format; the packets are counted only.`,
        offset: window.base + at + 12,
      });
    } else {
      this.linkType = linkType;
    }
    this.linkTypes.push(this.linkType);
    this.skipped = !isShomiti && network === SNOOP_INFINIBAND ? INFINIBAND_HEADER_BYTES : 0;
    this.isShomitiWireless = isShomiti && network === SHOMITI_WIRELESS;
    window.start = at + FILE_HEADER_BYTES;
    this.phase = 'records';
    return READ_PACKET;
  }

  private more(needed: number): number {
    const window = this.window;
    if (!window.final) {
      window.needed = needed;
      return READ_MORE;
    }
    const present = window.end - window.start;
    if (present === 0 && this.phase === 'records') {
      this.phase = 'end';
      return READ_END;
    }
    const what = this.phase === 'header' ? 'file header' : 'packet record';
    return this.end(cutFile(what, window.base + window.start, present, needed, this.frame + 1));
  }

  private end(problem: Problem): number {
    this.problemList.add(problem);
    this.phase = 'end';
    return READ_END;
  }
}

/** Whether the first record has room for what Shomiti writes behind packets, as Wireshark decides it. */
function hasShomitiTrailer(bytes: Uint8Array, at: number): boolean {
  return uint32Big(bytes, at + 8) - RECORD_HEADER_BYTES - uint32Big(bytes, at + 4) >= SHOMITI_TRAILER_BYTES;
}
