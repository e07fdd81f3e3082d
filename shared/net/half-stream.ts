import { LIMITS } from '../bytes/limits.ts';
import { type Arrival, secondsBetween, type TimedPacket } from './arrival.ts';
import type { HoldBudget } from './hold-budget.ts';

/**
 * Why bytes are missing: no packet with them was captured (`lost`), the packet was cut by the snap length
 * (`snapped`), or the capture began later (`before-capture`, size unknown and given as 0).
 */
export type HoleCause = 'lost' | 'snapped' | 'before-capture';

/** What a half stream tells, synchronously and in stream order. `bytes` is valid during the call only. */
export interface HalfStreamSink {
  data(bytes: Uint8Array, start: number, end: number, arrival: Arrival): void;
  /** `size` bytes are missing in front of what `arrival` brought. */
  hole(size: number, cause: HoleCause, arrival: Arrival): void;
  /** Bytes that were sent before came again. `samepacket`: the very same packet was captured twice (SPAN port). */
  repeated(length: number, samePacket: boolean, arrival: Arrival): void;
  /** Bytes came again with other content; the first copy was kept, as receivers do. */
  conflict(length: number, arrival: Arrival): void;
}

interface HeldSegment {
  sequence: number;
  /** Bytes on the wire; more than `bytes` holds where the snap length cut the packet. */
  length: number;
  bytes: Uint8Array;
  arrival: Arrival;
}

const RECENT = 16;

/**
 * One direction of a TCP connection put back in order (RFC 9293 section 3.4: sequence numbers are modulo 2^32).
 *
 * Segments behind a hole are held, in the hope that reordering or a retransmission fills it, until the caps are
 * reached or the connection ends; then the hole is reported with its size and reading goes on behind it. Where two
 * copies of a byte differ the first one wins and the conflict is reported.
 */
export class HalfStream {
  readonly #sink: HalfStreamSink;
  readonly #budget: HoldBudget;
  /** `idle`: nothing seen; `pending`: bytes seen, but not yet sure where the stream starts; `bulk`: only counted. */
  #state: 'idle' | 'pending' | 'streaming' | 'bulk' = 'idle';
  #next = 0;
  #held: HeldSegment[] = [];
  #heldBytes = 0;
  #history: Uint8Array | null = null;
  #historyLength = 0;
  #keepsHistory = true;
  /** The last packets that brought something new. Numbers only: these are kept of every packet of a long stream. */
  readonly #recentSequences: number[] = [];
  readonly #recentIdentifications: number[] = [];
  readonly #recentSeconds: number[] = [];
  readonly #recentFractions: number[] = [];
  readonly #recentDigits: number[] = [];
  #recentAt = 0;
  /** How far the other side acknowledged, and the packet that did; null before it did so beyond what was delivered. */
  #acknowledgement = 0;
  #acknowledgedBy: Arrival | null = null;

  constructor(sink: HalfStreamSink, budget: HoldBudget) {
    this.#sink = sink;
    this.#budget = budget;
  }

  /** True once any byte or the SYN of this direction was seen. */
  get seen(): boolean {
    return this.#state !== 'idle';
  }

  /** Sequence number of the first byte not delivered yet. Meaningful when `seen`. */
  get next(): number {
    return this.#next;
  }

  /** Acknowledgements of this direction tell nothing any more, or not yet. */
  get ignoresAcknowledgements(): boolean {
    return this.#state === 'bulk' || this.#state === 'idle';
  }

  /**
   * The short way for a segment of which nothing but its position is wanted any more. False when it is not the next one:
   * then `accept` has to look at it.
   */
  skip(sequence: number, length: number, identification: number, time: TimedPacket): boolean {
    if (this.#state !== 'bulk' || sequence !== this.#next) return false;
    this.#remember(sequence, identification, time);
    this.#next = (sequence + length) >>> 0;
    return true;
  }

  /** Bytes beyond those delivered were captured, or acknowledged by the other side. */
  get isBehind(): boolean {
    if (this.#held.length > 0) return true;
    return this.#acknowledgedBy !== null && ((this.#acknowledgement - this.#next) | 0) > 0;
  }

  /** A SYN with this sequence number: the first byte of the stream follows it. */
  open(sequence: number): void {
    if (this.#state === 'idle') {
      this.#state = 'streaming';
      this.#next = (sequence + 1) >>> 0;
    } else if (this.#state === 'pending') {
      this.#state = 'streaming';
      this.#next = (sequence + 1) >>> 0;
      this.#drain();
    }
  }

  /** True when a SYN with this sequence number can belong to the bytes seen so far (it was captured late). */
  couldOpenWith(sequence: number): boolean {
    if (this.#state === 'idle') return true;
    const first = this.#state === 'pending' ? this.#held[0].sequence : this.#next;
    const distance = (first - (sequence + 1)) | 0;
    return distance >= 0 && distance <= LIMITS.heldBytesPerDirection;
  }

  /**
   * The other side acknowledged all bytes before this sequence number. For a stream whose start was not captured
   * this is the place where it may be picked up; at the end it tells of bytes that were never captured.
   */
  acknowledged(acknowledgement: number, arrival: Arrival): void {
    if (this.#state === 'pending') {
      const distance = (this.#held[0].sequence - acknowledgement) | 0;
      this.#start(distance > 0 && distance <= LIMITS.heldBytesPerDirection ? acknowledgement : this.#held[0].sequence);
    }
    if (this.#state === 'streaming' && ((acknowledgement - this.#next) | 0) > 0) {
      if (this.#acknowledgedBy === null || ((acknowledgement - this.#acknowledgement) | 0) > 0) {
        this.#acknowledgement = acknowledgement;
        this.#acknowledgedBy = arrival;
      }
    }
  }

  /** From now on bytes are neither delivered nor held: only the position and repetitions are followed. */
  stopDelivery(): void {
    if (this.#state === 'idle' || this.#state === 'bulk') return;
    if (this.#state === 'pending') this.#next = this.#held[0].sequence;
    for (const segment of this.#held) this.#next = laterOf(this.#next, (segment.sequence + segment.length) >>> 0);
    this.#state = 'bulk';
    this.release();
  }

  /**
   * A segment with payload. `buffer[payload, payload + captured)` are the bytes at hand, `length` the bytes on the
   * wire, `identification` the one of IP (0 when there is none).
   */
  accept(
    sequence: number,
    buffer: Uint8Array,
    payload: number,
    length: number,
    captured: number,
    identification: number,
    arrival: Arrival,
  ): void {
    if (this.#state === 'idle') this.#state = 'pending';
    if (this.#state === 'pending') {
      this.#hold(sequence, buffer, payload, length, captured, arrival);
      this.#remember(sequence, identification, arrival);
      if (this.#held.length >= 4) this.#start(this.#held[0].sequence);
      return;
    }
    const distance = (sequence - this.#next) | 0;
    if (distance > 0) {
      if (this.#state === 'bulk') {
        this.#next = (sequence + length) >>> 0;
        return;
      }
      const fresh = this.#hold(sequence, buffer, payload, length, captured, arrival);
      if (!fresh) this.#sink.repeated(length, this.#isSamePacket(sequence, identification, arrival), arrival);
      this.#remember(sequence, identification, arrival);
      this.#relieve();
      return;
    }
    const old = Math.min(-distance, length);
    if (old > 0) this.#compareWithHistory(sequence, buffer, payload, Math.min(old, captured), arrival);
    if (-distance >= length) {
      // A keep-alive probe repeats one old byte, or none (RFC 9293 section 3.8.4): not worth a word.
      if (length > 1 || distance < -1) {
        this.#sink.repeated(length, this.#isSamePacket(sequence, identification, arrival), arrival);
      }
      return;
    }
    this.#remember(sequence, identification, arrival);
    if (this.#state === 'bulk') {
      this.#next = (sequence + length) >>> 0;
      return;
    }
    this.#deliver(buffer, payload + old, length - old, Math.max(0, captured - old), arrival);
    this.#drain();
  }

  /**
   * No more segments will come: what is held is delivered, with the holes in front of it and behind it. `closed`: the
   * FIN of this direction was captured.
   */
  finish(closed: boolean): void {
    if (this.#state === 'pending') this.#start(this.#held[0].sequence);
    while (this.#held.length > 0) this.#giveUpFirstHole();
    this.#reportMissingEnd(closed);
    this.release();
  }

  /** Gives back what is held for comparison. Delivery goes on. */
  release(): void {
    this.#budget.heldBytes -= this.#heldBytes;
    if (this.#history) this.#budget.giveBackHistory(this.#history);
    this.#held = [];
    this.#heldBytes = 0;
    this.#history = null;
    this.#historyLength = 0;
    this.#keepsHistory = false;
  }

  /** Bytes that the other side has, and the capture has not. */
  #reportMissingEnd(closed: boolean): void {
    if (this.#state !== 'streaming' || this.#acknowledgedBy === null) return;
    const beyond = (this.#acknowledgement - this.#next) | 0;
    // The FIN counts as one (RFC 9293 section 3.4), also one that was not captured.
    const missing = closed || beyond === 1 ? beyond - 1 : beyond;
    // An acknowledgement far ahead is no evidence: it belongs to another connection, or is made up.
    if (missing <= 0 || missing > LIMITS.heldBytesPerDirection) return;
    this.#next = this.#acknowledgement;
    this.#sink.hole(missing, 'lost', this.#acknowledgedBy);
  }

  #start(sequence: number): void {
    this.#state = 'streaming';
    this.#next = sequence;
    this.#sink.hole(0, 'before-capture', this.#held[0].arrival);
    this.#drain();
  }

  #deliver(buffer: Uint8Array, start: number, length: number, captured: number, arrival: Arrival): void {
    const present = Math.min(length, captured);
    this.#next = (this.#next + length) >>> 0;
    if (present > 0) {
      this.#keep(buffer, start, start + present);
      this.#sink.data(buffer, start, start + present, arrival);
    }
    if (present < length) {
      // The positions of the history would no longer fit behind bytes that nobody has.
      this.#historyLength = 0;
      if (this.#state !== 'bulk') this.#sink.hole(length - present, 'snapped', arrival);
    }
  }

  /** Holds what is not held yet of a segment; returns whether any byte of it was new. */
  #hold(
    sequence: number,
    buffer: Uint8Array,
    payload: number,
    length: number,
    captured: number,
    arrival: Arrival,
  ): boolean {
    let from = 0;
    let fresh = false;
    let index = this.#held.findIndex((held) => ((held.sequence + held.length - sequence) | 0) > 0);
    if (index < 0) index = this.#held.length;
    while (from < length) {
      const neighbour = this.#held[index];
      const until = neighbour ? Math.min(length, (neighbour.sequence - sequence) | 0) : length;
      if (until > from) {
        const present = Math.max(0, Math.min(until, captured) - from);
        const bytes = buffer.slice(payload + from, payload + from + present);
        this.#held.splice(index, 0, {
          sequence: (sequence + from) >>> 0,
          length: until - from,
          bytes,
          arrival,
        });
        this.#heldBytes += present;
        this.#budget.heldBytes += present;
        fresh = true;
        index++;
      }
      if (!neighbour) break;
      const covered = (neighbour.sequence + neighbour.length - sequence) | 0;
      this.#compareWithHeld(neighbour, sequence, buffer, payload, Math.min(length, captured), arrival);
      from = Math.max(from, Math.min(length, covered));
      index++;
    }
    return fresh;
  }

  #drain(): void {
    while (this.#held.length > 0 && this.#state === 'streaming') {
      const first = this.#held[0];
      const distance = (first.sequence - this.#next) | 0;
      if (distance > 0) return;
      this.#held.shift();
      this.#heldBytes -= first.bytes.length;
      this.#budget.heldBytes -= first.bytes.length;
      const skip = -distance;
      if (skip >= first.length) continue;
      this.#deliver(first.bytes, skip, first.length - skip, Math.max(0, first.bytes.length - skip), first.arrival);
    }
  }

  #giveUpFirstHole(): void {
    const first = this.#held[0];
    const size = (first.sequence - this.#next) | 0;
    if (size > 0) {
      this.#next = first.sequence;
      this.#historyLength = 0;
      this.#sink.hole(size, 'lost', first.arrival);
    }
    this.#drain();
  }

  #relieve(): void {
    while (
      this.#held.length > 0 &&
      (this.#heldBytes > LIMITS.heldBytesPerDirection ||
        this.#held.length > LIMITS.heldSegmentsPerDirection ||
        this.#budget.heldBytes > LIMITS.heldBytes)
    ) {
      this.#giveUpFirstHole();
    }
  }

  #keep(buffer: Uint8Array, start: number, end: number): void {
    if (!this.#keepsHistory) return;
    if (this.#history === null) {
      this.#history = this.#budget.borrowHistory();
      if (this.#history === null) {
        this.#keepsHistory = false;
        return;
      }
    }
    const history = this.#history;
    const cap = history.length;
    const from = Math.max(start, end - cap);
    const length = end - from;
    const surplus = this.#historyLength + length - cap;
    if (surplus > 0) {
      // Half of the cap at a time, so that a long stream does not move it for each segment.
      const drop = Math.min(this.#historyLength, Math.max(surplus, cap >> 1));
      history.copyWithin(0, drop, this.#historyLength);
      this.#historyLength -= drop;
    }
    history.set(buffer.subarray(from, end), this.#historyLength);
    this.#historyLength += length;
  }

  #compareWithHistory(sequence: number, buffer: Uint8Array, payload: number, length: number, arrival: Arrival): void {
    const history = this.#history;
    if (history === null) return;
    const offset = this.#historyLength + ((sequence - this.#next) | 0);
    let differing = 0;
    for (let i = Math.max(0, -offset); i < length && offset + i < this.#historyLength; i++) {
      if (history[offset + i] !== buffer[payload + i]) differing++;
    }
    // One byte at the very end is what a keep-alive probe makes up.
    if (differing > 0 && length > 1) this.#sink.conflict(differing, arrival);
  }

  #compareWithHeld(
    held: HeldSegment,
    sequence: number,
    buffer: Uint8Array,
    payload: number,
    length: number,
    arrival: Arrival,
  ): void {
    const offset = (sequence - held.sequence) | 0;
    let differing = 0;
    for (let i = Math.max(0, -offset); i < length && offset + i < held.bytes.length; i++) {
      if (held.bytes[offset + i] !== buffer[payload + i]) differing++;
    }
    if (differing > 0) this.#sink.conflict(differing, arrival);
  }

  #remember(sequence: number, identification: number, { seconds, fraction, digits }: TimedPacket): void {
    const at = this.#recentAt;
    this.#recentSequences[at] = sequence;
    this.#recentIdentifications[at] = identification;
    this.#recentSeconds[at] = seconds;
    this.#recentFractions[at] = fraction;
    this.#recentDigits[at] = digits;
    this.#recentAt = (at + 1) % RECENT;
  }

  /**
   * The same packet captured twice has the same IP identification; where IP has none (IPv6, some senders) it comes
   * within two milliseconds, quicker than any retransmission timer.
   */
  #isSamePacket(sequence: number, identification: number, arrival: Arrival): boolean {
    return this.#recentSequences.some((earlier, i) => {
      if (earlier !== sequence || this.#recentIdentifications[i] !== identification) return false;
      if (identification !== 0) return true;
      const [seconds, fraction, digits] = [this.#recentSeconds[i], this.#recentFractions[i], this.#recentDigits[i]];
      return Math.abs(secondsBetween({ seconds, fraction, digits }, arrival)) < 0.002;
    });
  }
}

function laterOf(a: number, b: number): number {
  return ((b - a) | 0) > 0 ? b : a;
}
