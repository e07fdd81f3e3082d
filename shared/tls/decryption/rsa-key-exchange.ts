/** Static RSA key exchange with the server's private key (RFC 5246 section 7.4.7.1, RFC 8017 section 7.2). */
import { toHex } from '../../bytes/hex.ts';
import { LIMITS } from '../../bytes/limits.ts';
import { MASTER_SECRET_BYTES } from './tls12-keys.ts';

/** What of an RSA private key decryption needs; unsigned, most significant octet first (RFC 8017 section 3.2). */
export interface RsaDecryptionKey {
  readonly modulus: Uint8Array;
  readonly privateExponent: Uint8Array;
  /** For the Chinese remainder theorem, four times as fast; null where a key has no primes. */
  readonly primes: {
    readonly p: Uint8Array;
    readonly q: Uint8Array;
    readonly dP: Uint8Array;
    readonly dQ: Uint8Array;
    readonly qInv: Uint8Array;
  } | null;
}

export type DecryptedPreMaster =
  | { readonly kind: 'pre-master-secret'; readonly secret: Uint8Array }
  /** `length` and `range`: the ciphertext is none for this key. `padding`: another key's. `version`: see RFC 5246. */
  | { readonly kind: 'not-decrypted'; readonly reason: 'key-unusable' | 'length' | 'range' | 'padding' | 'version' };

/**
 * EncryptedPreMasterSecret of a ClientKeyExchange's body. A length field precedes it in TLS, but not in SSL 3.0 and
 * in some clients that never learned; null when the body is neither.
 */
export function encryptedPreMaster(body: Uint8Array): Uint8Array | null {
  if (body.length < 2) return null;
  const length = (body[0] << 8) | body[1];
  if (length === body.length - 2) return body.subarray(2);
  return body.length % 64 === 0 ? body : null;
}

/**
 * Decrypts a pre-master secret. Its first two octets must be one of `versions`: the version in the ClientHello, or the
 * negotiated one, which some clients send. Never throws; a key of another server ends in `padding`.
 */
export function decryptPreMaster(
  encrypted: Uint8Array,
  key: RsaDecryptionKey,
  versions: readonly number[],
): DecryptedPreMaster {
  const modulus = toNumber(key.modulus);
  const size = significantBytes(key.modulus);
  if (size < 11 + MASTER_SECRET_BYTES || size * 8 > LIMITS.rsaModulusBits || modulus % 2n === 0n) {
    return { kind: 'not-decrypted', reason: 'key-unusable' };
  }
  if (encrypted.length !== size) return { kind: 'not-decrypted', reason: 'length' };
  const ciphertext = toNumber(encrypted);
  if (ciphertext >= modulus) return { kind: 'not-decrypted', reason: 'range' };
  const message = decrypt(ciphertext, key, modulus);
  const encoded = toOctets(message, size);
  // EME-PKCS1-v1_5: 00 02, at least eight octets that are not zero, 00, the message.
  const separator = encoded.indexOf(0, 2);
  const isPadded = encoded[0] === 0 && encoded[1] === 2 && separator === size - MASTER_SECRET_BYTES - 1;
  if (!isPadded) return { kind: 'not-decrypted', reason: 'padding' };
  const secret = encoded.slice(separator + 1);
  if (!versions.includes((secret[0] << 8) | secret[1])) return { kind: 'not-decrypted', reason: 'version' };
  return { kind: 'pre-master-secret', secret };
}

function decrypt(ciphertext: bigint, key: RsaDecryptionKey, modulus: bigint): bigint {
  if (key.primes !== null) {
    const p = toNumber(key.primes.p);
    const q = toNumber(key.primes.q);
    if (p > 1n && q > 1n && p * q === modulus) {
      const first = power(ciphertext % p, toNumber(key.primes.dP), p);
      const second = power(ciphertext % q, toNumber(key.primes.dQ), q);
      const step = ((((first - second) % p) + p) * toNumber(key.primes.qInv)) % p;
      return second + step * q;
    }
  }
  return power(ciphertext, toNumber(key.privateExponent), modulus);
}

/** base ^ exponent mod modulus, four bits of the exponent at a time. */
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const powers: bigint[] = [1n % modulus];
  for (let i = 1; i < 16; i++) powers.push((powers[i - 1] * base) % modulus);
  let result = 1n % modulus;
  for (const digit of exponent.toString(16)) {
    for (let i = 0; i < 4; i++) result = (result * result) % modulus;
    result = (result * powers[Number.parseInt(digit, 16)]) % modulus;
  }
  return result;
}

function significantBytes(octets: Uint8Array): number {
  const first = octets.findIndex((octet) => octet !== 0);
  return first < 0 ? 0 : octets.length - first;
}

/** Exponents beyond the modulus make no sense and would only cost time. */
function toNumber(octets: Uint8Array): bigint {
  const most = LIMITS.rsaModulusBits / 8;
  return octets.length === 0 ? 0n : BigInt(`0x${toHex(octets, Math.max(0, octets.length - most))}`);
}

function toOctets(value: bigint, size: number): Uint8Array {
  const digits = value.toString(16).padStart(2 * size, '0');
  return Uint8Array.from({ length: size }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}
