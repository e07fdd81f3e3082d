import type { PacketPlace } from '../capture/reader.ts';
import type { Arrival, MutableArrival } from './arrival.ts';
import { Connection, type ConnectionHandler, type Direction } from './connection.ts';
import type { Opening } from './flow-table.ts';
import { HoldBudget } from './hold-budget.ts';
import { TCP_FLAGS, type TcpSegment } from './segment.ts';

const { SYN, ACK } = TCP_FLAGS;

/** Followed segments that may pass before a closed connection is done with: late copies still find it until then. */
const CLOSING_SEGMENTS = 512;

/** The connections of all followed flows, from their first segment to their end. */
export class ConnectionSet {
  readonly #open: (connection: Connection) => ConnectionHandler;
  readonly #budget = new HoldBudget();
  /** By flow; null once the connection on it is finished. Of a dismissed one only that is kept. */
  readonly #connections: (Connection | 'dismissed' | null | undefined)[] = [];
  readonly #closing: { readonly flow: number; readonly connection: Connection; readonly segment: number }[] = [];
  #closingHead = 0;
  readonly #arrival: MutableArrival = { capture: 0, frame: 0, seconds: 0, fraction: 0, digits: 0 };
  #segments = 0;

  /** `open` is asked for a reader of each new connection. */
  constructor(open: (connection: Connection) => ConnectionHandler) {
    this.#open = open;
  }

  /** A SYN that was captured before the flow was followed. */
  opening(flow: number, direction: Direction, segment: TcpSegment, opening: Opening): void {
    const known = this.#connections[flow];
    const connection = isConnection(known) ? known : this.#start(flow, direction, segment, opening.arrival);
    connection.replayOpening(opening);
  }

  /** The short way for a segment that needs no more than to be counted, without allocation. False: `segment` is to be called. */
  passBy(flow: number, direction: Direction, segment: TcpSegment, capture: number, place: PacketPlace): boolean {
    const known = this.#connections[flow];
    if (!isConnection(known) || !known.settled) return false;
    const arrival = this.#arrival;
    arrival.capture = capture;
    arrival.frame = place.frame;
    arrival.seconds = place.timeSeconds();
    arrival.fraction = place.timeFraction();
    arrival.digits = place.timeDigits();
    if (!known.passBy(segment, direction, arrival)) return false;
    this.#segments++;
    return true;
  }

  /** A segment of a followed flow. `direction`: 0 when its source is the first endpoint of the flow. */
  segment(flow: number, direction: Direction, segment: TcpSegment, arrival: Arrival): void {
    this.#segments++;
    let known = this.#connections[flow];
    const startsAnother = (segment.flags & (SYN | ACK)) === SYN;
    if (isConnection(known) && startsAnother && known.isReusedBy(segment, direction)) {
      known.finish();
      known = null;
    } else if ((known === null || known === 'dismissed') && !startsAnother) {
      // Finished: late copies are dropped, and only a SYN opens the ports again.
      return;
    }
    const connection = isConnection(known) ? known : this.#start(flow, direction, segment, arrival);
    const wasClosed = connection.closed;
    connection.accept(segment, direction, arrival);
    if (connection.dismissed) this.#connections[flow] = 'dismissed';
    else if (connection.closed && !wasClosed) this.#closing.push({ flow, connection, segment: this.#segments });
  }

  /** True when nothing more of the flow is wanted until it is opened anew. */
  isDismissed(flow: number): boolean {
    return this.#connections[flow] === 'dismissed';
  }

  /** True when bytes of the flow need not be delivered: only that and when they came. */
  isSettled(flow: number): boolean {
    const known = this.#connections[flow];
    return isConnection(known) && known.settled;
  }

  /** The input ended: every connection is finished, in the order in which they began. */
  finish(): void {
    for (let flow = 0; flow < this.#connections.length; flow++) {
      const known = this.#connections[flow];
      if (isConnection(known)) known.finish();
      this.#connections[flow] = null;
    }
  }

  #start(flow: number, direction: Direction, segment: TcpSegment, arrival: Arrival): Connection {
    this.#finishClosed();
    const connection = new Connection(segment, direction, arrival, this.#budget, this.#open);
    this.#connections[flow] = connection;
    return connection;
  }

  #finishClosed(): void {
    while (this.#closingHead < this.#closing.length) {
      const { flow, connection, segment } = this.#closing[this.#closingHead];
      if (segment + CLOSING_SEGMENTS > this.#segments) break;
      connection.finish();
      // Another connection may have taken its place.
      if (this.#connections[flow] === connection) this.#connections[flow] = null;
      this.#closingHead++;
    }
    if (this.#closingHead > 1024 && this.#closingHead * 2 > this.#closing.length) {
      this.#closing.splice(0, this.#closingHead);
      this.#closingHead = 0;
    }
  }
}

function isConnection(known: Connection | 'dismissed' | null | undefined): known is Connection {
  return known instanceof Connection;
}
