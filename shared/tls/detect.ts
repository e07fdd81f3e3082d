import { LIMITS } from '../bytes/limits.ts';
import { CONTENT, HANDSHAKE, isRecordVersion } from './codes.ts';
import { isRecordHeader, RECORD_HEADER_BYTES } from './record-header.ts';
import { ssl2HelloLength } from './ssl2-record.ts';

/** `maybe`: the bytes fit as far as they go. */
export type Likeness = 'yes' | 'no' | 'maybe';

/** Offsets in a record that holds a ClientHello: handshake header, legacy_version, random, session id's length. */
const MESSAGE = RECORD_HEADER_BYTES;
const HELLO_VERSION = MESSAGE + 4;
const SESSION_ID = HELLO_VERSION + 2 + 32;
/** Version, random, empty session id, one cipher suite, one compression method (RFC 5246 section 7.4.1.2). */
const SMALLEST_HELLO = 2 + 32 + 1 + 4 + 2;
/** Record header, message header, length of the session id and of the cipher suites. */
const SSL2_FIXED_BYTES = 11;

/**
 * Whether `bytes[start, end)`, the first of a direction, begin with a TLS record that begins with a ClientHello.
 * Made for arbitrary TCP streams: every field up to the session id has to fit. At most 44 bytes are looked at.
 */
export function looksLikeClientHello(bytes: Uint8Array, start: number, end: number): Likeness {
  const size = end - start;
  if (size > 0 && bytes[start] !== CONTENT.handshake) return 'no';
  if (size > 2 && !isRecordVersion(uint16(bytes, start + 1))) return 'no';
  if (size > 1 && bytes[start + 1] !== 3 && bytes[start + 1] !== 1) return 'no';
  if (size < MESSAGE) return 'maybe';
  const recordLength = uint16(bytes, start + 3);
  if (recordLength < 1 || recordLength > LIMITS.tlsRecordBytes) return 'no';
  // A record may end in the midst of the hello, whose next bytes then stand behind another record header.
  const stop = Math.min(size, MESSAGE + recordLength);
  if (stop > MESSAGE && bytes[start + MESSAGE] !== HANDSHAKE.clientHello) return 'no';
  if (stop >= MESSAGE + 4) {
    const length = (bytes[start + MESSAGE + 1] << 16) | uint16(bytes, start + MESSAGE + 2);
    if (length < SMALLEST_HELLO || length > LIMITS.tlsHandshakeBytes) return 'no';
  }
  if (stop >= HELLO_VERSION + 2 && !isRecordVersion(uint16(bytes, start + HELLO_VERSION))) {
    // Drafts of TLS 1.3 before 16 stated their number here.
    if (bytes[start + HELLO_VERSION] !== 0x7f) return 'no';
  }
  if (stop > SESSION_ID && bytes[start + SESSION_ID] > 32) return 'no';
  return stop > SESSION_ID || stop === MESSAGE + recordLength ? 'yes' : 'maybe';
}

/**
 * Whether `bytes[start, end)`, the first of a direction, are a CLIENT-HELLO in the format of SSL 2.0. Its lengths must
 * add up to the record exactly, the challenge have 16 to 32 bytes and the session id none or 16 (RFC 5246 appendix E.2).
 */
export function looksLikeSsl2ClientHello(bytes: Uint8Array, start: number, end: number): Likeness {
  const size = end - start;
  if (size === 0) return 'maybe';
  const length = ssl2HelloLength(bytes, start, Math.min(size, 5));
  if (length === null || (size > 2 && bytes[start + 2] !== 1)) return 'no';
  if (size < SSL2_FIXED_BYTES) return 'maybe';
  const cipherBytes = uint16(bytes, start + 5);
  const sessionIdBytes = uint16(bytes, start + 7);
  const challengeBytes = uint16(bytes, start + 9);
  const fits =
    cipherBytes > 0 &&
    cipherBytes % 3 === 0 &&
    (sessionIdBytes === 0 || sessionIdBytes === 16) &&
    challengeBytes >= 16 &&
    challengeBytes <= 32 &&
    SSL2_FIXED_BYTES - 2 + cipherBytes + sessionIdBytes + challengeBytes === length;
  return fits ? 'yes' : 'no';
}

/** Whether `bytes[start, end)` can begin with the header of a TLS record of any type. Five bytes decide. */
export function looksLikeTlsRecord(bytes: Uint8Array, start: number, end: number): Likeness {
  const size = end - start;
  if (size >= RECORD_HEADER_BYTES) return isRecordHeader(bytes, start) ? 'yes' : 'no';
  if (size > 0 && (bytes[start] < CONTENT.changeCipherSpec || bytes[start] > CONTENT.heartbeat)) return 'no';
  if (size > 1 && bytes[start + 1] !== 3 && bytes[start + 1] !== 1) return 'no';
  return 'maybe';
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}
