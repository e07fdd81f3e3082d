import { uint16 } from '../integers.ts';
import { type FrameCursor, OUTCOME } from './cursor.ts';
import { ETHER_TYPE } from './ether-type.ts';

const ALL_STATIONS = 0xff;
const UNNUMBERED_INFORMATION = 0x03;
const CISCO_UNICAST = 0x0f;
const CISCO_MULTICAST = 0x8f;

/** PPP protocol numbers (IANA "PPP Numbers") that lead to IP. */
const PPP_PROTOCOL = { ipv4: 0x0021, bridged: 0x0031, ipv6: 0x0057, mpls: 0x0281, mplsMulticast: 0x0283 } as const;

/**
 * PPP (RFC 1661), with or without the address and control bytes of RFC 1662, the protocol in one byte or two. In: a
 * cursor on the first byte. Out: an EtherType or an `OUTCOME`.
 */
export function readPpp(frame: FrameCursor): number {
  const { buffer, end } = frame;
  let { at } = frame;
  if (at + 2 > end) return OUTCOME.truncated;
  if (buffer[at] === ALL_STATIONS && buffer[at + 1] === UNNUMBERED_INFORMATION) at += 2;
  if (at + 2 > end) return OUTCOME.truncated;
  // The low bit ends the protocol field: an odd first byte is a compressed one (RFC 1661 section 6.5).
  const compressed = (buffer[at] & 1) === 1;
  const protocol = compressed ? buffer[at] : uint16(buffer, at, false);
  frame.at = at + (compressed ? 1 : 2);
  switch (protocol) {
    case PPP_PROTOCOL.ipv4:
      return ETHER_TYPE.ipv4;
    case PPP_PROTOCOL.ipv6:
      return ETHER_TYPE.ipv6;
    case PPP_PROTOCOL.mpls:
    case PPP_PROTOCOL.mplsMulticast:
      return ETHER_TYPE.mpls;
    case PPP_PROTOCOL.bridged:
      return readBridged(frame);
    default:
      return OUTCOME.nothing;
  }
}

/** The Bridging Control Protocol's frame (RFC 3518 section 4.3): flags and MAC type 1 (Ethernet) in front of the frame. */
function readBridged(frame: FrameCursor): number {
  if (frame.at + 2 > frame.end) return OUTCOME.truncated;
  if (frame.buffer[frame.at + 1] !== 1) return OUTCOME.nothing;
  frame.at += 2;
  return ETHER_TYPE.bridgedEthernet;
}

/** HDLC framing that holds PPP or Cisco's HDLC; the address byte tells (LINKTYPE_PPP_HDLC). */
export function readPppOrCiscoHdlc(frame: FrameCursor): number {
  if (frame.at >= frame.end) return OUTCOME.truncated;
  const address = frame.buffer[frame.at];
  return address === CISCO_UNICAST || address === CISCO_MULTICAST ? readCiscoHdlc(frame) : readPpp(frame);
}

/** Cisco HDLC: address, control, EtherType (RFC 1547 section 4.3.1). */
export function readCiscoHdlc(frame: FrameCursor): number {
  if (frame.at + 4 > frame.end) return OUTCOME.truncated;
  const type = uint16(frame.buffer, frame.at + 2, false);
  frame.at += 4;
  return type;
}

/** A PPPoE session frame (RFC 2516 section 4): version and type 1, code 0. In: a cursor on the version. */
export function readPppoe(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (at + 6 > frame.end) return OUTCOME.truncated;
  if (buffer[at] !== 0x11 || buffer[at + 1] !== 0) return OUTCOME.nothing;
  frame.at += 6;
  return readPpp(frame);
}

/**
 * Frame Relay with a two-byte address (Q.922), then an NLPID (RFC 2427) or, with Cisco's encapsulation, an EtherType.
 * In: a cursor on the address. Out: an EtherType or an `OUTCOME`.
 */
export function readFrameRelay(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (at + 4 > frame.end) return OUTCOME.truncated;
  // The low bit of the second byte ends the address; longer addresses are not in use with IP.
  if ((buffer[at + 1] & 1) === 0) return OUTCOME.nothing;
  if (buffer[at + 2] !== UNNUMBERED_INFORMATION) {
    frame.at += 4;
    return uint16(buffer, at + 2, false);
  }
  // A zero byte may pad the header to an even length.
  frame.at += buffer[at + 3] === 0 ? 4 : 3;
  if (frame.at >= frame.end) return OUTCOME.truncated;
  const identifier = buffer[frame.at];
  frame.at += 1;
  switch (identifier) {
    case 0xcc:
      return ETHER_TYPE.ipv4;
    case 0x8e:
      return ETHER_TYPE.ipv6;
    case 0x80:
      return readSnapOfNlpid(frame);
    default:
      return OUTCOME.nothing;
  }
}

/** Organisation and protocol behind NLPID 0x80 (RFC 2427 section 4.1): five bytes, without LLC in front. */
function readSnapOfNlpid(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (at + 5 > frame.end) return OUTCOME.truncated;
  frame.at += 5;
  const type = uint16(buffer, at + 3, false);
  if (buffer[at] !== 0 || buffer[at + 1] !== 0) return OUTCOME.nothing;
  if (buffer[at + 2] === 0) return type;
  return OUTCOME.nothing;
}
