/** Times and lengths of time as people read them. Input is what the contract holds: ISO 8601 in UTC, any number of digits. */

const TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z$/;

/**
 * Milliseconds from `from` to `to`, with the fraction that a Date would cut. Null when one of them is no time.
 * A double holds nanoseconds exactly over three months, and microseconds over centuries.
 */
export function millisecondsBetween(from: string, to: string): number | null {
  const first = parts(from);
  const second = parts(to);
  if (first === null || second === null) return null;
  return (second.seconds - first.seconds) * 1000 + (second.nanoseconds - first.nanoseconds) / 1e6;
}

function parts(text: string): { seconds: number; nanoseconds: number } | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const seconds = Date.parse(`${match[1]}T${match[2]}Z`) / 1000;
  if (Number.isNaN(seconds)) return null;
  return { seconds, nanoseconds: Number((match[3] ?? '').slice(0, 9).padEnd(9, '0')) };
}

/** `24.1 ms`, `3.2 s`, `2 min 5 s`: three digits at most, in the unit that a person would choose. */
export function lengthText(milliseconds: number): string {
  const size = Math.abs(milliseconds);
  const sign = milliseconds < 0 ? '−' : '';
  if (size === 0) return '0 ms';
  if (size < 0.001) return `${sign}${Math.round(size * 1e6)} ns`;
  if (size < 1) return `${sign}${three(size * 1000)} µs`;
  if (size < 999.5) return `${sign}${three(size)} ms`;
  if (size < 59_950) return `${sign}${three(size / 1000)} s`;
  const seconds = Math.round(size / 1000);
  if (seconds < 3600) return `${sign}${joined(seconds, 60, 'min', 's')}`;
  if (seconds < 86_400) return `${sign}${joined(Math.round(seconds / 60), 60, 'h', 'min')}`;
  return `${sign}${joined(Math.round(seconds / 3600), 24, seconds < 172_800 ? 'day' : 'days', 'h')}`;
}

/**
 * A point on an axis that ends at `end` milliseconds: the same unit and digits for all points, so that they can be
 * compared: `24.13 ms`, `12.345 s`, `13:07.2`.
 */
export function axisText(milliseconds: number, end: number): string {
  if (end < 10_000) return `${milliseconds.toFixed(2)} ms`;
  if (end < 600_000) return `${(milliseconds / 1000).toFixed(3)} s`;
  const tenths = Math.round(milliseconds / 100);
  const minutes = Math.floor(tenths / 600);
  const clock = `${String(minutes % 60).padStart(2, '0')}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
  return minutes < 60 ? clock : `${Math.floor(minutes / 60)}:${clock}`;
}

function joined(amount: number, base: number, large: string, small: string): string {
  const rest = amount % base;
  const whole = `${(amount - rest) / base} ${large}`;
  return rest === 0 ? whole : `${whole} ${rest} ${small}`;
}

function three(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** `2014-09-03 10:00:04 UTC`: seconds are enough for a moment; the exact text is what is copied. */
export function momentText(time: string): string {
  const match = TIME.exec(time);
  return match === null ? time : `${match[1]} ${match[2]} UTC`;
}

/** `2014-09-03` */
export function dayText(time: string): string {
  return TIME.exec(time)?.[1] ?? time;
}
