/** Opens records of authenticated ciphers: of TLS 1.2 (RFC 5288, RFC 6655, RFC 7905) and of TLS 1.3 (RFC 8446). */
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { CONTENT } from '../codes.ts';
import { openCcm } from './ccm.ts';
import { writeUint64 } from './octets.ts';
import { pseudoHeader } from './pseudo-header.ts';
import type { AeadKeys, Tls13Keys } from './record-keys.ts';
import type { BadRecordReason, OpenAead, OpenedRecord, ProtectedRecord, RecordOpener } from './record-opening.ts';
import { draftOf } from './tls13-keys.ts';

/** The ciphers in JavaScript, the same everywhere. */
export const openAead: OpenAead = (cipher, key, nonce, associatedData, sealed, tagBytes) => {
  switch (cipher) {
    case 'aes-ccm':
      return openCcm(key, nonce, associatedData, sealed, tagBytes);
    case 'aes-gcm':
      return opened(() => gcm(key, nonce, associatedData).decrypt(sealed));
    case 'chacha20-poly1305':
      return opened(() => chacha20poly1305(key, nonce, associatedData).decrypt(sealed));
    default:
      return cipher satisfies never;
  }
};

/** The library throws for a wrong tag, and of this call's arguments only that can be wrong. */
function opened(decrypt: () => Uint8Array): Uint8Array | null {
  try {
    return decrypt();
  } catch {
    return null;
  }
}

/** The sequence number added to the IV (RFC 8446 section 5.3, RFC 7905 section 2). */
function addedNonce(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = new Uint8Array(iv.length);
  writeUint64(nonce, iv.length - 8, sequence);
  for (let i = 0; i < iv.length; i++) nonce[i] ^= iv[i];
  return nonce;
}

const EXPLICIT_NONCE_BYTES = 8;

/** The last four octets of the explicit nonce. */
function lowHalf(fragment: Uint8Array): number {
  return ((fragment[4] << 24) | (fragment[5] << 16) | (fragment[6] << 8) | fragment[7]) >>> 0;
}

export class AeadOpener implements RecordOpener {
  readonly #keys: AeadKeys;
  readonly #open: OpenAead;
  readonly #explicitBytes: number;
  readonly smallestFragment: number;
  readonly longestGap = Number.POSITIVE_INFINITY;
  /** Sequence number less explicit nonce, modulo 2^32: senders who start anywhere still count both alike. */
  #difference = 0;

  constructor(keys: AeadKeys, open: OpenAead) {
    this.#keys = keys;
    this.#open = open;
    this.#explicitBytes = keys.cipher === 'chacha20-poly1305' ? 0 : EXPLICIT_NONCE_BYTES;
    this.smallestFragment = this.#explicitBytes + keys.tagBytes;
  }

  open(record: ProtectedRecord, sequence: number): OpenedRecord | BadRecordReason {
    const { cipher, key, iv, tagBytes } = this.#keys;
    const { fragment } = record;
    const length = fragment.length - this.#explicitBytes - tagBytes;
    if (length < 0) return 'length';
    const nonce = this.#explicitBytes === 0 ? addedNonce(iv, sequence) : this.#explicitNonce(fragment);
    const sealed = fragment.subarray(this.#explicitBytes);
    const content = this.#open(cipher, key, nonce, pseudoHeader(sequence, record, length), sealed, tagBytes);
    if (content === null) return 'not-authentic';
    if (this.#explicitBytes > 0) this.#difference = sequence - lowHalf(fragment);
    return { contentType: record.contentType, content };
  }

  advance(): void {}

  suggestSequence({ fragment }: ProtectedRecord): number | null {
    if (this.#explicitBytes === 0 || fragment.length < EXPLICIT_NONCE_BYTES) return null;
    return (lowHalf(fragment) + this.#difference) >>> 0;
  }

  #explicitNonce(fragment: Uint8Array): Uint8Array {
    const nonce = new Uint8Array(this.#keys.iv.length + EXPLICIT_NONCE_BYTES);
    nonce.set(this.#keys.iv);
    nonce.set(fragment.subarray(0, EXPLICIT_NONCE_BYTES), this.#keys.iv.length);
    return nonce;
  }
}

/** Drafts before this one authenticate no header. */
const FIRST_DRAFT_WITH_HEADER = 25;

export class Tls13Opener implements RecordOpener {
  readonly #keys: Tls13Keys;
  readonly #open: OpenAead;
  readonly smallestFragment: number;
  readonly longestGap = Number.POSITIVE_INFINITY;

  constructor(keys: Tls13Keys, open: OpenAead) {
    this.#keys = keys;
    this.#open = open;
    this.smallestFragment = 1 + keys.tagBytes;
  }

  open(record: ProtectedRecord, sequence: number): OpenedRecord | BadRecordReason {
    const { cipher, key, iv, tagBytes } = this.#keys;
    const { contentType, version, fragment } = record;
    if (contentType !== CONTENT.applicationData) return 'content-type';
    const { length } = fragment;
    if (length < this.smallestFragment) return 'length';
    const header = Uint8Array.of(contentType, version >> 8, version & 0xff, length >> 8, length & 0xff);
    const associatedData = draftOf(this.#keys.version) >= FIRST_DRAFT_WITH_HEADER ? header : new Uint8Array(0);
    const inner = this.#open(cipher, key, addedNonce(iv, sequence), associatedData, fragment, tagBytes);
    if (inner === null) return 'not-authentic';
    // TLSInnerPlaintext: content, its type, and as many zeros as the sender liked (RFC 8446 section 5.2).
    let end = inner.length;
    while (end > 0 && inner[end - 1] === 0) end--;
    return end === 0 ? 'no-content' : { contentType: inner[end - 1], content: inner.subarray(0, end - 1) };
  }

  advance(): void {}

  suggestSequence(): null {
    return null;
  }
}
