import { LIMITS } from '../bytes/limits.ts';
import type { Certificate, UnreadableCertificate } from '../contract/analysis.ts';
import { readCertificate } from '../x509/certificate.ts';
import { certificateFacts } from './certificate-facts.ts';

/** Every certificate of a run, read once however often it is presented. */
export class CertificateStore {
  /** By a quick hash of the bytes; the bytes themselves decide. */
  readonly #byHash = new Map<number, StoredCertificate[]>();
  readonly #bySha256 = new Map<string, StoredCertificate>();
  readonly #staples = new Map<string, Uint8Array>();
  #stapledBytes = 0;

  /** Reads the certificate, or finds it among those read before. The bytes are copied. */
  add(der: Uint8Array): StoredCertificate {
    const hash = quickHash(der);
    const bucket = this.#byHash.get(hash);
    const known = bucket?.find((stored) => sameBytes(stored.der, der));
    if (known) return known;
    const stored = read(der.slice());
    const { sha256 } = stored;
    if (this.#bySha256.size < LIMITS.certificates) {
      this.#bySha256.set(sha256, stored);
      // Crowding one bucket on purpose must not make the search long: it is only a short cut.
      if (!bucket) this.#byHash.set(hash, [stored]);
      else if (bucket.length < 8) bucket.push(stored);
    }
    return stored;
  }

  /** Keeps the OCSP response that was stapled for a certificate; of several the last. The bytes are copied. */
  staple(sha256: string, response: Uint8Array): void {
    const bytes = this.#stapledBytes + response.length - (this.#staples.get(sha256)?.length ?? 0);
    if (bytes > LIMITS.stapledBytes) return;
    this.#stapledBytes = bytes;
    this.#staples.set(sha256, response.slice());
  }

  /** Stapled OCSP responses (DER), by the SHA-256 of the certificate that was presented with them. */
  staples(): ReadonlyMap<string, Uint8Array> {
    return this.#staples;
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
    for (const [sha256, stored] of this.#bySha256) facts[sha256] = stored.facts;
    return facts;
  }
}

/** What is kept of a certificate. Whoever needs more reads its bytes again. */
export interface StoredCertificate {
  readonly sha256: string;
  readonly der: Uint8Array;
  readonly facts: Certificate | UnreadableCertificate;
  /** The subject as RFC 4514 text, or null when the certificate cannot be read. */
  readonly subject: string | null;
}

function read(der: Uint8Array): StoredCertificate {
  const reading = readCertificate(der);
  const facts = certificateFacts(reading);
  const subject = reading.kind === 'certificate' ? reading.certificate.subject.text : null;
  return { sha256: facts.sha256, der, facts, subject };
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
