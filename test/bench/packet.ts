/** Packets on their way into the capture, and how each becomes bytes. */
import { maximumSegment, type Segment } from './conversation.ts';
import { isVersion6, PROTOCOL_TCP, transportOffset, writeNetworkHeaders, writeTransportChecksum } from './frames.ts';

export interface WholeFrame {
  readonly kind: 'frame';
  /** Microseconds since the capture began. */
  readonly at: number;
  readonly frame: Buffer;
}

export type Packet = Segment | WholeFrame;

/** No packet made here is longer. */
export const MAXIMUM_FRAME_LENGTH = 1_600;

const SYN = 0x02;

function writeOptions(buffer: Buffer, at: number, segment: Segment): number {
  const { timestamps } = segment.conversation;
  let end = at;
  if ((segment.flags & SYN) !== 0) {
    buffer.writeUInt16BE(0x0204, end);
    buffer.writeUInt16BE(isVersion6(segment.conversation.client) ? 1440 : 1460, end + 2);
    // SACK permitted, no-operation, window scale 7.
    buffer.writeUInt32BE(0x0402_0103, end + 4);
    buffer.writeUInt32BE(0x0307_0101, end + 8);
    end += 12;
  }
  if (timestamps) {
    buffer.writeUInt32BE(0x0101_080a, end);
    buffer.writeUInt32BE((segment.conversation.start + Math.floor(segment.at / 1000)) >>> 0, end + 4);
    buffer.writeUInt32BE(Math.floor(segment.at / 1000) >>> 0, end + 8);
    end += 12;
  }
  return end - at;
}

function writeSegment(buffer: Buffer, start: number, segment: Segment, identification: number): number {
  const { conversation, content, length } = segment;
  const [from, to] =
    segment.from === 'client' ? [conversation.client, conversation.server] : [conversation.server, conversation.client];
  const at = start + transportOffset(from);
  buffer.writeUInt16BE(from.port, at);
  buffer.writeUInt16BE(to.port, at + 2);
  buffer.writeUInt32BE(segment.sequence, at + 4);
  buffer.writeUInt32BE(segment.acknowledgement, at + 8);
  const headerLength = 20 + writeOptions(buffer, at + 20, segment);
  buffer[at + 12] = (headerLength / 4) << 4;
  buffer[at + 13] = segment.flags;
  buffer.writeUInt16BE(Math.min(0xffff, maximumSegment(conversation) * 44), at + 14);
  buffer.writeUInt16BE(0, at + 18);
  content?.copy(segment.offset, buffer, at + headerLength, length);
  writeNetworkHeaders(buffer, start, from, to, PROTOCOL_TCP, headerLength + length, identification);
  writeTransportChecksum(buffer, at, from, PROTOCOL_TCP, headerLength + length);
  return at + headerLength + length - start;
}

/** Writes the packet's frame into `buffer` at `start` and gives its length. */
export function writePacket(buffer: Buffer, start: number, packet: Packet, identification: number): number {
  switch (packet.kind) {
    case 'segment':
      return writeSegment(buffer, start, packet, identification);
    case 'frame':
      return packet.frame.copy(buffer, start);
  }
}
