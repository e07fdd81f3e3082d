import { LIMITS } from '../bytes/limits.ts';
import type { PacketPlace } from '../capture/reader.ts';
import type { Arrival } from './arrival.ts';
import type { Direction } from './connection.ts';
import { FLOW_IGNORED, FLOW_TRACKED, FLOW_UNDECIDED, FlowTable, type Opening } from './flow-table.ts';
import { TCP_FLAGS, type TcpSegment } from './segment.ts';
import { UndecidedSegments } from './undecided-segments.ts';

const { SYN, ACK } = TCP_FLAGS;

/** Which flows are worth following. */
export interface FlowPolicy {
  /** True when every flow with this port is followed from its first packet on, whatever it says. */
  followsPort(port: number): boolean;
  /**
   * Looks at a segment with payload of a flow that is not followed yet. `later` asks for the next segments as well,
   * a bounded number of times; `first` tells whether these are the first bytes that this side sends.
   */
  inspect(segment: TcpSegment, first: boolean): 'follow' | 'later' | 'ignore';
}

/** Who gets the segments of followed flows. A flow is a pair of endpoints; connections on it may follow each other. */
export interface FlowFollower {
  /** A SYN that was seen before the flow was followed; `segment` has the flow's endpoints, in any direction. */
  opening(flow: number, direction: Direction, segment: TcpSegment, opening: Opening): void;
  /** A segment of the flow, in the order captured; what `segment` and `place` say holds during the call only. */
  segment(flow: number, direction: Direction, segment: TcpSegment, capture: number, place: PacketPlace): void;
  /** True when nothing more of the flow is wanted until it is opened anew. */
  isDismissed(flow: number): boolean;
}

/** Sorts TCP segments into flows and drops, as early and as cheaply as can be, what nobody wants. */
export class FlowFilter {
  readonly #policy: FlowPolicy;
  readonly #follower: FlowFollower;
  readonly #ipv4 = new FlowTable(4, LIMITS.undecidedFlows);
  readonly #ipv6 = new FlowTable(6, LIMITS.undecidedFlows);
  readonly #undecided = new UndecidedSegments();
  #flows = 0;

  constructor(policy: FlowPolicy, follower: FlowFollower) {
    this.#policy = policy;
    this.#follower = follower;
  }

  /** `place` tells of the packet that holds `segment`; `capture` is its index in the run. */
  accept(segment: TcpSegment, capture: number, place: PacketPlace): void {
    const table = segment.ipVersion === 4 ? this.#ipv4 : this.#ipv6;
    let slot = table.find(segment);
    const { flags, payloadLength } = segment;
    if (slot >= 0) {
      const state = table.state[slot];
      if (state === FLOW_TRACKED) {
        this.#pass(table, slot, segment, capture, place);
        return;
      }
      if (state === FLOW_IGNORED) {
        if ((flags & (SYN | ACK)) !== SYN) return;
        table.state[slot] = FLOW_UNDECIDED;
        table.looked[2 * slot] = 0;
        table.looked[2 * slot + 1] = 0;
        table.kept[slot] = 0;
        table.forgetOpening(slot);
      }
    } else {
      const flow = table.findOverflow();
      if (flow >= 0) {
        this.#follower.segment(flow, table.direction, segment, capture, place);
        return;
      }
      if (payloadLength === 0 && (flags & SYN) === 0) return;
      slot = table.insert();
    }
    this.#decide(table, slot, segment, capture, place);
  }

  #pass(table: FlowTable, slot: number, segment: TcpSegment, capture: number, place: PacketPlace): void {
    const flow = table.reference[slot];
    if (!this.#follower.isDismissed(flow)) {
      this.#follower.segment(flow, table.direction, segment, capture, place);
      return;
    }
    table.ignore(slot);
    // The ports are used again: what is on them now has to show itself.
    if ((segment.flags & (SYN | ACK)) === SYN) this.accept(segment, capture, place);
  }

  #decide(table: FlowTable, slot: number, segment: TcpSegment, capture: number, place: PacketPlace): void {
    const { flags, payloadLength } = segment;
    const policy = this.#policy;
    if (policy.followsPort(segment.sourcePort) || policy.followsPort(segment.destinationPort)) {
      if ((flags & SYN) !== 0 || payloadLength > 0) this.#follow(table, slot, segment, capture, place);
      return;
    }
    if (slot < 0) return;
    const { direction } = table;
    if ((flags & SYN) !== 0) {
      const known = table.openingSequenceOf(slot, direction);
      // Another connection on the same ports: what was kept belongs to the one before.
      if (known >= 0 && known !== segment.sequence) table.kept[slot] = 0;
      table.noteOpening(slot, segment, arrivalOf(capture, place));
    }
    if (payloadLength === 0) return;
    const opening = table.openingSequenceOf(slot, direction);
    const first = opening >= 0 && ((opening + 1) | 0) === (segment.sequence | 0);
    const decision = policy.inspect(segment, first);
    if (decision === 'follow') {
      this.#follow(table, slot, segment, capture, place);
      return;
    }
    const looked = ++table.looked[2 * slot + direction];
    if (decision === 'ignore' || looked >= LIMITS.detectionPackets) table.ignore(slot);
    else table.kept[slot] = this.#undecided.keep(table.kept[slot], direction, segment, capture, place);
  }

  #follow(table: FlowTable, slot: number, segment: TcpSegment, capture: number, place: PacketPlace): void {
    const flow = this.#flows++;
    const { direction } = table;
    if (slot >= 0) {
      for (const opening of table.openingsOf(slot)) this.#follower.opening(flow, direction, segment, opening);
      if (table.kept[slot] > 0) this.#replay(flow, table.kept[slot]);
      table.track(slot, flow);
    } else {
      table.trackOverflow(flow);
    }
    this.#follower.segment(flow, direction, segment, capture, place);
  }

  #replay(flow: number, kept: number): void {
    this.#undecided.replay(kept, (direction, segment, capture, place) =>
      this.#follower.segment(flow, direction, segment, capture, place),
    );
  }
}

/** Where and when a packet was captured, to be kept. */
export function arrivalOf(capture: number, place: PacketPlace): Arrival {
  return {
    capture,
    frame: place.frame,
    seconds: place.timeSeconds(),
    fraction: place.timeFraction(),
    digits: place.timeDigits(),
  };
}
