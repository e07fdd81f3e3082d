import type { PacketPlace } from '../../shared/capture/reader.ts';
import type { Direction } from '../../shared/net/connection.ts';
import type { FlowFollower } from '../../shared/net/flow-filter.ts';
import type { Opening } from '../../shared/net/flow-table.ts';
import { TCP_FLAGS, type TcpSegment } from '../../shared/net/segment.ts';
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
  SYN_COUNT_MASK,
  VERDICT_FLOWS,
  WORD,
} from './segment-ring.ts';

/** The reader is given this long to empty a block before it counts as dead. */
const PATIENCE_MILLISECONDS = 60_000;
const STEP_MILLISECONDS = 250;

const { SYN, ACK } = TCP_FLAGS;

/** The thread that scans packets hands the segments of followed flows to the thread that reads them. */
export class SegmentWriter implements FlowFollower {
  readonly #control: Int32Array;
  readonly #verdicts: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  /** By flow: SYNs without ACK passed on. */
  #synCounts = new Uint32Array(1024);
  #block = 0;
  #at = 0;

  constructor(ring: SegmentRing) {
    this.#control = new Int32Array(ring.control);
    this.#verdicts = new Int32Array(ring.verdicts);
    this.#bytes = new Uint8Array(ring.blocks);
    this.#words = new Int32Array(ring.blocks);
    this.#doubles = new Float64Array(ring.blocks);
  }

  opening(flow: number, direction: Direction, segment: TcpSegment, opening: Opening): void {
    const { arrival, accepts, sequence } = opening;
    if (!accepts) this.#countSyn(flow);
    const at = this.#reserve(0);
    const words = this.#words;
    const word = at >> 2;
    this.#doubles[at >> 3] = arrival.seconds;
    this.#doubles[(at >> 3) + 1] = arrival.fraction;
    words[word + WORD.capture] = arrival.capture;
    words[word + WORD.frame] = arrival.frame;
    words[word + WORD.digits] = arrival.digits;
    words[word + WORD.sequence] = sequence;
    words[word + WORD.flags] = accepts ? SYN | ACK : SYN;
    words[word + WORD.payloadLength] = 0;
    words[word + WORD.capturedPayload] = 0;
    words[word + WORD.identification] = opening.direction;
    this.#begin(at, 1, flow, direction, segment);
  }

  segment(flow: number, direction: Direction, segment: TcpSegment, capture: number, place: PacketPlace): void {
    if ((segment.flags & (SYN | ACK)) === SYN) this.#countSyn(flow);
    // A settled connection is only watched for its end: its bytes can stay here.
    const captured = this.#isVerdict(flow, SETTLED) ? 0 : segment.capturedPayload;
    const at = this.#reserve(captured);
    const words = this.#words;
    const word = at >> 2;
    this.#doubles[at >> 3] = place.timeSeconds();
    this.#doubles[(at >> 3) + 1] = place.timeFraction();
    words[word + WORD.capture] = capture;
    words[word + WORD.frame] = place.frame;
    words[word + WORD.digits] = place.timeDigits();
    words[word + WORD.sequence] = segment.sequence;
    words[word + WORD.acknowledgement] = segment.acknowledgement;
    words[word + WORD.flags] = segment.flags;
    words[word + WORD.window] = segment.window;
    words[word + WORD.payloadLength] = segment.payloadLength;
    words[word + WORD.capturedPayload] = captured;
    words[word + WORD.identification] = segment.identification;
    this.#begin(at, 0, flow, direction, segment);
    if (captured > 0) {
      const { buffer, payload } = segment;
      this.#bytes.set(buffer.subarray(payload, payload + captured), at + PAYLOAD_AT);
    }
  }

  isDismissed(flow: number): boolean {
    return this.#isVerdict(flow, DISMISSED);
  }

  /** No more segments. */
  end(): void {
    this.#control[CONTROL.ended] = this.#block + 1;
    this.#publish();
  }

  /** What both kinds of records begin with: the kind, the flow and its endpoints as `segment` has them. */
  #begin(at: number, kind: 0 | 1, flow: number, direction: Direction, segment: TcpSegment): void {
    const { buffer, source, destination, ipVersion, sourcePort, destinationPort } = segment;
    const words = this.#words;
    const word = at >> 2;
    words[word + WORD.kind] = kind;
    words[word + WORD.flow] = flow;
    words[word + WORD.direction] = direction;
    words[word + WORD.ipVersion] = ipVersion;
    words[word + WORD.sourcePort] = sourcePort;
    words[word + WORD.destinationPort] = destinationPort;
    const bytes = this.#bytes;
    const length = ipVersion === 4 ? 4 : 16;
    for (let i = 0; i < length; i++) {
      bytes[at + ADDRESSES_AT + i] = buffer[source + i];
      bytes[at + ADDRESSES_AT + ADDRESS_BYTES + i] = buffer[destination + i];
    }
  }

  #countSyn(flow: number): void {
    if (flow >= this.#synCounts.length) {
      const grown = new Uint32Array(Math.max(2 * this.#synCounts.length, flow + 1));
      grown.set(this.#synCounts);
      this.#synCounts = grown;
    }
    this.#synCounts[flow]++;
  }

  #isVerdict(flow: number, what: number): boolean {
    if (flow >= VERDICT_FLOWS) return false;
    const verdict = Atomics.load(this.#verdicts, flow);
    return (verdict & what) !== 0 && (verdict & SYN_COUNT_MASK) === (this.#synCounts[flow] ?? 0);
  }

  /** Where the next record goes, in bytes from the start of the ring. */
  #reserve(payloadBytes: number): number {
    const needed = recordBytes(payloadBytes);
    if (this.#at + needed > BLOCK_BYTES) {
      this.#publish();
      this.#block = (this.#block + 1) % BLOCK_COUNT;
      this.#at = 0;
      this.#waitForBlock();
    }
    const at = this.#block * BLOCK_BYTES + this.#at;
    this.#at += needed;
    return at;
  }

  #publish(): void {
    const control = this.#control;
    control[CONTROL.used + this.#block] = this.#at;
    Atomics.store(control, CONTROL.state + this.#block, FULL);
    Atomics.notify(control, CONTROL.state + this.#block);
  }

  #waitForBlock(): void {
    const control = this.#control;
    const index = CONTROL.state + this.#block;
    for (let waited = 0; Atomics.load(control, index) !== EMPTY; waited += STEP_MILLISECONDS) {
      if (Atomics.load(control, CONTROL.failed) === 1 || waited > PATIENCE_MILLISECONDS) {
        throw new Error('The thread that reads the segments has stopped.');
      }
      Atomics.wait(control, index, FULL, STEP_MILLISECONDS);
    }
  }
}
