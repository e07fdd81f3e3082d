import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLOW_TRACKED, FlowTable } from '../../shared/net/flow-table.ts';
import { arrivalAt, type SegmentFields, segmentOf, turned } from './segments.ts';

const flow = (number: number): SegmentFields => ({
  source: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
  sourcePort: 1_024 + (number % 60_000),
});

/** Finds the flow or adds it; -1 where its set has no room. */
function enter(table: FlowTable, fields: SegmentFields): number {
  const slot = table.find(segmentOf(fields));
  return slot >= 0 ? slot : table.insert();
}

/** So many flows whose slots lie in the first set of a table of that size. */
function crowd(slots: number, count: number): SegmentFields[] {
  const found: SegmentFields[] = [];
  for (let number = 0; found.length < count; number++) {
    const fields = flow(number);
    if (enter(new FlowTable(4, slots), fields) < 8) found.push(fields);
  }
  return found;
}

describe('a flow', () => {
  it.each([
    ['IPv4', { source: '192.0.2.1', destination: '192.0.2.200' }],
    ['IPv4 above 127', { source: '192.0.2.1', destination: '10.0.0.1' }],
    ['IPv6', { source: '2001:db8::1', destination: '2001:db8::ff' }],
    ['IPv6 of one prefix', { source: 'fe80::ff:1', destination: 'fe80::1:1' }],
    ['one host with itself', { source: '127.0.0.1', destination: '127.0.0.1', sourcePort: 9, destinationPort: 8 }],
  ])('has both directions in one slot: %s', (_, fields) => {
    const table = new FlowTable(segmentOf(fields).ipVersion === 4 ? 4 : 6, 64);
    const slot = enter(table, fields);
    const { direction } = table;
    expect(table.find(segmentOf(turned(fields)))).toBe(slot);
    expect(table.direction).toBe(1 - direction);
    expect(table.find(segmentOf(fields))).toBe(slot);
    expect(table.direction).toBe(direction);
  });

  it('the direction is 0 for the smaller endpoint, by unsigned address, then by port', () => {
    const table = new FlowTable(4, 64);
    const directionOf = (fields: SegmentFields) => {
      table.find(segmentOf(fields));
      return table.direction;
    };
    expect(directionOf({ source: '10.0.0.1', destination: '200.0.0.1' })).toBe(0);
    expect(directionOf({ source: '200.0.0.1', destination: '10.0.0.1' })).toBe(1);
    expect(directionOf({ source: '9.9.9.9', destination: '9.9.9.9', sourcePort: 60_000, destinationPort: 25 })).toBe(1);
  });

  it('differs by any part of its endpoints', () => {
    for (const version of [4, 6] as const) {
      const base = version === 4 ? { source: '192.0.2.1' } : { source: '2001:db8::1', destination: '2001:db8::2' };
      const others: SegmentFields[] = [
        { ...base, sourcePort: 40_001 },
        { ...base, destinationPort: 26 },
        { ...base, ...(version === 4 ? { source: '192.0.2.2' } : { source: '2001:db8:1::1' }) },
        { ...base, ...(version === 4 ? { destination: '192.0.2.2' } : { destination: '2001:db8::2:2' }) },
      ];
      const table = new FlowTable(version, 1_024);
      enter(table, base);
      for (const other of others) expect(table.find(segmentOf(other))).toBe(-1);
    }
  });
});

describe('the SYNs of a flow', () => {
  it('are remembered by direction, the SYN in front of the SYN-ACK whichever came first', () => {
    const table = new FlowTable(4, 64);
    const slot = enter(table, flow(1));
    const accept = segmentOf({ ...turned(flow(1)), flags: 18, sequence: 4_000_000_000 });
    table.find(accept);
    const accepting = table.direction;
    table.noteOpening(slot, accept, arrivalAt(1));
    const open = segmentOf({ ...flow(1), flags: 2, sequence: 5 });
    table.find(open);
    table.noteOpening(slot, open, arrivalAt(2));
    expect(table.openingsOf(slot)).toEqual([
      { direction: 1 - accepting, accepts: false, sequence: 5, arrival: arrivalAt(2) },
      { direction: accepting, accepts: true, sequence: 4_000_000_000, arrival: arrivalAt(1) },
    ]);
    expect(table.openingSequenceOf(slot, accepting)).toBe(4_000_000_000);
    table.forgetOpening(slot);
    expect(table.openingsOf(slot)).toEqual([]);
    expect(table.openingSequenceOf(slot, accepting)).toBe(-1);
  });

  it('of the flow that had the slot before are forgotten', () => {
    const table = new FlowTable(4, 8);
    for (let number = 0; number < 8; number++) {
      const slot = enter(table, flow(number));
      table.noteOpening(slot, segmentOf(flow(number)), arrivalAt(number + 1));
      table.looked[2 * slot] = 3;
    }
    const slot = enter(table, flow(100));
    expect(table.openingsOf(slot)).toEqual([]);
    expect([...table.looked.subarray(2 * slot, 2 * slot + 2)]).toEqual([0, 0]);
  });
});

describe('eviction', () => {
  it('forgets the flow of the set that was unused for longest', () => {
    const table = new FlowTable(4, 8);
    for (let number = 0; number < 8; number++) enter(table, flow(number));
    table.find(segmentOf(flow(0)));
    enter(table, flow(8));
    expect(table.find(segmentOf(flow(1)))).toBe(-1);
    expect(table.find(segmentOf(flow(0)))).toBeGreaterThanOrEqual(0);
  });

  it('never forgets a tracked flow', () => {
    const table = new FlowTable(4, 64);
    const tracked = Array.from({ length: 20 }, (_, number) => flow(number));
    for (const [number, fields] of tracked.entries()) table.track(enter(table, fields), number);
    for (let number = 100; number < 5_000; number++) enter(table, flow(number));
    tracked.forEach((fields, number) => {
      expect(table.reference[table.find(segmentOf(fields))]).toBe(number);
    });
  });

  it('forgets a flow that is tracked no more', () => {
    const table = new FlowTable(4, 8);
    const slot = enter(table, flow(0));
    table.track(slot, 7);
    table.ignore(slot);
    for (let number = 1; number < 9; number++) enter(table, flow(number));
    expect(table.find(segmentOf(flow(0)))).toBe(-1);
  });
});

describe('growth', () => {
  it('keeps every tracked flow with what is known of it', () => {
    for (const version of [4, 6] as const) {
      const table = new FlowTable(version, 8);
      const address = (number: number) =>
        version === 4 ? flow(number) : { source: `2001:db8::${number.toString(16)}`, destination: '2001:db8::25:25' };
      for (let number = 0; number < 3_000; number++) {
        const fields = address(number);
        const slot = enter(table, fields);
        if (slot < 0) {
          table.trackOverflow(number);
          continue;
        }
        table.noteOpening(slot, segmentOf({ ...fields, sequence: number }), arrivalAt(number + 1));
        table.looked[2 * slot] = number & 3;
        table.track(slot, number);
      }
      for (let number = 0; number < 3_000; number++) {
        const slot = table.find(segmentOf(address(number)));
        if (slot < 0) {
          expect(table.findOverflow()).toBe(number);
          continue;
        }
        expect(table.state[slot]).toBe(FLOW_TRACKED);
        expect(table.reference[slot]).toBe(number);
        expect(table.looked[2 * slot]).toBe(number & 3);
        expect(table.openingsOf(slot).map(({ sequence }) => sequence)).toEqual([number]);
      }
      expect(table.state.length).toBeGreaterThanOrEqual(4_096);
    }
  });

  it('an order of use survives it', () => {
    const table = new FlowTable(4, 16);
    const numbers = Array.from({ length: 6 }, (_, number) => number);
    for (const number of numbers) enter(table, flow(number));
    for (let number = 50; number < 60; number++) table.track(enter(table, flow(number)), number);
    const found = numbers.filter((number) => table.find(segmentOf(flow(number))) >= 0);
    expect(found.length).toBeGreaterThan(0);
    for (let number = 50; number < 60; number++) expect(table.find(segmentOf(flow(number)))).toBeGreaterThanOrEqual(0);
  });
});

describe('a crowded set', () => {
  const crowded = crowd(64, 12);

  it('flows that find no room among tracked ones overflow, and are found there', () => {
    const table = new FlowTable(4, 64);
    crowded.forEach((fields, number) => {
      const slot = enter(table, fields);
      expect(slot < 0).toBe(number >= 8);
      if (slot >= 0) table.track(slot, number);
      else table.trackOverflow(number);
    });
    crowded.forEach((fields, number) => {
      const slot = table.find(segmentOf(turned(fields)));
      expect(slot >= 0 ? table.reference[slot] : table.findOverflow()).toBe(number);
    });
    table.find(segmentOf(flow(999_999)));
    expect(table.findOverflow()).toBe(-1);
  });

  it('an overflowed flow is still found when the table has grown', () => {
    const table = new FlowTable(4, 64);
    crowded.forEach((fields, number) => {
      const slot = enter(table, fields);
      if (slot >= 0) table.track(slot, number);
      else table.trackOverflow(number);
    });
    for (let number = 500_000; number < 500_100; number++) {
      const slot = enter(table, flow(number));
      if (slot >= 0) table.track(slot, number);
    }
    expect(table.state.length).toBeGreaterThan(64);
    crowded.forEach((fields, number) => {
      const slot = table.find(segmentOf(fields));
      expect(slot >= 0 ? table.reference[slot] : table.findOverflow()).toBe(number);
    });
  });

  it('a flow that is not tracked takes no room from tracked ones', () => {
    const table = new FlowTable(4, 64);
    for (const [number, fields] of crowded.slice(0, 8).entries()) table.track(enter(table, fields), number);
    expect(enter(table, crowded[9])).toBe(-1);
  });
});

describe('any sequence of calls', () => {
  it('finds what a plain map finds, as far as nothing was forgotten', () => {
    const calls = fc.array(fc.tuple(fc.nat(60), fc.constantFrom('enter', 'track', 'ignore', 'turned')), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(calls, (list) => {
        const table = new FlowTable(4, 16);
        const tracked = new Map<number, number>();
        let next = 0;
        for (const [number, what] of list) {
          const fields = what === 'turned' ? turned(flow(number)) : flow(number);
          const slot = table.find(segmentOf(fields));
          const reference = slot >= 0 ? table.reference[slot] : table.findOverflow();
          const isTracked = slot >= 0 ? table.state[slot] === FLOW_TRACKED : reference >= 0;
          expect(isTracked ? reference : undefined).toBe(tracked.get(number));
          if (what === 'track' && !isTracked) {
            const at = slot >= 0 ? slot : table.insert();
            tracked.set(number, next);
            if (at >= 0) table.track(at, next++);
            else table.trackOverflow(next++);
          } else if (what === 'ignore' && slot >= 0) {
            table.ignore(slot);
            tracked.delete(number);
          } else if (slot < 0 && !isTracked) {
            table.insert();
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
