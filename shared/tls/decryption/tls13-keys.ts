/** Keys of TLS 1.3 out of its traffic secrets (RFC 8446 section 7), for the standard and its drafts. */
import { VERSION } from '../codes.ts';
import { hashBytes, hmacOf } from './hashes.ts';
import { asciiOctets, joinOctets } from './octets.ts';

export type Tls13Hash = 'sha256' | 'sha384';

/** From here on all labels begin with "tls13 ", before that with "TLS 1.3, ". */
const FIRST_DRAFT_WITH_SHORT_LABELS = 20;
const IV_BYTES = 12;

/** The draft's number, which stands in the low byte of its version (0x7f17, Facebook's 0xfb17); the standard's is 28. */
export function draftOf(version: number): number {
  return version === VERSION.tls13 ? 28 : version & 0xff;
}

/** HKDF-Expand-Label(secret, label, context, length) (RFC 8446 section 7.1). */
export function expandLabel(
  hash: Tls13Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
  version: number = VERSION.tls13,
): Uint8Array {
  const prefix = draftOf(version) >= FIRST_DRAFT_WITH_SHORT_LABELS ? 'tls13 ' : 'TLS 1.3, ';
  const name = asciiOctets(prefix + label);
  const info = joinOctets(
    Uint8Array.of(length >> 8, length & 0xff, name.length),
    name,
    Uint8Array.of(context.length),
    context,
  );
  return expand(hash, secret, info, length);
}

/** HKDF-Expand (RFC 5869 section 2.3). */
function expand(hash: Tls13Hash, secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  let block: Uint8Array = NOTHING;
  for (let at = 0, round = 1; at < length; at += hashBytes(hash), round++) {
    block = hmacOf(hash, secret, block, info, Uint8Array.of(round));
    result.set(block.subarray(0, length - at), at);
  }
  return result;
}

const NOTHING = new Uint8Array(0);

export interface TrafficKey {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** write_key and write_iv of a traffic secret (RFC 8446 section 7.3). */
export function trafficKey(hash: Tls13Hash, secret: Uint8Array, keyBytes: number, version: number): TrafficKey {
  return {
    key: expandLabel(hash, secret, 'key', NOTHING, keyBytes, version),
    iv: expandLabel(hash, secret, 'iv', NOTHING, IV_BYTES, version),
  };
}

/** application_traffic_secret_N+1, which KeyUpdate puts in use (RFC 8446 section 7.2). */
export function nextTrafficSecret(hash: Tls13Hash, secret: Uint8Array, version: number): Uint8Array {
  // Drafts named the label otherwise until they took the short prefix.
  const label = draftOf(version) >= FIRST_DRAFT_WITH_SHORT_LABELS ? 'traffic upd' : 'application traffic secret';
  return expandLabel(hash, secret, label, NOTHING, hashBytes(hash), version);
}

/** verify_data of Finished; `trafficSecret` is the sender's of the handshake (RFC 8446 section 4.4.4). */
export function tls13FinishedVerifyData(
  hash: Tls13Hash,
  trafficSecret: Uint8Array,
  transcriptHash: Uint8Array,
  version: number = VERSION.tls13,
): Uint8Array {
  return hmacOf(hash, expandLabel(hash, trafficSecret, 'finished', NOTHING, hashBytes(hash), version), transcriptHash);
}
