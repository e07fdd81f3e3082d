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

const SECONDS_PER_DAY = 86_400;

/**
 * ISO 8601 in UTC with exactly `digits` fractional digits: `2014-09-03T10:02:11.123456Z`. Years outside of 0 to 9999
 * get the expanded form with a sign and at least six digits. The calendar is the proleptic Gregorian one.
 */
export function formatTime(seconds: number, fraction: number, digits: number): string {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const inDay = seconds - days * SECONDS_PER_DAY;
  // Years are counted from March, so that the leap day is the last one (Howard Hinnant's civil-from-days).
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const date = `${formatYear(year)}-${pad(month, 2)}-${pad(day, 2)}`;
  const hour = Math.floor(inDay / 3600);
  const minute = Math.floor(inDay / 60) % 60;
  const time = `${pad(hour, 2)}:${pad(minute, 2)}:${pad(inDay % 60, 2)}`;
  return digits > 0 ? `${date}T${time}.${pad(fraction, digits)}Z` : `${date}T${time}Z`;
}

/** `formatTime` of a CaptureTime, or null for none. */
export function formatCaptureTime(time: CaptureTime): string;
export function formatCaptureTime(time: CaptureTime | null): string | null;
export function formatCaptureTime(time: CaptureTime | null): string | null {
  return time === null ? null : formatTime(time.seconds, time.fraction, time.digits);
}

/** Seconds since 1970-01-01 UTC of a date and time of the proleptic Gregorian calendar; `month` and `day` from 1. */
export function calendarSeconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const fromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - 719_468;
  return days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
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

function formatYear(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4);
  return year < 0 ? `-${pad(-year, 6)}` : `+${pad(year, 6)}`;
}

function pad(value: number, width: number): string {
  return value.toString().padStart(width, '0');
}
