import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import type { PacketReader } from '../../shared/capture/reader.ts';
import { FlowFilter } from '../../shared/net/flow-filter.ts';
import { type SegmentFields, segmentOf, turned } from './segments.ts';

const SYN = 2;
const SYN_ACK = 18;
const ACK = 16;

/** Follows port 25 and whatever says MAIL; `NEVER` is given up at once, anything else later. */
class Filter {
  readonly passed: string[] = [];
  readonly dismissed = new Set<number>();
  readonly #filter: FlowFilter;
  #frame = 0;

  constructor() {
    this.#filter = new FlowFilter(
      {
        followsPort: (port) => port === 25,
        inspect: (segment, first) => {
          const text = Buffer.from(segment.buffer.subarray(segment.payload)).toString('latin1');
          if (text.startsWith('MAIL')) return 'follow';
          if (text.startsWith('FIRST') && first) return 'follow';
          return text.startsWith('NEVER') ? 'ignore' : 'later';
        },
      },
      {
        opening: (flow, _, __, { direction, sequence, accepts, arrival }) =>
          this.passed.push(`${flow}.${direction} opening ${sequence}${accepts ? ' accepts' : ''} of ${arrival.frame}`),
        segment: (flow, direction, segment, _, { frame }) =>
          this.passed.push(`${flow}.${direction} ${segment.payloadLength} at ${frame}`),
        isDismissed: (flow) => this.dismissed.has(flow),
      },
    );
  }

  accept(...segments: readonly SegmentFields[]): this {
    for (const fields of segments) {
      const frame = ++this.#frame;
      const reader = { frame, timeSeconds: () => frame, timeFraction: () => 0, timeDigits: () => 0 };
      this.#filter.accept(segmentOf(fields), 0, reader as PacketReader);
    }
    return this;
  }
}

const say = (payload: string, fields: SegmentFields = {}): SegmentFields => ({ ...fields, flags: ACK, payload });
const open = (sequence: number, fields: SegmentFields = {}): SegmentFields => ({ ...fields, flags: SYN, sequence });

describe('flows of a followed port', () => {
  it('are followed from the SYN on, without a look at what they say', () => {
    const to25 = { destinationPort: 25 };
    const { passed } = new Filter().accept(open(7, to25), { ...turned(to25), flags: SYN_ACK }, say('NEVER', to25));
    expect(passed).toEqual(['0.0 0 at 1', '0.1 0 at 2', '0.0 5 at 3']);
  });

  it('are followed from the first byte where the SYN was not captured, a mere ACK starts nothing', () => {
    const to25 = { destinationPort: 25 };
    const { passed } = new Filter().accept(say('', to25), say('x', to25), say('', to25));
    expect(passed).toEqual(['0.0 1 at 2', '0.0 0 at 3']);
  });
});

describe('flows of any other port', () => {
  it('are followed once they say the word, with the SYNs and the segments that came before', () => {
    const { passed } = new Filter().accept(open(7), { ...turned(open(9)), flags: SYN_ACK }, say('hello'), say('MAIL'));
    expect(passed).toEqual(['0.0 opening 7 of 1', '0.1 opening 9 accepts of 2', '0.0 5 at 3', '0.0 4 at 4']);
  });

  it('are given up after a few packets of a direction', () => {
    const filter = new Filter();
    for (let packet = 0; packet < LIMITS.detectionPackets; packet++) filter.accept(say('hello'));
    expect(filter.accept(say('MAIL'), turned(say('MAIL'))).passed).toEqual([]);
    const other = new Filter().accept(
      say('hello'),
      say('hello'),
      turned(say('hello')),
      turned(say('hello')),
      say('MAIL'),
    );
    expect(other.passed).toEqual(['0.0 5 at 1', '0.0 5 at 2', '0.1 5 at 3', '0.1 5 at 4', '0.0 4 at 5']);
  });

  it('are given up at once on a word that says so, until the ports are used again', () => {
    const { passed } = new Filter().accept(say('NEVER'), say('MAIL'), open(5), say('MAIL'));
    expect(passed).toEqual(['0.0 opening 5 of 3', '0.0 4 at 4']);
  });

  it('the first bytes of a side are known by its SYN, across the wrap of sequence numbers', () => {
    const first = say('FIRST', { sequence: 0 });
    expect(new Filter().accept(open(0xffffffff), first).passed).toHaveLength(2);
    expect(new Filter().accept(open(0xfffffff0), first).passed).toEqual([]);
    expect(new Filter().accept(first).passed).toEqual([]);
  });
});

describe('a dismissed flow', () => {
  it('is passed on no more, and a SYN on the same ports starts anew', () => {
    const filter = new Filter().accept(say('MAIL'));
    filter.dismissed.add(0);
    filter.accept(say('x'), say('MAIL'), open(77), say('MAIL'));
    expect(filter.passed).toEqual(['0.0 4 at 1', '1.0 opening 77 of 4', '1.0 4 at 5']);
  });

  it('starts anew also when the SYN is the first packet after the dismissal', () => {
    const filter = new Filter().accept(say('MAIL'));
    filter.dismissed.add(0);
    expect(filter.accept(open(77), say('MAIL')).passed.slice(1)).toEqual(['1.0 opening 77 of 2', '1.0 4 at 3']);
  });
});

describe('many flows', () => {
  it('followed ones are found among any number of others', () => {
    const filter = new Filter();
    const mail = Array.from({ length: 200 }, (_, number) => ({ sourcePort: 20_000 + number, destinationPort: 25 }));
    for (const fields of mail) filter.accept(open(1, fields));
    const noise = LIMITS.undecidedFlows + 10_000;
    for (let number = 0; number < noise; number++) {
      filter.accept(open(number, { source: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}` }));
    }
    const before = filter.passed.length;
    for (const fields of mail) filter.accept(say('x', fields));
    expect(filter.passed.slice(before).map((line) => line.split('.')[0])).toEqual(
      mail.map((_, number) => String(number)),
    );
  });
});
