/** UTCTime and GeneralizedTime as RFC 5280 section 4.1.2.5 wants them, and as older issuers wrote them. */
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
  const local =
    daysFromCivil(year, Number(month), Number(day)) * 86_400 +
    Number(hour) * 3_600 +
    Number(minute) * 60 +
    Number(second ?? 0);
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
  return timeFromEpoch(epochSeconds);
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

/** Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from March, in 400-year eras. */
function daysFromCivil(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse of `daysFromCivil`, with the time of day. */
function timeFromEpoch(epochSeconds: number): CertificateTime {
  const days = Math.floor(epochSeconds / 86_400);
  const secondOfDay = epochSeconds - days * 86_400;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  const hours = pad(Math.floor(secondOfDay / 3_600), 2);
  const minutes = pad(Math.floor(secondOfDay / 60) % 60, 2);
  return { epochSeconds, iso: `${date}T${hours}:${minutes}:${pad(secondOfDay % 60, 2)}Z` };
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
