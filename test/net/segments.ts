import type { Arrival } from '../../shared/net/arrival.ts';
import { TcpSegment } from '../../shared/net/segment.ts';
import { addressBytes, concat } from '../support/octets.ts';
import { latin1 } from '../support/talk.ts';

export interface SegmentFields {
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly flags?: number;
  readonly payload?: string;
}

/** A segment as the decoder would leave it. */
export function segmentOf(fields: SegmentFields = {}): TcpSegment {
  const { source = '192.0.2.1', destination = '198.51.100.25', payload = '' } = fields;
  const from = addressBytes(source);
  const segment = new TcpSegment();
  segment.buffer = concat(Uint8Array.of(7, 7, 7), from, addressBytes(destination), latin1(payload));
  segment.ipVersion = from.length === 4 ? 4 : 6;
  segment.source = 3;
  segment.destination = 3 + from.length;
  segment.payload = 3 + 2 * from.length;
  segment.payloadLength = payload.length;
  segment.capturedPayload = payload.length;
  segment.sourcePort = fields.sourcePort ?? 40_000;
  segment.destinationPort = fields.destinationPort ?? 10_025;
  segment.sequence = fields.sequence ?? 1;
  segment.acknowledgement = fields.acknowledgement ?? 0;
  segment.flags = fields.flags ?? 16;
  return segment;
}

/** The other direction of the same connection. */
export function turned(fields: SegmentFields): SegmentFields {
  const { source = '192.0.2.1', destination = '198.51.100.25', sourcePort = 40_000, destinationPort = 10_025 } = fields;
  return {
    ...fields,
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
}

export function arrivalAt(frame: number, capture = 0): Arrival {
  return { capture, frame, seconds: frame, fraction: 0, digits: 0 };
}
