import { describe, expect, it } from 'vitest';
import { axisText, dayText, lengthText, millisecondsBetween, momentText } from '../../renderer/ui/time-text.ts';

describe('millisecondsBetween', () => {
  it('keeps nanoseconds', () => {
    const between = millisecondsBetween('2014-09-03T10:00:04.137204518Z', '2014-09-03T10:00:04.137224959Z');
    expect(between).toBeCloseTo(0.020441, 9);
  });

  it('goes over seconds, days and captures with few digits', () => {
    expect(millisecondsBetween('2014-09-03T23:59:59.9Z', '2014-09-04T00:00:01Z')).toBeCloseTo(1100, 6);
  });

  it('is null for what is no time', () => {
    expect(millisecondsBetween('yesterday', '2014-09-04T00:00:01Z')).toBeNull();
  });
});

describe('lengthText', () => {
  it.each([
    [0, '0 ms'],
    [0.0002, '200 ns'],
    [0.0204, '20.4 µs'],
    [0.9, '900 µs'],
    [24.0588, '24.1 ms'],
    [999.7, '1 s'],
    [3210, '3.21 s'],
    [59_960, '1 min'],
    [125_000, '2 min 5 s'],
    [7_260_000, '2 h 1 min'],
    [90_000_000, '1 day 1 h'],
    [-2, '−2 ms'],
  ])('%d ms is %s', (milliseconds, text) => expect(lengthText(milliseconds)).toBe(text));
});

describe('axisText', () => {
  it('has one unit for all points', () => {
    expect([0, 0.02, 24.1346].map((time) => axisText(time, 36))).toEqual(['0.00 ms', '0.02 ms', '24.13 ms']);
    expect(axisText(12_345, 60_000)).toBe('12.345 s');
    expect(axisText(187_240, 700_000)).toBe('03:07.2');
    expect(axisText(3_661_000, 4_000_000)).toBe('1:01:01.0');
    expect(axisText(3_599_960, 4_000_000)).toBe('1:00:00.0');
  });
});

describe('moments', () => {
  it('are told to the second, in UTC', () => {
    expect(momentText('2014-09-03T10:00:04.137204518Z')).toBe('2014-09-03 10:00:04 UTC');
    expect(dayText('2014-09-03T10:00:04Z')).toBe('2014-09-03');
  });
});
