import { LIMITS } from '../bytes/limits.ts';
import { uint16, uint32Big } from '../capture/integers.ts';
import { type FrameCursor, OUTCOME } from '../capture/link/cursor.ts';

/** IP protocol numbers (IANA "Assigned Internet Protocol Numbers") that are TCP or lead to it. */
export const IP_PROTOCOL = {
  hopByHop: 0,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  security: 50,
  authentication: 51,
  destinationOptions: 60,
  ipInIp: 94,
  ethernet: 97,
  mobility: 135,
  mpls: 137,
  hostIdentity: 139,
  shim6: 140,
  bridgedEthernet: 143,
} as const;

const IPV4_HEADER_BYTES = 20;
const IPV6_HEADER_BYTES = 40;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/** What is remembered of the innermost IP header. One instance serves all packets. */
export class IpHeader {
  version = 4;
  /** Offset of the fixed header. */
  start = 0;
  /** Offset of the source address. */
  source = 0;
  /** Offset of the destination address. */
  destination = 0;
  identification = 0;
  /** Offset in bytes of this fragment's payload in the datagram's. */
  fragmentOffset = 0;
  moreFragments = false;
}

/** True when the header just read belongs to a fragment that must be put together with others. */
export function isFragment(ip: IpHeader): boolean {
  return ip.moreFragments || ip.fragmentOffset > 0;
}

/**
 * An IPv4 header with its options (RFC 791 section 3.1). In: a cursor on the version. Out: the protocol number or an
 * `OUTCOME`; the cursor stands on the payload and ends with it, so that Ethernet padding is excluded.
 */
export function readIpv4(frame: FrameCursor, ip: IpHeader): number {
  const { buffer, at } = frame;
  if (at + IPV4_HEADER_BYTES > frame.end) return OUTCOME.truncated;
  if (buffer[at] >> 4 !== 4) return OUTCOME.malformed;
  const headerLength = (buffer[at] & 15) * 4;
  if (headerLength < IPV4_HEADER_BYTES) return OUTCOME.malformed;
  const totalLength = uint16(buffer, at + 2, false);
  if (totalLength !== 0 && totalLength < headerLength) return OUTCOME.malformed;
  const fragmentWord = uint16(buffer, at + 6, false);
  const protocol = buffer[at + 9];
  ip.version = 4;
  ip.start = at;
  ip.source = at + 12;
  ip.destination = at + 16;
  ip.identification = uint16(buffer, at + 4, false);
  ip.moreFragments = (fragmentWord & MORE_FRAGMENTS) !== 0;
  ip.fragmentOffset = (fragmentWord & FRAGMENT_OFFSET) * 8;
  frame.at = at + headerLength;
  setDatagramEnd(frame, at, totalLength);
  if (protocol === IP_PROTOCOL.authentication && !isFragment(ip)) return readExtensionHeaders(frame, ip, protocol);
  return protocol;
}

/**
 * An IPv6 header with its extension headers, up to the upper layer or a fragment (RFC 8200 sections 3 and 4). In: a
 * cursor on the version. Out: the protocol number or an `OUTCOME`; the cursor stands on the payload.
 */
export function readIpv6(frame: FrameCursor, ip: IpHeader): number {
  const { buffer, at } = frame;
  if (at + IPV6_HEADER_BYTES > frame.end) return OUTCOME.truncated;
  if (buffer[at] >> 4 !== 6) return OUTCOME.malformed;
  const payloadLength = uint16(buffer, at + 4, false);
  ip.version = 6;
  ip.start = at;
  ip.source = at + 8;
  ip.destination = at + 24;
  ip.identification = 0;
  ip.moreFragments = false;
  ip.fragmentOffset = 0;
  frame.at = at + IPV6_HEADER_BYTES;
  setDatagramEnd(frame, at, payloadLength === 0 ? 0 : payloadLength + IPV6_HEADER_BYTES);
  return readExtensionHeaders(frame, ip, buffer[at + 6]);
}

/**
 * The datagram ends where its length field says. A length of zero stands in packets that the sending host captured
 * before its network card cut them into segments (segmentation offload); these fill the rest of the frame.
 */
function setDatagramEnd(frame: FrameCursor, start: number, length: number): void {
  const wireLength = length === 0 ? Math.min(frame.wireEnd - start, LIMITS.packetBytes) : length;
  frame.wireEnd = Math.max(start + wireLength, frame.at);
  if (frame.end > frame.wireEnd) frame.end = frame.wireEnd;
}

/**
 * Extension headers from `next` on (RFC 8200 section 4, RFC 4302, RFC 6275). Stops at a fragment, whose payload is not
 * what `next` says before the datagram is whole. Out: the upper layer's protocol number or an `OUTCOME`.
 */
export function readExtensionHeaders(frame: FrameCursor, ip: IpHeader, next: number): number {
  const { buffer } = frame;
  for (;;) {
    const { at } = frame;
    let length: number;
    switch (next) {
      case IP_PROTOCOL.hopByHop:
      case IP_PROTOCOL.routing:
      case IP_PROTOCOL.destinationOptions:
      case IP_PROTOCOL.mobility:
      case IP_PROTOCOL.hostIdentity:
      case IP_PROTOCOL.shim6:
        if (at + 8 > frame.end) return OUTCOME.truncated;
        length = (buffer[at + 1] + 1) * 8;
        break;
      case IP_PROTOCOL.authentication:
        if (at + 8 > frame.end) return OUTCOME.truncated;
        length = (buffer[at + 1] + 2) * 4;
        break;
      case IP_PROTOCOL.fragment: {
        if (at + 8 > frame.end) return OUTCOME.truncated;
        const word = uint16(buffer, at + 2, false);
        length = 8;
        ip.identification = uint32Big(buffer, at + 4);
        ip.fragmentOffset = word & 0xfff8;
        ip.moreFragments = (word & 1) === 1;
        // A fragment that is the whole datagram is no fragment (RFC 6946).
        if (isFragment(ip)) {
          frame.at += length;
          return buffer[at];
        }
        break;
      }
      default:
        return next;
    }
    if (at + length > frame.wireEnd) return OUTCOME.malformed;
    if (at + length > frame.end) return OUTCOME.truncated;
    frame.depth++;
    if (frame.depth > LIMITS.encapsulationDepth) return OUTCOME.tooDeep;
    next = buffer[at];
    frame.at = at + length;
  }
}
