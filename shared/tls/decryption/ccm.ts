/** AES-CCM (RFC 3610, NIST SP 800-38C) as an authenticated cipher of records (RFC 6655), on AES-CBC and AES-CTR. */
import { cbc, ctr } from '@noble/ciphers/aes.js';
import { sameOctets } from '../../bytes/same-octets.ts';

const BLOCK_BYTES = 16;

/**
 * Decrypts `ciphertext` with its tag of `tagBytes` (4 to 16, even) at the end. `nonce` has 7 to 13 octets, `key` 16, 24
 * or 32; `associatedData` has fewer than 65,280. Null when the tag does not fit.
 */
export function openCcm(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
  tagBytes: number,
): Uint8Array | null {
  const length = ciphertext.length - tagBytes;
  if (length < 0) return null;
  // Counter block 0 is for the tag: put it in front, padded to a block, and one pass does all.
  const sealed = new Uint8Array(BLOCK_BYTES + length);
  sealed.set(ciphertext.subarray(length));
  sealed.set(ciphertext.subarray(0, length), BLOCK_BYTES);
  const opened = ctr(key, counterBlock(nonce)).decrypt(sealed);
  const plaintext = opened.subarray(BLOCK_BYTES);
  const expected = authenticationValue(key, nonce, associatedData, plaintext, tagBytes);
  return sameOctets(opened.subarray(0, tagBytes), expected.subarray(0, tagBytes)) ? plaintext : null;
}

/** A_0 (RFC 3610 section 2.3): the flags say in how many octets the counter stands. */
function counterBlock(nonce: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block[0] = 14 - nonce.length;
  block.set(nonce, 1);
  return block;
}

/** T before encryption: CBC-MAC over B_0, the associated data and the message (RFC 3610 section 2.2). */
function authenticationValue(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
  tagBytes: number,
): Uint8Array {
  const associatedBytes = associatedData.length === 0 ? 0 : blocks(2 + associatedData.length);
  const input = new Uint8Array(BLOCK_BYTES + associatedBytes + blocks(plaintext.length));
  input[0] = (associatedBytes > 0 ? 0x40 : 0) | (((tagBytes - 2) / 2) << 3) | (14 - nonce.length);
  input.set(nonce, 1);
  for (let at = BLOCK_BYTES - 1, rest = plaintext.length; rest > 0; at--, rest >>>= 8) input[at] = rest & 0xff;
  if (associatedBytes > 0) {
    input[BLOCK_BYTES] = associatedData.length >> 8;
    input[BLOCK_BYTES + 1] = associatedData.length & 0xff;
    input.set(associatedData, BLOCK_BYTES + 2);
  }
  input.set(plaintext, BLOCK_BYTES + associatedBytes);
  const chained = cbc(key, new Uint8Array(BLOCK_BYTES), { disablePadding: true }).encrypt(input);
  return chained.subarray(chained.length - BLOCK_BYTES);
}

/** Octets of the blocks that `length` octets fill, the last one padded. */
function blocks(length: number): number {
  return Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;
}
