import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitText } from '../../renderer/views/timeline/fit-text.ts';
import { layOutTimeline, ROW_HEIGHT, roundLength, rowsWithin } from '../../renderer/views/timeline/timeline-layout.ts';
import type { Session, Side, TimelineEvent, TimelineKind, TlsFacts } from '../../shared/contract/analysis.ts';

function at(milliseconds: number): string {
  return new Date(Date.UTC(2014, 8, 3) + milliseconds).toISOString();
}

interface Said {
  readonly from?: Side;
  readonly kind?: TimelineKind;
  readonly summary?: string;
  /** Milliseconds since the start. */
  readonly time: number | null;
}

function session(said: readonly Said[], version: string | null = null): Pick<Session, 'timeline' | 'tls'> {
  const timeline = said.map(
    ({ from = 'client', kind = 'smtp-command', summary = 'NOOP', time }, index): TimelineEvent => ({
      at: time === null ? null : at(time),
      frame: index + 1,
      from,
      kind,
      summary,
    }),
  );
  return { timeline, tls: version === null ? null : ({ version } as TlsFacts) };
}

const lengths = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 200 });

describe('the time scale', () => {
  it('keeps room for every label, and never draws a longer silence shorter', () => {
    fc.assert(
      fc.property(lengths, fc.double({ min: 0.001, max: 100, noNaN: true }), (gaps, zoom) => {
        const said = [{ time: 0 }];
        for (const [index, gap] of gaps.entries()) said.push({ time: said[index].time + gap });
        const layout = layOutTimeline(session(said), zoom);
        const heights = layout.gaps.map(({ top, bottom }) => bottom - top);
        expect(Math.min(...heights)).toBeGreaterThanOrEqual(ROW_HEIGHT - 1e-6);
        const sorted = gaps.map((gap, index) => ({ gap, height: heights[index] })).sort((a, b) => a.gap - b.gap);
        for (const [index, { height }] of sorted.entries()) {
          if (index > 0) expect(height).toBeGreaterThanOrEqual(sorted[index - 1].height - 1e-6);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is the same everywhere it is to scale', () => {
    const layout = layOutTimeline(session([0, 10, 21, 33, 33, 34, 1034].map((time) => ({ time }))), 1);
    for (const { kind, milliseconds, top, bottom } of layout.gaps) {
      if (kind === 'scaled') expect((bottom - top) / (milliseconds ?? 0)).toBeCloseTo(layout.pixelsPerMillisecond, 6);
    }
    expect(layout.gaps.map(({ kind }) => kind)).toContain('scaled');
  });

  it('folds a long silence and keeps its length', () => {
    const layout = layOutTimeline(session([0, 10, 20, 30, 40, 50, 60, 3_600_060].map((time) => ({ time }))), 1);
    expect(layout.gaps.at(-1)).toMatchObject({ kind: 'folded', milliseconds: 3_600_000 });
    expect(layout.height).toBeLessThan(1000);
  });

  it('stretches what happened at once, and says the time and the frame once', () => {
    const layout = layOutTimeline(session([{ time: 0 }, { time: 0 }, { time: 5 }]), 1);
    expect(layout.gaps[0].kind).toBe('stretched');
    expect(layout.rows.map(({ newTime }) => newTime)).toEqual([true, false, true]);
  });

  it('goes on where the capture tells no times', () => {
    const layout = layOutTimeline(session([{ time: null }, { time: null }, { time: null }]), 1);
    expect(layout.gaps.map(({ kind }) => kind)).toEqual(['timeless', 'timeless']);
    expect(layout.rows.every(({ time }) => time === null)).toBe(true);
    expect(layout.ticks).toEqual([]);
  });

  it('does not go upwards where packets were captured out of order', () => {
    const layout = layOutTimeline(session([{ time: 5 }, { time: 3 }, { time: 9 }]), 1);
    const ys = layout.rows.map(({ y }) => y);
    expect(ys).toEqual([...ys].sort((a, b) => a - b));
    expect(layout.gaps[0].milliseconds).toBe(-2);
  });

  it('marks the axis only where it is to scale, in round steps', () => {
    const layout = layOutTimeline(session([0, 0, 10, 20, 31, 42, 5000].map((time) => ({ time }))), 1);
    const scaled = layout.gaps.filter(({ kind }) => kind === 'scaled');
    expect(layout.ticks.length).toBeGreaterThan(0);
    for (const y of layout.ticks)
      expect(scaled.some(({ top, bottom }) => y >= top - 1e-6 && y <= bottom + 1e-6)).toBe(true);
    expect([1, 2, 5]).toContain(Number(String(layout.tickStep).replace(/[.0]/g, '')));
  });

  it('lays out an empty session', () => {
    expect(layOutTimeline(session([]), 1)).toMatchObject({ rows: [], gaps: [], waits: [], shades: [] });
  });
});

describe('round trips', () => {
  it('runs from the last thing one side said to the first answer of the other', () => {
    const { waits } = layOutTimeline(
      session([
        { time: 0, kind: 'tcp-open' },
        { time: 1, kind: 'tcp-open', from: 'server' },
        { time: 20, from: 'server' },
        { time: 21 },
        { time: 22, kind: 'tcp-retransmission' },
        { time: 60, from: 'server' },
        { time: 61, from: 'server', kind: 'tcp-reset' },
      ]),
      1,
    );
    expect(waits.map(({ side, from, to, milliseconds }) => [side, from, to, milliseconds])).toEqual([
      ['client', 0, 1, 1],
      ['server', 2, 3, 1],
      ['client', 3, 5, 39],
    ]);
  });
});

describe('who answers after a silence', () => {
  it('is nobody where the same side goes on, or the connection ends', () => {
    const { gaps } = layOutTimeline(
      session([
        { time: 0 },
        { time: 5, from: 'server' },
        { time: 9, from: 'server' },
        { time: 20, kind: 'tcp-close' },
        { time: 30, from: 'server', kind: 'tcp-close' },
      ]),
      1,
    );
    expect(gaps.map(({ answerOf }) => answerOf)).toEqual(['server', null, null, null]);
  });
});

describe('the encrypted stretch', () => {
  const hello = (from: Side, summary: string): Said => ({ time: 0, from, kind: 'tls-handshake', summary });
  const change = (from: Side): Said => ({ time: 0, from, kind: 'tls-change-cipher-spec', summary: 'ChangeCipherSpec' });
  const encrypted = (from: Side): Said => ({ time: 0, from, kind: 'tls-encrypted', summary: 'encrypted' });

  it('begins behind ChangeCipherSpec up to TLS 1.2 (RFC 5246 section 7.1)', () => {
    const layout = layOutTimeline(
      session(
        [hello('client', 'ClientHello'), hello('server', 'ServerHello'), change('client'), encrypted('client')],
        'TLS 1.2',
      ),
      1,
    );
    expect(layout.shades).toHaveLength(1);
    expect(layout.shades[0].top).toBeGreaterThan(layout.rows[2].y);
    expect(layout.shades[0].top).toBeLessThan(layout.rows[3].y);
  });

  it('leaves the second ClientHello of a HelloRetryRequest in the clear (RFC 8446 section 4.1.4)', () => {
    const layout = layOutTimeline(
      session(
        [
          hello('client', 'ClientHello'),
          hello('server', 'HelloRetryRequest'),
          change('server'),
          change('client'),
          hello('client', 'ClientHello'),
          hello('server', 'ServerHello'),
          encrypted('server'),
          encrypted('client'),
        ],
        'TLS 1.3',
      ),
      1,
    );
    const top = (side: Side) => layout.shades.find((shade) => shade.side === side)?.top ?? Number.NaN;
    expect(top('client')).toBeGreaterThan(layout.rows[4].y);
    expect(top('server')).toBeGreaterThan(layout.rows[5].y);
    expect(top('server')).toBeLessThan(layout.rows[6].y);
  });

  it('is none where no side switched', () => {
    expect(layOutTimeline(session([hello('client', 'ClientHello')], null), 1).shades).toEqual([]);
    const failed = session([hello('client', 'ClientHello'), hello('server', 'ServerHello')], 'TLS 1.2');
    expect(layOutTimeline(failed, 1).shades).toEqual([]);
  });
});

describe('a thousand events', () => {
  const layout = layOutTimeline(session(Array.from({ length: 1000 }, (_, index) => ({ time: index ** 2 }))), 1);

  it('have a height that a page can scroll', () => {
    expect(layout.rows).toHaveLength(1000);
    expect(layout.height).toBeLessThan(1000 * 90);
  });

  it('are found by where they stand', () => {
    const { start, end } = rowsWithin(layout, 5000, 5600);
    expect(end - start).toBeLessThan(25);
    expect(layout.rows.filter(({ y }) => y >= 5000 && y < 5600)).toEqual(layout.rows.slice(start, end));
  });
});

describe('roundLength', () => {
  it('is 1, 2 or 5 times a power of ten, and no less than asked for', () => {
    expect([0.0013, 0.9, 1, 1.2, 2.1, 7, 11_000].map(roundLength)).toEqual([0.002, 1, 1, 2, 5, 10, 20_000]);
  });
});

describe('fitText', () => {
  const measure = (text: string) => [...text].length * 10;

  it('keeps what fits, and cuts the rest with an ellipsis', () => {
    expect(fitText('EHLO mail', 90, measure)).toBe('EHLO mail');
    expect(fitText('EHLO mail.contoso.com', 90, measure)).toBe('EHLO mai…');
    expect(fitText('EHLO mail.contoso.com', 60, measure)).toBe('EHLO…');
    expect(fitText('EHLO', 5, measure)).toBe('');
  });

  it('never cuts through a character', () => {
    expect(fitText('📧📧📧📧', 30, measure)).toBe('📧📧…');
  });

  it('is never wider than the room', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 300 }), (text, width) => {
        expect(measure(fitText(text, width, measure))).toBeLessThanOrEqual(width);
      }),
    );
  });
});
