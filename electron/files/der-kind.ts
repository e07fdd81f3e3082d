/** What a DER file is, by its first elements: files lose their names, not their content. */
import { contextTag, DerDocument, type DerReader, TAG } from '../../shared/x509/der.ts';
import { readObjectIdentifier } from '../../shared/x509/der-values.ts';

export type DerKind =
  | 'certificate'
  | 'certificate-list'
  | 'certificate-request'
  | 'pkcs7'
  | 'pkcs12'
  | 'private-key'
  | 'encrypted-key'
  | 'ocsp-response'
  | 'unknown';

const ENUMERATED = 0x0a;
const PKCS7 = /^1\.2\.840\.113549\.1\.7\.\d+$/;

/** Looks only as far as needed to tell the kinds apart; what is damaged behind that is the reader's to say. */
export function kindOfDer(bytes: Uint8Array): DerKind {
  const document = new DerDocument(bytes);
  const reader = document.reader().sequence('file');
  switch (reader.nextTag) {
    case TAG.objectIdentifier:
      return PKCS7.test(readObject(reader)) ? 'pkcs7' : 'unknown';
    case ENUMERATED:
      return 'ocsp-response';
    case TAG.integer:
      reader.next('version');
      return kindBehindVersion(reader);
    case TAG.sequence:
      return kindOfSigned(reader);
    default:
      // An empty or damaged SEQUENCE: as a certificate, it has a problem that can be named.
      return document.failure === null ? 'unknown' : 'certificate';
  }
}

/** PFX is a version and a ContentInfo; keys are a version and numbers, an algorithm, or octets. */
function kindBehindVersion(reader: DerReader): DerKind {
  if (reader.nextTag === TAG.integer || reader.nextTag === TAG.octetString) return 'private-key';
  if (reader.nextTag !== TAG.sequence) return 'unknown';
  return PKCS7.test(readObject(reader.sequence('authSafe'))) ? 'pkcs12' : 'private-key';
}

/** SEQUENCE { SEQUENCE …: a certificate, a CRL, a request or an encrypted key. */
function kindOfSigned(reader: DerReader): DerKind {
  const inner = reader.sequence('signed part');
  const tags: number[] = [];
  while (inner.more && tags.length < 4) tags.push(inner.next('field').tag);
  const [first, , , fourth] = tags;
  if (first === TAG.objectIdentifier) return 'encrypted-key';
  // A CRL of version 1 begins with its algorithm, and one of version 2 with its version; a time is the fourth field.
  if (first === TAG.sequence) return 'certificate-list';
  if (first === TAG.integer && (fourth === TAG.utcTime || fourth === TAG.generalizedTime)) return 'certificate-list';
  // Version, name, key, and attributes under a context tag; a certificate of version 1 has its validity there.
  if (first === TAG.integer && (fourth === undefined || fourth === contextTag(0, 'constructed'))) {
    return 'certificate-request';
  }
  return 'certificate';
}

function readObject(reader: DerReader): string {
  const { document } = reader;
  return readObjectIdentifier(document, reader.expect(TAG.objectIdentifier, 'type'), 'type');
}
