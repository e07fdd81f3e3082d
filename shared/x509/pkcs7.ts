/**
 * Bags of certificates and CRLs: PKCS #7 or CMS SignedData without a signature, "certs-only" (RFC 5652 section 5,
 * RFC 8551 section 3.8), as `.p7b` and `.p7c` files hold them.
 */
import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { contextTag, DerDocument, type DerReader, TAG } from './der.ts';
import { readCount, readObjectIdentifier } from './der-values.ts';

export type Pkcs7Reading =
  | {
      readonly kind: 'certificates';
      /** The DER of each certificate and CRL, in the order of the file, not yet looked into. Views into the input. */
      readonly certificates: readonly Uint8Array[];
      readonly lists: readonly Uint8Array[];
      /** Attribute certificates and other things that stand between them and are left out. */
      readonly others: number;
    }
  /** A PKCS #7 object of another type (`1.2.840.113549.1.7.3` is enveloped data), which holds no certificates. */
  | { readonly kind: 'other-content'; readonly oid: string }
  /** The first damage, with its offset. */
  | { readonly kind: 'unreadable'; readonly problem: Problem };

const SIGNED_DATA = '1.2.840.113549.1.7.2';

/** Reads a ContentInfo. Never throws. A signature, if there is one, is not looked at; BER's indefinite lengths are read. */
export function readPkcs7(bytes: Uint8Array): Pkcs7Reading {
  if (bytes.length > LIMITS.pkcs7Bytes) {
    const message = `The PKCS #7 object has ${bytes.length} bytes; more than ${LIMITS.pkcs7Bytes} are not read.`;
    return { kind: 'unreadable', problem: { code: 'pkcs7-too-large', message, offset: LIMITS.pkcs7Bytes } };
  }
  const document = new DerDocument(bytes);
  const reader = document.reader().sequence('ContentInfo');
  const oid = readObjectIdentifier(document, reader.expect(TAG.objectIdentifier, 'contentType'), 'contentType');
  if (document.failure === null && oid !== SIGNED_DATA) return { kind: 'other-content', oid };
  const explicit = reader.enter(reader.expect(contextTag(0, 'constructed'), 'content'), 'content');
  reader.finish('ContentInfo');
  const signed = explicit.sequence('SignedData');
  explicit.finish('content');
  readCount(document, signed.expect(TAG.integer, 'version'), 'version');
  signed.expect(TAG.set, 'digestAlgorithms');
  signed.expect(TAG.sequence, 'encapContentInfo');
  const certificates = readBag(signed, 0, 'certificates');
  const lists = readBag(signed, 1, 'crls');
  signed.expect(TAG.set, 'signerInfos');
  signed.finish('SignedData');
  if (document.failure !== null) return { kind: 'unreadable', problem: document.failure };
  return {
    kind: 'certificates',
    certificates: certificates.items,
    lists: lists.items,
    others: certificates.others + lists.others,
  };
}

/** CertificateSet or RevocationInfoChoices: X.509 objects are SEQUENCEs, all else carries a context tag. */
function readBag(
  signed: DerReader,
  tag: number,
  what: string,
): { readonly items: readonly Uint8Array[]; readonly others: number } {
  const { document } = signed;
  const items: Uint8Array[] = [];
  let others = 0;
  const element = signed.optional(contextTag(tag, 'constructed'), what);
  if (element === null) return { items, others };
  const reader = signed.enter(element, what);
  while (reader.more) {
    if (items.length + others === LIMITS.pemBlocks) {
      document.fail('too-many-elements', `${what} has more than ${LIMITS.pemBlocks} elements.`, reader.at);
      break;
    }
    const item = reader.next(what);
    if (document.failure !== null) break;
    if (item.tag === TAG.sequence) items.push(document.encoded(item));
    else others++;
  }
  return { items, others };
}

/**
 * Writes certificates, given as DER, as a certs-only SignedData in DER. A SET OF is sorted in DER, so that the same
 * certificates make the same octets whatever their order; readers find the chain by names.
 */
export function writePkcs7(certificates: readonly Uint8Array[]): Uint8Array {
  const sorted = [...certificates].sort(compareOctets);
  const version = Uint8Array.of(TAG.integer, 1, 1);
  const content = element(TAG.sequence, [element(TAG.objectIdentifier, [DATA_OID])]);
  const signedData = element(TAG.sequence, [
    version,
    element(TAG.set, []),
    content,
    ...(sorted.length === 0 ? [] : [element(contextTag(0, 'constructed'), sorted)]),
    element(TAG.set, []),
  ]);
  const type = element(TAG.objectIdentifier, [SIGNED_DATA_OID]);
  return element(TAG.sequence, [type, element(contextTag(0, 'constructed'), [signedData])]);
}

/** 1.2.840.113549.1.7.1 and .2. */
const DATA_OID = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01);
const SIGNED_DATA_OID = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02);

/** X.690 section 11.6: by octets, a shorter one first. */
function compareOctets(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) if (left[i] !== right[i]) return left[i] - right[i];
  return left.length - right.length;
}

function element(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [tag, ...lengthOctets(length)];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}
