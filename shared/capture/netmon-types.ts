import { LINKTYPE, UNMAPPED_LINK_TYPE } from './linktypes.ts';

/** What stands in front of a packet of a Network Monitor medium and is not part of the LINKTYPE_ format. */
type NetmonPrefix = 'none' | 'atm' | 'wireless';

export interface NetmonMedium {
  readonly linkType: number;
  readonly prefix: NetmonPrefix;
  /** Wireshark gives records of this type a frame number. */
  readonly isFrame: boolean;
}

/** Addresses, VPI and VCI in front of ATM packets. */
export const NETMON_ATM_PREFIX_BYTES = 16;

const FIRST_PCAP_TYPE = 0xe000;
const FIRST_ANALYZER_TYPE = 0xe080;
const LAST_ANALYZER_TYPE = 0xe08a;
const LAST_PCAP_TYPE = 0xefff;

const MEDIA: ReadonlyMap<number, NetmonMedium> = new Map([
  // Network Monitor 3.4 writes 0 for packets of virtual private networks, which have Ethernet headers.
  [0, medium(LINKTYPE.ETHERNET)],
  [1, medium(LINKTYPE.ETHERNET)],
  [2, medium(LINKTYPE.IEEE802_5)],
  [3, medium(LINKTYPE.FDDI)],
  [4, medium(LINKTYPE.ATM_RFC1483, 'atm')],
  [6, medium(LINKTYPE.IEEE802_11, 'wireless')],
  [7, medium(LINKTYPE.RAW)],
  [8, medium(LINKTYPE.RAW)],
  [9, medium(LINKTYPE.RAW)],
  [0xe080, medium(LINKTYPE.IEEE802_11)],
  // Payload headers, network information and the name cache are no frames to Wireshark; the first is of a
  // reassembled payload that its packets precede.
  [0xfffc, notShown()],
  [0xfffd, notShown()],
  [0xfffe, notShown()],
]);

/**
 * The packet format behind a media type of Network Monitor: the file's (1.x, 2.0) or the packet's own (from 2.1).
 * 0xE000 to 0xEFFF are LINKTYPE_ values of converted captures, save eleven that Message Analyzer took for itself.
 */
export function netmonMedium(mediaType: number): NetmonMedium {
  const known = MEDIA.get(mediaType);
  if (known !== undefined) return known;
  const isAnalyzerType = mediaType >= FIRST_ANALYZER_TYPE && mediaType <= LAST_ANALYZER_TYPE;
  if (mediaType >= FIRST_PCAP_TYPE && mediaType <= LAST_PCAP_TYPE && !isAnalyzerType) {
    return medium(mediaType - FIRST_PCAP_TYPE);
  }
  return UNKNOWN_MEDIUM;
}

/** Events, filters and links without a LINKTYPE_ value: frames with nothing to dissect. */
const UNKNOWN_MEDIUM = medium(UNMAPPED_LINK_TYPE);

function medium(linkType: number, prefix: NetmonPrefix = 'none'): NetmonMedium {
  return { linkType, prefix, isFrame: true };
}

function notShown(): NetmonMedium {
  return { linkType: UNMAPPED_LINK_TYPE, prefix: 'none', isFrame: false };
}
