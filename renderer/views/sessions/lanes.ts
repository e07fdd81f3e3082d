/** The overview: a lane for each busy server, and in each lane the worst session of every pixel. Pure. */
import type { TimeRange } from './session-filter.ts';
import { GRADES, type JudgedIndex, type SessionIndex } from './session-index.ts';

export interface Lane {
  /** Null: all other servers together. */
  readonly server: string | null;
  readonly sessions: number;
  readonly servers: number;
}

export interface Lanes {
  readonly lanes: readonly Lane[];
  /** The lane of each server, by the server's number in the index. */
  readonly laneOfServer: Uint8Array;
}

const BAD = GRADES.indexOf('bad');

/**
 * A lane for each of the servers that most sessions fail at, then of the busiest, and one for the rest: at most `most`
 * lanes.
 */
export function lanesOf(index: SessionIndex, judged: JudgedIndex, most: number): Lanes {
  const { servers, sessionsOfServer } = index;
  const failing = new Uint32Array(servers.length);
  for (let at = 0; at < index.length; at++) if (judged.grade[at] === BAD) failing[index.server[at]]++;
  const busy = servers
    .map((_, number) => number)
    .sort((left, right) => failing[right] - failing[left] || sessionsOfServer[right] - sessionsOfServer[left]);
  const alone = busy.length <= most ? busy : busy.slice(0, most - 1);
  const rest = busy.slice(alone.length);
  const laneOfServer = new Uint8Array(servers.length).fill(alone.length);
  for (const [lane, number] of alone.entries()) laneOfServer[number] = lane;
  const lanes: Lane[] = alone.map((number) => ({
    server: servers[number],
    sessions: sessionsOfServer[number],
    servers: 1,
  }));
  if (rest.length > 0) {
    const sessions = rest.reduce((sum, number) => sum + sessionsOfServer[number], 0);
    lanes.push({ server: null, sessions, servers: rest.length });
  }
  return { lanes, laneOfServer };
}

/** What a lane shows at each pixel. */
export interface Ticks {
  readonly width: number;
  /** At `lane * width + x`: 0 for nothing, otherwise a position in `GRADES` plus one. */
  readonly grade: Uint8Array;
  /** The number of sessions there. */
  readonly count: Uint32Array;
  /** The number of sessions of each grade there: at `(lane * width + x) * GRADES.length + grade`. */
  readonly counts: Uint32Array;
  /** The most sessions at one pixel. */
  readonly most: number;
  /** The row of the worst session there, the first of these. */
  readonly row: Int32Array;
}

export function ticksOf(
  index: SessionIndex,
  judged: JudgedIndex,
  { lanes, laneOfServer }: Lanes,
  shown: TimeRange,
  width: number,
): Ticks {
  const grade = new Uint8Array(lanes.length * width);
  const count = new Uint32Array(lanes.length * width);
  const counts = new Uint32Array(lanes.length * width * GRADES.length);
  const row = new Int32Array(lanes.length * width).fill(-1);
  let most = 0;
  const scale = pixelsPerMillisecond(shown, width);
  for (let at = 0; at < index.length; at++) {
    const began = index.startedAt[at];
    if (!(began >= shown.from && began <= shown.until)) continue;
    const place = laneOfServer[index.server[at]] * width + Math.floor((began - shown.from) * scale);
    if (++count[place] > most) most = count[place];
    counts[place * GRADES.length + judged.grade[at]]++;
    if (judged.grade[at] + 1 > grade[place]) {
      grade[place] = judged.grade[at] + 1;
      row[place] = at;
    }
  }
  return { width, grade, count, counts, most, row };
}

/** The tick next to a pixel, at most `reach` away. */
export function nearestTick({ width, row }: Ticks, lane: number, x: number, reach: number): number | null {
  for (let away = 0; away <= reach; away++) {
    for (const at of away === 0 ? [x] : [x - away, x + away]) {
      if (at >= 0 && at < width && row[lane * width + at] >= 0) return row[lane * width + at];
    }
  }
  return null;
}

export function gradeAt({ grade }: Ticks, place: number): (typeof GRADES)[number] | null {
  return grade[place] === 0 ? null : GRADES[grade[place] - 1];
}

export function xOf(time: number, shown: TimeRange, width: number): number {
  return (time - shown.from) * pixelsPerMillisecond(shown, width);
}

export function timeAt(x: number, shown: TimeRange, width: number): number {
  return shown.from + Math.min(Math.max(x / Math.max(width - 1, 1), 0), 1) * (shown.until - shown.from);
}

/** The last millisecond falls on the last pixel. */
function pixelsPerMillisecond({ from, until }: TimeRange, width: number): number {
  return until > from ? (width - 1) / (until - from) : 0;
}
