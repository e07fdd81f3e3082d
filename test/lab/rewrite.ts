/**
 * Reading the pcap files that tcpdump wrote, and editing their packets (wrap.ts puts them into tunnels, write.ts into files).
 * This is the lab's own code on purpose: the product's readers are judged by captures that they had no part in.
 */
export interface Packet {
  /** Nanoseconds since 1970. */
  readonly at: bigint;
  readonly bytes: Buffer;
  /** Bytes the packet had on the wire. */
  readonly length: number;
  /** A comment for pcapng. */
  readonly comment?: string;
}

/** Where the parts of an Ethernet frame with IP and TCP begin and what its TCP header says. */
export interface Segment {
  readonly ipAt: number;
  readonly ipVersion: 4 | 6;
  readonly tcpAt: number;
  readonly payloadAt: number;
  readonly payloadEnd: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
}

const FIN = 0x01;
export const SYN = 0x02;
const PSH = 0x08;
export const ACK = 0x10;

/** Reads a little-endian pcap of Ethernet frames, in microseconds or nanoseconds. */
export function readPcap(file: Buffer): Packet[] {
  const magic = file.readUInt32LE(0);
  const scale = magic === 0xa1b23c4d ? 1n : magic === 0xa1b2c3d4 ? 1000n : undefined;
  if (scale === undefined || file.readUInt32LE(20) !== 1)
    throw new Error('not a pcap file of Ethernet as tcpdump writes it');
  const packets: Packet[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const captured = file.readUInt32LE(at + 8);
    packets.push({
      at: BigInt(file.readUInt32LE(at)) * 1_000_000_000n + BigInt(file.readUInt32LE(at + 4)) * scale,
      bytes: Buffer.from(file.subarray(at + 16, at + 16 + captured)),
      length: file.readUInt32LE(at + 12),
    });
    at += 16 + captured;
  }
  return packets;
}

/** The TCP segment in an untagged Ethernet frame. */
export function segmentOf({ bytes }: Packet): Segment {
  const ipAt = 14;
  const ipVersion = bytes[ipAt] >> 4 === 6 ? 6 : 4;
  const tcpAt = ipAt + (ipVersion === 6 ? 40 : (bytes[ipAt] & 15) * 4);
  const payloadAt = tcpAt + (bytes[tcpAt + 12] >> 4) * 4;
  const payloadEnd = ipAt + (ipVersion === 6 ? 40 + bytes.readUInt16BE(ipAt + 4) : bytes.readUInt16BE(ipAt + 2));
  return {
    ipAt,
    ipVersion,
    tcpAt,
    payloadAt,
    payloadEnd,
    sourcePort: bytes.readUInt16BE(tcpAt),
    destinationPort: bytes.readUInt16BE(tcpAt + 2),
    sequence: bytes.readUInt32BE(tcpAt + 4),
    acknowledgement: bytes.readUInt32BE(tcpAt + 8),
    flags: bytes[tcpAt + 13],
  };
}

export function payloadOf(packet: Packet): Buffer {
  const { payloadAt, payloadEnd } = segmentOf(packet);
  return packet.bytes.subarray(payloadAt, payloadEnd);
}

/** The Internet checksum (RFC 1071) of all parts together; all but the last must have an even length. */
export function onesComplement(parts: readonly Buffer[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += (part[i] << 8) | (i + 1 < part.length ? part[i + 1] : 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Sets the lengths and checksums of an Ethernet frame with IP and TCP to what its bytes are. */
function settle(frame: Buffer): Buffer {
  const version = frame[14] >> 4;
  const tcpAt = 14 + (version === 6 ? 40 : (frame[14] & 15) * 4);
  const tcp = frame.subarray(tcpAt);
  let pseudo: Buffer;
  if (version === 6) {
    frame.writeUInt16BE(frame.length - 54, 18);
    pseudo = Buffer.concat([
      frame.subarray(22, 54),
      Buffer.from([0, 0, tcp.length >> 8, tcp.length & 255, 0, 0, 0, 6]),
    ]);
  } else {
    frame.writeUInt16BE(frame.length - 14, 16);
    frame.writeUInt16BE(0, 24);
    frame.writeUInt16BE(onesComplement([frame.subarray(14, tcpAt)]), 24);
    pseudo = Buffer.concat([frame.subarray(26, 34), Buffer.from([0, 6, tcp.length >> 8, tcp.length & 255])]);
  }
  tcp.writeUInt16BE(0, 16);
  tcp.writeUInt16BE(onesComplement([pseudo, tcp]), 16);
  return frame;
}

export interface SegmentEdit {
  readonly payload?: Buffer;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly flags?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly at?: bigint;
}

/** A copy of the packet with another payload or header fields, lengths and checksums put right. */
export function edit(packet: Packet, change: SegmentEdit): Packet {
  const segment = segmentOf(packet);
  const frame = Buffer.concat([packet.bytes.subarray(0, segment.payloadAt), change.payload ?? payloadOf(packet)]);
  frame.writeUInt16BE(change.sourcePort ?? segment.sourcePort, segment.tcpAt);
  frame.writeUInt16BE(change.destinationPort ?? segment.destinationPort, segment.tcpAt + 2);
  frame.writeUInt32BE((change.sequence ?? segment.sequence) >>> 0, segment.tcpAt + 4);
  frame.writeUInt32BE((change.acknowledgement ?? segment.acknowledgement) >>> 0, segment.tcpAt + 8);
  frame[segment.tcpAt + 13] = change.flags ?? segment.flags;
  settle(frame);
  return { ...packet, bytes: frame, length: frame.length, at: change.at ?? packet.at };
}

/** The packet in several, cut at these offsets of its payload. */
export function split(packet: Packet, ...cuts: number[]): Packet[] {
  const payload = payloadOf(packet);
  const { sequence, flags } = segmentOf(packet);
  const edges = [0, ...cuts, payload.length];
  return edges.slice(1).map((end, i) =>
    edit(packet, {
      payload: payload.subarray(edges[i], end),
      sequence: sequence + edges[i],
      flags: end === payload.length ? flags : flags & ~(PSH | FIN),
      at: packet.at + BigInt(i) * 1_000n,
    }),
  );
}

/** Adds to every sequence and acknowledgement number, per direction, so that one of them wraps. */
export function moveSequence(packets: readonly Packet[], serverPort: number, client: number, server: number): Packet[] {
  return packets.map((packet) => {
    const segment = segmentOf(packet);
    const fromClient = segment.destinationPort === serverPort;
    return edit(packet, {
      sequence: segment.sequence + (fromClient ? client : server),
      ...(segment.flags & ACK ? { acknowledgement: segment.acknowledgement + (fromClient ? server : client) } : {}),
    });
  });
}

/** Cuts each packet as a capture with a short snap length does. */
export const snap = (packets: readonly Packet[], bytes: number): Packet[] =>
  packets.map((packet) => ({ ...packet, bytes: packet.bytes.subarray(0, bytes) }));

/** The same packets, later (or earlier) by nanoseconds. */
export const shift = (packets: readonly Packet[], nanoseconds: bigint): Packet[] =>
  packets.map((packet) => ({ ...packet, at: packet.at + nanoseconds }));

export const inTime = (packets: readonly Packet[]): Packet[] =>
  packets
    .map((packet, index) => ({ packet, index }))
    .sort((a, b) => (a.packet.at < b.packet.at ? -1 : a.packet.at > b.packet.at ? 1 : a.index - b.index))
    .map(({ packet }) => packet);

/** The packets of each TCP connection, in order of appearance; a new SYN of used ports begins a new one. */
export function connections(packets: readonly Packet[]): Packet[][] {
  const open = new Map<string, Packet[]>();
  const all: Packet[][] = [];
  for (const packet of packets) {
    const segment = segmentOf(packet);
    const addresses =
      segment.ipVersion === 6
        ? [packet.bytes.toString('hex', 22, 38), packet.bytes.toString('hex', 38, 54)]
        : [packet.bytes.toString('hex', 26, 30), packet.bytes.toString('hex', 30, 34)];
    const key = [`${addresses[0]}:${segment.sourcePort}`, `${addresses[1]}:${segment.destinationPort}`].sort().join();
    let list = open.get(key);
    if (list === undefined || (segment.flags & (SYN | ACK)) === SYN) {
      list = [];
      open.set(key, list);
      all.push(list);
    }
    list.push(packet);
  }
  return all;
}
