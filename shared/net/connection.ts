import { formatIpv4, formatIpv6 } from '../bytes/address.ts';
import { type Arrival, compareArrivals, type MutableArrival, secondsBetween } from './arrival.ts';
import type { Opening } from './flow-table.ts';
import { HalfStream, type HoleCause } from './half-stream.ts';
import type { HoldBudget } from './hold-budget.ts';
import { TCP_FLAGS, type TcpSegment } from './segment.ts';

/** 0: sent by `endpoints[0]`, 1: sent by `endpoints[1]`. */
export type Direction = 0 | 1;

export interface TcpEndpoint {
  readonly address: string;
  readonly port: number;
}

export type ConnectionEvent =
  | { readonly kind: 'open'; readonly accepts: boolean }
  | { readonly kind: 'close' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'retransmission'; readonly length: number }
  | { readonly kind: 'duplicate'; readonly length: number }
  | { readonly kind: 'conflict'; readonly length: number };

/** Who reads a connection. Calls are synchronous; `bytes` is valid during the call only. */
export interface ConnectionHandler {
  event(direction: Direction, event: ConnectionEvent, arrival: Arrival): void;
  data(direction: Direction, bytes: Uint8Array, start: number, end: number, arrival: Arrival): void;
  hole(direction: Direction, size: number, cause: HoleCause, arrival: Arrival): void;
  /** Nothing more will come. */
  finish(): void;
}

/** No retransmission timer is that quick: the same packet was captured twice. */
const COPY_SECONDS = 0.002;

const { FIN, SYN, RST, ACK } = TCP_FLAGS;

/** One TCP connection, from its SYN (or the first segment captured) to its end. */
export class Connection {
  readonly endpoints: readonly [TcpEndpoint, TcpEndpoint];
  /** The endpoint that sent the SYN, or that did not send the SYN-ACK; null when neither was captured. */
  initiator: Direction | null = null;
  /** Earliest and latest packet of the connection, by time. */
  first: Arrival;
  readonly last: MutableArrival;
  /** Lowest and highest frame number among its packets in the file of the first one. */
  lowestFrame: number;
  highestFrame: number;
  /** Directions of which any packet was captured. */
  readonly captured: [boolean, boolean] = [false, false];
  /** Both sides have closed, or one has reset. */
  closed = false;
  /** The handler needs no more bytes of it. */
  settled = false;
  /** The handler wants no more of it: it is not what was looked for. */
  dismissed = false;
  readonly #streams: readonly [HalfStream, HalfStream];
  readonly #handler: ConnectionHandler;
  readonly #openingSequence: [number, number] = [-1, -1];
  readonly #openingArrival: [Arrival | null, Arrival | null] = [null, null];
  readonly #closing: [boolean, boolean] = [false, false];
  #finished = false;

  constructor(
    segment: TcpSegment,
    direction: Direction,
    arrival: Arrival,
    budget: HoldBudget,
    open: (connection: Connection) => ConnectionHandler,
  ) {
    const format = segment.ipVersion === 4 ? formatIpv4 : formatIpv6;
    const source = { address: format(segment.buffer, segment.source), port: segment.sourcePort };
    const destination = { address: format(segment.buffer, segment.destination), port: segment.destinationPort };
    this.endpoints = direction === 0 ? [source, destination] : [destination, source];
    this.first = arrival;
    this.last = { ...arrival };
    this.lowestFrame = arrival.frame;
    this.highestFrame = arrival.frame;
    this.#streams = [this.#createStream(0, budget), this.#createStream(1, budget)];
    this.#handler = open(this);
  }

  /** Takes over a SYN that was seen before the connection became interesting. */
  replayOpening(opening: Opening): void {
    this.#extend(opening.direction, opening.arrival);
    this.#opened(opening.direction, opening.sequence, opening.accepts, opening.arrival);
  }

  /** True when the segment cannot belong to this connection: a SYN that starts another one on the same ports. */
  isReusedBy(segment: TcpSegment, direction: Direction): boolean {
    if ((segment.flags & SYN) === 0) return false;
    const known = this.#openingSequence[direction];
    if (known >= 0) return known !== segment.sequence && (segment.flags & ACK) === 0;
    if (this.closed) return true;
    return !this.#streams[direction].couldOpenWith(segment.sequence);
  }

  /**
   * The short way for a segment of a settled connection that brings nothing but the next bytes, or acknowledges. False
   * when it does more than that: then `accept` has to look at it. `arrival` is copied.
   */
  passBy(segment: TcpSegment, direction: Direction, arrival: Arrival): boolean {
    if (!this.settled || (segment.flags & (SYN | FIN | RST)) !== 0) return false;
    if (!this.#streams[direction === 0 ? 1 : 0].ignoresAcknowledgements) return false;
    const { sequence, payloadLength, identification } = segment;
    if (payloadLength > 0 && !this.#streams[direction].skip(sequence, payloadLength, identification, arrival)) {
      return false;
    }
    this.#extend(direction, arrival);
    return true;
  }

  accept(segment: TcpSegment, direction: Direction, arrival: Arrival): void {
    if (this.dismissed) return;
    this.#extend(direction, arrival);
    const { flags, payloadLength } = segment;
    const stream = this.#streams[direction];
    let { sequence } = segment;
    if ((flags & SYN) !== 0) {
      this.#opened(direction, sequence, (flags & ACK) !== 0, arrival);
      sequence = (sequence + 1) >>> 0;
    }
    if ((flags & ACK) !== 0 && (flags & RST) === 0) {
      this.#streams[direction === 0 ? 1 : 0].acknowledged(segment.acknowledgement, arrival);
    }
    if ((flags & RST) !== 0) {
      // A payload in a reset is a message to a person (RFC 9293 section 3.5.2), never part of the stream.
      if (!this.closed) this.#handler.event(direction, { kind: 'reset' }, arrival);
      this.closed = true;
      return;
    }
    if (payloadLength > 0) {
      stream.accept(
        sequence,
        segment.buffer,
        segment.payload,
        payloadLength,
        segment.capturedPayload,
        segment.identification,
        arrival,
      );
    }
    if ((flags & FIN) !== 0 && !this.#closing[direction]) {
      this.#closing[direction] = true;
      this.#handler.event(direction, { kind: 'close' }, arrival);
      if (this.#closing[0] && this.#closing[1]) this.closed = true;
    }
  }

  /** The other side has got bytes of this direction that were not delivered. */
  isBehind(direction: Direction): boolean {
    return this.#streams[direction].isBehind;
  }

  /** The handler needs no more bytes; repetitions and the end are still told. */
  settle(): void {
    this.settled = true;
    for (const stream of this.#streams) stream.stopDelivery();
  }

  dismiss(): void {
    this.dismissed = true;
    for (const stream of this.#streams) stream.release();
  }

  /** Delivers what is held and ends the connection. Idempotent. */
  finish(): void {
    if (this.#finished || this.dismissed) return;
    this.#finished = true;
    for (const direction of [0, 1] as const) {
      this.#streams[direction].finish(this.#closing[direction]);
      if (this.dismissed) return;
    }
    this.#handler.finish();
  }

  #opened(direction: Direction, sequence: number, accepts: boolean, arrival: Arrival): void {
    const stream = this.#streams[direction];
    const earlier = this.#openingArrival[direction];
    if (earlier) {
      const isCopy = Math.abs(secondsBetween(earlier, arrival)) < COPY_SECONDS;
      this.#handler.event(direction, { kind: isCopy ? 'duplicate' : 'retransmission', length: 0 }, arrival);
      return;
    }
    this.#openingSequence[direction] = sequence;
    this.#openingArrival[direction] = arrival;
    this.initiator ??= accepts ? (direction === 0 ? 1 : 0) : direction;
    this.#handler.event(direction, { kind: 'open', accepts }, arrival);
    stream.open(sequence);
  }

  #extend(direction: Direction, arrival: Arrival): void {
    this.captured[direction] = true;
    if (arrival.capture === this.first.capture) {
      this.lowestFrame = Math.min(this.lowestFrame, arrival.frame);
      this.highestFrame = Math.max(this.highestFrame, arrival.frame);
    }
    if (compareArrivals(arrival, this.first) < 0) this.first = arrival;
    // Copied: most packets are the last for a moment, and none of them should be kept for that.
    if (compareArrivals(arrival, this.last) > 0) overwrite(this.last, arrival);
  }

  #createStream(direction: Direction, budget: HoldBudget): HalfStream {
    return new HalfStream(
      {
        data: (bytes, start, end, arrival) => {
          if (!this.dismissed) this.#handler.data(direction, bytes, start, end, arrival);
        },
        hole: (size, cause, arrival) => {
          if (!this.dismissed) this.#handler.hole(direction, size, cause, arrival);
        },
        repeated: (length, samePacket, arrival) => {
          this.#handler.event(direction, { kind: samePacket ? 'duplicate' : 'retransmission', length }, arrival);
        },
        conflict: (length, arrival) => {
          this.#handler.event(direction, { kind: 'conflict', length }, arrival);
        },
      },
      budget,
    );
  }
}

function overwrite(target: MutableArrival, { capture, frame, seconds, fraction, digits }: Arrival): void {
  target.capture = capture;
  target.frame = frame;
  target.seconds = seconds;
  target.fraction = fraction;
  target.digits = digits;
}
