import { LIMITS } from '../bytes/limits.ts';
import { done, needMore, type Parsed } from '../bytes/parsed.ts';
import { uint16, uint32 } from './integers.ts';
import { type PcapHeader, RECORD_HEADER_BYTES, type RecordLayout } from './pcap-header.ts';

/** As many as Wireshark looks at. */
const RECORDS_TO_TRY = 3;

/** No packet is that long; larger values of `original length` are a sign of a wrong layout (Wireshark's value). */
const IMPLAUSIBLE_ORIGINAL_BYTES = 128 * 1024 * 1024;

/** Interface indexes of 1999, when the patched layouts were written, stayed below it. */
const IMPLAUSIBLE_INTERFACE_INDEX = 10_000;

/** Weight of a file that ends inside a record: sound files are cut, so it says less than an impossible field. */
const CUT = 0.5;
/** Weight of an unusual field in a Nokia record: editcap writes anything there. Yet a cut standard file is likelier. */
const STRANGE_FIELD = 0.75;

/**
 * The record layout that fits the first records best, decided as Wireshark does: each layout collects faults over
 * three records, and the first one without any, or with the fewest, wins. `available` bytes from `at` are in memory;
 * `final` says that no more follow.
 */
export function chooseRecordLayout(
  header: PcapHeader,
  bytes: Uint8Array,
  at: number,
  available: number,
  final: boolean,
): Parsed<RecordLayout> {
  let best = header.layouts[0];
  if (header.layouts.length === 1) return done(best, at);
  let fewest = Number.POSITIVE_INFINITY;
  for (const layout of header.layouts) {
    const faults = countFaults(header, layout, bytes, at, at + available, final);
    if (faults < 0) return needMore(-faults);
    if (faults === 0) return done(layout, at);
    if (faults < fewest) {
      fewest = faults;
      best = layout;
    }
  }
  return done(best, at);
}

/** Faults of the first records under one layout; minus the bytes needed when they are not all in memory. */
function countFaults(
  header: PcapHeader,
  layout: RecordLayout,
  bytes: Uint8Array,
  first: number,
  end: number,
  final: boolean,
): number {
  const headerBytes = RECORD_HEADER_BYTES[layout];
  let faults =
    layout === 'nokia' && first + headerBytes <= end && !hasNokiaField(header, bytes, first) ? STRANGE_FIELD : 0;
  let at = first;
  for (let i = 0; i < RECORDS_TO_TRY; i++) {
    if (at === end && final) break;
    if (at + headerBytes > end) {
      if (!final) return -(at + headerBytes - first);
      return faults + CUT;
    }
    const captured = uint32(bytes, at + 8, header.littleEndian);
    const original = uint32(bytes, at + 12, header.littleEndian);
    if (uint32(bytes, at + 4, header.littleEndian) >= 1_000_000) faults += 1;
    if (captured > header.snapLength) faults += 1;
    if (captured > original) faults += 1;
    if (original > IMPLAUSIBLE_ORIGINAL_BYTES) faults += 1;
    faults += faultsOfExtraFields(layout, bytes, at + 16, header.littleEndian);
    if (captured > LIMITS.packetBytes) return faults + 1;
    at += headerBytes + captured;
    if (at > end) {
      if (!final) return -(at - first);
      return faults + CUT;
    }
  }
  return faults;
}

function faultsOfExtraFields(layout: RecordLayout, bytes: Uint8Array, at: number, littleEndian: boolean): number {
  switch (layout) {
    case 'standard':
      return 0;
    case 'patched':
    case 'patched-debug': {
      const interfaceIndex = uint32(bytes, at, littleEndian);
      const protocol = uint16(bytes, at + 4, littleEndian);
      const packetType = bytes[at + 6];
      return (
        (interfaceIndex > IMPLAUSIBLE_INTERFACE_INDEX ? 1 : 0) +
        (isLinuxProtocol(protocol) ? 0 : 1) +
        (packetType > 4 ? 1 : 0)
      );
    }
    case 'nokia':
      return 0;
  }
}

/** An EtherType or one of the numbers below 0x0600 that Linux gave protocols without one. */
function isLinuxProtocol(protocol: number): boolean {
  return protocol >= 0x0600 || protocol <= 0x17 || protocol === 0x60 || protocol === 0x200 || protocol === 0x400;
}

/**
 * Seen values of the field behind a Nokia record header are 0xXfbfYZ0W with X = 9 or b, Y = b or d, Z = 6 or 9,
 * W = 1 or 2.
 */
function hasNokiaField(header: PcapHeader, bytes: Uint8Array, record: number): boolean {
  const field = uint32(bytes, record + 16, header.littleEndian);
  const x = field >>> 28;
  const y = (field >>> 12) & 15;
  const z = (field >>> 8) & 15;
  const w = field & 15;
  return (
    (field & 0x0fff00f0) === 0x0fbf0000 &&
    (x === 9 || x === 11) &&
    (y === 11 || y === 13) &&
    (z === 6 || z === 9) &&
    (w === 1 || w === 2)
  );
}
