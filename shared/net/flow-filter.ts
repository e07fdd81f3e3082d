import { LIMITS } from '../bytes/limits.ts';
import type { PacketReader } from '../capture/reader.ts';
import type { Arrival } from './arrival.ts';
import type { Direction } from './connection.ts';
import { FLOW_IGNORED, FLOW_TRACKED, FLOW_UNDECIDED, FlowTable, type Opening } from './flow-table.ts';
import { TCP_FLAGS, type TcpSegment } from './segment.ts';

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
  /** A segment of the flow, in the order captured. `reader` stands on its packet. */
  segment(flow: number, direction: Direction, segment: TcpSegment, capture: number, reader: PacketReader): void;
  /** True when nothing more of the flow is wanted until it is opened anew. */
  isDismissed(flow: number): boolean;
}

/** Sorts TCP segments into flows and drops, as early and as cheaply as can be, what nobody wants. */
export class FlowFilter {
  readonly #policy: FlowPolicy;
  readonly #follower: FlowFollower;
  readonly #ipv4 = new FlowTable(4, LIMITS.undecidedFlows);
  readonly #ipv6 = new FlowTable(6, LIMITS.undecidedFlows);
  #flows = 0;

  constructor(policy: FlowPolicy, follower: FlowFollower) {
    this.#policy = policy;
    this.#follower = follower;
  }

  /** `reader` stands on the packet that holds `segment`; `capture` is its index in the run. */
  accept(segment: TcpSegment, capture: number, reader: PacketReader): void {
    const table = segment.ipVersion === 4 ? this.#ipv4 : this.#ipv6;
    let slot = table.find(segment);
    const { flags, payloadLength } = segment;
    if (slot >= 0) {
      const state = table.state[slot];
      if (state === FLOW_TRACKED) {
        this.#pass(table, slot, segment, capture, reader);
        return;
      }
      if (state === FLOW_IGNORED) {
        if ((flags & (SYN | ACK)) !== SYN) return;
        table.state[slot] = FLOW_UNDECIDED;
        table.looked[2 * slot] = 0;
        table.looked[2 * slot + 1] = 0;
        table.forgetOpening(slot);
      }
    } else {
      const flow = table.findOverflow();
      if (flow >= 0) {
        this.#follower.segment(flow, table.direction, segment, capture, reader);
        return;
      }
      if (payloadLength === 0 && (flags & SYN) === 0) return;
      slot = table.insert();
    }
    this.#decide(table, slot, segment, capture, reader);
  }

  #pass(table: FlowTable, slot: number, segment: TcpSegment, capture: number, reader: PacketReader): void {
    const flow = table.reference[slot];
    if (!this.#follower.isDismissed(flow)) {
      this.#follower.segment(flow, table.direction, segment, capture, reader);
      return;
    }
    table.ignore(slot);
    // The ports are used again: what is on them now has to show itself.
    if ((segment.flags & (SYN | ACK)) === SYN) this.accept(segment, capture, reader);
  }

  #decide(table: FlowTable, slot: number, segment: TcpSegment, capture: number, reader: PacketReader): void {
    const { flags, payloadLength } = segment;
    const policy = this.#policy;
    if (policy.followsPort(segment.sourcePort) || policy.followsPort(segment.destinationPort)) {
      if ((flags & SYN) !== 0 || payloadLength > 0) this.#follow(table, slot, segment, capture, reader);
      return;
    }
    if (slot < 0) return;
    const { direction } = table;
    if ((flags & SYN) !== 0) table.noteOpening(slot, segment, arrivalOf(capture, reader));
    if (payloadLength === 0) return;
    const opening = table.openingSequenceOf(slot, direction);
    const first = opening >= 0 && ((opening + 1) | 0) === (segment.sequence | 0);
    const decision = policy.inspect(segment, first);
    if (decision === 'follow') {
      this.#follow(table, slot, segment, capture, reader);
      return;
    }
    const looked = ++table.looked[2 * slot + direction];
    if (decision === 'ignore' || looked >= LIMITS.detectionPackets) table.ignore(slot);
  }

  #follow(table: FlowTable, slot: number, segment: TcpSegment, capture: number, reader: PacketReader): void {
    const flow = this.#flows++;
    const { direction } = table;
    if (slot >= 0) {
      for (const opening of table.openingsOf(slot)) this.#follower.opening(flow, direction, segment, opening);
      table.track(slot, flow);
    } else {
      table.trackOverflow(flow);
    }
    this.#follower.segment(flow, direction, segment, capture, reader);
  }
}

/** Where and when the packet on which `reader` stands was captured. */
export function arrivalOf(capture: number, reader: PacketReader): Arrival {
  return {
    capture,
    frame: reader.frame,
    seconds: reader.timeSeconds(),
    fraction: reader.timeFraction(),
    digits: reader.timeDigits(),
  };
}
