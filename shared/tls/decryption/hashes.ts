/** The hash functions that TLS uses, by name, and HMAC (RFC 2104) over them. */
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';

export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384';

const HASHES = { md5, sha1, sha256, sha384 } as const;

export function hashBytes(name: HashName): number {
  return HASHES[name].outputLen;
}

/** The hash of all parts, one behind the other. */
export function hashOf(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = HASHES[name].create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** A hash that is fed piece by piece; `digest` may be asked at any time, and feeding goes on. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  digest(): Uint8Array;
}

export function runningHash(name: HashName): RunningHash {
  const hash = HASHES[name].create();
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => hash.clone().digest(),
  };
}

/** HMAC of all parts, one behind the other. */
export function hmacOf(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = hmac.create(HASHES[name], key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
