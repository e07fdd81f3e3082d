/** Key derivation of SSL 3.0 (RFC 6101), TLS 1.0 and 1.1 (RFC 2246, RFC 4346), and TLS 1.2 (RFC 5246). */
import { type HashName, hashBytes, hashOf, hmacOf } from './hashes.ts';
import { asciiOctets, joinOctets } from './octets.ts';

/** The pseudorandom function: SSL 3.0's own, that of TLS 1.0 and 1.1, or that of TLS 1.2 over one of its hashes. */
export type Prf = 'ssl3' | 'md5-sha1' | 'sha256' | 'sha384';

/** Octets of every master secret (RFC 5246 section 8.1). */
export const MASTER_SECRET_BYTES = 48;
/** Octets of verify_data in Finished, for all registered suites (RFC 5246 section 7.4.9). */
const VERIFY_DATA_BYTES = 12;

/**
 * PRF(secret, label, seed) with `length` octets (RFC 5246 section 5, RFC 4346 section 5). SSL 3.0 knows no labels:
 * its function takes secret and seed alone (RFC 6101 section 6.2.2).
 */
export function pseudorandom(
  prf: Prf,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const labelled = joinOctets(asciiOctets(label), seed);
  switch (prf) {
    case 'ssl3':
      return ssl3Expansion(secret, seed, length);
    case 'md5-sha1': {
      // The halves overlap by one octet when the secret's length is odd.
      const half = Math.ceil(secret.length / 2);
      const result = hmacExpansion('md5', secret.subarray(0, half), labelled, length);
      const other = hmacExpansion('sha1', secret.subarray(secret.length - half), labelled, length);
      return result.map((octet, i) => octet ^ other[i]);
    }
    case 'sha256':
    case 'sha384':
      return hmacExpansion(prf, secret, labelled, length);
    default:
      return prf satisfies never;
  }
}

/** P_hash (RFC 5246 section 5). */
function hmacExpansion(hash: HashName, secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  let chained = seed;
  for (let at = 0; at < length; at += hashBytes(hash)) {
    chained = hmacOf(hash, secret, chained);
    result.set(hmacOf(hash, secret, chained, seed).subarray(0, length - at), at);
  }
  return result;
}

/** MD5(secret + SHA('A' + secret + seed)) + MD5(secret + SHA('BB' + …)) + … (RFC 6101 sections 6.1 and 6.2.2). */
function ssl3Expansion(secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const result = new Uint8Array(length);
  for (let at = 0, round = 1; at < length; at += hashBytes('md5'), round++) {
    const letters = new Uint8Array(round).fill(0x40 + round);
    const block = hashOf('md5', secret, hashOf('sha1', letters, secret, seed));
    result.set(block.subarray(0, length - at), at);
  }
  return result;
}

/** The master secret of both randoms (RFC 5246 section 8.1). */
export function masterSecret(
  prf: Prf,
  preMasterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Uint8Array {
  const seed = joinOctets(clientRandom, serverRandom);
  return pseudorandom(prf, preMasterSecret, 'master secret', seed, MASTER_SECRET_BYTES);
}

/**
 * The extended master secret (RFC 7627 section 4). `sessionHash` covers all handshake messages up to and including
 * ClientKeyExchange: MD5 and SHA-1 one behind the other before TLS 1.2, else the hash of the PRF.
 */
export function extendedMasterSecret(prf: Prf, preMasterSecret: Uint8Array, sessionHash: Uint8Array): Uint8Array {
  return pseudorandom(prf, preMasterSecret, 'extended master secret', sessionHash, MASTER_SECRET_BYTES);
}

/** `length` octets of key_block (RFC 5246 section 6.3): MAC keys, cipher keys and IVs, the client's first. */
export function keyBlock(
  prf: Prf,
  master: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
  length: number,
): Uint8Array {
  return pseudorandom(prf, master, 'key expansion', joinOctets(serverRandom, clientRandom), length);
}

/** verify_data of Finished (RFC 5246 section 7.4.9); `transcriptHash` is as for the extended master secret. */
export function finishedVerifyData(
  prf: Exclude<Prf, 'ssl3'>,
  master: Uint8Array,
  from: 'client' | 'server',
  transcriptHash: Uint8Array,
): Uint8Array {
  return pseudorandom(prf, master, `${from} finished`, transcriptHash, VERIFY_DATA_BYTES);
}
