import { LIMITS } from '../../bytes/limits.ts';
import { type FrameCursor, OUTCOME } from './cursor.ts';
import { ETHER_TYPE } from './ether-type.ts';
import { readEthernet, readTag } from './ethernet.ts';
import { readLinkHeader } from './link-header.ts';
import { readMpls } from './mpls.ts';
import { readPpp, readPppoe } from './ppp.ts';

/**
 * From the first byte of a frame to IP. In: the LINKTYPE_ number, a cursor on the frame. Out: the EtherType of IPv4 or
 * IPv6 with the cursor on its header, or an `OUTCOME`.
 */
export function readLink(linkType: number, frame: FrameCursor): number {
  return readToIp(readLinkHeader(linkType, frame), frame);
}

/** Takes off tags, labels and inner frames until IP. In: what the cursor stands on. Out: as `readLink`. */
export function readToIp(etherType: number, frame: FrameCursor): number {
  let type = etherType;
  for (;;) {
    if (type < 0 || type === ETHER_TYPE.ipv4 || type === ETHER_TYPE.ipv6) return type;
    frame.depth++;
    if (frame.depth > LIMITS.encapsulationDepth) return OUTCOME.tooDeep;
    type = readInner(type, frame);
  }
}

function readInner(etherType: number, frame: FrameCursor): number {
  switch (etherType) {
    case ETHER_TYPE.vlan:
    case ETHER_TYPE.providerBridge:
    case ETHER_TYPE.oldProviderBridge:
    case ETHER_TYPE.oldProviderBridge2:
      return readTag(frame, 2);
    case ETHER_TYPE.virtualNetworkTag:
      return readTag(frame, 4);
    case ETHER_TYPE.portExtenderTag:
      return readTag(frame, 6);
    case ETHER_TYPE.backboneService:
      frame.at += 4;
      return readEthernet(frame);
    case ETHER_TYPE.macSecurity:
      return OUTCOME.encrypted;
    case ETHER_TYPE.mpls:
    case ETHER_TYPE.mplsMulticast:
      return readMpls(frame);
    case ETHER_TYPE.pppoeSession:
      return readPppoe(frame);
    case ETHER_TYPE.ppp:
      return readPpp(frame);
    case ETHER_TYPE.bridgedEthernet:
      return readEthernet(frame);
    default:
      return OUTCOME.nothing;
  }
}
