import { type ByteRange, NOTHING_MISSING } from './byte-range.ts';
import { isRecordVersion, VERSION } from './codes.ts';
import type { HandshakeMessage } from './handshake-message.ts';

const HEADER_BYTES = 2;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 4;
/** Both hellos have fixed fields of 9 and 11 bytes; certificates and long lists of ciphers stay well below 8 KiB. */
const SMALLEST_BYTES = 9;
const LARGEST_BYTES = 8192;

/**
 * The length of a record of SSL 2.0 that holds a hello, header of two bytes excluded, or null when the first
 * `available` bytes (five decide) at `at` are no such thing (RFC 5246 appendix E.2).
 */
export function ssl2HelloLength(bytes: Uint8Array, at: number, available = 5): number | null {
  if ((bytes[at] & 0x80) === 0) return null;
  const length = ((bytes[at] & 0x7f) << 8) | bytes[at + 1];
  if (available > 1 && (length < SMALLEST_BYTES || length > LARGEST_BYTES)) return null;
  if (available > 2 && bytes[at + 2] === CLIENT_HELLO) {
    const version = (bytes[at + 3] << 8) | bytes[at + 4];
    return available < 5 || version === VERSION.ssl2 || isRecordVersion(version) ? length : null;
  }
  if (available > 2 && bytes[at + 2] !== SERVER_HELLO) return null;
  return available < 5 || (bytes[at + 3] <= 1 && bytes[at + 4] <= 1) ? length : null;
}

/** Gathers the one record of SSL 2.0 that is read: a hello. */
export class Ssl2HelloCollector {
  private readonly deliver: (message: HandshakeMessage) => void;
  private readonly bytes: Uint8Array;
  private count = 0;
  private missing: ByteRange[] = [];
  private isDelivered = false;

  constructor(length: number, deliver: (message: HandshakeMessage) => void) {
    this.bytes = new Uint8Array(length);
    this.deliver = deliver;
  }

  feed(bytes: Uint8Array, start: number, end: number): void {
    this.bytes.set(bytes.subarray(start, end), this.count);
    this.count += end - start;
  }

  hole(size: number): void {
    this.missing.push({ start: this.count - 1, end: this.count - 1 + size });
    this.count += size;
  }

  /** The record is whole, or gets no more bytes. */
  finish(): void {
    if (this.isDelivered) return;
    this.isDelivered = true;
    const bytes = this.bytes.subarray(0, this.count);
    const length = this.bytes.length - 1;
    const truncated = this.count < this.bytes.length;
    if (truncated) this.missing.push({ start: this.count - 1, end: length });
    this.deliver({
      format: 'ssl2',
      type: bytes[0],
      length,
      bytes,
      body: bytes.subarray(1),
      missing: this.missing.length === 0 ? NOTHING_MISSING : this.missing,
      truncated,
      recordVersion: VERSION.ssl2,
      offset: HEADER_BYTES,
    });
  }
}
