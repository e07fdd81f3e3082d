import { uint16, uint32 } from './integers.ts';
import { normaliseLinkType } from './linktypes.ts';
import type { CaptureTime } from './timestamp.ts';
import { UnitTime } from './unit-time.ts';

/** Options of an Interface Description Block (draft-ietf-opsawg-pcapng section 4.2). */
const OPTION_END = 0;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;

/** if_tsresol of an interface that does not say: microseconds. */
const DEFAULT_RESOLUTION = 6;
const RESOLUTION_IS_BINARY = 0x80;

/** One interface of a section: how its packets are to be read, and the earliest and latest of their times. */
export class PcapngInterface {
  readonly linkType: number;
  /** Longest packet that was kept; 0 for no limit. */
  readonly snapLength: number;
  readonly time: UnitTime;

  private hasTimes = false;
  private earliestHigh = 0;
  private earliestLow = 0;
  private latestHigh = 0;
  private latestLow = 0;

  /** From the body `bytes[at, end)` of an Interface Description Block, which has at least eight bytes. */
  constructor(bytes: Uint8Array, at: number, end: number, littleEndian: boolean) {
    this.linkType = normaliseLinkType(uint16(bytes, at, littleEndian));
    this.snapLength = uint32(bytes, at + 4, littleEndian);
    let resolution = DEFAULT_RESOLUTION;
    let offsetSeconds = 0;
    for (let option = at + 8; option + 4 <= end; ) {
      const code = uint16(bytes, option, littleEndian);
      const length = uint16(bytes, option + 2, littleEndian);
      const value = option + 4;
      if (code === OPTION_END || value + length > end) break;
      if (code === OPTION_RESOLUTION && length >= 1) resolution = bytes[value];
      if (code === OPTION_OFFSET && length >= 8) offsetSeconds = signed64(bytes, value, littleEndian);
      option = value + ((length + 3) & ~3);
    }
    const base = (resolution & RESOLUTION_IS_BINARY) !== 0 ? 2 : 10;
    this.time = new UnitTime(base, resolution & ~RESOLUTION_IS_BINARY, offsetSeconds);
  }

  /** Notes the time of a packet, in units of the interface. */
  addTime(high: number, low: number): void {
    if (!this.hasTimes) {
      this.hasTimes = true;
      this.earliestHigh = this.latestHigh = high;
      this.earliestLow = this.latestLow = low;
    } else if (high > this.latestHigh || (high === this.latestHigh && low > this.latestLow)) {
      this.latestHigh = high;
      this.latestLow = low;
    } else if (high < this.earliestHigh || (high === this.earliestHigh && low < this.earliestLow)) {
      this.earliestHigh = high;
      this.earliestLow = low;
    }
  }

  earliest(): CaptureTime | null {
    return this.timeOf(this.earliestHigh, this.earliestLow);
  }

  latest(): CaptureTime | null {
    return this.timeOf(this.latestHigh, this.latestLow);
  }

  private timeOf(high: number, low: number): CaptureTime | null {
    if (!this.hasTimes) return null;
    this.time.resolve(high, low);
    return { seconds: this.time.seconds, fraction: this.time.fraction, digits: this.time.digits };
  }
}

/** A signed 64-bit count of seconds; beyond 2^53, where no calendar reaches, the nearest double. */
function signed64(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  const high = uint32(bytes, littleEndian ? at + 4 : at, littleEndian) | 0;
  const low = uint32(bytes, littleEndian ? at : at + 4, littleEndian);
  return high * 4_294_967_296 + low;
}
