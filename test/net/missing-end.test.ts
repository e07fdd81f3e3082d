import { describe, expect, it } from 'vitest';
import type { Arrival } from '../../shared/net/arrival.ts';
import { HalfStream } from '../../shared/net/half-stream.ts';
import { HoldBudget } from '../../shared/net/hold-budget.ts';

const OPENING = 0xffff_fff0;
const at = (frame: number): Arrival => ({ capture: 0, frame, seconds: frame, fraction: 0, digits: 6 });

/** A stream with its SYN and ten bytes, of which the other side acknowledged `bytes`; returns the holes. */
function holesAfter(bytes: number, closed: boolean): readonly (readonly [number, string, number])[] {
  const holes: [number, string, number][] = [];
  const stream = new HalfStream(
    {
      data: () => {},
      hole: (size, cause, arrival) => holes.push([size, cause, arrival.frame]),
      repeated: () => {},
      conflict: () => {},
    },
    new HoldBudget(),
  );
  stream.open(OPENING);
  stream.accept((OPENING + 1) >>> 0, new Uint8Array(10), 0, 10, 10, 1, at(1));
  stream.acknowledged((OPENING + 1 + bytes) >>> 0, at(2));
  stream.acknowledged((OPENING + 1 + 5) >>> 0, at(3));
  stream.finish(closed);
  return holes;
}

describe('bytes acknowledged by the other side and never captured (RFC 9293 section 3.4)', () => {
  it('are a hole at the end, named at the packet that acknowledged them', () => {
    expect(holesAfter(110, false)).toEqual([[100, 'lost', 2]]);
  });

  it('count without the FIN', () => {
    expect(holesAfter(111, true)).toEqual([[100, 'lost', 2]]);
    expect(holesAfter(11, true)).toEqual([]);
  });

  it('are not there when one more than the bytes is acknowledged: a FIN that was not captured', () => {
    expect(holesAfter(11, false)).toEqual([]);
  });

  it('are not there when less, or all, is acknowledged', () => {
    expect(holesAfter(4, false)).toEqual([]);
    expect(holesAfter(10, false)).toEqual([]);
  });

  it('are not believed far ahead of the stream', () => {
    expect(holesAfter(0x3000_0000, false)).toEqual([]);
    expect(holesAfter(0x9000_0000, false)).toEqual([]);
  });
});
