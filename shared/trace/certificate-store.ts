import { LIMITS } from '../bytes/limits.ts';
import type { Certificate, UnreadableCertificate } from '../contract/analysis.ts';
import { type CertificateReading, readCertificate } from '../x509/certificate.ts';
import { certificateFacts } from './certificate-facts.ts';

/** Every certificate of a run, read once however often it is presented. */
export class CertificateStore {
  /** By a quick hash of the bytes; the bytes themselves decide. */
  readonly #byHash = new Map<number, StoredCertificate[]>();
  readonly #bySha256 = new Map<string, StoredCertificate>();

  /** Reads the certificate, or finds it among those read before. The bytes are copied. */
  add(der: Uint8Array): StoredCertificate {
    const hash = quickHash(der);
    const bucket = this.#byHash.get(hash);
    const known = bucket?.find((stored) => sameBytes(stored.der, der));
    if (known) return known;
    const copy = der.slice();
    const reading = readCertificate(copy);
    const sha256 = reading.kind === 'certificate' ? reading.certificate.sha256 : reading.sha256;
    const stored: StoredCertificate = { sha256, der: copy, reading };
    if (this.#bySha256.size < LIMITS.certificates) {
      this.#bySha256.set(sha256, stored);
      // Crowding one bucket on purpose must not make the search long: it is only a short cut.
      if (!bucket) this.#byHash.set(hash, [stored]);
      else if (bucket.length < 8) bucket.push(stored);
    }
    return stored;
  }

  /** DER of all of them, by SHA-256. */
  bytes(): Map<string, Uint8Array> {
    const bytes = new Map<string, Uint8Array>();
    for (const [sha256, { der }] of this.#bySha256) bytes.set(sha256, der);
    return bytes;
  }

  /** All of them in the order first seen, as the contract has them. */
  contract(): Record<string, Certificate | UnreadableCertificate> {
    const facts: Record<string, Certificate | UnreadableCertificate> = {};
    for (const { sha256, reading } of this.#bySha256.values()) facts[sha256] = certificateFacts(reading);
    return facts;
  }
}

export interface StoredCertificate {
  readonly sha256: string;
  readonly der: Uint8Array;
  readonly reading: CertificateReading;
}

/** The subject as RFC 4514 text, or null when the certificate cannot be read. */
export function subjectOf({ reading }: StoredCertificate): string | null {
  return reading.kind === 'certificate' ? reading.certificate.subject.text : null;
}

function quickHash(bytes: Uint8Array): number {
  let hash = bytes.length;
  // The end holds the signature, which differs wherever anything differs.
  for (let i = Math.max(0, bytes.length - 64); i < bytes.length; i++) hash = (Math.imul(hash, 31) + bytes[i]) | 0;
  return hash;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
