import type { CaptureTime } from './timestamp.ts';

/**
 * Earliest and latest of many times that share their digits. `add` is called for every packet, so it only compares.
 */
export class TimeRange {
  private earliestSeconds = Number.POSITIVE_INFINITY;
  private earliestFraction = 0;
  private latestSeconds = Number.NEGATIVE_INFINITY;
  private latestFraction = 0;

  add(seconds: number, fraction: number): void {
    // Times mostly rise, so the first comparison is mostly the last one.
    if (seconds > this.latestSeconds || (seconds === this.latestSeconds && fraction > this.latestFraction)) {
      this.latestSeconds = seconds;
      this.latestFraction = fraction;
      if (this.earliestSeconds !== Number.POSITIVE_INFINITY) return;
    }
    if (seconds < this.earliestSeconds || (seconds === this.earliestSeconds && fraction < this.earliestFraction)) {
      this.earliestSeconds = seconds;
      this.earliestFraction = fraction;
    }
  }

  earliest(digits: number): CaptureTime | null {
    if (this.earliestSeconds === Number.POSITIVE_INFINITY) return null;
    return { seconds: this.earliestSeconds, fraction: this.earliestFraction, digits };
  }

  latest(digits: number): CaptureTime | null {
    if (this.latestSeconds === Number.NEGATIVE_INFINITY) return null;
    return { seconds: this.latestSeconds, fraction: this.latestFraction, digits };
  }
}
