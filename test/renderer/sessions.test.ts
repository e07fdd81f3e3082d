import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lanesOf, nearestTick, ticksOf, timeAt, xOf } from '../../renderer/views/sessions/lanes.ts';
import {
  facetsOf,
  filterSessions,
  NO_FILTER,
  SearchTexts,
  type SessionFilter,
} from '../../renderer/views/sessions/session-filter.ts';
import { GRADES, indexJudged, indexSessions } from '../../renderer/views/sessions/session-index.ts';
import { COLUMNS, type ColumnId, ColumnRanks, orderSessions } from '../../renderer/views/sessions/session-order.ts';
import { bytesWords, rangeWords, timeWords, tlsWords } from '../../renderer/views/sessions/session-words.ts';
import type { JudgedRow, SessionRow } from '../../shared/contract/operations.ts';
import { judgedRow, sessionRows } from './rows.ts';

const ROWS = sessionRows(500);
const JUDGED_ROWS = ROWS.map(judgedRow);

function prepared(rows: readonly SessionRow[], judgedRows: readonly JudgedRow[] | null, moment: number | null = null) {
  const index = indexSessions(rows);
  const judged = indexJudged(index, judgedRows);
  const facets = facetsOf(index, judged, moment);
  const texts = new SearchTexts(index, judged);
  const order = orderSessions(new ColumnRanks(index, judged), null);
  const shown = (filter: Partial<SessionFilter>) =>
    [...filterSessions(order, index, judged, facets, texts, { ...NO_FILTER, ...filter })].map((at) => rows[at]);
  return { index, judged, facets, order, shown };
}

function rowWith(change: Partial<SessionRow>): SessionRow {
  return { ...ROWS[0], ...change };
}

describe('index of sessions', () => {
  it('comes to the same whether rows come at once or in pieces', () => {
    const whole = indexSessions(ROWS);
    let grown = indexSessions(ROWS.slice(0, 3));
    for (const until of [4, 100, 101, 500]) grown = indexSessions(ROWS.slice(0, until), grown);
    expect(grown.servers).toEqual(whole.servers);
    expect(grown.sessionsOfServer).toEqual(whole.sessionsOfServer);
    expect([...grown.startedAt]).toEqual([...whole.startedAt]);
    expect([...grown.facts]).toEqual([...whole.facts]);
    expect([grown.firstAt, grown.lastAt]).toEqual([whole.firstAt, whole.lastAt]);
  });

  it('begins anew for rows of another run', () => {
    const other = sessionRows(20).map((row) => ({ ...row, server: '192.0.2.1:25' }));
    expect(indexSessions(other, indexSessions(ROWS)).servers).toEqual(['192.0.2.1:25']);
  });

  it('has no time span where no session tells its time', () => {
    const { index, shown } = prepared([rowWith({ startedAt: null })], null);
    expect(index.firstAt).toBeNaN();
    expect(shown({ between: { from: 0, until: 1e15 } })).toEqual([]);
  });

  it('grades by the facts alone until sessions are judged, and by the verdict then', () => {
    const rows = [rowWith({ tlsOutcome: 'failed' }), rowWith({}), rowWith({ tls: null, tlsOutcome: null })];
    const grades = (judged: readonly JudgedRow[] | null) =>
      [...prepared(rows, judged).judged.grade].map((grade) => GRADES[grade]);
    expect(grades(null)).toEqual(['bad', 'good', 'warning']);
    const judged: JudgedRow = { path: 'valid', root: null, outcome: 'defer', partner: 'Fabrikam' };
    expect(grades(rows.map(() => judged))).toEqual(['bad', 'bad', 'bad']);
  });
});

describe('filter', () => {
  it('finds every word in any of the texts, whatever their case', () => {
    const { shown } = prepared(ROWS, JUDGED_ROWS);
    const found = shown({ text: 'OUTLOOK 10.99.0.10' });
    expect(found.length).toBeGreaterThan(0);
    for (const row of found) expect(`${row.certificate} ${row.server}`).toContain('10.99.0.10');
    expect(shown({ text: 'outlook no-such-word' })).toEqual([]);
    expect(shown({ text: '  ' })).toHaveLength(ROWS.length);
  });

  it('finds roots and partners, which only judging knows', () => {
    expect(prepared(ROWS, JUDGED_ROWS).shown({ text: 'baltimore' }).length).toBeGreaterThan(0);
    expect(prepared(ROWS, null).shown({ text: 'baltimore' })).toEqual([]);
  });

  it('counts each facet as many times as it lets through', () => {
    const { facets, shown } = prepared(ROWS, JUDGED_ROWS);
    for (const facet of ['failed', 'no-tls', 'no-certificate', 'expiring'] as const) {
      expect(shown({ facets: [facet] })).toHaveLength(facets.counts[facet]);
      expect(facets.counts[facet]).toBeGreaterThan(0);
    }
  });

  it('holds all facets together', () => {
    const { shown } = prepared(ROWS, JUDGED_ROWS);
    for (const row of shown({ facets: ['failed', 'no-tls'] })) expect(row.tls).toBeNull();
  });

  it('measures the end of a certificate by the session, or by the moment asked for', () => {
    const rows = [rowWith({ startedAt: '2014-09-03T10:00:00Z', notAfter: '2014-10-01T00:00:00Z' })];
    expect(prepared(rows, null).facets.counts.expiring).toBe(1);
    expect(prepared(rows, null, Date.UTC(2014, 7, 1)).facets.counts.expiring).toBe(0);
    expect(prepared(rows, null, Date.UTC(2026, 4, 1)).facets.counts.expiring).toBe(1);
  });

  it('holds both ends of a time range', () => {
    const { index, shown } = prepared(ROWS, null);
    const between = { from: index.startedAt[10], until: index.startedAt[12] };
    expect(shown({ between }).map(({ id }) => id)).toEqual(['s11', 's12', 's13']);
  });

  it('shows nothing of a partner or server that is not there', () => {
    const { shown } = prepared(ROWS, JUDGED_ROWS);
    expect(shown({ partner: 'nobody' })).toEqual([]);
    expect(shown({ server: '203.0.113.1:25' })).toEqual([]);
    expect(shown({ server: '10.99.0.9:25' }).every(({ server }) => server === '10.99.0.9:25')).toBe(true);
  });
});

describe('order', () => {
  const ids = (rows: readonly SessionRow[], column: ColumnId, descending: boolean) => {
    const index = indexSessions(rows);
    return [...orderSessions(new ColumnRanks(index, indexJudged(index, null)), { column, descending })].map(
      (at) => rows[at].id,
    );
  };

  it('puts numbers in addresses by their value', () => {
    const rows = ['10.0.0.10:25', '10.0.0.9:25', '10.0.0.9:5'].map((client, at) => rowWith({ id: `s${at}`, client }));
    expect(ids(rows, 'ends', false)).toEqual(['s2', 's1', 's0']);
  });

  it('puts IPv6 behind IPv4, and servers of one client by their value', () => {
    const ends = [
      ['[2001:db8::1]:5', '10.0.0.1:25'],
      ['10.0.0.2:5', '10.0.0.10:25'],
      ['10.0.0.2:5', '10.0.0.9:25'],
    ];
    const rows = ends.map(([client, server], at) => rowWith({ id: `s${at}`, client, server }));
    expect(ids(rows, 'ends', false)).toEqual(['s2', 's1', 's0']);
  });

  it('puts what is missing last, and first the other way', () => {
    const rows = ['b', null, 'A'].map((certificate, at) => rowWith({ id: `s${at}`, certificate }));
    expect(ids(rows, 'certificate', false)).toEqual(['s2', 's0', 's1']);
    expect(ids(rows, 'certificate', true)).toEqual(['s1', 's0', 's2']);
  });

  it('keeps equal rows in the order of the capture, both ways', () => {
    const rows = [1, 2, 3].map((number) => rowWith({ id: `s${number}` }));
    expect(ids(rows, 'tls', false)).toEqual(['s1', 's2', 's3']);
    expect(ids(rows, 'tls', true)).toEqual(['s1', 's2', 's3']);
  });

  it('puts the worst verdict first', () => {
    const index = indexSessions(ROWS);
    const judged = indexJudged(index, JUDGED_ROWS);
    const order = orderSessions(new ColumnRanks(index, judged), { column: 'verdict', descending: false });
    const grades = [...order].map((at) => judged.grade[at]);
    expect(grades).toEqual([...grades].sort((left, right) => right - left));
    expect(JUDGED_ROWS[order[0]].outcome).toBe('reject');
  });

  it('holds every row once, by every column', () => {
    const index = indexSessions(ROWS);
    const judged = indexJudged(index, JUDGED_ROWS);
    const ranks = new ColumnRanks(index, judged);
    fc.assert(
      fc.property(fc.constantFrom(...COLUMNS), fc.boolean(), (column, descending) => {
        const order = orderSessions(ranks, { column, descending });
        expect([...order].sort((left, right) => left - right)).toEqual(ROWS.map((_, at) => at));
      }),
      { numRuns: 20 },
    );
  });
});

describe('lanes', () => {
  const { index, judged } = prepared(ROWS, JUDGED_ROWS);
  const whole = { from: index.firstAt, until: index.lastAt };

  it('gives the servers that fail most a lane each, and the rest one together', () => {
    const { lanes } = lanesOf(index, judged, 3);
    expect(lanes[0].server).toBe('10.99.0.10:25');
    expect(lanes.map(({ server }) => server === null)).toEqual([false, false, true]);
    expect(lanes.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(ROWS.length);
    expect(lanes.reduce((sum, { servers }) => sum + servers, 0)).toBe(index.servers.length);
  });

  it('gives no lane to the rest where there is none', () => {
    expect(lanesOf(index, judged, 50).lanes.every(({ server }) => server !== null)).toBe(true);
  });

  it('loses no session between the first and the last pixel', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1500 }), fc.integer({ min: 1, max: 8 }), (width, most) => {
        const ticks = ticksOf(index, judged, lanesOf(index, judged, most), whole, width);
        expect(ticks.count.reduce((sum, count) => sum + count, 0)).toBe(ROWS.length);
        expect(ticks.counts.reduce((sum, count) => sum + count, 0)).toBe(ROWS.length);
      }),
      { numRuns: 50 },
    );
  });

  it('shows the worst session of a pixel', () => {
    const ticks = ticksOf(index, judged, lanesOf(index, judged, 1), whole, 1);
    expect(GRADES[judged.grade[ticks.row[0]]]).toBe('bad');
  });

  it('finds the nearest tick within reach, and none beyond', () => {
    const { index, judged } = prepared([rowWith({})], null);
    const shown = { from: index.firstAt - 500, until: index.firstAt + 500 };
    const ticks = ticksOf(index, judged, lanesOf(index, judged, 1), shown, 1001);
    expect([494, 500, 506].map((x) => nearestTick(ticks, 0, x, 6))).toEqual([0, 0, 0]);
    expect(nearestTick(ticks, 0, 507, 6)).toBeNull();
  });

  it('turns a time into a place and back', () => {
    for (const time of [whole.from, (whole.from + whole.until) / 2, whole.until]) {
      expect(timeAt(xOf(time, whole, 800), whole, 800)).toBeCloseTo(time, 3);
    }
  });

  it('holds a run of a single moment', () => {
    const one = prepared([rowWith({})], null);
    const shown = { from: one.index.firstAt, until: one.index.lastAt };
    const ticks = ticksOf(one.index, one.judged, lanesOf(one.index, one.judged, 4), shown, 100);
    expect(ticks.row[0]).toBe(0);
  });
});

describe('words', () => {
  it('cuts times at milliseconds, and keeps the day where it matters', () => {
    expect(timeWords('2014-09-03T10:02:11.482913Z', false)).toBe('10:02:11.482');
    expect(timeWords('2014-09-03T10:02:11Z', true)).toBe('2014-09-03 10:02:11');
    expect(timeWords(null, false)).toBe('no time');
  });

  it('names days of a range only where there are two', () => {
    const noon = Date.UTC(2014, 8, 3, 12);
    expect(rangeWords(noon, noon + 1000)).toBe('12:00:00 – 12:00:01');
    expect(rangeWords(noon, noon + 86_400_000)).toBe('2014-09-03 12:00:00 – 2014-09-04 12:00:00');
  });

  it('counts bytes in powers of a thousand', () => {
    expect([0, 999, 1000, 148_140, 1_234_567_890].map(bytesWords)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '148 kB',
      '1.2 GB',
    ]);
  });

  it('says how a handshake ended', () => {
    expect(tlsWords(rowWith({ tls: 'TLS 1.2', tlsOutcome: 'failed' }))).toBe('1.2 failed');
    expect(tlsWords(rowWith({ tls: null, tlsOutcome: null }))).toBe('none');
    expect(tlsWords(rowWith({ tls: null, tlsOutcome: 'incomplete' }))).toBe('incomplete');
  });
});
