import { uint16, uint32Big, uint32Little } from '../integers.ts';
import { type FrameCursor, OUTCOME } from './cursor.ts';
import { readLlc } from './ethernet.ts';

const DATA = 2;
const QUALITY_OF_SERVICE = 0x8;
const WITHOUT_DATA = 0x4;
/** Bits of the second byte of the frame control field (IEEE 802.11-2020 section 9.2.4.1). */
const TO_DISTRIBUTION = 0x01;
const FROM_DISTRIBUTION = 0x02;
const PROTECTED = 0x40;
const ORDER = 0x80;
const AGGREGATED = 0x80;

/**
 * A data frame of IEEE 802.11 that is not encrypted: 3 or 4 addresses, quality of service, the first frame of an
 * A-MSDU. In: a cursor on the frame control field; `padded` when the radio card aligned the body to four bytes. Out: an
 * EtherType or an `OUTCOME`.
 */
export function readIeee80211(frame: FrameCursor, padded = false): number {
  const { buffer, at, end } = frame;
  if (at + 2 > end) return OUTCOME.truncated;
  const subtype = buffer[at] >> 4;
  const flags = buffer[at + 1];
  // Protocol version 0, type data.
  if ((buffer[at] & 0x0f) !== DATA << 2 || (subtype & WITHOUT_DATA) !== 0) return OUTCOME.nothing;
  if ((flags & PROTECTED) !== 0) return OUTCOME.encrypted;
  if (at + 24 > end) return OUTCOME.truncated;
  // Only the first fragment begins with LLC.
  if ((buffer[at + 22] & 0x0f) !== 0) return OUTCOME.nothing;
  const fourAddresses = (flags & TO_DISTRIBUTION) !== 0 && (flags & FROM_DISTRIBUTION) !== 0;
  let headerLength = fourAddresses ? 30 : 24;
  let aggregated = false;
  if ((subtype & QUALITY_OF_SERVICE) !== 0) {
    if (at + headerLength + 2 > end) return OUTCOME.truncated;
    aggregated = (buffer[at + headerLength] & AGGREGATED) !== 0;
    headerLength += (flags & ORDER) !== 0 ? 6 : 2;
  }
  if (padded) headerLength = (headerLength + 3) & ~3;
  // A subframe has its own addresses and length in front (section 9.3.2.2).
  if (aggregated) headerLength += 14;
  frame.at = at + headerLength;
  return readLlc(frame);
}

/** Radiotap (radiotap.org): little-endian length, then presence words; of the fields only the flags matter. */
export function readRadiotap(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 8 > end) return OUTCOME.truncated;
  const length = uint16(buffer, at + 2, true);
  if (buffer[at] !== 0 || length < 8) return OUTCOME.malformed;
  if (at + length > end) return OUTCOME.truncated;
  const present = uint32Little(buffer, at + 4);
  let field = at + 8;
  for (let word = at + 7; (buffer[word] & 0x80) !== 0 && field + 4 <= at + length; word += 4) field += 4;
  // The timestamp (bit 0) has eight bytes and is aligned to them; the flags (bit 1) follow.
  if ((present & 1) !== 0) field = at + ((field - at + 7) & ~7) + 8;
  const padded = (present & 2) !== 0 && field < at + length && (buffer[field] & 0x20) !== 0;
  frame.at = at + length;
  return readIeee80211(frame, padded);
}

/** The header of Prism cards, of the length that it says in the capturing host's byte order; or an AVS header. */
export function readPrism(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 8 > end) return OUTCOME.truncated;
  if (uint32Big(buffer, at) >>> 12 === 0x80211) return readAvs(frame);
  const length = Math.min(uint32Little(buffer, at + 4), uint32Big(buffer, at + 4));
  if (at + length > end) return OUTCOME.truncated;
  frame.at = at + length;
  return readIeee80211(frame);
}

/** The AVS header: magic and length, both big-endian. */
export function readAvs(frame: FrameCursor): number {
  const { buffer, at, end } = frame;
  if (at + 8 > end) return OUTCOME.truncated;
  const length = uint32Big(buffer, at + 4);
  if (length < 8) return OUTCOME.malformed;
  if (at + length > end) return OUTCOME.truncated;
  frame.at = at + length;
  return readIeee80211(frame);
}
