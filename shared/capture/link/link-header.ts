import { LIMITS } from '../../bytes/limits.ts';
import { uint16, uint32Big, uint32Little } from '../integers.ts';
import { LINKTYPE, normaliseLinkType, UNMAPPED_LINK_TYPE } from '../linktypes.ts';
import { type FrameCursor, OUTCOME } from './cursor.ts';
import { ETHER_TYPE } from './ether-type.ts';
import { readEthernet, readLlc } from './ethernet.ts';
import { readCiscoHdlc, readFrameRelay, readPpp, readPppOrCiscoHdlc, readPppoe } from './ppp.ts';
import { readAvs, readIeee80211, readPrism, readRadiotap } from './wireless.ts';

const IP_OVER_IEEE1394 = 138;

/**
 * The outermost header (tcpdump.org/linktypes.html). In: the LINKTYPE_ number, a cursor on the frame. Out: an EtherType, with
 * the cursor on what it names, or an `OUTCOME`.
 */
export function readLinkHeader(linkType: number, frame: FrameCursor): number {
  switch (linkType) {
    case LINKTYPE.ETHERNET:
      return readEthernet(frame);
    case LINKTYPE.LINUX_SLL:
      return readLinuxCooked(frame, 14, 16);
    case LINKTYPE.LINUX_SLL2:
      return readLinuxCooked(frame, 0, 20);
    case LINKTYPE.RAW:
      return readRaw(frame, 0);
    case LINKTYPE.IPV4:
      return ETHER_TYPE.ipv4;
    case LINKTYPE.IPV6:
      return ETHER_TYPE.ipv6;
    case LINKTYPE.NULL:
      return readLoopback(frame, true);
    case LINKTYPE.LOOP:
      return readLoopback(frame, false);
    case LINKTYPE.PPP:
      return readPpp(frame);
    case LINKTYPE.PPP_HDLC:
      return readPppOrCiscoHdlc(frame);
    case LINKTYPE.PPP_ETHER:
      return readPppoe(frame);
    case LINKTYPE.PPP_WITH_DIR:
      return skip(frame, 1) ? readPpp(frame) : OUTCOME.truncated;
    case LINKTYPE.PPP_PPPD:
      return readPppd(frame);
    case LINKTYPE.C_HDLC:
      return readCiscoHdlc(frame);
    case LINKTYPE.C_HDLC_WITH_DIR:
      return skip(frame, 1) ? readCiscoHdlc(frame) : OUTCOME.truncated;
    case LINKTYPE.FRELAY:
      return readFrameRelay(frame);
    case LINKTYPE.FRELAY_WITH_DIR:
      return skip(frame, 1) ? readFrameRelay(frame) : OUTCOME.truncated;
    case LINKTYPE.MPLS:
      return ETHER_TYPE.mpls;
    case LINKTYPE.IEEE802_11:
      return readIeee80211(frame);
    case LINKTYPE.IEEE802_11_RADIOTAP:
      return readRadiotap(frame);
    case LINKTYPE.IEEE802_11_PRISM:
      return readPrism(frame);
    case LINKTYPE.IEEE802_11_AVS:
      return readAvs(frame);
    case LINKTYPE.PPI:
      return readPerPacketInformation(frame);
    case LINKTYPE.PKTAP:
      return readPktap(frame);
    case LINKTYPE.NFLOG:
      return readNflog(frame);
    case LINKTYPE.PFLOG:
      return readPflog(frame);
    case LINKTYPE.ENC:
      return readRaw(frame, 12);
    case LINKTYPE.IPNET:
      return readRaw(frame, 24);
    case LINKTYPE.IPOIB:
      return readTypeBehind(frame, 40, 44);
    case IP_OVER_IEEE1394:
      return readTypeBehind(frame, 16, 18);
    case LINKTYPE.FDDI:
      return skip(frame, 13) ? readLlc(frame) : OUTCOME.truncated;
    case LINKTYPE.IEEE802_5:
      return readTokenRing(frame);
    case LINKTYPE.IP_OVER_FC:
      return skip(frame, 16) ? readLlc(frame) : OUTCOME.truncated;
    case LINKTYPE.SUNATM:
      return readSunAtm(frame);
    case LINKTYPE.ATM_RFC1483:
      return readLlc(frame);
    case LINKTYPE.NETANALYZER:
      return skip(frame, 4) ? readEthernet(frame) : OUTCOME.truncated;
    case LINKTYPE.NETANALYZER_TRANSPARENT:
      return skip(frame, 12) ? readEthernet(frame) : OUTCOME.truncated;
    case LINKTYPE.ERF:
      return readErf(frame);
    case UNMAPPED_LINK_TYPE:
      return OUTCOME.nothing;
    default:
      return OUTCOME.unsupported;
  }
}

function skip(frame: FrameCursor, bytes: number): boolean {
  frame.at += bytes;
  return frame.at <= frame.end;
}

/** A header of `headerLength` bytes with an EtherType at `typeOffset`. */
function readTypeBehind(frame: FrameCursor, typeOffset: number, headerLength: number): number {
  const { at } = frame;
  return skip(frame, headerLength) ? uint16(frame.buffer, at + typeOffset, false) : OUTCOME.truncated;
}

/** Linux "cooked" capture: the protocol is an EtherType, or 4 for LLC. */
function readLinuxCooked(frame: FrameCursor, typeOffset: number, headerLength: number): number {
  const type = readTypeBehind(frame, typeOffset, headerLength);
  return type === 4 ? readLlc(frame) : type;
}

/** IP behind a header of fixed length that is not needed: the version nibble tells which. */
function readRaw(frame: FrameCursor, headerLength: number): number {
  if (!skip(frame, headerLength) || frame.at >= frame.end) return OUTCOME.truncated;
  switch (frame.buffer[frame.at] >> 4) {
    case 4:
      return ETHER_TYPE.ipv4;
    case 6:
      return ETHER_TYPE.ipv6;
    default:
      return OUTCOME.nothing;
  }
}

/**
 * BSD loopback: an address family, in the capturing host's byte order for LINKTYPE_NULL, which is not the reader's.
 * AF_INET is 2 everywhere; AF_INET6 is 10 (Linux), 23 (Windows), 24 (NetBSD, OpenBSD), 28 (FreeBSD), 30 (macOS).
 */
function readLoopback(frame: FrameCursor, eitherByteOrder: boolean): number {
  const { buffer, at } = frame;
  if (!skip(frame, 4)) return OUTCOME.truncated;
  const bigEndian = uint32Big(buffer, at);
  switch (eitherByteOrder ? Math.min(bigEndian, uint32Little(buffer, at)) : bigEndian) {
    case 2:
      return ETHER_TYPE.ipv4;
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
      return ETHER_TYPE.ipv6;
    default:
      return OUTCOME.nothing;
  }
}

/** pppd replaced the address byte by a direction: 0 in, 1 out. */
function readPppd(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 2 > end) return OUTCOME.truncated;
  frame.at += buffer[at + 1] === 0x03 ? 2 : 1;
  return readPpp(frame);
}

/** A frame inside a capture header that names its system's DLT_ value; the header may not name itself forever. */
function readNested(linkType: number, frame: FrameCursor): number {
  frame.depth++;
  return frame.depth > LIMITS.encapsulationDepth ? OUTCOME.tooDeep : readLinkHeader(normaliseLinkType(linkType), frame);
}

/** Per-Packet Information: version, flags, length and link type, all little-endian. */
function readPerPacketInformation(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 8 > end) return OUTCOME.truncated;
  const length = uint16(buffer, at + 2, true);
  if (length < 8) return OUTCOME.malformed;
  return skip(frame, length) ? readNested(uint32Little(buffer, at + 4), frame) : OUTCOME.truncated;
}

/** Apple's PKTAP: length at 0, record type at 4 (1 is a packet), link type at 8, all little-endian. */
function readPktap(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 12 > end) return OUTCOME.truncated;
  const length = uint32Little(buffer, at);
  if (length < 12) return OUTCOME.malformed;
  if (uint32Little(buffer, at + 4) !== 1) return OUTCOME.nothing;
  return skip(frame, length) ? readNested(uint32Little(buffer, at + 8), frame) : OUTCOME.truncated;
}

/** Linux netfilter log: four bytes, then attributes in the capturing host's byte order; number 9 is the packet. */
function readNflog(frame: FrameCursor): number {
  const { buffer, end } = frame;
  let at = frame.at + 4;
  if (at + 4 > end) return OUTCOME.truncated;
  const firstLength = uint16(buffer, at, true);
  const littleEndian = firstLength >= 4 && at + firstLength <= frame.wireEnd;
  while (at + 4 <= end) {
    const length = uint16(buffer, at, littleEndian);
    if (length < 4) return OUTCOME.malformed;
    if ((uint16(buffer, at + 2, littleEndian) & 0x7fff) === 9) {
      frame.at = at;
      frame.wireEnd = Math.min(frame.wireEnd, at + length);
      frame.end = Math.min(end, frame.wireEnd);
      return readRaw(frame, 4);
    }
    at += (length + 3) & ~3;
  }
  return at < frame.wireEnd ? OUTCOME.truncated : OUTCOME.nothing;
}

/** The header of a BSD packet filter's log: its own length first, padded to four bytes. */
function readPflog(frame: FrameCursor): number {
  if (frame.at >= frame.end) return OUTCOME.truncated;
  return readRaw(frame, (frame.buffer[frame.at] + 3) & ~3);
}

/** Token Ring (IEEE 802.5): the high bit of the source address announces routing information, whose length it holds. */
function readTokenRing(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (!skip(frame, 14)) return OUTCOME.truncated;
  if ((buffer[at + 8] & 0x80) !== 0) {
    if (frame.at >= frame.end) return OUTCOME.truncated;
    frame.at += buffer[frame.at] & 0x1f;
  }
  return readLlc(frame);
}

/** SunATM: the kind of traffic in the low bits of the first byte; 1 is LAN emulation, 2 is LLC. */
function readSunAtm(frame: FrameCursor): number {
  const kind = frame.buffer[frame.at] & 0x0f;
  if (!skip(frame, 4)) return OUTCOME.truncated;
  if (kind === 2) return readLlc(frame);
  if (kind !== 1) return OUTCOME.nothing;
  return skip(frame, 2) ? readEthernet(frame) : OUTCOME.truncated;
}

/** Endace's Extensible Record Format: 16 bytes, extension headers while their high bit is set, two bytes, Ethernet. */
function readErf(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (!skip(frame, 16)) return OUTCOME.truncated;
  const type = buffer[at + 8];
  let extended = (type & 0x80) !== 0;
  while (extended) {
    if (frame.at + 8 > end) return OUTCOME.truncated;
    extended = (buffer[frame.at] & 0x80) !== 0;
    frame.at += 8;
  }
  switch (type & 0x7f) {
    case 2:
    case 11:
    case 16:
    case 20:
      return skip(frame, 2) ? readEthernet(frame) : OUTCOME.truncated;
    case 22:
      return ETHER_TYPE.ipv4;
    case 23:
      return ETHER_TYPE.ipv6;
    default:
      return OUTCOME.nothing;
  }
}
