/**
 * Where everything of a timeline stands, in pixels. Pure: no page, no fonts.
 *
 * Time flows down. Between two events the height grows with the time that passed, and never falls: at least one row,
 * so that labels have room (`stretched`: the axis is not to scale there), at most `foldHeight`, where the silence is
 * folded and its length written. What lies between is to scale.
 */
import type { Session, Side, TimelineEvent } from '../../../shared/contract/analysis.ts';
import { millisecondsBetween } from '../../ui/time-text.ts';

export const ROW_HEIGHT = 30;
/** A silence is folded at this height, before any zoom. */
const FOLD_HEIGHT = 84;
/** Zooming in lets silences grow up to this height. */
const LARGEST_FOLD_HEIGHT = 640;
/** Space above the first row's line, for its label, and below the last one. */
const MARGIN = 28;

export interface TimelineRow {
  readonly index: number;
  readonly event: TimelineEvent;
  /** Of the arrow's line; the label stands above it. */
  readonly y: number;
  /** Milliseconds since the first event that has a time. */
  readonly time: number | null;
  /** Whether time and frame differ from the row above. */
  readonly newTime: boolean;
  readonly newFrame: boolean;
}

export interface TimelineGap {
  readonly top: number;
  readonly bottom: number;
  readonly kind: 'stretched' | 'scaled' | 'folded' | 'timeless';
  readonly milliseconds: number | null;
  /** Who spoke after the gap, where that answers the other side; null where the same side goes on. */
  readonly answerOf: Side | null;
}

/** From the last thing that one side said to the first thing that the other side answered. */
export interface Wait {
  readonly side: Side;
  readonly top: number;
  readonly bottom: number;
  readonly from: number;
  readonly to: number;
  readonly milliseconds: number | null;
}

/** Where one side's bytes are encrypted on the wire. */
export interface Shade {
  readonly side: Side;
  readonly top: number;
  readonly bottom: number;
}

export interface TimelineLayout {
  readonly rows: readonly TimelineRow[];
  readonly gaps: readonly TimelineGap[];
  readonly waits: readonly Wait[];
  readonly shades: readonly Shade[];
  /** Marks on the axis where it is to scale, `tickStep` milliseconds apart. */
  readonly ticks: readonly number[];
  readonly tickStep: number;
  readonly pixelsPerMillisecond: number;
  /** The latest time of a row, in milliseconds. */
  readonly end: number;
  readonly height: number;
}

/** `zoom` 1 is the scale that fits the session; 2 is twice as many pixels for the same time. */
export function layOutTimeline(session: Pick<Session, 'timeline' | 'tls'>, zoom: number): TimelineLayout {
  const events = session.timeline;
  const times = timesOf(events);
  const pixelsPerMillisecond = fittingScale(times) * zoom;
  const foldHeight = Math.min(LARGEST_FOLD_HEIGHT, FOLD_HEIGHT * Math.max(1, zoom));
  const rows: TimelineRow[] = [];
  const gaps: TimelineGap[] = [];
  let y = MARGIN;
  for (const [index, event] of events.entries()) {
    const before = index === 0 ? null : events[index - 1];
    const time = times[index];
    if (before !== null) {
      const gap = gapBetween(times[index - 1], time, pixelsPerMillisecond, foldHeight);
      const answerOf = before.from !== event.from && speaks(before) && speaks(event) ? event.from : null;
      gaps.push({ top: y, bottom: y + gap.height, kind: gap.kind, milliseconds: gap.milliseconds, answerOf });
      y += gap.height;
    }
    const newTime = before === null || times[index - 1] !== time;
    const newFrame = before === null || before.frame !== event.frame || before.capture !== event.capture;
    rows.push({ index, event, y, time, newTime, newFrame });
  }
  const tickStep = roundLength(14 / pixelsPerMillisecond);
  return {
    rows,
    gaps,
    waits: waitsOf(rows),
    shades: shadesOf(rows, session),
    ticks: ticksOf(gaps, times, pixelsPerMillisecond, tickStep),
    tickStep,
    pixelsPerMillisecond,
    end: times.reduce((latest: number, time) => Math.max(latest, time ?? 0), 0),
    height: y + MARGIN,
  };
}

/** The rows that touch `[top, bottom)`, as a range of indices with an exclusive end. */
export function rowsWithin(
  { rows }: Pick<TimelineLayout, 'rows'>,
  top: number,
  bottom: number,
): { readonly start: number; readonly end: number } {
  return { start: firstAtOrBelow(rows, top), end: firstAtOrBelow(rows, bottom) };
}

function firstAtOrBelow(rows: readonly TimelineRow[], y: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].y < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A length of 1, 2 or 5 times a power of ten, at least as large as `atLeast`. */
export function roundLength(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(atLeast));
  const factor = [1, 2, 5, 10].find((step) => step * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function timesOf(events: readonly TimelineEvent[]): readonly (number | null)[] {
  const start = events.find(({ at }) => at !== null)?.at ?? null;
  return events.map(({ at }) => (at === null || start === null ? null : millisecondsBetween(start, at)));
}

/** Pixels for a millisecond so that most waits are to scale, and only the longest are folded. */
function fittingScale(times: readonly (number | null)[]): number {
  const lengths: number[] = [];
  for (const [index, time] of times.entries()) {
    const before = index === 0 ? null : times[index - 1];
    if (time !== null && before !== null && time > before) lengths.push(time - before);
  }
  if (lengths.length === 0) return 1;
  lengths.sort((a, b) => a - b);
  const typical = lengths[Math.min(lengths.length - 1, Math.floor(lengths.length * 0.85))];
  return (ROW_HEIGHT * 1.7) / typical;
}

function gapBetween(
  before: number | null,
  after: number | null,
  pixelsPerMillisecond: number,
  foldHeight: number,
): { readonly height: number; readonly kind: TimelineGap['kind']; readonly milliseconds: number | null } {
  if (before === null || after === null) return { height: ROW_HEIGHT, kind: 'timeless', milliseconds: null };
  const milliseconds = after - before;
  const height = milliseconds * pixelsPerMillisecond;
  if (height < ROW_HEIGHT) return { height: ROW_HEIGHT, kind: 'stretched', milliseconds };
  if (height <= foldHeight) return { height, kind: 'scaled', milliseconds };
  return { height: foldHeight, kind: 'folded', milliseconds };
}

function ticksOf(
  gaps: readonly TimelineGap[],
  times: readonly (number | null)[],
  pixelsPerMillisecond: number,
  step: number,
): number[] {
  const ticks: number[] = [];
  for (const [index, { kind, top, bottom }] of gaps.entries()) {
    const start = times[index];
    if (kind !== 'scaled' || start === null) continue;
    for (let number = Math.ceil(start / step); ; number++) {
      const y = top + (number * step - start) * pixelsPerMillisecond;
      if (y > bottom) break;
      ticks.push(y);
    }
  }
  return ticks;
}

/** Repetitions, losses and the end of the connection are no turn in the talk. */
function speaks({ kind }: TimelineEvent): boolean {
  return !kind.startsWith('tcp-') || kind === 'tcp-open';
}

function waitsOf(rows: readonly TimelineRow[]): Wait[] {
  const waits: Wait[] = [];
  let last: TimelineRow | null = null;
  for (const row of rows) {
    if (!speaks(row.event)) continue;
    if (last !== null && last.event.from !== row.event.from) {
      const milliseconds = last.time === null || row.time === null ? null : row.time - last.time;
      waits.push({ side: last.event.from, top: last.y, bottom: row.y, from: last.index, to: row.index, milliseconds });
    }
    last = row;
  }
  return waits;
}

/**
 * A side encrypts from its last ChangeCipherSpec on (RFC 5246 section 7.1); in TLS 1.3 from its last Hello or the
 * ChangeCipherSpec of the middlebox compatibility mode, whichever comes later (RFC 8446 sections 2 and D.4).
 */
function shadesOf(rows: readonly TimelineRow[], { tls }: Pick<Session, 'tls'>): Shade[] {
  if (tls === null) return [];
  const end = rows.findLast(({ event }) => event.kind.startsWith('tls-'))?.y ?? 0;
  const shades: Shade[] = [];
  for (const side of ['client', 'server'] as const) {
    const own = rows.filter(({ event }) => event.from === side);
    const begins =
      own.findLast(({ event }) => startsEncryption(event, tls.version)) ??
      own.find(({ event }) => event.kind === 'tls-encrypted' || event.kind === 'tls-data');
    if (begins === undefined) continue;
    const top = begins.y + (startsEncryption(begins.event, tls.version) ? ROW_HEIGHT / 4 : -ROW_HEIGHT * 0.7);
    if (end + ROW_HEIGHT / 4 > top) shades.push({ side, top, bottom: end + ROW_HEIGHT / 4 });
  }
  return shades;
}

function startsEncryption({ kind, summary }: TimelineEvent, version: string | null): boolean {
  if (kind === 'tls-change-cipher-spec') return true;
  return (
    version === 'TLS 1.3' && kind === 'tls-handshake' && /^(?:Client|Server)Hello|^HelloRetryRequest/.test(summary)
  );
}
