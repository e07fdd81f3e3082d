import type { ByteRange } from './byte-range.ts';

/**
 * One handshake message as it came off the record layer (RFC 8446 section 4, RFC 5246 section 7.4).
 *
 * All arrays are views that hold only during the call that delivers them: copy what must stay.
 */
export interface HandshakeMessage {
  /** `ssl2`: a hello of SSL 2.0 or in its format (RFC 5246 appendix E.2), whose header is the type byte alone. */
  readonly format: 'tls' | 'ssl2';
  /** HandshakeType; for `ssl2` the message type of SSL 2.0 (1 CLIENT-HELLO, 4 SERVER-HELLO). */
  readonly type: number;
  /** Bytes of the body as the header declares them. `body` is shorter when the end never arrived. */
  readonly length: number;
  /** Header and body, as a transcript hash takes them. */
  readonly bytes: Uint8Array;
  readonly body: Uint8Array;
  /** Ranges of the body that were not captured, ascending; `body` is zero there. */
  readonly missing: readonly ByteRange[];
  /** The direction ended, or the record layer lost its place, before the message was whole. */
  readonly truncated: boolean;
  /** Version in the header of the record in which the message began. */
  readonly recordVersion: number;
  /** Where the message began: offset in this direction's TLS bytes, record headers and holes counted. */
  readonly offset: number;
}
