import { done, malformed, needMore, type Parsed } from '../bytes/parsed.ts';
import { uint16, uint32, uint32Big } from './integers.ts';
import { LINKTYPE, normaliseLinkType } from './linktypes.ts';

/**
 * The file header of pcap and its relatives (draft-ietf-opsawg-pcap). Variants that share a magic number and differ
 * in the length of their record headers only are told apart by `pcap-variant.ts`.
 */
export interface PcapHeader {
  readonly littleEndian: boolean;
  /** Record layouts that the magic number and the version leave open, the likeliest first. */
  readonly layouts: readonly RecordLayout[];
  /** Decimal digits of the fraction field: 6 or 9. */
  readonly digits: number;
  readonly lengthOrder: LengthOrder;
  readonly snapLength: number;
  readonly linkType: number;
  /** The number that the file gives for it. */
  readonly rawLinkType: number;
  /** Bytes in front of each packet that belong to its captured length but not to the packet. */
  readonly padding: number;
}

/** Whether a record gives the captured length before the original one. */
type LengthOrder = 'captured-first' | 'original-first' | 'smaller-is-captured';

/**
 * What follows the sixteen bytes that all record headers begin with: nothing; interface index, protocol and packet
 * type (Alexey Kuznetzov's patches of 1999-04-17 and 1999-10-29); those with debugging fields (1999-09-15); or four
 * bytes of Nokia's own.
 */
export type RecordLayout = 'standard' | 'patched' | 'patched-debug' | 'nokia';

export const RECORD_HEADER_BYTES: Readonly<Record<RecordLayout, number>> = {
  standard: 16,
  patched: 24,
  'patched-debug': 28,
  nokia: 20,
};

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MAGIC_PATCHED = 0xa1b2cd34;
const MAGIC_IXIA_HARDWARE = 0x1c0001ac;
const MAGIC_IXIA_SOFTWARE = 0x1c0001ab;
const MAGICS: readonly number[] = [
  MAGIC_MICROSECONDS,
  MAGIC_NANOSECONDS,
  MAGIC_PATCHED,
  MAGIC_IXIA_HARDWARE,
  MAGIC_IXIA_SOFTWARE,
];

/** AIX writes RFC 1573 ifType values into its version 2.2. None of them had that meaning in libpcap's 2.2. */
const AIX_LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [6, LINKTYPE.ETHERNET],
  [9, LINKTYPE.IEEE802_5],
  [15, LINKTYPE.FDDI],
  [24, LINKTYPE.NULL],
]);
/** AIX pads FDDI frames in front. */
const AIX_FDDI_PADDING = 3;

/** Version that tcpdump of DG/UX writes. */
const DGUX_MAJOR_VERSION = 543;

/** The magic number in the byte order of the file, and that order; null when the bytes begin with none. */
export function pcapMagic(bytes: Uint8Array, at: number): { magic: number; littleEndian: boolean } | null {
  const big = uint32Big(bytes, at);
  if (MAGICS.includes(big)) return { magic: big, littleEndian: false };
  const little = uint32(bytes, at, true);
  return MAGICS.includes(little) ? { magic: little, littleEndian: true } : null;
}

/** Reads the file header at `at`; `available` bytes from there are in memory. */
export function parsePcapHeader(bytes: Uint8Array, at: number, available: number): Parsed<PcapHeader> {
  if (available < 24) return needMore(24);
  const found = pcapMagic(bytes, at);
  if (found === null) return malformed('not-a-capture', 'The file does not begin with the magic number of pcap.', 0);
  const { magic, littleEndian } = found;
  const isIxia = magic === MAGIC_IXIA_HARDWARE || magic === MAGIC_IXIA_SOFTWARE;
  // Ixia appends the length of all records to the header.
  const headerBytes = isIxia ? 28 : 24;
  if (available < headerBytes) return needMore(headerBytes);

  const majorVersion = uint16(bytes, at + 4, littleEndian);
  const minorVersion = uint16(bytes, at + 6, littleEndian);
  if (majorVersion < 2) {
    const message = `Version ${majorVersion}.${minorVersion} of pcap is unknown; the file header is damaged, or the file is not a capture.`;
    return malformed('unsupported-version', message, 4);
  }
  const network = uint32(bytes, at + 20, littleEndian);
  const isOldVersion2 = majorVersion === 2 && minorVersion === 2;
  const aixLinkType = magic === MAGIC_MICROSECONDS && isOldVersion2 ? AIX_LINK_TYPES.get(network) : undefined;
  const hasFixedLayout = majorVersion === DGUX_MAJOR_VERSION || (majorVersion === 2 && minorVersion < 4);
  const header: PcapHeader = {
    littleEndian,
    layouts: hasFixedLayout && magic !== MAGIC_PATCHED ? ['standard'] : layoutsOf(magic),
    digits: magic === MAGIC_NANOSECONDS || magic === MAGIC_IXIA_HARDWARE || aixLinkType !== undefined ? 9 : 6,
    lengthOrder: lengthOrderOf(majorVersion, minorVersion),
    snapLength: uint32(bytes, at + 16, littleEndian),
    // The upper half holds the length of the frame check sequence, if any.
    linkType: aixLinkType ?? normaliseLinkType(network & 0xffff),
    rawLinkType: network & 0xffff,
    padding: aixLinkType === LINKTYPE.FDDI ? AIX_FDDI_PADDING : 0,
  };
  return done(header, at + headerBytes);
}

function layoutsOf(magic: number): readonly RecordLayout[] {
  switch (magic) {
    case MAGIC_MICROSECONDS:
      return ['standard', 'patched', 'nokia'];
    case MAGIC_PATCHED:
      return ['patched', 'patched-debug'];
    default:
      return ['standard'];
  }
}

/** Version 2.3 swapped the two lengths; some of its writers did not. DG/UX kept the old order. */
function lengthOrderOf(majorVersion: number, minorVersion: number): LengthOrder {
  if (majorVersion === DGUX_MAJOR_VERSION) return 'original-first';
  if (majorVersion !== 2 || minorVersion > 3) return 'captured-first';
  return minorVersion === 3 ? 'smaller-is-captured' : 'original-first';
}
