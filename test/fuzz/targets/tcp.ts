/** Fuzzing of one direction of TCP: what must hold whatever segments come in whatever order. */
import { LIMITS } from '../../../shared/bytes/limits.ts';
import type { Arrival } from '../../../shared/net/arrival.ts';
import { HalfStream } from '../../../shared/net/half-stream.ts';
import { HoldBudget } from '../../../shared/net/hold-budget.ts';

/** Bytes of the input that make one segment. */
const SEGMENT_BYTES = 8;
const OPEN = 1;
const ACKNOWLEDGE = 2;
const STOP = 4;

export const target = { name: 'tcp', seeds, run };

/** Each input: a byte for the start of the sequence numbers, a reserved one, and segments. */
function seeds(): Uint8Array[] {
  const inOrder = Array.from({ length: 12 }, (_, i) => segment(i * 40, 40, i === 0 ? OPEN : ACKNOWLEDGE));
  const orders = [
    inOrder,
    [...inOrder].reverse(),
    inOrder.filter((_, i) => i !== 3),
    [...inOrder, ...inOrder],
    inOrder.slice(1),
  ];
  const overlapping = Array.from({ length: 20 }, (_, i) => segment(i * 25, 60, 0));
  const farAhead = [
    segment(0, 10, OPEN),
    segment(30_000, 200, 0),
    segment(-20_000, 50, ACKNOWLEDGE),
    segment(10, 10, STOP),
  ];
  return [...orders, overlapping, farAhead].flatMap((list) =>
    [0, 1, 2, 3].map((start) => Uint8Array.from([start, 0, ...list.flat()])),
  );
}

/** Offset, length on the wire, what happens beside it, bytes cut off by the snap length. */
function segment(at: number, length: number, does: number, cut = 0): number[] {
  return [does, (at >> 8) & 0xff, at & 0xff, length >> 8, length & 0xff, cut, at & 0xff, 0];
}

/** The byte at an offset of the stream. */
function byteAt(offset: number): number {
  return (Math.imul(offset, 0x9e3779b1) >>> 11) & 0xff;
}

function run(input: Uint8Array): void {
  const base = [1_000, 0xffffff00, 0x7fffffff, 0][(input[0] ?? 0) & 3];
  const budget = new HoldBudget();
  /** Offset of the next byte that has to come; null before the first. */
  let position: number | null = null;
  let delivered = 0;
  let given = 0;
  const stream: HalfStream = new HalfStream(
    {
      data(bytes, start, end) {
        assert(position !== null && start < end && end <= bytes.length, 'data without a place');
        for (let at = start; at < end; at++)
          assert(bytes[at] === byteAt(position + at - start), 'a byte in the wrong place');
        position += end - start;
        delivered += end - start;
      },
      hole(size, cause) {
        assert(size >= 0 && (size > 0 || cause === 'before-capture'), `a hole of ${size} bytes`);
        position = cause === 'before-capture' ? (stream.next - base) | 0 : (position ?? 0) + size;
      },
      repeated: (length) => assert(length > 0, 'a repetition of nothing'),
      // Nothing here differs from what was sent before.
      conflict: () => assert(false, 'a conflict'),
    },
    budget,
  );
  let frame = 0;
  for (let at = 2; at + SEGMENT_BYTES <= input.length; at += SEGMENT_BYTES) {
    const [does, high, low, lengthHigh, lengthLow, cut, identification, acknowledgement] = input.subarray(
      at,
      at + SEGMENT_BYTES,
    );
    const offset = ((((high << 8) | low) << 16) >> 16) * (does & 8 ? 40_000 : 1);
    const length = 1 + (((lengthHigh & 15) << 8) | lengthLow);
    const captured = Math.max(0, length - cut * (does & 16 ? 1 : 0));
    const arrival: Arrival = { capture: 0, frame: ++frame, seconds: frame, fraction: 0, digits: 0 };
    if (does & OPEN) {
      // A SYN counts where it can belong to the bytes seen, as the connection sees to.
      if (stream.couldOpenWith((base - 1) >>> 0)) {
        position ??= 0;
        stream.open((base - 1) >>> 0);
      }
    }
    const buffer = new Uint8Array(captured + 3);
    for (let i = 0; i < captured; i++) buffer[2 + i] = byteAt(offset + i);
    given += captured;
    stream.accept((base + offset) >>> 0, buffer, 2, length, captured, identification, arrival);
    if (does & ACKNOWLEDGE) stream.acknowledged((base + offset + length + acknowledgement) >>> 0, arrival);
    if (does & STOP && (input[1] & 1) !== 0) stream.stopDelivery();
    assert(budget.heldBytes <= LIMITS.heldBytesPerDirection + length, 'too much is held');
  }
  stream.finish(false);
  assert(budget.heldBytes === 0, 'bytes are held at the end');
  assert(delivered <= given, 'more was delivered than came');
}

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
