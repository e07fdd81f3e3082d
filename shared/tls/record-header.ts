import { LIMITS } from '../bytes/limits.ts';
import { CONTENT, HANDSHAKE, isRecordVersion } from './codes.ts';

/** type, version and length (RFC 8446 section 5.1). */
export const RECORD_HEADER_BYTES = 5;

/** How many bytes of a handshake record `plausibleHandshakeStart` looks at, at most. */
export const HANDSHAKE_PROBE_BYTES = 7;

/** Bytes that decide on a record header in the midst of unknown bytes: the header and the start of its fragment. */
export const RECORD_PROBE_BYTES = RECORD_HEADER_BYTES + HANDSHAKE_PROBE_BYTES;

/**
 * Whether the five bytes at `at` can be a record header: a known type, a version from SSL 3.0 to TLS 1.3 or TLCP, a
 * length within the limit.
 */
export function isRecordHeader(bytes: Uint8Array, at: number): boolean {
  return (
    isRecordType(bytes[at]) &&
    isRecordVersion((bytes[at + 1] << 8) | bytes[at + 2]) &&
    ((bytes[at + 3] << 8) | bytes[at + 4]) <= LIMITS.tlsRecordBytes
  );
}

export function isRecordType(type: number): boolean {
  return type >= CONTENT.changeCipherSpec && type <= CONTENT.heartbeat;
}

/**
 * What speaks for a record header where nothing says that one must be:
 * `strong` when header and fragment fit together so that chance is ruled out, `weak` when only the header fits.
 */
export type RecordEvidence = 'none' | 'weak' | 'strong';

/**
 * Weighs the bytes `[at, end)` as the start of a record. Null: more bytes could tell. With `final` there are none, and
 * the answer is what the present ones allow.
 */
export function weighRecord(bytes: Uint8Array, at: number, end: number, final: boolean): RecordEvidence | null {
  if (!isRecordType(bytes[at])) return 'none';
  const available = end - at;
  if (available < RECORD_HEADER_BYTES) return final ? 'none' : null;
  if (!isRecordHeader(bytes, at)) return 'none';
  const length = (bytes[at + 3] << 8) | bytes[at + 4];
  if (length === 0) return 'none';
  const needed = RECORD_HEADER_BYTES + Math.min(length, HANDSHAKE_PROBE_BYTES);
  const body = at + RECORD_HEADER_BYTES;
  switch (bytes[at]) {
    case CONTENT.changeCipherSpec:
      if (length !== 1) return 'none';
      if (available < needed) return final ? 'weak' : null;
      return bytes[body] === 1 ? 'strong' : 'none';
    case CONTENT.alert:
      if (length !== 2) return length > 2 && length <= 128 ? 'weak' : 'none';
      if (available < needed) return final ? 'weak' : null;
      return bytes[body] === 1 || bytes[body] === 2 ? 'strong' : 'none';
    case CONTENT.handshake:
      if (available < needed) return final ? 'weak' : null;
      return plausibleHandshakeStart(bytes, body, length) ? 'strong' : 'weak';
    default:
      return 'weak';
  }
}

/**
 * Whether a handshake record whose fragment begins at `at` can begin with a whole handshake header, rather than in the
 * midst of a message or with ciphertext. The caller has min(7, recordLength) bytes there.
 */
export function plausibleHandshakeStart(bytes: Uint8Array, at: number, recordLength: number): boolean {
  if (recordLength < 4) return false;
  const length = (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  if (length > LIMITS.tlsHandshakeBytes) return false;
  const fits = length + 4 <= recordLength;
  const hasBody = recordLength >= HANDSHAKE_PROBE_BYTES;
  switch (bytes[at]) {
    case HANDSHAKE.helloRequest:
      return length === 0 && recordLength === 4;
    case HANDSHAKE.serverHelloDone:
      return length === 0;
    case HANDSHAKE.clientHello:
    case HANDSHAKE.serverHello:
      return length >= 38 && hasBody && isHelloVersion((bytes[at + 4] << 8) | bytes[at + 5]);
    case HANDSHAKE.certificate:
      return hasBody && length >= 3 && ((bytes[at + 4] << 16) | (bytes[at + 5] << 8) | bytes[at + 6]) === length - 3;
    case HANDSHAKE.newSessionTicket:
      return fits && length >= 6;
    case HANDSHAKE.serverKeyExchange:
    case HANDSHAKE.certificateRequest:
    case HANDSHAKE.certificateVerify:
    case HANDSHAKE.clientKeyExchange:
    case HANDSHAKE.certificateStatus:
      return fits && length >= 4;
    default:
      return false;
  }
}

/** legacy_version of a hello: as in records, or a draft of TLS 1.3. */
export function isHelloVersion(version: number): boolean {
  return isRecordVersion(version) || version >> 8 === 0x7f;
}
