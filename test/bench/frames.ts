/** Ethernet frames with correct lengths and checksums (RFC 791, 8200, 768, 9293, 792, 826). */

export interface Endpoint {
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port: number;
  readonly hardwareAddress: Uint8Array;
}

const ETHERNET_HEADER_LENGTH = 14;
const IPV4_HEADER_LENGTH = 20;
const IPV6_HEADER_LENGTH = 40;
const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
const PROTOCOL_UDP = 17;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_ARP = 0x0806;

export const isVersion6 = (endpoint: Endpoint): boolean => endpoint.address.length === 16;

/** Where the transport header begins in a frame from this endpoint. */
export const transportOffset = (endpoint: Endpoint): number =>
  ETHERNET_HEADER_LENGTH + (isVersion6(endpoint) ? IPV6_HEADER_LENGTH : IPV4_HEADER_LENGTH);

function sum(buffer: Buffer, from: number, to: number): number {
  let total = 0;
  let at = from;
  for (; at + 1 < to; at += 2) total += (buffer[at] << 8) | buffer[at + 1];
  return at < to ? total + (buffer[at] << 8) : total;
}

function checksum(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

/** Writes Ethernet and IP headers for `length` bytes of transport at `at`; `identification` is IPv4's. */
export function writeNetworkHeaders(
  buffer: Buffer,
  at: number,
  from: Endpoint,
  to: Endpoint,
  protocol: number,
  length: number,
  identification: number,
): void {
  buffer.set(to.hardwareAddress, at);
  buffer.set(from.hardwareAddress, at + 6);
  const ip = at + ETHERNET_HEADER_LENGTH;
  if (isVersion6(from)) {
    buffer.writeUInt16BE(ETHERTYPE_IPV6, at + 12);
    buffer.writeUInt32BE(0x6000_0000, ip);
    buffer.writeUInt16BE(length, ip + 4);
    buffer[ip + 6] = protocol;
    buffer[ip + 7] = 57;
    buffer.set(from.address, ip + 8);
    buffer.set(to.address, ip + 24);
    return;
  }
  buffer.writeUInt16BE(ETHERTYPE_IPV4, at + 12);
  buffer.writeUInt16BE(0x4500, ip);
  buffer.writeUInt16BE(IPV4_HEADER_LENGTH + length, ip + 2);
  buffer.writeUInt16BE(identification & 0xffff, ip + 4);
  buffer.writeUInt16BE(0x4000, ip + 6);
  buffer[ip + 8] = 57;
  buffer[ip + 9] = protocol;
  buffer.writeUInt16BE(0, ip + 10);
  buffer.set(from.address, ip + 12);
  buffer.set(to.address, ip + 16);
  buffer.writeUInt16BE(checksum(sum(buffer, ip, ip + IPV4_HEADER_LENGTH)), ip + 10);
}

/** Fills in the checksum of the UDP or TCP header at `at` once everything else stands. */
export function writeTransportChecksum(
  buffer: Buffer,
  at: number,
  from: Endpoint,
  protocol: number,
  length: number,
): void {
  const field = at + (protocol === PROTOCOL_TCP ? 16 : 6);
  buffer.writeUInt16BE(0, field);
  // The two addresses stand side by side before the transport header in both versions (no extension headers here).
  const pseudoHeader = sum(buffer, at - 2 * from.address.length, at) + protocol + length;
  buffer.writeUInt16BE(checksum(pseudoHeader + sum(buffer, at, at + length)), field);
}

export function udpFrame(from: Endpoint, to: Endpoint, payload: Uint8Array, identification: number): Buffer {
  const at = transportOffset(from);
  const length = 8 + payload.length;
  const frame = Buffer.alloc(at + length);
  writeNetworkHeaders(frame, 0, from, to, PROTOCOL_UDP, length, identification);
  frame.writeUInt16BE(from.port, at);
  frame.writeUInt16BE(to.port, at + 2);
  frame.writeUInt16BE(length, at + 4);
  frame.set(payload, at + 8);
  writeTransportChecksum(frame, at, from, PROTOCOL_UDP, length);
  return frame;
}

/** An echo request (type 8) or reply (type 0) over IPv4. */
export function icmpFrame(from: Endpoint, to: Endpoint, type: 0 | 8, sequence: number, payload: Uint8Array): Buffer {
  const at = transportOffset(from);
  const length = 8 + payload.length;
  const frame = Buffer.alloc(at + length);
  writeNetworkHeaders(frame, 0, from, to, PROTOCOL_ICMP, length, sequence);
  frame[at] = type;
  frame.writeUInt16BE(sequence, at + 6);
  frame.set(payload, at + 8);
  frame.writeUInt16BE(checksum(sum(frame, at, at + length)), at + 2);
  return frame;
}

export function arpFrame(from: Endpoint, to: Endpoint, operation: 1 | 2): Buffer {
  const frame = Buffer.alloc(60);
  frame.set(operation === 1 ? Buffer.alloc(6, 0xff) : to.hardwareAddress, 0);
  frame.set(from.hardwareAddress, 6);
  frame.writeUInt16BE(ETHERTYPE_ARP, 12);
  frame.writeUInt16BE(1, 14);
  frame.writeUInt16BE(ETHERTYPE_IPV4, 16);
  frame.writeUInt16BE(0x0604, 18);
  frame.writeUInt16BE(operation, 20);
  frame.set(from.hardwareAddress, 22);
  frame.set(from.address, 28);
  if (operation === 2) frame.set(to.hardwareAddress, 32);
  frame.set(to.address, 38);
  return frame;
}
