import { LIMITS } from '../../bytes/limits.ts';
import { uint16 } from '../integers.ts';
import { type FrameCursor, OUTCOME } from './cursor.ts';
import { ETHER_TYPE } from './ether-type.ts';
import { looksLikeEthernet } from './ethernet.ts';

const LABEL_BYTES = 4;
const BOTTOM_OF_STACK = 1;
const CONTROL_WORD_BYTES = 4;

/**
 * A label stack (RFC 3032). Nothing in it says what it carries, so the first nibble decides as in routers
 * (RFC 4928): an IP version, or the control word of a pseudowire (RFC 4448) in front of Ethernet. In: a cursor on the first
 * label. Out: an EtherType or an `OUTCOME`.
 */
export function readMpls(frame: FrameCursor): number {
  const { buffer, end } = frame;
  for (;;) {
    const { at } = frame;
    if (at + LABEL_BYTES > end) return OUTCOME.truncated;
    frame.at += LABEL_BYTES;
    if ((buffer[at + 2] & BOTTOM_OF_STACK) !== 0) break;
    frame.depth++;
    if (frame.depth > LIMITS.encapsulationDepth) return OUTCOME.tooDeep;
  }
  const { at } = frame;
  if (at + 6 > end) return OUTCOME.truncated;
  const nibble = buffer[at] >> 4;
  if (nibble === 4 || nibble === 6) {
    // A pseudowire without control word begins with a MAC address, which may look so too: the lengths tell.
    const wire = frame.wireEnd - at;
    const length = nibble === 4 ? uint16(buffer, at + 2, false) : uint16(buffer, at + 4, false) + 40;
    const fits = length >= 20 && length <= wire;
    if (!fits && looksLikeEthernet(frame, at)) return ETHER_TYPE.bridgedEthernet;
    return nibble === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6;
  }
  if (nibble === 0 && looksLikeEthernet(frame, at + CONTROL_WORD_BYTES)) {
    frame.at += CONTROL_WORD_BYTES;
    return ETHER_TYPE.bridgedEthernet;
  }
  return looksLikeEthernet(frame, at) ? ETHER_TYPE.bridgedEthernet : OUTCOME.nothing;
}
