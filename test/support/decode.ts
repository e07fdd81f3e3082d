import type { Problem } from '../../shared/bytes/problem.ts';
import { PacketDecoder } from '../../shared/net/packet-decoder.ts';
import { TcpSegment } from '../../shared/net/segment.ts';
import { type CapturedPacket, ethernet, etherTypeOf } from './frames.ts';
import { concat } from './octets.ts';

/** A segment by value, so that segments of different frames can be compared. */
export interface DecodedSegment {
  readonly ipVersion: number;
  readonly source: readonly number[];
  readonly destination: readonly number[];
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly window: number;
  readonly payload: string;
  readonly payloadLength: number;
  readonly identification: number;
}

/** What the decoder left in `segment`, copied. */
export function copySegment(segment: TcpSegment): DecodedSegment {
  const addressLength = segment.ipVersion === 4 ? 4 : 16;
  const bytes = (at: number, length: number) => segment.buffer.subarray(at, at + length);
  return {
    ipVersion: segment.ipVersion,
    source: [...bytes(segment.source, addressLength)],
    destination: [...bytes(segment.destination, addressLength)],
    sourcePort: segment.sourcePort,
    destinationPort: segment.destinationPort,
    sequence: segment.sequence,
    acknowledgement: segment.acknowledgement,
    flags: segment.flags,
    window: segment.window,
    payload: Buffer.from(bytes(segment.payload, segment.capturedPayload)).toString('latin1'),
    payloadLength: segment.payloadLength,
    identification: segment.identification,
  };
}

export interface DecodedPackets {
  /** One entry for each packet: null where it held no segment. */
  readonly segments: readonly (DecodedSegment | null)[];
  readonly problems: readonly Problem[];
}

/** Bytes around a packet in its buffer that look like IPv4, so that offsets count and a read beyond it is seen. */
const MARGIN = new Uint8Array(33).fill(0x45);

/** Decodes packets as one capture. `behind` are the bytes that follow each packet in its buffer. */
export function decodePackets(
  packets: readonly (CapturedPacket | Uint8Array)[],
  linkType = 1,
  behind = MARGIN,
): DecodedPackets {
  const decoder = new PacketDecoder();
  const segment = new TcpSegment();
  const segments = packets.map((entry) => {
    const packet: CapturedPacket = entry instanceof Uint8Array ? { bytes: entry } : entry;
    const { bytes, originalLength = bytes.length } = packet;
    const buffer = concat(MARGIN, bytes, behind);
    const found = decoder.decode(linkType, buffer, MARGIN.length, bytes.length, originalLength, segment);
    return found ? copySegment(segment) : null;
  });
  return { segments, problems: decoder.problems() };
}

/** The segment in one packet, or null. */
export function decodePacket(bytes: Uint8Array, linkType = 1, originalLength = bytes.length): DecodedSegment | null {
  return decodePackets([{ bytes, originalLength }], linkType).segments[0];
}

/** The segment of an IP datagram as it is decoded in plain Ethernet: what every other way to pack it must give too. */
export function decodeDatagram(datagram: Uint8Array): DecodedSegment | null {
  return decodePacket(ethernet(datagram, etherTypeOf(datagram)));
}
