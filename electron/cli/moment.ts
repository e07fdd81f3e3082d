import { calendarSeconds, calendarTime } from '../../shared/bytes/calendar.ts';
import { UsageError } from './usage.ts';

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*([Zz]|UTC|[+-]\d\d:?\d\d)?)?$/;

/**
 * A point in time as people write it on a command line, in whole seconds since 1970: an ISO 8601 date (its first second
 * in UTC), or a date and a time with or without seconds, in UTC where no zone is given. Anything else is a usage error.
 */
export function parseMoment(text: string): number {
  const seconds = secondsOf(text.trim());
  if (seconds === null) {
    throw new UsageError(`"${text}" is no time: give a date (2014-09-03) or a date and time (2014-09-03T10:02:11Z).`);
  }
  return seconds;
}

function secondsOf(text: string): number | null {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((digits) => Number(digits ?? 0));
  const seconds = calendarSeconds({ year, month, day, hour, minute, second });
  const back = calendarTime(seconds);
  // 30 February and 25 o'clock come back as something else.
  const exists =
    back.year === year &&
    back.month === month &&
    back.day === day &&
    back.hour === hour &&
    back.minute === minute &&
    back.second === second;
  const offset = offsetSeconds(parts[7] ?? 'Z');
  return exists && offset !== null ? seconds - offset : null;
}

function offsetSeconds(zone: string): number | null {
  if (!/^[+-]/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return null;
  return (zone[0] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}
