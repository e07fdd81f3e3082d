import { LIMITS } from '../bytes/limits.ts';
import type { PacketReader } from '../capture/reader.ts';
import type { Arrival } from './arrival.ts';
import { Connection, type ConnectionHandler } from './connection.ts';
import { FLOW_IGNORED, FLOW_TRACKED, FLOW_UNDECIDED, FlowTable } from './flow-table.ts';
import { HoldBudget } from './hold-budget.ts';
import { TCP_FLAGS, type TcpSegment } from './segment.ts';

const { SYN, ACK } = TCP_FLAGS;

/** Packets of the run that may pass before a closed connection is done with: late copies still find it until then. */
const CLOSING_PACKETS = 20_000;

/** What the owner of a tracker decides about connections. */
export interface ConnectionPolicy {
  /** True when every connection with this port is followed from its first packet on, whatever it says. */
  followsPort(port: number): boolean;
  /**
   * Looks at a segment with payload of a flow that is not followed yet. `later` asks for the next segments as well,
   * a bounded number of times; `first` tells whether these are the first bytes that this side sends.
   */
  inspect(segment: TcpSegment, first: boolean): 'follow' | 'later' | 'ignore';
  /** A connection is followed from now on. */
  open(connection: Connection): ConnectionHandler;
}

/** Sorts TCP segments into connections and drops, as early and as cheaply as can be, what nobody wants. */
export class ConnectionTracker {
  readonly #policy: ConnectionPolicy;
  readonly #budget = new HoldBudget();
  readonly #tables: readonly [FlowTable, FlowTable];
  readonly #connections: (Connection | null)[] = [];
  readonly #closing: { readonly reference: number; readonly packet: number }[] = [];
  #closingHead = 0;
  #packets = 0;

  constructor(policy: ConnectionPolicy) {
    this.#policy = policy;
    this.#tables = [new FlowTable(4, LIMITS.undecidedFlows), new FlowTable(6, LIMITS.undecidedFlows)];
  }

  /** `reader` stands on the packet that holds `segment`; `capture` is its index in the run. */
  accept(segment: TcpSegment, capture: number, reader: PacketReader): void {
    this.#packets++;
    const table = this.#tables[segment.ipVersion === 4 ? 0 : 1];
    let slot = table.find(segment);
    const { flags, payloadLength } = segment;
    if (slot >= 0) {
      const state = table.state[slot];
      if (state === FLOW_TRACKED) {
        this.#acceptTracked(table, slot, table.reference[slot], segment, capture, reader);
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
      const reference = table.findOverflow();
      if (reference >= 0) {
        this.#acceptTracked(table, -1, reference, segment, capture, reader);
        return;
      }
      if (payloadLength === 0 && (flags & SYN) === 0) return;
      slot = table.insert();
    }
    if ((flags & SYN) !== 0 || payloadLength > 0) {
      if (this.#policy.followsPort(segment.sourcePort) || this.#policy.followsPort(segment.destinationPort)) {
        this.#follow(table, slot, segment, arrivalOf(capture, reader));
        return;
      }
    }
    if (slot < 0) return;
    const { direction } = table;
    if ((flags & SYN) !== 0) table.noteOpening(slot, segment, arrivalOf(capture, reader));
    if (payloadLength === 0) return;
    const opening = table.openingSequenceOf(slot, direction);
    const first = opening >= 0 && ((opening + 1) | 0) === (segment.sequence | 0);
    const decision = this.#policy.inspect(segment, first);
    if (decision === 'follow') {
      this.#follow(table, slot, segment, arrivalOf(capture, reader));
      return;
    }
    const looked = ++table.looked[2 * slot + direction];
    if (decision === 'ignore' || looked >= LIMITS.detectionPackets) table.ignore(slot);
  }

  /** The input ended: every connection is finished, in the order in which they began. */
  finish(): void {
    for (let i = 0; i < this.#connections.length; i++) {
      this.#connections[i]?.finish();
      this.#connections[i] = null;
    }
  }

  #acceptTracked(
    table: FlowTable,
    slot: number,
    reference: number,
    segment: TcpSegment,
    capture: number,
    reader: PacketReader,
  ): void {
    const connection = this.#connections[reference];
    const startsAnother = (segment.flags & (SYN | ACK)) === SYN;
    if (connection === null) {
      // Finished: late copies are dropped, and only a SYN opens the ports again.
      if (startsAnother) this.#follow(table, slot, segment, arrivalOf(capture, reader));
      return;
    }
    if (connection.dismissed) {
      this.#connections[reference] = null;
      if (slot >= 0) table.ignore(slot);
      return;
    }
    const { direction } = table;
    if (startsAnother && connection.isReusedBy(segment, direction)) {
      connection.finish();
      this.#connections[reference] = null;
      this.#follow(table, slot, segment, arrivalOf(capture, reader));
      return;
    }
    const wasClosed = connection.closed;
    connection.accept(segment, direction, arrivalOf(capture, reader));
    if (connection.closed && !wasClosed) this.#closing.push({ reference, packet: this.#packets });
  }

  #follow(table: FlowTable, slot: number, segment: TcpSegment, arrival: Arrival): void {
    this.#finishClosed();
    const { direction } = table;
    const openings = slot < 0 || (segment.flags & SYN) !== 0 ? [] : table.openingsOf(slot);
    const connection = new Connection(segment, direction, arrival, this.#budget, this.#policy.open);
    const reference = this.#connections.push(connection) - 1;
    for (const opening of openings) connection.replayOpening(opening);
    if (slot >= 0) table.track(slot, reference);
    else table.trackOverflow(reference);
    connection.accept(segment, direction, arrival);
    if (connection.closed) this.#closing.push({ reference, packet: this.#packets });
  }

  #finishClosed(): void {
    while (this.#closingHead < this.#closing.length) {
      const { reference, packet } = this.#closing[this.#closingHead];
      if (packet + CLOSING_PACKETS > this.#packets) break;
      this.#connections[reference]?.finish();
      this.#connections[reference] = null;
      this.#closingHead++;
    }
    if (this.#closingHead > 1024 && this.#closingHead * 2 > this.#closing.length) {
      this.#closing.splice(0, this.#closingHead);
      this.#closingHead = 0;
    }
  }
}

function arrivalOf(capture: number, reader: PacketReader): Arrival {
  return {
    capture,
    frame: reader.frame,
    seconds: reader.timeSeconds(),
    fraction: reader.timeFraction(),
    digits: reader.timeDigits(),
  };
}
