/** Opens single records: each form of protection knows its nonces, its padding and what is authenticated. */
import { AeadOpener, Tls13Opener } from './aead-openers.ts';
import type { AeadCipher } from './cipher-suites.ts';
import { BlockOpener, NullOpener, StreamOpener } from './mac-openers.ts';
import type { RecordKeys } from './record-keys.ts';

export type BadRecordReason =
  /** The fragment is no possible length for the cipher. */
  | 'length'
  /** The content type in the header is none that this protection has. */
  | 'content-type'
  /** MAC, authentication tag or padding do not fit: another key, another place in the sequence, or damage. */
  | 'not-authentic'
  /** It decrypts, but no content type stands in it (RFC 8446 section 5.4). */
  | 'no-content'
  /** The record before was not captured, and its last block is this one's IV (TLS 1.0 and SSL 3.0). */
  | 'initialization-vector-lost'
  /** The place in the keystream is too far away, or unknown (RC4). */
  | 'keystream-lost';

export interface OpenedRecord {
  readonly contentType: number;
  readonly content: Uint8Array;
}

/** A record as it was sent. `version` stands in its header. */
export interface ProtectedRecord {
  readonly contentType: number;
  readonly version: number;
  readonly fragment: Uint8Array;
}

/** Opens the records of one direction under one set of keys. Opening changes nothing until `advance`. */
export interface RecordOpener {
  /** The shortest fragment that a sender can make, for guessing how many records are missing. */
  readonly smallestFragment: number;
  /** How many octets may be missing before nothing can be opened any more. */
  readonly longestGap: number;
  /**
   * Opens the record as number `sequence`; `skippedBytes` octets of fragments lie between it and the last one that
   * `advance` was told of.
   */
  open(record: ProtectedRecord, sequence: number, skippedBytes: number): OpenedRecord | BadRecordReason;
  /** Records went by: `skippedBytes` octets of fragments, and then `tail`, the end of the last one; null when lost. */
  advance(skippedBytes: number, tail: Uint8Array | null): void;
  /** The sequence number that the record itself suggests, or null. */
  suggestSequence(record: ProtectedRecord): number | null;
}

/**
 * Decrypts `sealed`, which ends in a tag of `tagBytes`; null when the tag does not fit. A host whose own library has the
 * cipher may give a faster one than `openAead`.
 */
export type OpenAead = (
  cipher: AeadCipher,
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  sealed: Uint8Array,
  tagBytes: number,
) => Uint8Array | null;

export function createOpener(keys: RecordKeys, aead: OpenAead): RecordOpener {
  switch (keys.kind) {
    case 'null':
      return new NullOpener(keys);
    case 'stream':
      return new StreamOpener(keys);
    case 'block':
      return new BlockOpener(keys);
    case 'aead':
      return new AeadOpener(keys, aead);
    case 'tls13':
      return new Tls13Opener(keys, aead);
    default:
      return keys satisfies never;
  }
}
