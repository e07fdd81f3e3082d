import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { FrameCursor, OUTCOME } from '../capture/link/cursor.ts';
import { ETHER_TYPE } from '../capture/link/ether-type.ts';
import { readLink, readToIp } from '../capture/link/link.ts';
import { LINKTYPE, linkTypeName } from '../capture/linktypes.ts';
import { FragmentTable } from './fragments.ts';
import { IP_PROTOCOL, IpHeader, isFragment, readExtensionHeaders, readIpv4, readIpv6 } from './ip.ts';
import type { TcpSegment } from './segment.ts';
import { isTunnelPort, readTunnel } from './tunnels.ts';

const TCP_HEADER_BYTES = 20;
/** IPv4 without options: version 4, five words. */
const PLAIN_IPV4 = 0x45;
const PLAIN_HEADERS_BYTES = 20 + TCP_HEADER_BYTES;

/**
 * Finds the TCP segment in a frame: link layer, tags, tunnels, IP and its fragments. One decoder serves one capture
 * and is given each of its frames, in file order: it numbers them as Wireshark does, and holds fragments.
 *
 * Checksums are not verified: a host that captures its own packets sees those it sends before the network card has
 * filled them in, so that a wrong one says nothing.
 */
export class PacketDecoder {
  readonly #frame = new FrameCursor();
  readonly #ip = new IpHeader();
  readonly #fragments = new FragmentTable();
  readonly #unsupported = new Map<number, number>();
  #packet = 0;
  #malformed = 0;
  #firstMalformed = 0;
  #truncated = 0;
  #tooDeep = 0;
  #encrypted = 0;

  /**
   * In: the LINKTYPE_ number, the `captured` bytes at `offset` of `buffer`, and the packet's `original` length on the
   * wire. Out: true when it holds (or completes) a TCP segment, which is then in `segment`: offsets into `buffer`, or into
   * the buffer of a reassembled datagram.
   */
  decode(
    linkType: number,
    buffer: Uint8Array,
    offset: number,
    captured: number,
    original: number,
    segment: TcpSegment,
  ): boolean {
    this.#packet++;
    // The short way: IPv4 without options or fragments under the common link types. Whatever is not exactly that
    // takes the other one, which knows everything.
    const end = offset + captured;
    let at = end;
    switch (linkType) {
      case LINKTYPE.ETHERNET:
        if (captured < 18) break;
        if (buffer[offset + 12] === 8 && buffer[offset + 13] === 0) at = offset + 14;
        // One tag of 802.1Q is as common as none.
        else if (
          buffer[offset + 12] === 0x81 &&
          buffer[offset + 13] === 0 &&
          buffer[offset + 16] === 8 &&
          buffer[offset + 17] === 0
        ) {
          at = offset + 18;
        }
        break;
      case LINKTYPE.LINUX_SLL:
        if (captured >= 16 && buffer[offset + 14] === 8 && buffer[offset + 15] === 0) at = offset + 16;
        break;
      case LINKTYPE.LINUX_SLL2:
        if (captured >= 20 && buffer[offset] === 8 && buffer[offset + 1] === 0) at = offset + 20;
        break;
      case LINKTYPE.RAW:
      case LINKTYPE.IPV4:
        at = offset;
        break;
      default:
        break;
    }
    if (
      at + PLAIN_HEADERS_BYTES > end ||
      buffer[at] !== PLAIN_IPV4 ||
      ((buffer[at + 6] & 0x3f) | buffer[at + 7]) !== 0
    ) {
      if (decodePlainIpv6(linkType, buffer, offset, end, segment)) return true;
      return this.#decodeAny(linkType, buffer, offset, captured, original, segment);
    }
    const protocol = buffer[at + 9];
    if (protocol !== IP_PROTOCOL.tcp) {
      if (protocol === IP_PROTOCOL.udp && !isTunnelPort(buffer, at + 20)) return false;
      return this.#decodeAny(linkType, buffer, offset, captured, original, segment);
    }
    const tcp = at + 20;
    const headerLength = (buffer[tcp + 12] >> 4) * 4;
    const payloadLength = ((buffer[at + 2] << 8) | buffer[at + 3]) - 20 - headerLength;
    if (payloadLength < 0 || headerLength < TCP_HEADER_BYTES) {
      return this.#decodeAny(linkType, buffer, offset, captured, original, segment);
    }
    segment.ipVersion = 4;
    segment.source = at + 12;
    segment.destination = at + 16;
    segment.identification = (buffer[at + 4] << 8) | buffer[at + 5];
    fillSegment(segment, buffer, tcp, end, headerLength, payloadLength);
    return true;
  }

  /** What kept packets from being read, as one problem for each kind with its count; call it when the capture has ended. */
  problems(): Problem[] {
    const problems: Problem[] = [];
    for (const [linkType, count] of this.#unsupported) {
      problems.push({
        code: 'unsupported-link-type',
        message: `${packets(count)} of link type ${linkTypeName(linkType)} cannot be read.`,
      });
    }
    if (this.#malformed > 0) {
      problems.push({
        code: 'malformed-packets',
        message: `${packets(this.#malformed)} with damaged link-layer, IP or TCP headers, the first in frame ${this.#firstMalformed}.`,
        frame: this.#firstMalformed,
      });
    }
    if (this.#truncated > 0) {
      problems.push({
        code: 'truncated-headers',
        message: `${packets(this.#truncated)} captured too short to hold all headers; capture with a longer snap length.`,
      });
    }
    if (this.#encrypted > 0) {
      problems.push({
        code: 'encrypted-below-tcp',
        message: `${packets(this.#encrypted)} encrypted below TCP (Wi-Fi, MACsec or IPsec); capture where they are not, or decrypt them first.`,
      });
    }
    if (this.#tooDeep > 0) {
      problems.push({
        code: 'encapsulation-too-deep',
        message: `${packets(this.#tooDeep)} nested in more than ${LIMITS.encapsulationDepth} tags and tunnels.`,
      });
    }
    this.#fragments.report(problems);
    return problems;
  }

  #decodeAny(
    linkType: number,
    buffer: Uint8Array,
    offset: number,
    captured: number,
    original: number,
    segment: TcpSegment,
  ): boolean {
    const frame = this.#frame;
    frame.buffer = buffer;
    frame.at = offset;
    frame.end = offset + captured;
    frame.wireEnd = offset + Math.max(original, captured);
    frame.depth = 0;
    const outcome = this.#find(linkType, frame, segment);
    if (outcome === IP_PROTOCOL.tcp) return true;
    // Bytes that end inside a header although none were cut off are damage.
    const isShort = outcome === OUTCOME.truncated && frame.end >= frame.wireEnd;
    this.#count(isShort ? OUTCOME.malformed : outcome, linkType);
    return false;
  }

  /** Out: `IP_PROTOCOL.tcp` when `segment` is filled, else an `OUTCOME`. */
  #find(linkType: number, frame: FrameCursor, segment: TcpSegment): number {
    const ip = this.#ip;
    let etherType = readLink(linkType, frame);
    while (etherType >= 0) {
      let protocol = etherType === ETHER_TYPE.ipv4 ? readIpv4(frame, ip) : readIpv6(frame, ip);
      while (protocol >= 0 && isFragment(ip)) {
        frame.depth++;
        if (frame.depth > LIMITS.encapsulationDepth) return OUTCOME.tooDeep;
        protocol = this.#fragments.add(frame, ip, protocol, this.#packet);
        if (protocol === IP_PROTOCOL.authentication || (protocol >= 0 && ip.version === 6)) {
          protocol = readExtensionHeaders(frame, ip, protocol);
        }
      }
      if (protocol < 0) return protocol;
      if (protocol === IP_PROTOCOL.tcp) return readTcp(frame, ip, segment);
      frame.depth++;
      if (frame.depth > LIMITS.encapsulationDepth) return OUTCOME.tooDeep;
      etherType = readToIp(readTunnel(frame, protocol), frame);
    }
    return etherType;
  }

  #count(outcome: number, linkType: number): void {
    switch (outcome) {
      case OUTCOME.malformed:
        if (this.#malformed === 0) this.#firstMalformed = this.#packet;
        this.#malformed++;
        break;
      case OUTCOME.truncated:
        this.#truncated++;
        break;
      case OUTCOME.tooDeep:
        this.#tooDeep++;
        break;
      case OUTCOME.encrypted:
        this.#encrypted++;
        break;
      case OUTCOME.unsupported:
        this.#unsupported.set(linkType, (this.#unsupported.get(linkType) ?? 0) + 1);
        break;
      default:
        break;
    }
  }
}

/** The short way for IPv6 in Ethernet or raw: TCP without extension headers. False sends the frame the long way. */
function decodePlainIpv6(
  linkType: number,
  buffer: Uint8Array,
  offset: number,
  end: number,
  segment: TcpSegment,
): boolean {
  let at = offset;
  if (linkType === LINKTYPE.ETHERNET) {
    if (offset + 14 > end || buffer[offset + 12] !== 0x86 || buffer[offset + 13] !== 0xdd) return false;
    at += 14;
  } else if (linkType !== LINKTYPE.RAW && linkType !== LINKTYPE.IPV6) {
    return false;
  }
  const tcp = at + 40;
  if (tcp + TCP_HEADER_BYTES > end || buffer[at] >> 4 !== 6 || buffer[at + 6] !== IP_PROTOCOL.tcp) return false;
  const headerLength = (buffer[tcp + 12] >> 4) * 4;
  const payloadLength = ((buffer[at + 4] << 8) | buffer[at + 5]) - headerLength;
  if (payloadLength < 0 || headerLength < TCP_HEADER_BYTES) return false;
  segment.ipVersion = 6;
  segment.source = at + 8;
  segment.destination = at + 24;
  segment.identification = 0;
  fillSegment(segment, buffer, tcp, end, headerLength, payloadLength);
  return true;
}

/** The TCP header under the cursor (RFC 9293 section 3.1); its options are skipped. */
function readTcp(frame: FrameCursor, ip: IpHeader, segment: TcpSegment): number {
  const { buffer, at } = frame;
  if (at + TCP_HEADER_BYTES > frame.wireEnd) return OUTCOME.malformed;
  if (at + TCP_HEADER_BYTES > frame.end) return OUTCOME.truncated;
  const headerLength = (buffer[at + 12] >> 4) * 4;
  const payloadLength = frame.wireEnd - at - headerLength;
  if (headerLength < TCP_HEADER_BYTES || payloadLength < 0) return OUTCOME.malformed;
  segment.ipVersion = ip.version;
  segment.source = ip.source;
  segment.destination = ip.destination;
  segment.identification = ip.identification;
  fillSegment(segment, buffer, at, frame.end, headerLength, payloadLength);
  return IP_PROTOCOL.tcp;
}

/** Fills in what the checked TCP header at `at` says. `end` is the end of what was captured, padding included or not. */
function fillSegment(
  segment: TcpSegment,
  buffer: Uint8Array,
  at: number,
  end: number,
  headerLength: number,
  payloadLength: number,
): void {
  const payload = at + headerLength;
  const present = end - payload;
  segment.buffer = buffer;
  segment.sourcePort = (buffer[at] << 8) | buffer[at + 1];
  segment.destinationPort = (buffer[at + 2] << 8) | buffer[at + 3];
  segment.sequence = ((buffer[at + 4] << 24) | (buffer[at + 5] << 16) | (buffer[at + 6] << 8) | buffer[at + 7]) >>> 0;
  segment.acknowledgement =
    ((buffer[at + 8] << 24) | (buffer[at + 9] << 16) | (buffer[at + 10] << 8) | buffer[at + 11]) >>> 0;
  segment.flags = buffer[at + 13] & 0x3f;
  segment.window = (buffer[at + 14] << 8) | buffer[at + 15];
  segment.payload = payload;
  segment.payloadLength = payloadLength;
  segment.capturedPayload = Math.min(payloadLength, Math.max(present, 0));
}

function packets(count: number): string {
  return count === 1 ? '1 packet' : `${count} packets`;
}
