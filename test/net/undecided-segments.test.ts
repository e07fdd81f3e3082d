import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { UndecidedSegments } from '../../shared/net/undecided-segments.ts';
import { segmentOf } from './segments.ts';

const place = (frame: number) => ({ frame, timeSeconds: () => frame, timeFraction: () => 5, timeDigits: () => 6 });

function replayed(kept: UndecidedSegments, last: number): string[] {
  const told: string[] = [];
  kept.replay(last, (direction, segment, capture, { frame, timeSeconds, timeFraction, timeDigits }) => {
    const { buffer, payload, capturedPayload } = segment;
    const text = Buffer.from(buffer.subarray(payload, payload + capturedPayload)).toString('latin1');
    const time = [timeSeconds(), timeFraction(), timeDigits()].join('.');
    told.push(`${capture}/${frame} at ${time}: ${direction} ${segment.sequence} ${segment.destinationPort} ${text}`);
  });
  return told;
}

describe('segments of flows of which it is not known what they are', () => {
  it('come back in the order kept, with all that is known of them', () => {
    const kept = new UndecidedSegments();
    const first = kept.keep(0, 1, segmentOf({ payload: 'one', sequence: 7, destinationPort: 9 }), 2, place(11));
    const other = kept.keep(0, 0, segmentOf({ payload: 'other', destinationPort: 9 }), 0, place(12));
    const second = kept.keep(
      first,
      0,
      segmentOf({ payload: 'two', sequence: 4_294_967_295, destinationPort: 9 }),
      3,
      place(13),
    );
    expect(replayed(kept, second)).toEqual(['2/11 at 11.5.6: 1 7 9 one', '3/13 at 13.5.6: 0 4294967295 9 two']);
    expect(replayed(kept, other)).toHaveLength(1);
    expect(replayed(kept, 0)).toEqual([]);
  });

  it('are forgotten, the oldest first, when there are too many', () => {
    const kept = new UndecidedSegments();
    const early = kept.keep(0, 0, segmentOf({ payload: 'early' }), 0, place(1));
    const late = kept.keep(early, 0, segmentOf({ payload: 'late' }), 0, place(2));
    for (let i = 0; i < LIMITS.undecidedSegments - 1; i++) kept.keep(0, 0, segmentOf({ payload: 'x' }), 0, place(3));
    expect(replayed(kept, late).map((line) => line.split(' ').at(-1))).toEqual(['late']);
    kept.keep(0, 0, segmentOf({ payload: 'x' }), 0, place(4));
    expect(replayed(kept, late)).toEqual([]);
  });

  it('are not kept when they are larger than a frame of Ethernet holds', () => {
    const kept = new UndecidedSegments();
    const segment = segmentOf({ payload: 'x'.repeat(LIMITS.undecidedSegmentBytes + 1) });
    expect(kept.keep(0, 0, segment, 0, place(1))).toBe(0);
  });
});
