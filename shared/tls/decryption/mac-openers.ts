/** Opens records that carry a MAC: suites of NULL, stream and block ciphers (RFC 5246 section 6.2.3, RFC 7366). */
import { cbc } from '@noble/ciphers/aes.js';
import { LIMITS } from '../../bytes/limits.ts';
import { sameOctets } from '../../bytes/same-octets.ts';
import { VERSION } from '../codes.ts';
import { hashBytes, hashOf, hmacOf } from './hashes.ts';
import { pseudoHeader } from './pseudo-header.ts';
import { Rc4 } from './rc4.ts';
import type { BlockKeys, NullKeys, StreamKeys } from './record-keys.ts';
import type { BadRecordReason, OpenedRecord, ProtectedRecord, RecordOpener } from './record-opening.ts';
import { decryptTripleDesCbc } from './triple-des.ts';

function macOf(
  keys: NullKeys | StreamKeys | BlockKeys,
  sequence: number,
  record: ProtectedRecord,
  content: Uint8Array,
): Uint8Array {
  const header = pseudoHeader(sequence, record, content.length);
  if (keys.version > VERSION.ssl3) return hmacOf(keys.mac, keys.macKey, header, content);
  // RFC 6101 section 5.2.3.1: an ancestor of HMAC, without the version.
  const padBytes = keys.mac === 'md5' ? 48 : 40;
  const withoutVersion = header.copyWithin(9, 11).subarray(0, 11);
  const inner = hashOf(keys.mac, keys.macKey, new Uint8Array(padBytes).fill(0x36), withoutVersion, content);
  return hashOf(keys.mac, keys.macKey, new Uint8Array(padBytes).fill(0x5c), inner);
}

/** Splits content and MAC, and checks the MAC. */
function checkMac(
  keys: NullKeys | StreamKeys | BlockKeys,
  sequence: number,
  record: ProtectedRecord,
  decrypted: Uint8Array,
): OpenedRecord | BadRecordReason {
  const length = decrypted.length - hashBytes(keys.mac);
  if (length < 0) return 'length';
  const content = decrypted.subarray(0, length);
  const expected = macOf(keys, sequence, record, content);
  return sameOctets(decrypted.subarray(length), expected)
    ? { contentType: record.contentType, content }
    : 'not-authentic';
}

export class NullOpener implements RecordOpener {
  readonly #keys: NullKeys;
  readonly smallestFragment: number;
  readonly longestGap = Number.POSITIVE_INFINITY;

  constructor(keys: NullKeys) {
    this.#keys = keys;
    this.smallestFragment = hashBytes(keys.mac);
  }

  /** The content is a copy, as it is everywhere else. */
  open(record: ProtectedRecord, sequence: number): OpenedRecord | BadRecordReason {
    return checkMac(this.#keys, sequence, record, record.fragment.slice());
  }

  advance(): void {}

  suggestSequence(): null {
    return null;
  }
}

export class StreamOpener implements RecordOpener {
  readonly #keys: StreamKeys;
  readonly #cipher: Rc4;
  readonly smallestFragment: number;
  readonly longestGap = LIMITS.keystreamGapBytes;
  /** The keystream from the cipher's place on, as far as it was needed while looking for the record's place. */
  #ahead: Uint8Array = new Uint8Array(0);

  constructor(keys: StreamKeys) {
    this.#keys = keys;
    this.#cipher = new Rc4(keys.key);
    this.smallestFragment = hashBytes(keys.mac);
  }

  open(record: ProtectedRecord, sequence: number, skippedBytes: number): OpenedRecord | BadRecordReason {
    const { fragment } = record;
    const end = skippedBytes + fragment.length;
    if (this.#ahead.length < end) this.#ahead = new Rc4(this.#cipher).keystream(end);
    const decrypted = new Uint8Array(fragment.length);
    for (let i = 0; i < decrypted.length; i++) decrypted[i] = fragment[i] ^ this.#ahead[skippedBytes + i];
    return checkMac(this.#keys, sequence, record, decrypted);
  }

  advance(skippedBytes: number, tail: Uint8Array | null): void {
    this.#ahead = new Uint8Array(0);
    this.#cipher.keystream(skippedBytes + (tail?.length ?? 0));
  }

  suggestSequence(): null {
    return null;
  }
}

export class BlockOpener implements RecordOpener {
  readonly #keys: BlockKeys;
  readonly smallestFragment: number;
  readonly longestGap = Number.POSITIVE_INFINITY;
  /** The next record's IV where records have none of their own; null when it was not captured. */
  #chained: Uint8Array | null;

  constructor(keys: BlockKeys) {
    this.#keys = keys;
    this.#chained = keys.iv;
    const { blockBytes, encryptThenMac } = keys;
    const macBytes = hashBytes(keys.mac);
    const body = encryptThenMac ? blockBytes + macBytes : Math.ceil((macBytes + 1) / blockBytes) * blockBytes;
    this.smallestFragment = body + (keys.iv === null ? blockBytes : 0);
  }

  open(record: ProtectedRecord, sequence: number): OpenedRecord | BadRecordReason {
    const { blockBytes, encryptThenMac, mac, iv } = this.#keys;
    let sealed = record.fragment;
    if (encryptThenMac) {
      const length = sealed.length - hashBytes(mac);
      if (length < 0) return 'length';
      const covered = sealed.subarray(0, length);
      if (!sameOctets(sealed.subarray(length), macOf(this.#keys, sequence, record, covered))) return 'not-authentic';
      sealed = covered;
    }
    let vector = this.#chained;
    if (iv === null) {
      vector = sealed.subarray(0, blockBytes);
      sealed = sealed.subarray(blockBytes);
    }
    if (sealed.length === 0 || sealed.length % blockBytes !== 0) return 'length';
    if (vector === null) return 'initialization-vector-lost';
    const padded = this.#decrypt(vector, sealed);
    const length = this.#unpaddedLength(padded);
    if (length < 0) return 'not-authentic';
    const decrypted = padded.subarray(0, length);
    if (encryptThenMac) return { contentType: record.contentType, content: decrypted };
    const checked = checkMac(this.#keys, sequence, record, decrypted);
    return checked === 'length' ? 'not-authentic' : checked;
  }

  advance(skippedBytes: number, tail: Uint8Array | null): void {
    if (this.#keys.iv === null) return;
    const { blockBytes, encryptThenMac, mac } = this.#keys;
    const end = (tail?.length ?? 0) - (encryptThenMac ? hashBytes(mac) : 0);
    if (tail !== null && end >= blockBytes) this.#chained = tail.slice(end - blockBytes, end);
    else if (tail === null || tail.length + skippedBytes > 0) this.#chained = null;
  }

  suggestSequence(): null {
    return null;
  }

  #decrypt(vector: Uint8Array, sealed: Uint8Array): Uint8Array {
    const { cipher, key } = this.#keys;
    switch (cipher) {
      case 'aes':
        return cbc(key, vector, { disablePadding: true }).decrypt(sealed);
      case '3des':
        return decryptTripleDesCbc(key, vector, sealed);
      default:
        return cipher satisfies never;
    }
  }

  /** Up to 256 octets, each saying how many come before the last (RFC 5246 section 6.2.3.2); -1 when they do not. */
  #unpaddedLength(padded: Uint8Array): number {
    const padding = padded[padded.length - 1];
    const length = padded.length - padding - 1;
    if (length < 0) return -1;
    // SSL 3.0 leaves the octets open, but pads no more than a block (RFC 6101 section 5.2.3.2).
    if (this.#keys.version === VERSION.ssl3) return padding < this.#keys.blockBytes ? length : -1;
    for (let at = length; at < padded.length; at++) {
      if (padded[at] !== padding) return -1;
    }
    return length;
  }
}
