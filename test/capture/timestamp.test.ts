import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarSeconds } from '../../shared/bytes/calendar.ts';
import { compareTimes, formatTime } from '../../shared/capture/timestamp.ts';
import { UnitTime } from '../../shared/capture/unit-time.ts';

describe('formatTime', () => {
  it('has exactly the digits of the capture', () => {
    expect(formatTime(1_409_738_531, 123_456, 6)).toBe('2014-09-03T10:02:11.123456Z');
    expect(formatTime(1_409_738_531, 1, 9)).toBe('2014-09-03T10:02:11.000000001Z');
    expect(formatTime(1_409_738_531, 0, 0)).toBe('2014-09-03T10:02:11Z');
  });

  it('years beyond four digits have a sign and six (ISO 8601 expanded)', () => {
    expect(formatTime(253_402_300_800, 0, 0)).toBe('+010000-01-01T00:00:00Z');
    expect(formatTime(-62_198_755_200, 0, 0)).toBe('-000001-01-01T00:00:00Z');
  });

  it('agrees with the calendar of Date, and calendarSeconds goes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }), (seconds) => {
        const date = new Date(seconds * 1000);
        expect(formatTime(seconds, 0, 3)).toBe(date.toISOString());
        expect(
          calendarSeconds({
            year: date.getUTCFullYear(),
            month: date.getUTCMonth() + 1,
            day: date.getUTCDate(),
            hour: date.getUTCHours(),
            minute: date.getUTCMinutes(),
            second: date.getUTCSeconds(),
          }),
        ).toBe(seconds);
      }),
    );
  });
});

const time = fc.integer({ min: 0, max: 15 }).chain((digits) =>
  fc.record({
    seconds: fc.integer({ min: -2, max: 2 }),
    fraction: fc.integer({ min: 0, max: 10 ** digits - 1 }),
    digits: fc.constant(digits),
  }),
);

describe('compareTimes', () => {
  it('is exact whatever the digits', () => {
    const exact = (t: { seconds: number; fraction: number; digits: number }) =>
      BigInt(t.seconds) * 10n ** 15n + BigInt(t.fraction) * 10n ** BigInt(15 - t.digits);
    fc.assert(
      fc.property(time, time, (a, b) => {
        const difference = exact(a) - exact(b);
        const order = compareTimes(a.seconds, a.fraction, a.digits, b.seconds, b.fraction, b.digits);
        expect(Math.sign(order)).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
      }),
    );
  });
});

describe('UnitTime', () => {
  it('divides 64-bit counts exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.integer({ min: 0, max: 15 }), (units, exponent) => {
        const unitTime = new UnitTime(10, exponent, 0);
        unitTime.resolve(Number(units >> 32n), Number(units & 0xffffffffn));
        // Units of a second and more exceed 2^53 seconds, where doubles round.
        expect(unitTime.seconds).toBe(Number(units / 10n ** BigInt(exponent)));
        expect(unitTime.fraction).toBe(Number(units % 10n ** BigInt(exponent)));
      }),
    );
  });
});
