import { uint16 } from '../integers.ts';
import { type FrameCursor, OUTCOME } from './cursor.ts';
import { ETHER_TYPE } from './ether-type.ts';

/** A type field up to here is a length (IEEE 802.3 section 3.2.6). */
const LONGEST_LENGTH = 1500;
const SNAP = 0xaa;
const IP_OVER_LLC = 0x06;
const UNNUMBERED_INFORMATION = 0x03;

/** Ethernet II, or 802.3 with LLC. In: a cursor on the destination address. Out: an EtherType or an `OUTCOME`. */
export function readEthernet(frame: FrameCursor): number {
  if (frame.at + 14 > frame.end) return OUTCOME.truncated;
  const type = uint16(frame.buffer, frame.at + 12, false);
  frame.at += 14;
  return type > LONGEST_LENGTH ? type : readLlc(frame);
}

/**
 * LLC (IEEE 802.2), with SNAP where it says so (RFC 1042). In: a cursor on the DSAP. Out: an EtherType or an
 * `OUTCOME`.
 */
export function readLlc(frame: FrameCursor): number {
  const { buffer, at } = frame;
  if (at + 3 > frame.end) return OUTCOME.truncated;
  const destination = buffer[at];
  if (destination !== buffer[at + 1] || buffer[at + 2] !== UNNUMBERED_INFORMATION) return OUTCOME.nothing;
  if (destination === IP_OVER_LLC) {
    frame.at += 3;
    return ETHER_TYPE.ipv4;
  }
  if (destination !== SNAP) return OUTCOME.nothing;
  if (at + 8 > frame.end) return OUTCOME.truncated;
  // Organisation 0 is RFC 1042, 0x0000f8 the bridge tunnel of IEEE 802.1H; both are followed by an EtherType.
  if (buffer[at + 3] !== 0 || buffer[at + 4] !== 0) return OUTCOME.nothing;
  if (buffer[at + 5] !== 0 && buffer[at + 5] !== 0xf8) return OUTCOME.nothing;
  frame.at += 8;
  return uint16(buffer, at + 6, false);
}

/**
 * A tag that ends with the next EtherType. In: a cursor behind the tag's own EtherType, and the bytes between the two: 2
 * for IEEE 802.1Q and 802.1ad, 4 for VN-Tag, 6 for E-Tag. Out: an EtherType or an `OUTCOME`.
 */
export function readTag(frame: FrameCursor, tagBytes: number): number {
  const { at } = frame;
  if (at + tagBytes + 2 > frame.end) return OUTCOME.truncated;
  const type = uint16(frame.buffer, at + tagBytes, false);
  frame.at += tagBytes + 2;
  return type > LONGEST_LENGTH ? type : readLlc(frame);
}

/** Whether an Ethernet header with a type that leads to IP may begin at `at`: for layers that do not say what follows. */
export function looksLikeEthernet(frame: FrameCursor, at: number): boolean {
  if (at + 15 > frame.end) return false;
  const version = frame.buffer[at + 14] >> 4;
  switch (uint16(frame.buffer, at + 12, false)) {
    case ETHER_TYPE.ipv4:
      return version === 4;
    case ETHER_TYPE.ipv6:
      return version === 6;
    case ETHER_TYPE.vlan:
    case ETHER_TYPE.providerBridge:
    case ETHER_TYPE.mpls:
    case ETHER_TYPE.pppoeSession:
      return true;
    default:
      return false;
  }
}
