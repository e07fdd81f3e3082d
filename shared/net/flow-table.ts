import type { Arrival } from './arrival.ts';
import { TCP_FLAGS, type TcpSegment } from './segment.ts';

/** A SYN: who sent it, whether it is a SYN-ACK, its sequence number, and where it was captured. */
export interface Opening {
  readonly direction: 0 | 1;
  readonly accepts: boolean;
  readonly sequence: number;
  readonly arrival: Arrival;
}

/** What is known of a flow. A slot is one byte of state beside its key. */
const FLOW_EMPTY = 0;
/** Seen, but not enough was said to tell what it is. */
export const FLOW_UNDECIDED = 1;
/** Decided: of no interest. */
export const FLOW_IGNORED = 2;
/** Decided: a connection object follows it. Never evicted. */
export const FLOW_TRACKED = 3;

const WAYS = 8;
const OPENING_FIELDS = 6;

/**
 * All TCP flows of a run, found without allocation by the two endpoints of a segment.
 *
 * Undecided and ignored flows live in a set-associative cache of fixed size: when a set is full, the one that was
 * unused for longest is forgotten, so that memory never grows with the traffic. Tracked flows are never forgotten:
 * the table doubles when they fill half of it, and where hostile addresses crowd one set they overflow into a map.
 *
 * The two directions of a connection share a slot: the key holds the smaller endpoint first. A set's hashes lie
 * together, so that a look-up touches one cache line before it compares the one key that fits.
 */
export class FlowTable {
  readonly #addressWords: number;
  readonly #keyWords: number;
  #setMask: number;
  #hashes: Int32Array;
  #keys: Int32Array;
  #lastUsed: Int32Array;
  #clock = 0;
  #tracked = 0;
  /** The key and hash of the segment that `find` was asked for last. */
  readonly #probe: Int32Array;
  #hash = 0;
  readonly #overflow = new Map<string, number>();

  /** Per slot: one of the FLOW_ constants. */
  state: Uint8Array;
  /** Per slot: packets with payload that were looked at while undecided, per direction. */
  looked: Uint8Array;
  /** Per slot: the last segment kept while undecided, as `UndecidedSegments` numbers them; 0 without. */
  kept: Float64Array;
  /** Per slot: index of the tracked connection; -1 without. */
  reference: Int32Array;
  /** Per slot and direction: sequence number of the SYN, valid where `openings` holds its arrival. */
  openingSequence: Uint32Array;
  /** Per slot and direction: the SYN as frame (0: none), capture, seconds, fraction, digits, and 1 for a SYN-ACK. */
  openings: Float64Array;
  /** Set by `find`: 0 when the segment's source is the first endpoint of the key, else 1. */
  direction: 0 | 1 = 0;

  /** `slots` is a power of two and at least 8. */
  constructor(ipVersion: 4 | 6, slots: number) {
    this.#addressWords = ipVersion === 4 ? 1 : 4;
    this.#keyWords = 2 * this.#addressWords + 1;
    this.#setMask = slots / WAYS - 1;
    this.#probe = new Int32Array(this.#keyWords);
    this.#hashes = new Int32Array(slots);
    this.#keys = new Int32Array(slots * this.#keyWords);
    this.#lastUsed = new Int32Array(slots);
    this.state = new Uint8Array(slots);
    this.looked = new Uint8Array(slots * 2);
    this.kept = new Float64Array(slots);
    this.reference = new Int32Array(slots);
    this.openingSequence = new Uint32Array(slots * 2);
    this.openings = new Float64Array(slots * 2 * OPENING_FIELDS);
  }

  /** The slot of the segment's flow, or -1. Sets `direction`. */
  find(segment: TcpSegment): number {
    if (this.#addressWords === 1) this.#loadIpv4(segment);
    else this.#load(segment);
    const hash = this.#hash;
    const hashes = this.#hashes;
    const first = (hash & this.#setMask) * WAYS;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (hashes[slot] !== hash || this.state[slot] === FLOW_EMPTY) continue;
      if (!this.#isAt(slot)) continue;
      this.#lastUsed[slot] = ++this.#clock;
      return slot;
    }
    return -1;
  }

  /**
   * The reference of a tracked flow that found no room in its set, or -1. To be asked only when `find` gave -1;
   * it costs nothing unless somebody crowds the table.
   */
  findOverflow(): number {
    return this.#overflow.size === 0 ? -1 : (this.#overflow.get(this.#probe.join()) ?? -1);
  }

  /** Adds the flow that `find` has just missed, as undecided. Returns -1 when its set holds tracked flows only. */
  insert(): number {
    const first = (this.#hash & this.#setMask) * WAYS;
    let oldest = -1;
    for (let slot = first; slot < first + WAYS; slot++) {
      const state = this.state[slot];
      if (state === FLOW_EMPTY) {
        oldest = slot;
        break;
      }
      if (state !== FLOW_TRACKED && (oldest < 0 || this.#age(slot) > this.#age(oldest))) oldest = slot;
    }
    if (oldest < 0) return -1;
    this.#hashes[oldest] = this.#hash;
    this.#keys.set(this.#probe, oldest * this.#keyWords);
    this.state[oldest] = FLOW_UNDECIDED;
    this.looked[2 * oldest] = 0;
    this.looked[2 * oldest + 1] = 0;
    this.kept[oldest] = 0;
    this.reference[oldest] = -1;
    this.forgetOpening(oldest);
    this.#lastUsed[oldest] = ++this.#clock;
    return oldest;
  }

  /** Remembers the SYN that the segment at hand is. */
  noteOpening(slot: number, segment: TcpSegment, arrival: Arrival): void {
    const at = 2 * slot + this.direction;
    const field = at * OPENING_FIELDS;
    this.openingSequence[at] = segment.sequence;
    this.openings[field] = arrival.frame;
    this.openings[field + 1] = arrival.capture;
    this.openings[field + 2] = arrival.seconds;
    this.openings[field + 3] = arrival.fraction;
    this.openings[field + 4] = arrival.digits;
    this.openings[field + 5] = (segment.flags & TCP_FLAGS.ACK) === 0 ? 0 : 1;
  }

  /** Sequence number of that direction's SYN, or -1. */
  openingSequenceOf(slot: number, direction: 0 | 1): number {
    const at = 2 * slot + direction;
    return this.openings[at * OPENING_FIELDS] === 0 ? -1 : this.openingSequence[at];
  }

  /** The SYNs remembered, the one that opened the connection first. */
  openingsOf(slot: number): Opening[] {
    const found: Opening[] = [];
    for (const direction of [0, 1] as const) {
      const at = 2 * slot + direction;
      const field = at * OPENING_FIELDS;
      const [frame, capture, seconds, fraction, digits, accepts] = this.openings.subarray(
        field,
        field + OPENING_FIELDS,
      );
      if (frame === 0) continue;
      const arrival = { frame, capture, seconds, fraction, digits };
      found.push({ direction, accepts: accepts === 1, sequence: this.openingSequence[at], arrival });
    }
    return found.sort((a, b) => Number(a.accepts) - Number(b.accepts));
  }

  forgetOpening(slot: number): void {
    this.openings[2 * slot * OPENING_FIELDS] = 0;
    this.openings[(2 * slot + 1) * OPENING_FIELDS] = 0;
  }

  /** Marks the slot as tracked by the connection `reference`. The table may grow: slots found before are void. */
  track(slot: number, reference: number): void {
    if (this.state[slot] !== FLOW_TRACKED) this.#tracked++;
    this.state[slot] = FLOW_TRACKED;
    this.reference[slot] = reference;
    if (this.#tracked * 2 > this.state.length) this.#grow();
  }

  /** Tracks the flow that `find` has just missed and `insert` found no room for. */
  trackOverflow(reference: number): void {
    this.#overflow.set(this.#probe.join(), reference);
  }

  /** The flow in `slot` is of no interest any more. */
  ignore(slot: number): void {
    if (this.state[slot] === FLOW_TRACKED) this.#tracked--;
    this.state[slot] = FLOW_IGNORED;
    this.reference[slot] = -1;
  }

  /** Look-ups since the slot was used; the clock may wrap. */
  #age(slot: number): number {
    return (this.#clock - this.#lastUsed[slot]) >>> 0;
  }

  #isAt(slot: number): boolean {
    const probe = this.#probe;
    const keys = this.#keys;
    const at = slot * this.#keyWords;
    if (keys[at] !== probe[0] || keys[at + 1] !== probe[1] || keys[at + 2] !== probe[2]) return false;
    for (let word = 3; word < this.#keyWords; word++) if (keys[at + word] !== probe[word]) return false;
    return true;
  }

  /** The same as `#load`, for addresses of one word and without a loop: it runs for nearly every packet. */
  #loadIpv4(segment: TcpSegment): void {
    const { buffer, source, destination, sourcePort, destinationPort } = segment;
    const probe = this.#probe;
    const from = word(buffer, source);
    const to = word(buffer, destination);
    const forwards = from === to ? sourcePort <= destinationPort : from >>> 0 < to >>> 0;
    const low = forwards ? from : to;
    const high = forwards ? to : from;
    const ports = forwards ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    this.direction = forwards ? 0 : 1;
    probe[0] = ports;
    probe[1] = low;
    probe[2] = high;
    this.#hash = finish(mix(mix(mix(SEED, ports), low), high));
  }

  #load(segment: TcpSegment): void {
    const { buffer, source, destination, sourcePort, destinationPort } = segment;
    const probe = this.#probe;
    const words = this.#addressWords;
    let order = 0;
    for (let byte = 0; byte < 4 * words && order === 0; byte++) {
      order = buffer[source + byte] - buffer[destination + byte];
    }
    if (order === 0) order = sourcePort - destinationPort;
    const low = order <= 0 ? source : destination;
    const high = order <= 0 ? destination : source;
    this.direction = order <= 0 ? 0 : 1;
    probe[0] = order <= 0 ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    for (let index = 0; index < words; index++) {
      probe[1 + index] = word(buffer, low + 4 * index);
      probe[1 + words + index] = word(buffer, high + 4 * index);
    }
    this.#hash = hashOf(probe);
  }

  #grow(): void {
    const { state, looked, kept, reference, openingSequence, openings } = this;
    const keys = this.#keys;
    const lastUsed = this.#lastUsed;
    const slots = state.length * 2;
    const words = this.#keyWords;
    this.#setMask = slots / WAYS - 1;
    this.#hashes = new Int32Array(slots);
    this.#keys = new Int32Array(slots * words);
    this.#lastUsed = new Int32Array(slots);
    this.state = new Uint8Array(slots);
    this.looked = new Uint8Array(slots * 2);
    this.kept = new Float64Array(slots);
    this.reference = new Int32Array(slots);
    this.openingSequence = new Uint32Array(slots * 2);
    this.openings = new Float64Array(slots * 2 * OPENING_FIELDS);
    const clock = this.#clock;
    // Tracked flows first: none of them may be displaced.
    for (const tracked of [true, false]) {
      for (let slot = 0; slot < state.length; slot++) {
        if (state[slot] === FLOW_EMPTY || (state[slot] === FLOW_TRACKED) !== tracked) continue;
        this.#probe.set(keys.subarray(slot * words, (slot + 1) * words));
        this.#hash = hashOf(this.#probe);
        const to = this.insert();
        if (to < 0) {
          if (tracked) this.#overflow.set(this.#probe.join(), reference[slot]);
          continue;
        }
        this.state[to] = state[slot];
        this.reference[to] = reference[slot];
        this.looked[2 * to] = looked[2 * slot];
        this.looked[2 * to + 1] = looked[2 * slot + 1];
        this.kept[to] = kept[slot];
        this.openingSequence.set(openingSequence.subarray(2 * slot, 2 * slot + 2), 2 * to);
        const fields = 2 * OPENING_FIELDS;
        this.openings.set(openings.subarray(slot * fields, (slot + 1) * fields), to * fields);
        this.#lastUsed[to] = lastUsed[slot];
      }
    }
    this.#clock = clock;
  }
}

const SEED = 0x9e3779b9;

function word(buffer: Uint8Array, at: number): number {
  return (buffer[at] << 24) | (buffer[at + 1] << 16) | (buffer[at + 2] << 8) | buffer[at + 3];
}

/** The mixing steps of MurmurHash3, which is in the public domain. */
function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

function finish(hash: number): number {
  const mixed = Math.imul(hash, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function hashOf(words: Int32Array): number {
  let hash = SEED;
  for (let index = 0; index < words.length; index++) hash = mix(hash, words[index]);
  return finish(hash);
}
