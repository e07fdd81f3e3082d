import { uint16 } from '../capture/integers.ts';
import { type FrameCursor, OUTCOME } from '../capture/link/cursor.ts';
import { ETHER_TYPE } from '../capture/link/ether-type.ts';
import { looksLikeEthernet } from '../capture/link/ethernet.ts';
import { readIeee80211 } from '../capture/link/wireless.ts';
import { IP_PROTOCOL } from './ip.ts';

/** UDP ports of tunnels (IANA "Service Name and Transport Protocol Port Number Registry"). */
const VXLAN = 4789;
/** Where Linux put VXLAN before the port was assigned, and where overlay networks of that time still have it. */
const OLD_VXLAN = 8472;
const VXLAN_GPE = 4790;
const GENEVE = 6081;
const GTP_USER = 2152;
const TEREDO = 3544;
const MPLS_IN_UDP = 6635;
const GRE_IN_UDP = 4754;
const L2TP = 1701;
const UDP_HEADER_BYTES = 8;

/** GRE's protocol types beside the EtherTypes. */
const ERSPAN = 0x88be;
const ERSPAN_III = 0x22eb;
const WCCP = 0x883e;
/** What Aruba's access points send their controllers: 802.11 frames, decrypted, numbered by virtual network. */
const ARUBA_FIRST = 0x8200;
const ARUBA_LAST = 0x8370;

/** Whether a UDP header at `at` (four bytes of it are there) names the port of a tunnel. */
export function isTunnelPort(buffer: Uint8Array, at: number): boolean {
  // Every tunnel but Teredo, whose relays answer from their port, addresses its port in both directions.
  switch (uint16(buffer, at + 2, false)) {
    case VXLAN:
    case OLD_VXLAN:
    case VXLAN_GPE:
    case GENEVE:
    case GTP_USER:
    case TEREDO:
    case MPLS_IN_UDP:
    case GRE_IN_UDP:
    case L2TP:
      return true;
    default:
      return uint16(buffer, at, false) === TEREDO;
  }
}

/**
 * What an IP datagram carries. In: its protocol number, a cursor on its payload. Out: the EtherType of the packet
 * inside, with the cursor on it, or an `OUTCOME`. What does not parse as the tunnel is no tunnel: that is no damage.
 */
export function readTunnel(frame: FrameCursor, protocol: number): number {
  switch (protocol) {
    case IP_PROTOCOL.udp:
      return readUdp(frame);
    case IP_PROTOCOL.ipv4:
    case IP_PROTOCOL.ipInIp:
      return readIpByVersion(frame);
    case IP_PROTOCOL.ipv6:
      return ETHER_TYPE.ipv6;
    case IP_PROTOCOL.security:
      return OUTCOME.encrypted;
    case IP_PROTOCOL.gre:
      return readGre(frame);
    case IP_PROTOCOL.mpls:
      return ETHER_TYPE.mpls;
    case IP_PROTOCOL.ethernet:
      return readEtherIp(frame);
    case IP_PROTOCOL.bridgedEthernet:
      return ETHER_TYPE.bridgedEthernet;
    default:
      return OUTCOME.nothing;
  }
}

function readIpByVersion(frame: FrameCursor): number {
  if (frame.at >= frame.end) return OUTCOME.truncated;
  switch (frame.buffer[frame.at] >> 4) {
    case 4:
      return ETHER_TYPE.ipv4;
    case 6:
      return ETHER_TYPE.ipv6;
    default:
      return OUTCOME.nothing;
  }
}

/** EtherIP (RFC 3378): version 3 in front of an Ethernet frame. */
function readEtherIp(frame: FrameCursor): number {
  if (frame.at + 2 > frame.end) return OUTCOME.truncated;
  if (frame.buffer[frame.at] >> 4 !== 3) return OUTCOME.nothing;
  frame.at += 2;
  return ETHER_TYPE.bridgedEthernet;
}

function readUdp(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (at + UDP_HEADER_BYTES > frame.end) return OUTCOME.truncated;
  if (!isTunnelPort(buffer, at)) return OUTCOME.nothing;
  const port = uint16(buffer, at + 2, false);
  frame.at += UDP_HEADER_BYTES;
  switch (port) {
    case VXLAN:
    case OLD_VXLAN:
      return readVxlan(frame);
    case VXLAN_GPE:
      return readVxlanGpe(frame);
    case GENEVE:
      return readGeneve(frame);
    case GTP_USER:
      return readGtpUser(frame);
    case GRE_IN_UDP:
      return readGre(frame);
    case L2TP:
      return readL2tp(frame);
    case MPLS_IN_UDP:
      return ETHER_TYPE.mpls;
    default:
      return readTeredo(frame);
  }
}

/** VXLAN (RFC 7348 section 5): the I flag, and an Ethernet frame behind eight bytes. */
function readVxlan(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (at + 8 > frame.end || (buffer[at] & 0x08) === 0) return OUTCOME.nothing;
  frame.at += 8;
  // Only a frame that leads to IP is entered: the port may belong to anything.
  return looksLikeEthernet(frame, frame.at) ? ETHER_TYPE.bridgedEthernet : OUTCOME.nothing;
}

/** VXLAN with a next protocol (draft-ietf-nvo3-vxlan-gpe section 3.1). */
function readVxlanGpe(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (at + 8 > frame.end || (buffer[at] & 0x08) === 0) return OUTCOME.nothing;
  frame.at += 8;
  if ((buffer[at] & 0x04) === 0) return ETHER_TYPE.bridgedEthernet;
  switch (buffer[at + 3]) {
    case 1:
      return ETHER_TYPE.ipv4;
    case 2:
      return ETHER_TYPE.ipv6;
    case 3:
      return ETHER_TYPE.bridgedEthernet;
    case 5:
      return ETHER_TYPE.mpls;
    default:
      return OUTCOME.nothing;
  }
}

/** Geneve (RFC 8926 section 3.4): version 0, options in words of four bytes, the EtherType of the payload. */
function readGeneve(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (at + 8 > frame.end || buffer[at] >> 6 !== 0) return OUTCOME.nothing;
  const headerLength = 8 + (buffer[at] & 0x3f) * 4;
  if (at + headerLength > frame.end) return OUTCOME.nothing;
  frame.at += headerLength;
  return uint16(buffer, at + 2, false);
}

/** GTP-U (3GPP TS 29.281 section 5): version 1, message type 255 (G-PDU), optional fields and extension headers. */
function readGtpUser(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 8 > end || buffer[at] >> 5 !== 1 || (buffer[at] & 0x10) === 0 || buffer[at + 1] !== 0xff) {
    return OUTCOME.nothing;
  }
  let inner = at + 8;
  if ((buffer[at] & 0x07) !== 0) {
    inner += 4;
    if (inner > end) return OUTCOME.nothing;
    // Each extension header ends with the type of the next one; its length counts words of four bytes.
    let next = (buffer[at] & 0x04) === 0 ? 0 : buffer[inner - 1];
    while (next !== 0) {
      if (inner >= end || buffer[inner] === 0) return OUTCOME.nothing;
      inner += buffer[inner] * 4;
      if (inner > end) return OUTCOME.nothing;
      next = buffer[inner - 1];
    }
  }
  frame.at = inner;
  return readIpByVersion(frame);
}

/** L2TP version 2 (RFC 2661 section 3.1): data messages carry PPP behind optional length, sequence and offset fields. */
function readL2tp(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 6 > end) return OUTCOME.nothing;
  const flags = uint16(buffer, at, false);
  const isControl = (flags & 0x8000) !== 0;
  const hasLength = (flags & 0x4000) !== 0;
  const hasSequence = (flags & 0x0800) !== 0;
  const hasOffset = (flags & 0x0200) !== 0;
  if (isControl || (flags & 0x0f) !== 2) return OUTCOME.nothing;
  let inner = at + 6 + (hasLength ? 2 : 0) + (hasSequence ? 4 : 0);
  if (hasOffset) {
    if (inner + 2 > end) return OUTCOME.nothing;
    inner += 2 + uint16(buffer, inner, false);
  }
  if (inner > end) return OUTCOME.nothing;
  frame.at = inner;
  return ETHER_TYPE.ppp;
}

/** Teredo (RFC 4380 section 5.1.1): an authentication and an origin indication may stand in front of IPv6. */
function readTeredo(frame: FrameCursor): number {
  const { buffer, end } = frame;
  let { at } = frame;
  if (at + 4 <= end && buffer[at] === 0 && buffer[at + 1] === 1) at += 13 + buffer[at + 2] + buffer[at + 3];
  if (at + 8 <= end && buffer[at] === 0 && buffer[at + 1] === 0) at += 8;
  if (at + 40 > end || buffer[at] >> 4 !== 6) return OUTCOME.nothing;
  frame.at = at;
  return ETHER_TYPE.ipv6;
}

/**
 * GRE (RFC 2784, with key and sequence number of RFC 2890, and version 1 of RFC 2637, which carries PPP). NVGRE
 * (RFC 7637) is GRE with a key and bridged Ethernet; ERSPAN, which copies frames from switch ports, is GRE too.
 */
function readGre(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 4 > end) return OUTCOME.truncated;
  const flags = uint16(buffer, at, false);
  const type = uint16(buffer, at + 2, false);
  const version = flags & 7;
  const hasChecksum = (flags & 0x8000) !== 0;
  const hasRouting = (flags & 0x4000) !== 0;
  const hasKey = (flags & 0x2000) !== 0;
  const hasSequence = (flags & 0x1000) !== 0;
  const hasAcknowledgement = version === 1 && (flags & 0x0080) !== 0;
  // Source routing was part of RFC 1701 only.
  if (version > 1 || hasRouting) return OUTCOME.nothing;
  // A packet of version 1 without a sequence number only acknowledges (RFC 2637 section 4.1).
  if (version === 1 && !hasSequence) return OUTCOME.nothing;
  frame.at += 4 + (hasChecksum ? 4 : 0) + (hasKey ? 4 : 0) + (hasSequence ? 4 : 0) + (hasAcknowledgement ? 4 : 0);
  if (frame.at > end) return OUTCOME.truncated;
  switch (type) {
    case ERSPAN:
      // Type I has no header of its own and no sequence number; type II has eight bytes (draft-foschiano-erspan).
      if (hasSequence) frame.at += 8;
      return ETHER_TYPE.bridgedEthernet;
    case ERSPAN_III:
      return readErspan3(frame);
    case WCCP:
      return readWccp(frame);
    default:
      return type >= ARUBA_FIRST && type <= ARUBA_LAST ? readIeee80211(frame) : type;
  }
}

/** ERSPAN type III (draft-foschiano-erspan section 4.3): twelve bytes, and eight more when the O flag says so. */
function readErspan3(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 12 > end) return OUTCOME.truncated;
  const hasSubheader = (buffer[at + 11] & 1) === 1;
  // Frame type 0 is Ethernet; the other is IP without a link layer.
  const frameType = (buffer[at + 10] >> 2) & 0x1f;
  frame.at += hasSubheader ? 20 : 12;
  if (frameType === 2) return readIpByVersion(frame);
  return frameType === 0 ? ETHER_TYPE.bridgedEthernet : OUTCOME.nothing;
}

/** WCCP version 2 puts four bytes in front of IPv4, version 1 nothing; the first nibble tells. */
function readWccp(frame: FrameCursor): number {
  if (frame.at + 4 > frame.end) return OUTCOME.truncated;
  if (frame.buffer[frame.at] >> 4 !== 4) frame.at += 4;
  return ETHER_TYPE.ipv4;
}
