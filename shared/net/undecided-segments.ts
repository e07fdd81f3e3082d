import { LIMITS } from '../bytes/limits.ts';
import type { PacketPlace } from '../capture/reader.ts';
import type { Direction } from './connection.ts';
import { TcpSegment } from './segment.ts';

const ADDRESS_BYTES = 16;
const CELL_BYTES = 2 * ADDRESS_BYTES + LIMITS.undecidedSegmentBytes;

/** Numbers kept of each segment. */
const FIELD = {
  /** The keeping of the flow's segment before; 0 for its first. */
  previous: 0,
  direction: 1,
  capture: 2,
  frame: 3,
  seconds: 4,
  fraction: 5,
  digits: 6,
  ipVersion: 7,
  sourcePort: 8,
  destinationPort: 9,
  sequence: 10,
  acknowledgement: 11,
  flags: 12,
  window: 13,
  payloadLength: 14,
  capturedPayload: 15,
  identification: 16,
  count: 17,
} as const;

/** Takes back what was kept. `segment` and `place` hold during the call only. */
export type KeptSegmentReader = (
  direction: Direction,
  segment: TcpSegment,
  capture: number,
  place: PacketPlace,
) => void;

/**
 * Copies of the first segments of flows of which it is not known yet what they are: once a flow is followed, it is
 * followed from them on. A ring of cells of one size, made when the first segment comes; the oldest are overwritten.
 */
export class UndecidedSegments {
  #bytes = new Uint8Array(0);
  #fields = new Float64Array(0);
  /** Segments kept so far. The `n`th lies in cell `n % cells` until another one takes its place. */
  #kept = 0;
  readonly #segment = new TcpSegment();

  /**
   * Keeps a segment whose flow's last one was kept as `previous` (0: none). Returns what to give as `previous` the next
   * time, and to `replay`. A segment that is too large for a cell is not kept.
   */
  keep(previous: number, direction: Direction, segment: TcpSegment, capture: number, place: PacketPlace): number {
    const { buffer, payload, capturedPayload, source, destination } = segment;
    if (capturedPayload > LIMITS.undecidedSegmentBytes) return previous;
    if (this.#fields.length === 0) {
      this.#bytes = new Uint8Array(LIMITS.undecidedSegments * CELL_BYTES);
      this.#fields = new Float64Array(LIMITS.undecidedSegments * FIELD.count);
    }
    const number = ++this.#kept;
    const cell = number % LIMITS.undecidedSegments;
    const bytes = this.#bytes;
    const at = cell * CELL_BYTES;
    const addressBytes = segment.ipVersion === 4 ? 4 : ADDRESS_BYTES;
    bytes.set(buffer.subarray(source, source + addressBytes), at);
    bytes.set(buffer.subarray(destination, destination + addressBytes), at + ADDRESS_BYTES);
    bytes.set(buffer.subarray(payload, payload + capturedPayload), at + 2 * ADDRESS_BYTES);
    const fields = this.#fields;
    const field = cell * FIELD.count;
    fields[field + FIELD.previous] = previous;
    fields[field + FIELD.direction] = direction;
    fields[field + FIELD.capture] = capture;
    fields[field + FIELD.frame] = place.frame;
    fields[field + FIELD.seconds] = place.timeSeconds();
    fields[field + FIELD.fraction] = place.timeFraction();
    fields[field + FIELD.digits] = place.timeDigits();
    fields[field + FIELD.ipVersion] = segment.ipVersion;
    fields[field + FIELD.sourcePort] = segment.sourcePort;
    fields[field + FIELD.destinationPort] = segment.destinationPort;
    fields[field + FIELD.sequence] = segment.sequence;
    fields[field + FIELD.acknowledgement] = segment.acknowledgement;
    fields[field + FIELD.flags] = segment.flags;
    fields[field + FIELD.window] = segment.window;
    fields[field + FIELD.payloadLength] = segment.payloadLength;
    fields[field + FIELD.capturedPayload] = capturedPayload;
    fields[field + FIELD.identification] = segment.identification;
    return number;
  }

  /** Gives back the segments of a flow in the order kept, those that are still there. `last`: what `keep` returned. */
  replay(last: number, read: KeptSegmentReader): void {
    const fields = this.#fields;
    const oldest = this.#kept - LIMITS.undecidedSegments;
    const numbers: number[] = [];
    for (let number = last; number > Math.max(oldest, 0); ) {
      numbers.push(number);
      number = fields[(number % LIMITS.undecidedSegments) * FIELD.count + FIELD.previous];
    }
    for (const number of numbers.reverse()) this.#give(number % LIMITS.undecidedSegments, read);
  }

  #give(cell: number, read: KeptSegmentReader): void {
    const fields = this.#fields.subarray(cell * FIELD.count, (cell + 1) * FIELD.count);
    const segment = this.#segment;
    const at = cell * CELL_BYTES;
    segment.buffer = this.#bytes;
    segment.ipVersion = fields[FIELD.ipVersion];
    segment.source = at;
    segment.destination = at + ADDRESS_BYTES;
    segment.sourcePort = fields[FIELD.sourcePort];
    segment.destinationPort = fields[FIELD.destinationPort];
    segment.sequence = fields[FIELD.sequence];
    segment.acknowledgement = fields[FIELD.acknowledgement];
    segment.flags = fields[FIELD.flags];
    segment.window = fields[FIELD.window];
    segment.payload = at + 2 * ADDRESS_BYTES;
    segment.payloadLength = fields[FIELD.payloadLength];
    segment.capturedPayload = fields[FIELD.capturedPayload];
    segment.identification = fields[FIELD.identification];
    const direction = fields[FIELD.direction] === 0 ? 0 : 1;
    read(direction, segment, fields[FIELD.capture], {
      frame: fields[FIELD.frame],
      timeSeconds: () => fields[FIELD.seconds],
      timeFraction: () => fields[FIELD.fraction],
      timeDigits: () => fields[FIELD.digits],
    });
  }
}
