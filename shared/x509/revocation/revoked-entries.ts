/** The entries of a CRL (RFC 5280 sections 5.1.2.6 and 5.3): found by serial number without an object for each. */
import { LIMITS } from '../../bytes/limits.ts';
import { DerDocument, type DerReader, TAG } from '../der.ts';
import { integerToHex, readInteger } from '../der-values.ts';
import { type Extension, extensionReader, readExtensions } from '../extensions.ts';
import { type GeneralName, readGeneralNames } from '../general-names.ts';
import { type CertificateTime, readTime } from '../time.ts';
import { ENUMERATED, type ReasonCode, readReasonCode } from './reason-code.ts';

export interface RevokedCertificate {
  /** As certificates' own serial numbers are written. */
  readonly serialNumber: string;
  readonly revocationDate: CertificateTime;
  /** Null when none is given, which means `unspecified`. */
  readonly reason: ReasonCode | null;
  /** Since when the key is known or suspected to be compromised (RFC 5280 section 5.3.2). */
  readonly invalidityDate: CertificateTime | null;
  /** Only in indirect CRLs: who issued the certificate; null for the issuer of the CRL. */
  readonly certificateIssuer: readonly GeneralName[] | null;
  /** Why the entry can be read in part only; its certificate counts as revoked all the same. */
  readonly problem: string | null;
}

/** What is kept of an entry: its own place, and the place of the significant octets of its serial number. */
const NUMBERS = 4;

/** `30 0c 30 0a 06 03 55 1d 15 04 03 0a 01 XX` is what nearly all entries have: a reason, not critical. */
const REASON_ONLY = Uint8Array.of(0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01);

const KNOWN_ENTRY_EXTENSIONS: ReadonlySet<string> = new Set(['2.5.29.21', '2.5.29.24', '2.5.29.29']);
const CERTIFICATE_ISSUER = '2.5.29.29';

export class RevokedEntries {
  readonly count: number;
  readonly hasExtensions: boolean;
  /** The first critical extension of an entry that is not known: then the list must not be used (RFC 5280 section 5.3). */
  readonly unknownCritical: string | null;
  readonly #bytes: Uint8Array;
  readonly #places: Int32Array;
  /** For each entry the index of that whose certificateIssuer holds for it, or -1; null when no entry has one. */
  readonly #issuers: Int32Array | null;

  constructor(
    bytes: Uint8Array,
    places: Int32Array,
    issuers: Int32Array | null,
    hasExtensions: boolean,
    unknownCritical: string | null,
  ) {
    this.#bytes = bytes;
    this.#places = places;
    this.#issuers = issuers;
    this.count = places.length / NUMBERS;
    this.hasExtensions = hasExtensions;
    this.unknownCritical = unknownCritical;
  }

  /** Whether an entry names the issuer of its certificate, as only those of indirect CRLs may. */
  get namesIssuers(): boolean {
    return this.#issuers !== null;
  }

  /** All entries with a serial number, given as the content octets of its INTEGER, in their order. */
  find(serialNumber: Uint8Array): readonly RevokedCertificate[] {
    const start = significantStart(serialNumber, 0, serialNumber.length);
    const length = serialNumber.length - start;
    const found: RevokedCertificate[] = [];
    for (let index = 0; index < this.count; index++) {
      const from = this.#places[index * NUMBERS + 2];
      if (this.#places[index * NUMBERS + 3] - from !== length) continue;
      let same = 0;
      while (same < length && this.#bytes[from + same] === serialNumber[start + same]) same++;
      if (same === length) found.push(this.at(index));
      if (found.length === LIMITS.derElements) break;
    }
    return found;
  }

  /** The entry at an index from 0. */
  at(index: number): RevokedCertificate {
    const document = this.#part(index);
    const reader = document.reader(0).sequence('revokedCertificate');
    const serial = readInteger(document, reader.expect(TAG.integer, 'userCertificate'), 'userCertificate');
    const revocationDate = readTime(reader, 'revocationDate');
    const { read } = extensionReader(document, reader.more ? readExtensions(reader) : []);
    const reason = read('2.5.29.21', (inner) => readReasonCode(inner.document, inner.expect(ENUMERATED, 'reasonCode')));
    const invalidityDate = read('2.5.29.24', (inner) => readTime(inner, 'invalidityDate'));
    const unreadable = [reason, invalidityDate].find((extension) => extension.kind === 'unreadable');
    return {
      serialNumber: integerToHex(serial),
      revocationDate,
      reason: reason.kind === 'present' ? reason.value : null,
      invalidityDate: invalidityDate.kind === 'present' ? invalidityDate.value : null,
      certificateIssuer: this.#issuerOf(index),
      problem: document.failure?.message ?? unreadable?.problem.message ?? null,
    };
  }

  /** Null where the entry is of the CRL's own issuer; empty where the names cannot be read. */
  #issuerOf(index: number): readonly GeneralName[] | null {
    const holder = this.#issuers?.[index] ?? -1;
    if (holder < 0) return null;
    const document = this.#part(holder);
    const reader = document.reader(0).sequence('revokedCertificate');
    reader.next('userCertificate');
    reader.next('revocationDate');
    const { read } = extensionReader(document, readExtensions(reader));
    const names = read(CERTIFICATE_ISSUER, (inner) => readGeneralNames(inner.sequence('certificateIssuer'), 'issuer'));
    return names.kind === 'present' ? names.value : [];
  }

  #part(index: number): DerDocument {
    return new DerDocument(this.#bytes.subarray(this.#places[index * NUMBERS], this.#places[index * NUMBERS + 1]));
  }
}

/** Reads revokedCertificates; null stands for a list without any. Damage goes into the document. */
export function readRevokedEntries(document: DerDocument, list: DerReader | null): RevokedEntries {
  const { bytes } = document;
  if (list === null) return new RevokedEntries(bytes, new Int32Array(0), null, false, null);
  if (!list.more) {
    const message = 'revokedCertificates is empty, where it must be absent (RFC 5280 section 5.1.2.6).';
    document.note('empty-list', message, list.at);
  }
  const places = new GrowingNumbers();
  const issuerStarts = new GrowingNumbers();
  let holder = -1;
  let hasExtensions = false;
  let unknownCritical: string | null = null;
  for (let index = 0; list.more; index++) {
    if (index === LIMITS.revocationListEntries) {
      const message = `The CRL has more than ${LIMITS.revocationListEntries} entries.`;
      document.fail('too-many-elements', message, list.at);
      break;
    }
    const start = list.at;
    const reader = list.sequence('revokedCertificate');
    const serial = reader.expect(TAG.integer, 'userCertificate');
    const isGeneralized = reader.nextTag === TAG.generalizedTime;
    reader.expect(isGeneralized ? TAG.generalizedTime : TAG.utcTime, 'revocationDate');
    if (reader.more) {
      hasExtensions = true;
      if (!isReasonOnly(bytes, reader.at, reader.end)) {
        const extensions = readExtensions(reader);
        unknownCritical ??= unknownCriticalOf(extensions);
        if (extensions.some(({ oid }) => oid === CERTIFICATE_ISSUER)) {
          // Entries before the first one that names an issuer are of the CRL's own.
          while (issuerStarts.length < index) issuerStarts.push(-1);
          holder = index;
        }
        reader.finish('revokedCertificate');
      }
    }
    if (holder >= 0) issuerStarts.push(holder);
    places.push(start);
    places.push(list.at);
    places.push(significantStart(bytes, serial.contentStart, serial.contentEnd));
    places.push(serial.contentEnd);
  }
  const issuers = holder < 0 ? null : issuerStarts.take();
  return new RevokedEntries(bytes, places.take(), issuers, hasExtensions, unknownCritical);
}

function isReasonOnly(bytes: Uint8Array, at: number, end: number): boolean {
  if (end - at !== REASON_ONLY.length + 1) return false;
  for (let i = 0; i < REASON_ONLY.length; i++) if (bytes[at + i] !== REASON_ONLY[i]) return false;
  return true;
}

function unknownCriticalOf(extensions: readonly Extension[]): string | null {
  return extensions.find(({ oid, critical }) => critical && !KNOWN_ENTRY_EXTENSIONS.has(oid))?.oid ?? null;
}

/** Behind octets that only repeat the sign: lax encoders write them, and the number is the same. */
function significantStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at + 1 < end && ((bytes[at] === 0 && bytes[at + 1] < 0x80) || (bytes[at] === 0xff && bytes[at + 1] >= 0x80))) {
    at++;
  }
  return at;
}

/** A list of 32-bit numbers without an object for each. */
class GrowingNumbers {
  length = 0;
  #numbers = new Int32Array(64);

  push(value: number): void {
    if (this.length === this.#numbers.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.length++] = value;
  }

  take(): Int32Array {
    return this.#numbers.slice(0, this.length);
  }
}
