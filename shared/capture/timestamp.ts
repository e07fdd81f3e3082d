import { calendarTime, formatCalendarTime } from '../bytes/calendar.ts';

/** A point in time as a capture has it: `seconds` since 1970-01-01 UTC plus `fraction` × 10^-`digits`. */
export interface CaptureTime {
  readonly seconds: number;
  /** 0 ≤ fraction < 10^digits. */
  readonly fraction: number;
  /** 0 to 15. */
  readonly digits: number;
}

/** Most digits a fraction can have and still be an exact integer in a double. */
export const MAX_TIME_DIGITS = 15;

/** 10^n for n from 0 to MAX_TIME_DIGITS, exactly. */
export const POWERS_OF_TEN: readonly number[] = Array.from({ length: MAX_TIME_DIGITS + 1 }, (_, n) => Number(`1e${n}`));

/**
 * ISO 8601 in UTC with exactly `digits` fractional digits: `2014-09-03T10:02:11.123456Z`. Years outside of 0 to 9999
 * get the expanded form with a sign and at least six digits. The calendar is the proleptic Gregorian one.
 */
export function formatTime(seconds: number, fraction: number, digits: number): string {
  const time = formatCalendarTime(calendarTime(seconds));
  return digits > 0 ? `${time}.${fraction.toString().padStart(digits, '0')}Z` : `${time}Z`;
}

/** `formatTime` of a CaptureTime, or null for none. */
export function formatCaptureTime(time: CaptureTime): string;
export function formatCaptureTime(time: CaptureTime | null): string | null;
export function formatCaptureTime(time: CaptureTime | null): string | null {
  return time === null ? null : formatTime(time.seconds, time.fraction, time.digits);
}

/** Negative, zero or positive as the first time is before, at or behind the second; exact whatever the digits. */
export function compareTimes(
  firstSeconds: number,
  firstFraction: number,
  firstDigits: number,
  secondSeconds: number,
  secondFraction: number,
  secondDigits: number,
): number {
  if (firstSeconds !== secondSeconds) return firstSeconds < secondSeconds ? -1 : 1;
  if (firstDigits === secondDigits) return firstFraction - secondFraction;
  // Scaled to the finer unit, both stay below 10^15 and are exact.
  return firstDigits < secondDigits
    ? firstFraction * POWERS_OF_TEN[secondDigits - firstDigits] - secondFraction
    : firstFraction - secondFraction * POWERS_OF_TEN[firstDigits - secondDigits];
}

/** `compareTimes` of two CaptureTimes. */
export function compareCaptureTimes(first: CaptureTime, second: CaptureTime): number {
  return compareTimes(first.seconds, first.fraction, first.digits, second.seconds, second.fraction, second.digits);
}
