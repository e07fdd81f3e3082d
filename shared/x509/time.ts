/** UTCTime and GeneralizedTime as RFC 5280 section 4.1.2.5 wants them, and as older issuers wrote them. */
import { calendarSeconds, calendarTime, formatCalendarTime } from '../bytes/calendar.ts';
import { decodeLatin1 } from '../bytes/text.ts';
import { type DerReader, TAG } from './der.ts';

/** A point in time, to the second. */
export interface CertificateTime {
  /** Seconds since 1970-01-01T00:00:00Z; negative before. */
  readonly epochSeconds: number;
  /** ISO 8601 in UTC: `2014-05-12T23:59:00Z`. */
  readonly iso: string;
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?()(Z|[+-]\d{4})?$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?([.,]\d+)?(Z|[+-]\d{4})?$/;

/** The longest text that is looked at: a fraction of a nanosecond and an offset fit. */
const LONGEST_TIME = 40;

/** 0000-01-01T00:00:00Z and 9999-12-31T23:59:59Z, between which a year has four digits. */
const FIRST_SECOND = -62_167_219_200;
const LAST_SECOND = 253_402_300_799;

const EPOCH: CertificateTime = { epochSeconds: 0, iso: '1970-01-01T00:00:00Z' };

/**
 * Reads a Time. Missing seconds, fractions (cut off), offsets from UTC, a missing zone (taken as UTC) and the wrong one
 * of the two types for the year are lax. What names no instant, as a 30 February does, is damage: there is no value
 * that could stand for it.
 */
export function readTime(reader: DerReader, what: string): CertificateTime {
  const { document } = reader;
  const generalized = reader.nextTag === TAG.generalizedTime;
  const element = reader.expect(generalized ? TAG.generalizedTime : TAG.utcTime, what);
  if (document.failure !== null) return EPOCH;

  const length = element.contentEnd - element.contentStart;
  const text = length > LONGEST_TIME ? '' : decodeLatin1(document.content(element));
  const parts = (generalized ? GENERALIZED_TIME : UTC_TIME).exec(text);
  if (parts === null) {
    document.fail('time-malformed', `${what} is not in the form of its type.`, element.start);
    return EPOCH;
  }
  const [, yearText, month, day, hour, minute, second, fraction, zone] = parts;
  // RFC 5280 section 4.1.2.5.1: two digits of 50 and more are of the twentieth century.
  const year = Number(yearText) + (generalized ? 0 : Number(yearText) >= 50 ? 1900 : 2000);
  const local = calendarSeconds({
    year,
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second ?? 0),
  });
  const epochSeconds = local - zoneSeconds(zone);
  const inRange =
    between(epochSeconds, FIRST_SECOND, LAST_SECOND) &&
    between(Number(month), 1, 12) &&
    between(Number(day), 1, daysInMonth(year, Number(month))) &&
    between(Number(hour), 0, 23) &&
    between(Number(minute), 0, 59) &&
    between(Number(second ?? 0), 0, 59);
  if (!inRange) {
    document.fail('time-out-of-range', `${what} names no instant: a field is out of its range.`, element.start);
    return EPOCH;
  }
  if (second === undefined || (fraction ?? '') !== '' || zone !== 'Z') {
    const message = `${what} must be in UTC with seconds and without a fraction (RFC 5280 section 4.1.2.5).`;
    document.note('time-form', message, element.start);
  }
  if (generalized && year < 2050) {
    const message = `${what} is a GeneralizedTime before 2050 (RFC 5280 section 4.1.2.5).`;
    document.note('time-type', message, element.start);
  }
  return { epochSeconds, iso: `${formatCalendarTime(calendarTime(epochSeconds))}Z` };
}

function between(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

function zoneSeconds(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const seconds = Number(zone.slice(1, 3)) * 3_600 + Number(zone.slice(3, 5)) * 60;
  return zone[0] === '-' ? -seconds : seconds;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
