import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import type { Arrival } from '../../shared/net/arrival.ts';
import { HalfStream } from '../../shared/net/half-stream.ts';
import { HoldBudget } from '../../shared/net/hold-budget.ts';
import { latin1 } from '../support/talk.ts';

/** Offset in the stream, bytes (or how many were cut off by the snap length), and what else is not as usual. */
interface Part {
  readonly at: number;
  readonly text: string;
  /** Bytes on the wire behind `text`, cut by the snap length. */
  readonly cut?: number;
  readonly identification?: number;
  readonly milliseconds?: number;
}

class Listener {
  /** Bytes delivered; a hole is `<size cause>`. */
  text = '';
  readonly events: string[] = [];
  readonly budget: HoldBudget;
  readonly stream: HalfStream;
  readonly #start: number;
  #frame = 0;

  constructor(start = 1_000, budget = new HoldBudget()) {
    this.#start = start;
    this.budget = budget;
    this.stream = new HalfStream(
      {
        data: (bytes, from, to) => {
          this.text += Buffer.from(bytes.subarray(from, to)).toString('latin1');
        },
        hole: (size, cause, { frame }) => {
          this.text += `<${size} ${cause}>`;
          this.events.push(`hole ${size} ${cause} at ${frame}`);
        },
        repeated: (length, samePacket, { frame }) =>
          this.events.push(`${samePacket ? 'copy' : 'again'} ${length} at ${frame}`),
        conflict: (length, { frame }) => this.events.push(`conflict ${length} at ${frame}`),
      },
      budget,
    );
  }

  /** The SYN stands one in front of offset 0. */
  open(): this {
    this.stream.open((this.#start - 1) >>> 0);
    return this;
  }

  accept(...parts: readonly Part[]): this {
    for (const { at, text, cut = 0, identification, milliseconds } of parts) {
      const frame = ++this.#frame;
      const buffer = latin1(`##${text}##`);
      const sequence = (this.#start + at) >>> 0;
      const length = text.length + cut;
      const arrival = arrivalAt(frame, milliseconds ?? frame * 10);
      this.stream.accept(sequence, buffer, 2, length, text.length, identification ?? frame, arrival);
    }
    return this;
  }

  acknowledged(at: number): this {
    const frame = ++this.#frame;
    this.stream.acknowledged((this.#start + at) >>> 0, arrivalAt(frame, frame * 10));
    return this;
  }

  finish(closed = false): this {
    this.stream.finish(closed);
    return this;
  }
}

function arrivalAt(frame: number, milliseconds: number): Arrival {
  return { capture: 0, frame, seconds: Math.floor(milliseconds / 1_000), fraction: milliseconds % 1_000, digits: 3 };
}

const part = (at: number, text: string): Part => ({ at, text });

describe('segments in order', () => {
  it('are delivered at once', () => {
    const { text, events } = new Listener().open().accept(part(0, 'EHLO'), part(4, ' a'));
    expect([text, events]).toEqual(['EHLO a', []]);
  });

  it('the sequence number wraps at 2^32 (RFC 9293 section 3.4)', () => {
    const listener = new Listener(2 ** 32 - 3)
      .open()
      .accept(part(0, 'ab'), part(4, 'ef'), part(2, 'cd'), part(6, 'gh'));
    expect([listener.text, listener.events]).toEqual(['abcdefgh', []]);
    expect(listener.stream.next).toBe(5);
  });
});

describe('reordering', () => {
  it('segments behind a hole wait for it to be filled', () => {
    const listener = new Listener().open().accept(part(2, 'cd'), part(4, 'ef'));
    expect(listener.text).toBe('');
    listener.accept(part(0, 'ab'));
    expect([listener.text, listener.events]).toEqual(['abcdef', []]);
    expect(listener.budget.heldBytes).toBe(0);
  });

  it('any order and any overlap of the same bytes gives the same stream', () => {
    const whole = 'abcdefghijklmnopqrstuvwxyz0123456789';
    const pieces = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 12 })), { maxLength: 20 });
    fc.assert(
      fc.property(pieces, fc.constantFrom(1_000, 0, 2 ** 32 - 10, 2 ** 31 - 5), (extra, start) => {
        const parts = extra.map(([at, length]) => part(at, whole.slice(at, at + length)));
        const rest = [...whole].map((character, at) => part(at, character));
        const listener = new Listener(start)
          .open()
          .accept(...parts, ...rest)
          .finish();
        expect(listener.text).toBe(whole);
        expect(listener.events.filter((event) => !event.startsWith('again'))).toEqual([]);
        expect(listener.budget.heldBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('bytes that come again', () => {
  it('a retransmission is told with its length', () => {
    const { text, events } = new Listener().open().accept(part(0, 'abcd'), part(4, 'ef'), part(0, 'abcd'));
    expect([text, events]).toEqual(['abcdef', ['again 4 at 3']]);
  });

  it('a retransmission that brings more is taken from where it is new', () => {
    const { text, events } = new Listener().open().accept(part(0, 'ab'), part(0, 'abcd'));
    expect([text, events]).toEqual(['abcd', []]);
  });

  it('the same packet captured twice (SPAN) has the same IP identification', () => {
    const copy = { at: 0, text: 'abcd', identification: 7 };
    const { events } = new Listener().open().accept(copy, copy, { ...copy, identification: 8 });
    expect(events).toEqual(['copy 4 at 2', 'again 4 at 3']);
  });

  it('without identification (IPv6) a copy comes quicker than any timer', () => {
    const sent = { at: 0, text: 'abcd', identification: 0, milliseconds: 10 };
    const { events } = new Listener()
      .open()
      .accept(sent, { ...sent, milliseconds: 11 }, { ...sent, milliseconds: 250 });
    expect(events).toEqual(['copy 4 at 2', 'again 4 at 3']);
  });

  it('a copy of what is held behind a hole is told too', () => {
    const held = { at: 4, text: 'efgh', identification: 9 };
    const { text, events } = new Listener().open().accept(held, held, part(0, 'abcd'));
    expect([text, events]).toEqual(['abcdefgh', ['copy 4 at 2']]);
  });

  it('keep-alive probes are no retransmissions (RFC 9293 section 3.8.4)', () => {
    const { events } = new Listener().open().accept(part(0, 'abcd'), part(3, '\0'), part(3, 'd'));
    expect(events).toEqual([]);
  });

  it('zero-window probes carry the next byte, which then comes again', () => {
    const { text, events } = new Listener().open().accept(part(0, 'abcd'), part(4, 'e'), part(4, 'e'), part(4, 'efgh'));
    expect([text, events]).toEqual(['abcdefgh', []]);
  });
});

describe('bytes that come again with other content', () => {
  it('the first copy wins, and the conflict is told with its size', () => {
    const { text, events } = new Listener().open().accept(part(0, 'abcd'), part(4, 'ef'), part(2, 'XYef'));
    expect([text, events]).toEqual(['abcdef', ['conflict 2 at 3', 'again 4 at 3']]);
  });

  it('the first copy wins among held segments too', () => {
    const { text, events } = new Listener().open().accept(part(2, 'cd'), part(2, 'XY'), part(1, 'bXd'), part(0, 'a'));
    expect(text).toBe('abcd');
    expect(events).toEqual(['conflict 2 at 2', 'again 2 at 2', 'conflict 1 at 3']);
  });

  it('a segment that spans several held ones fills what is between them', () => {
    const { text, events } = new Listener().open().accept(part(2, 'c'), part(5, 'f'), part(0, 'abcdefgh'));
    expect([text, events]).toEqual(['abcdefgh', []]);
  });

  it('is seen as far back as bytes are kept', () => {
    const filler = 'x'.repeat(1_000);
    const listener = new Listener().open();
    for (let at = 0; at < 3 * LIMITS.historyBytesPerDirection; at += 1_000) listener.accept(part(at, filler));
    const end = listener.text.length;
    listener.accept(part(end - 4_000, `y${filler}`), part(0, `y${filler}`));
    expect(listener.events).toEqual([
      `conflict 1 at ${end / 1_000 + 1}`,
      `again 1001 at ${end / 1_000 + 1}`,
      `again 1001 at ${end / 1_000 + 2}`,
    ]);
  });
});

describe('loss', () => {
  it('at the end a hole is told with its size and the frame behind it, and what follows is delivered', () => {
    const { text, events } = new Listener().open().accept(part(0, 'ab'), part(10, 'kl'), part(14, 'op')).finish();
    expect(text).toBe('ab<8 lost>kl<2 lost>op');
    expect(events).toEqual(['hole 8 lost at 2', 'hole 2 lost at 3']);
  });

  it('a hole is given up when too many segments wait behind it', () => {
    const listener = new Listener().open();
    for (let i = 0; i < LIMITS.heldSegmentsPerDirection; i++) listener.accept(part(10 + i, 'x'));
    expect(listener.text).toBe('');
    listener.accept(part(10 + LIMITS.heldSegmentsPerDirection, 'y'));
    expect(listener.text).toBe(`<10 lost>${'x'.repeat(LIMITS.heldSegmentsPerDirection)}y`);
  });

  it('a hole is given up when too many bytes wait behind it', () => {
    const listener = new Listener().open();
    const filler = 'x'.repeat(32_768);
    const count = LIMITS.heldBytesPerDirection / filler.length;
    for (let i = 0; i < count; i++) listener.accept(part(10 + i * filler.length, filler));
    expect(listener.text).toBe('');
    listener.accept(part(10 + count * filler.length, 'y'));
    expect(listener.text.startsWith('<10 lost>xxx')).toBe(true);
    expect(listener.budget.heldBytes).toBe(0);
  });

  it('the budget of all streams together is kept', () => {
    const budget = new HoldBudget();
    const filler = 'x'.repeat(65_536);
    const listeners = Array.from({ length: LIMITS.heldBytes / 65_536 + 8 }, () => new Listener(1, budget).open());
    for (const listener of listeners) listener.accept(part(10, filler));
    expect(budget.heldBytes).toBeLessThanOrEqual(LIMITS.heldBytes);
    for (const listener of listeners) {
      expect(['', `<10 lost>${filler}`]).toContain(listener.text);
      expect(listener.finish().text).toBe(`<10 lost>${filler}`);
    }
    expect(budget.heldBytes).toBe(0);
  });

  it('bytes that were acknowledged and never captured are missing at the end', () => {
    const acknowledged = (at: number, closed = false) =>
      new Listener().open().accept(part(0, 'ab')).acknowledged(at).finish(closed).text;
    expect(acknowledged(10)).toBe('ab<8 lost>');
    // A FIN counts as one (RFC 9293 section 3.4), whether it was captured or not.
    expect(acknowledged(10, true)).toBe('ab<7 lost>');
    expect(acknowledged(3)).toBe('ab');
    // As far ahead as this the acknowledgement is of another connection.
    expect(acknowledged(2 ** 30)).toBe('ab');
  });

  it('a short snap length makes holes of known size', () => {
    const { text, events } = new Listener().open().accept({ at: 0, text: 'ab', cut: 8 }, part(10, 'kl')).finish();
    expect(text).toBe('ab<8 snapped>kl');
    expect(events).toEqual(['hole 8 snapped at 1']);
  });

  it('also of segments that were held, or that overlap', () => {
    const held = new Listener().open().accept({ at: 2, text: 'cd', cut: 8 }, part(12, 'mn'), part(0, 'ab')).finish();
    expect(held.text).toBe('abcd<8 snapped>mn');
    const overlapping = new Listener().open().accept(part(0, 'abcd'), { at: 2, text: 'cd', cut: 8 }, part(12, 'm'));
    expect(overlapping.text).toBe('abcd<8 snapped>m');
  });
});

describe('a stream whose start was not captured', () => {
  it('begins at the first byte captured, once that was acknowledged', () => {
    const listener = new Listener().accept(part(100, 'ab'));
    expect(listener.text).toBe('');
    expect(listener.acknowledged(102).text).toBe('<0 before-capture>ab');
  });

  it('begins at the first byte captured, once four segments came', () => {
    const listener = new Listener().accept(part(104, 'c'), part(102, 'b'), part(100, 'a'), part(105, 'd'));
    expect(listener.text).toBe('<0 before-capture>a');
    expect(listener.finish().text).toBe('<0 before-capture>a<1 lost>b<1 lost>cd');
  });

  it('begins where the other side stands, when a segment is reordered at the start', () => {
    const listener = new Listener().accept(part(104, 'ef')).acknowledged(100).accept(part(100, 'abcd'));
    expect(listener.text).toBe('<0 before-capture>abcdef');
  });

  it('begins at the end of the capture at the latest', () => {
    expect(new Listener().accept(part(100, 'ab')).finish().text).toBe('<0 before-capture>ab');
  });

  it('a SYN captured after the first data still counts', () => {
    const { text, events } = new Listener().accept(part(0, 'ab')).open().accept(part(2, 'cd'));
    expect([text, events]).toEqual(['abcd', []]);
  });
});

describe('a stream that is not delivered any more', () => {
  it('still tells repetitions', () => {
    const listener = new Listener().open().accept(part(0, 'ab'));
    listener.stream.stopDelivery();
    listener.accept(part(2, 'cd'), part(2, 'cd'), part(4, 'ef'), part(100, 'gh'));
    expect(listener.text).toBe('ab');
    expect(listener.events).toEqual(['copy 2 at 3'.replace('copy', 'again')]);
  });

  it('goes on behind what was held, wherever its numbers stand', () => {
    for (const start of [1_000, 2 ** 31 + 5, 2 ** 32 - 50]) {
      const listener = new Listener(start).accept(part(0, 'ab'));
      listener.stream.stopDelivery();
      listener.accept(part(2, 'cd'), part(4, 'ef'));
      expect([listener.text, listener.events, listener.budget.heldBytes]).toEqual(['', [], 0]);
    }
  });
});

describe('hostile segments', () => {
  it('any segments at all: no byte twice, nothing held at the end', () => {
    const parts = fc.array(
      fc.record({
        at: fc.oneof(fc.integer({ min: -40, max: 200 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 })),
        text: fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom('a', 'b', 'c') }),
        cut: fc.constantFrom(0, 0, 0, 5, 60_000),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(parts, fc.nat(45), fc.boolean(), (list, openAt, acknowledges) => {
        const listener = new Listener(77);
        list.forEach((each, index) => {
          if (index === openAt) listener.open();
          listener.accept(each);
          if (acknowledges && index % 3 === 0) listener.acknowledged(each.at + 5);
        });
        listener.finish();
        const given = list.reduce((sum, { text }) => sum + text.length, 0);
        const delivered = listener.text.replace(/<[^>]*>/g, '').length;
        expect(delivered).toBeLessThanOrEqual(given);
        expect(listener.budget.heldBytes).toBe(0);
        for (const event of listener.events) expect(event).not.toMatch(/-\d|NaN/);
      }),
      { numRuns: 500 },
    );
  });
});
