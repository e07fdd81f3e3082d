/** X.509 certificates (RFC 5280 section 4.1), read from DER into facts. Nothing here judges a certificate. */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../bytes/hex.ts';
import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { sameOctets } from '../bytes/same-octets.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import { contextTag, DerDocument, type DerReader, TAG } from './der.ts';
import { type BitString, integerToHex, readBitString, readCount, readInteger } from './der-values.ts';
import {
  type Extension,
  type ExtensionProblem,
  type KnownExtensions,
  readExtensions,
  readKnownExtensions,
} from './extensions.ts';
import { type DistinguishedName, readName } from './names.ts';
import { type PublicKey, readPublicKey } from './public-key.ts';
import { type CertificateTime, readTime } from './time.ts';

export interface X509Certificate {
  /**
   * All the bytes presented, in a copy of their own, so that the certificate may outlive the buffer it came in. Every
   * other Uint8Array of the certificate is a view into this one.
   */
  readonly der: Uint8Array;
  /** Of `der`: lower-case hex. */
  readonly sha256: string;
  readonly sha1: string;
  /** 1, 2 or 3, as people count; others as encoded plus one. */
  readonly version: number;
  /**
   * As OpenSSL prints it, in lower case: hex of the value, an even number of digits, without the zero octet that only
   * keeps the sign (Wireshark shows that one); `00` for zero; a negative one has `-` before its magnitude.
   */
  readonly serialNumber: string;
  /** The content octets of the serial number as encoded. */
  readonly serialNumberBytes: Uint8Array;
  /** The TBSCertificate, DER with tag and length: what the signature covers. */
  readonly tbsCertificate: Uint8Array;
  /** From outside of the signed part; `signature` inside of it must be the same (RFC 5280 section 4.1.1.2). */
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly tbsSignatureAlgorithm: SignatureAlgorithm;
  readonly signatureValue: BitString;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: CertificateTime;
  readonly notAfter: CertificateTime;
  readonly publicKey: PublicKey;
  readonly hasIssuerUniqueId: boolean;
  readonly hasSubjectUniqueId: boolean;
  /** As encoded, also those that stand twice or cannot be read. */
  readonly extensions: readonly Extension[];
  readonly known: KnownExtensions;
  /** The known extensions that are `unreadable`. */
  readonly extensionProblems: readonly ExtensionProblem[];
  /**
   * What DER or RFC 5280 forbids but has one certain reading: in the order found, with offsets into `der`; past
   * `LIMITS.problems` they are only counted.
   */
  readonly encodingProblems: readonly Problem[];
}

export type CertificateReading =
  | { readonly kind: 'certificate'; readonly certificate: X509Certificate }
  | {
      readonly kind: 'unreadable';
      readonly sha256: string;
      readonly byteLength: number;
      /** The first damage, with its offset in the DER. */
      readonly problem: Problem;
    };

/**
 * Reads one certificate from its DER. Never throws: damage to the structure makes it `unreadable`, everything less is
 * told in `encodingProblems` and `extensionProblems`. Bytes behind the certificate are an encoding problem, and count
 * in the fingerprints: those are of what the peer presented.
 */
export function readCertificate(der: Uint8Array): CertificateReading {
  const fingerprint = toHex(sha256(der));
  const unreadable = (problem: Problem): CertificateReading => {
    return { kind: 'unreadable', sha256: fingerprint, byteLength: der.length, problem };
  };
  if (der.length > LIMITS.certificateBytes) {
    const message = `The certificate has ${der.length} bytes; more than ${LIMITS.certificateBytes} are not read.`;
    return unreadable({ code: 'certificate-too-large', message, offset: LIMITS.certificateBytes });
  }
  const document = new DerDocument(new Uint8Array(der));
  const fields = readFields(document);
  if (document.failure !== null) return unreadable(document.failure);

  const { known, problems } = readKnownExtensions(document, fields.extensions);
  const certificate: X509Certificate = {
    der: document.bytes,
    sha256: fingerprint,
    sha1: toHex(sha1(document.bytes)),
    ...fields,
    known,
    extensionProblems: problems,
    encodingProblems: document.encodingProblems.items,
  };
  return { kind: 'certificate', certificate };
}

type CertificateFields = Omit<
  X509Certificate,
  'der' | 'sha256' | 'sha1' | 'known' | 'extensionProblems' | 'encodingProblems'
>;

function readFields(document: DerDocument): CertificateFields {
  const outer = document.reader();
  const reader = outer.sequence('Certificate');
  const tbsElement = reader.expect(TAG.sequence, 'tbsCertificate');
  const tbs = reader.enter(tbsElement, 'tbsCertificate');

  const version = readVersion(tbs);
  const serialElement = tbs.expect(TAG.integer, 'serialNumber');
  const serialNumberBytes = readInteger(document, serialElement, 'serialNumber');
  noteSerialNumber(document, serialNumberBytes, serialElement.start);
  const signatureStart = tbs.at;
  const tbsSignatureAlgorithm = readSignatureAlgorithm(tbs, 'signature');
  const issuer = readName(tbs, 'issuer');
  const validity = tbs.sequence('validity');
  const notBefore = readTime(validity, 'notBefore');
  const notAfter = readTime(validity, 'notAfter');
  validity.finish('validity');
  const subject = readName(tbs, 'subject');
  const publicKey = readPublicKey(tbs);
  const hasIssuerUniqueId = skipUniqueId(tbs, 1, 'issuerUniqueID');
  const hasSubjectUniqueId = skipUniqueId(tbs, 2, 'subjectUniqueID');
  const extensionsStart = tbs.at;
  const extensions = readOptionalExtensions(tbs);
  tbs.finish('tbsCertificate');

  const signatureAlgorithm = readSignatureAlgorithm(reader, 'signatureAlgorithm');
  const signatureValue = readBitString(document, reader.expect(TAG.bitString, 'signatureValue'), 'signatureValue');
  reader.finish('Certificate');

  if (outer.more) {
    const count = document.bytes.length - outer.at;
    document.note('trailing-bytes', `${count} bytes follow the certificate.`, outer.at);
  }
  if (version < 3 && extensions.length > 0) {
    const message = `A certificate of version ${version} has no extensions (RFC 5280 section 4.1.2.9).`;
    document.note('extensions-before-version-3', message, extensionsStart);
  }
  if (version < 2 && (hasIssuerUniqueId || hasSubjectUniqueId)) {
    const message = 'A certificate of version 1 has no unique identifiers (RFC 5280 section 4.1.2.8).';
    document.note('unique-identifier-before-version-2', message, tbsElement.start);
  }
  if (!sameOctets(signatureAlgorithm.der, tbsSignatureAlgorithm.der)) {
    const message = 'signatureAlgorithm is not the same as signature (RFC 5280 section 4.1.1.2).';
    document.note('signature-algorithm-mismatch', message, signatureStart);
  }
  return {
    version,
    serialNumber: integerToHex(serialNumberBytes),
    serialNumberBytes,
    tbsCertificate: document.encoded(tbsElement),
    signatureAlgorithm,
    tbsSignatureAlgorithm,
    signatureValue,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    hasIssuerUniqueId,
    hasSubjectUniqueId,
    extensions,
  };
}

/** RFC 5280 section 4.1.2.1: [0] EXPLICIT, and left out for version 1. */
function readVersion(tbs: DerReader): number {
  const { document } = tbs;
  const element = tbs.optional(contextTag(0, 'constructed'), 'version');
  if (element === null) return 1;
  const inner = tbs.enter(element, 'version');
  const version = readCount(document, inner.expect(TAG.integer, 'version'), 'version') + 1;
  inner.finish('version');
  if (document.failure !== null) return 1;
  if (version === 1) {
    document.note('default-encoded', 'Version 1 is the default, which DER leaves out.', element.start);
  } else if (version > 3) {
    document.note('version-unknown', `X.509 has no version ${version}.`, element.start);
  }
  return version;
}

/** RFC 5280 section 4.1.2.2: positive, at most 20 octets. */
function noteSerialNumber(document: DerDocument, bytes: Uint8Array, offset: number): void {
  if (document.failure !== null) return;
  if (bytes[0] >= 0x80) {
    document.note('serial-number-negative', 'The serial number is negative (RFC 5280 section 4.1.2.2).', offset);
  } else if (bytes.every((octet) => octet === 0)) {
    document.note('serial-number-zero', 'The serial number is zero (RFC 5280 section 4.1.2.2).', offset);
  }
  if (bytes.length > 20) {
    const message = `The serial number has ${bytes.length} octets, not at most 20 (RFC 5280 section 4.1.2.2).`;
    document.note('serial-number-too-long', message, offset);
  }
}

/** RFC 5280 section 4.1.2.8: [1] and [2] IMPLICIT BIT STRING. */
function skipUniqueId(tbs: DerReader, tag: number, what: string): boolean {
  const element = tbs.optional(contextTag(tag, 'primitive'), what);
  if (element === null) return false;
  readBitString(tbs.document, element, what);
  return true;
}

/** RFC 5280 section 4.1.2.9: [3] EXPLICIT. */
function readOptionalExtensions(tbs: DerReader): readonly Extension[] {
  const element = tbs.optional(contextTag(3, 'constructed'), 'extensions');
  if (element === null) return [];
  const inner = tbs.enter(element, 'extensions');
  const extensions = readExtensions(inner);
  inner.finish('extensions');
  return extensions;
}
