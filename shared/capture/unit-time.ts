import { MAX_TIME_DIGITS, POWERS_OF_TEN } from './timestamp.ts';

/** Up to here `resolve` needs no big integers: 10^9 × 2^16 is exact in a double. */
const FAST_DIGITS = 9;

/**
 * Turns 64-bit counts of units, given as two 32-bit halves because a double holds 53 bits only, into seconds and a
 * decimal fraction. Exact; nothing is allocated for units of 1 s to 1 ns.
 */
export class UnitTime {
  /** Decimal digits of `fraction`. */
  readonly digits: number;
  /** Results of the last `resolve`. */
  seconds = 0;
  fraction = 0;

  /** Units in a second, when they are a power of ten up to 10^9; else 0 and `exactUnits` counts. */
  private readonly unitsPerSecond: number;
  private readonly exactUnits: bigint;
  private readonly offsetSeconds: number;

  /** Units of base^-exponent seconds, counted from `offsetSeconds` behind 1970-01-01 UTC; 0 ≤ exponent ≤ 127. */
  constructor(base: 2 | 10, exponent: number, offsetSeconds: number) {
    // For a power of two, as many digits as it takes to tell its units apart.
    this.digits = Math.min(MAX_TIME_DIGITS, base === 2 ? Math.ceil(exponent * Math.log10(2)) : exponent);
    this.unitsPerSecond = base === 10 && exponent <= FAST_DIGITS ? POWERS_OF_TEN[exponent] : 0;
    this.exactUnits = BigInt(base) ** BigInt(exponent);
    this.offsetSeconds = offsetSeconds;
  }

  /** Sets `seconds` and `fraction`. Digits beyond `digits` are cut off. */
  resolve(high: number, low: number): void {
    const units = this.unitsPerSecond;
    if (units === 0) {
      this.resolveExactly(high, low);
      return;
    }
    // Long division with digits of 2^32, 2^16 and 2^16: every intermediate value is below 2^53.
    const highRest = high % units;
    const middle = highRest * 65_536 + (low >>> 16);
    const middleRest = middle % units;
    const bottom = middleRest * 65_536 + (low & 0xffff);
    const rest = bottom % units;
    this.seconds =
      ((high - highRest) / units) * 4_294_967_296 +
      ((middle - middleRest) / units) * 65_536 +
      (bottom - rest) / units +
      this.offsetSeconds;
    this.fraction = rest;
  }

  private resolveExactly(high: number, low: number): void {
    const time = (BigInt(high) << 32n) | BigInt(low);
    const rest = time % this.exactUnits;
    this.seconds = Number(time / this.exactUnits) + this.offsetSeconds;
    this.fraction = Number((rest * 10n ** BigInt(this.digits)) / this.exactUnits);
  }
}
