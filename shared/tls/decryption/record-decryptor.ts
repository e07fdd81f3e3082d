import { LIMITS } from '../../bytes/limits.ts';
import { RECORD_HEADER_BYTES } from '../record-header.ts';
import { openAead } from './aead-openers.ts';
import { type RecordKeys, updatedKeys } from './record-keys.ts';
import {
  type BadRecordReason,
  createOpener,
  type OpenAead,
  type OpenedRecord,
  type ProtectedRecord,
  type RecordOpener,
} from './record-opening.ts';

export type DecryptedRecord =
  | {
      readonly kind: 'plaintext';
      /** The true content type, which TLS 1.3 hides. */
      readonly contentType: number;
      /** A copy, which may be kept. */
      readonly bytes: Uint8Array;
      /** How many records lay in what `lose` reported before this one; with `keysUpdated` at least so many. */
      readonly lostRecords: number;
      /** The sender updated its keys among the lost records (RFC 8446 section 4.6.3). */
      readonly keysUpdated: boolean;
    }
  | { readonly kind: 'bad-record'; readonly reason: BadRecordReason | 'search-given-up' };

interface Candidate {
  readonly keys: RecordKeys;
  readonly opener: RecordOpener;
}

/** Trying one place in the sequence costs as much as so many bytes more. */
const ATTEMPT_BYTES = 256;

/**
 * Decrypts the records of one direction, in the order sent, from the first under these keys on (the one behind
 * ChangeCipherSpec, or behind what put the traffic secret in use).
 *
 * Every record that went by must be told: with `decrypt`, with `pass` when nobody wants its content or not all of it
 * was captured, or with `lose` when not even its header was. A record that does not authenticate changes nothing, so
 * that the caller may try the next keys with it, and calls `pass` if it was one of these all the same.
 *
 * With several alternatives (key logs that contradict one another) the first that opens a record is the one.
 */
export class RecordDecryptor {
  readonly #aead: OpenAead;
  #candidates: readonly Candidate[];
  #opened = false;
  /** The next record's number, if nothing was lost before it. */
  #sequence = 0;
  /** Bytes of whole records, headers counted, that were lost since the last decrypted one; infinite when unknown. */
  #lostBytes = 0;
  #searchBytes: number = LIMITS.sequenceSearchBytes;

  constructor(alternatives: readonly RecordKeys[], aead: OpenAead = openAead) {
    this.#aead = aead;
    this.#candidates = alternatives.map((keys) => ({ keys, opener: createOpener(keys, aead) }));
  }

  /** True once a record was decrypted: the keys are the right ones. */
  get confirmed(): boolean {
    return this.#opened;
  }

  /** Decrypts a record; `version` stands in its header, `fragment` is all that follows the header. */
  decrypt(contentType: number, version: number, fragment: Uint8Array): DecryptedRecord {
    if (fragment.length > LIMITS.tlsRecordBytes) return { kind: 'bad-record', reason: 'length' };
    const record = { contentType, version, fragment };
    let reason: BadRecordReason | 'search-given-up' = 'not-authentic';
    for (const candidate of this.#candidates) {
      const found = this.#find(candidate, record);
      if (typeof found !== 'string') return found;
      reason = found;
    }
    return { kind: 'bad-record', reason };
  }

  /**
   * A record of `length` bytes behind its header went by unread. `tail` is its end as far as it was captured, or null:
   * sixteen bytes are enough, and the next record of TLS 1.0 needs them.
   */
  pass(length: number, tail: Uint8Array | null): void {
    this.#sequence += 1;
    const known = tail?.subarray(Math.max(0, tail.length - length)) ?? null;
    for (const { opener } of this.#candidates) opener.advance(length - (known?.length ?? 0), known);
  }

  /** `size` bytes of whole records were lost, headers counted; null when nobody knows how many. */
  lose(size: number | null): void {
    if (size === 0) return;
    this.#lostBytes += size ?? Number.POSITIVE_INFINITY;
    for (const { opener } of this.#candidates) opener.advance(0, null);
  }

  /** The sender's KeyUpdate was read: the next record is the first under new keys. False when there are none. */
  updateKeys(): boolean {
    const candidates = this.#candidates.flatMap(({ keys }) => this.#afterUpdate(keys) ?? []);
    if (candidates.length === 0) return false;
    this.#candidates = candidates;
    this.#sequence = 0;
    this.#lostBytes = 0;
    return true;
  }

  #find(candidate: Candidate, record: ProtectedRecord): DecryptedRecord | BadRecordReason | 'search-given-up' {
    const lost = this.#lostBytes;
    const { opener } = candidate;
    if (lost > opener.longestGap) return 'keystream-lost';
    if (lost === 0) return this.#attempt(candidate, record, 0);
    const least =
      lost === Number.POSITIVE_INFINITY ? 0 : Math.ceil(lost / (RECORD_HEADER_BYTES + LIMITS.tlsRecordBytes));
    const most = Math.max(least, Math.floor(lost / (RECORD_HEADER_BYTES + opener.smallestFragment)));
    const end = Math.min(most, least + LIMITS.lostRecords);
    const suggested = (opener.suggestSequence(record) ?? -1) - this.#sequence;
    if (suggested >= least && suggested <= most) {
      const found = this.#attempt(candidate, record, suggested);
      if (found !== 'not-authentic') return found;
    }
    for (let records = least; records <= end; records++) {
      if (!this.#afford(record)) return 'search-given-up';
      const found = this.#attempt(candidate, record, records);
      if (found !== 'not-authentic') return found;
    }
    const updated = this.#afterUpdate(candidate.keys);
    if (updated === null) return 'not-authentic';
    for (let sequence = 0; sequence <= end; sequence++) {
      if (!this.#afford(record)) return 'search-given-up';
      const found = updated.opener.open(record, sequence, 0);
      if (typeof found !== 'string') return this.#accept(updated, record, found, sequence, true);
    }
    return 'not-authentic';
  }

  /** Takes the record for the one behind `lostRecords` others. */
  #attempt(candidate: Candidate, record: ProtectedRecord, lostRecords: number): DecryptedRecord | BadRecordReason {
    const sequence = this.#sequence + lostRecords;
    const found = candidate.opener.open(record, sequence, this.#skippedBytes(lostRecords));
    return typeof found === 'string' ? found : this.#accept(candidate, record, found, sequence, false);
  }

  #accept(
    candidate: Candidate,
    record: ProtectedRecord,
    found: OpenedRecord,
    sequence: number,
    keysUpdated: boolean,
  ): DecryptedRecord {
    const lostRecords = this.#lostBytes === 0 ? 0 : keysUpdated ? sequence + 1 : sequence - this.#sequence;
    candidate.opener.advance(this.#skippedBytes(lostRecords), record.fragment);
    this.#candidates = [candidate];
    this.#opened = true;
    this.#sequence = sequence + 1;
    this.#lostBytes = 0;
    return { kind: 'plaintext', contentType: found.contentType, bytes: found.content, lostRecords, keysUpdated };
  }

  /** Octets of fragments among the lost bytes, if so many records are lost. */
  #skippedBytes(lostRecords: number): number {
    return this.#lostBytes === Number.POSITIVE_INFINITY
      ? 0
      : Math.max(0, this.#lostBytes - lostRecords * RECORD_HEADER_BYTES);
  }

  #afford({ fragment }: ProtectedRecord): boolean {
    this.#searchBytes -= fragment.length + ATTEMPT_BYTES;
    return this.#searchBytes >= 0;
  }

  #afterUpdate(keys: RecordKeys): Candidate | null {
    const updated = keys.kind === 'tls13' ? updatedKeys(keys) : null;
    return updated === null ? null : { keys: updated, opener: createOpener(updated, this.#aead) };
  }
}
