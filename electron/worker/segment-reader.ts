import type { Arrival } from '../../shared/net/arrival.ts';
import type { Direction } from '../../shared/net/connection.ts';
import type { ConnectionSet } from '../../shared/net/connection-set.ts';
import { TCP_FLAGS, TcpSegment } from '../../shared/net/segment.ts';
import {
  ADDRESS_BYTES,
  ADDRESSES_AT,
  BLOCK_BYTES,
  BLOCK_COUNT,
  CONTROL,
  DISMISSED,
  EMPTY,
  FULL,
  PAYLOAD_AT,
  recordBytes,
  SETTLED,
  type SegmentRing,
  VERDICT_FLOWS,
  WORD,
} from './segment-ring.ts';

const { SYN, ACK } = TCP_FLAGS;

/** Takes segments out of the ring, in the order in which they were put in, until the writer ends. Blocks the thread. */
export function readSegments(ring: SegmentRing, connections: ConnectionSet): void {
  const control = new Int32Array(ring.control);
  const reader = new SegmentReader(ring, connections);
  for (let block = 0; ; block = (block + 1) % BLOCK_COUNT) {
    const index = CONTROL.state + block;
    while (Atomics.load(control, index) !== FULL) Atomics.wait(control, index, EMPTY);
    reader.read(block * BLOCK_BYTES, block * BLOCK_BYTES + control[CONTROL.used + block]);
    const isLast = control[CONTROL.ended] === block + 1;
    Atomics.store(control, index, EMPTY);
    Atomics.notify(control, index);
    if (isLast) return;
  }
}

class SegmentReader {
  readonly #connections: ConnectionSet;
  readonly #verdicts: Int32Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #segment = new TcpSegment();
  readonly #synCounts: number[] = [];

  constructor(ring: SegmentRing, connections: ConnectionSet) {
    this.#connections = connections;
    this.#verdicts = new Int32Array(ring.verdicts);
    this.#words = new Int32Array(ring.blocks);
    this.#doubles = new Float64Array(ring.blocks);
    this.#segment.buffer = new Uint8Array(ring.blocks);
  }

  read(start: number, end: number): void {
    for (let at = start; at < end; ) at += this.#record(at);
  }

  #record(at: number): number {
    const words = this.#words;
    const word = at >> 2;
    const segment = this.#segment;
    const flow = words[word + WORD.flow];
    const direction = words[word + WORD.direction] as Direction;
    const captured = words[word + WORD.capturedPayload];
    segment.ipVersion = words[word + WORD.ipVersion];
    segment.source = at + ADDRESSES_AT;
    segment.destination = at + ADDRESSES_AT + ADDRESS_BYTES;
    segment.sourcePort = words[word + WORD.sourcePort];
    segment.destinationPort = words[word + WORD.destinationPort];
    segment.sequence = words[word + WORD.sequence] >>> 0;
    segment.acknowledgement = words[word + WORD.acknowledgement] >>> 0;
    segment.flags = words[word + WORD.flags];
    segment.window = words[word + WORD.window];
    segment.payload = at + PAYLOAD_AT;
    segment.payloadLength = words[word + WORD.payloadLength];
    segment.capturedPayload = captured;
    segment.identification = words[word + WORD.identification] >>> 0;
    const arrival: Arrival = {
      capture: words[word + WORD.capture],
      frame: words[word + WORD.frame],
      seconds: this.#doubles[at >> 3],
      fraction: this.#doubles[(at >> 3) + 1],
      digits: words[word + WORD.digits],
    };
    if ((segment.flags & (SYN | ACK)) === SYN) this.#synCounts[flow] = (this.#synCounts[flow] ?? 0) + 1;
    if (words[word + WORD.kind] === 1) {
      const opened = words[word + WORD.identification] as Direction;
      const accepts = (segment.flags & ACK) !== 0;
      this.#connections.opening(flow, direction, segment, {
        direction: opened,
        accepts,
        sequence: segment.sequence,
        arrival,
      });
    } else {
      this.#connections.segment(flow, direction, segment, arrival);
    }
    this.#judge(flow);
    return recordBytes(captured);
  }

  /** Tells the writer what it need not pass on. */
  #judge(flow: number): void {
    if (flow >= VERDICT_FLOWS) return;
    const isDismissed = this.#connections.isDismissed(flow);
    const verdict = isDismissed ? DISMISSED : this.#connections.isSettled(flow) ? SETTLED : 0;
    const word = verdict === 0 ? 0 : verdict | (this.#synCounts[flow] ?? 0);
    if (this.#verdicts[flow] !== word) Atomics.store(this.#verdicts, flow, word);
  }
}
