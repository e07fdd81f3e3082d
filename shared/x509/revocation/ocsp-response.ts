/** OCSP responses (RFC 6960 section 4.2), read from DER into facts. Nothing here judges a response. */
import { LIMITS } from '../../bytes/limits.ts';
import type { Problem } from '../../bytes/problem.ts';
import { readAlgorithmIdentifier, readSignatureAlgorithm, type SignatureAlgorithm } from '../algorithms.ts';
import { type CertificateReading, readCertificate } from '../certificate.ts';
import { contextTag, DerDocument, type DerReader, TAG } from '../der.ts';
import { type BitString, readBitString, readCount, readInteger, readObjectIdentifier } from '../der-values.ts';
import { type Extension, readExtensions } from '../extensions.ts';
import { type DistinguishedName, readName } from '../names.ts';
import { type CertificateTime, readTime } from '../time.ts';
import { ENUMERATED, type ReasonCode, readReasonCode } from './reason-code.ts';

/** RFC 6960 section 4.2.1, by number; 4 is not used. */
const STATUSES = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  null,
  'sigRequired',
  'unauthorized',
] as const;

export type OcspResponseStatus = NonNullable<(typeof STATUSES)[number]> | 'unknown';

export type OcspReading =
  | { readonly kind: 'response'; readonly response: OcspResponse }
  /** The responder answered with an error, which is not signed. */
  | { readonly kind: 'refused'; readonly status: OcspResponseStatus }
  /** The first damage, with its offset in the DER. */
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/** A BasicOCSPResponse; every Uint8Array is a view into the bytes given. */
export interface OcspResponse {
  readonly responder: ResponderId;
  readonly producedAt: CertificateTime;
  readonly responses: readonly SingleResponse[];
  readonly extensions: readonly Extension[];
  /** The ResponseData, DER with tag and length: what the signature covers. */
  readonly tbsResponseData: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signatureValue: BitString;
  readonly certificates: readonly CertificateReading[];
  /** What DER or RFC 6960 forbids but has one certain reading. */
  readonly encodingProblems: readonly Problem[];
}

export type ResponderId =
  | { readonly kind: 'name'; readonly name: DistinguishedName }
  /** SHA-1 of the bits of the responder's subjectPublicKey. */
  | { readonly kind: 'key'; readonly hash: Uint8Array };

export interface SingleResponse {
  readonly certificate: CertificateId;
  readonly status: SingleStatus;
  readonly thisUpdate: CertificateTime;
  readonly nextUpdate: CertificateTime | null;
  readonly extensions: readonly Extension[];
}

export interface CertificateId {
  readonly hashOid: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** The content octets as encoded. */
  readonly serialNumberBytes: Uint8Array;
}

export type SingleStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'revoked'; readonly at: CertificateTime; readonly reason: ReasonCode | null }
  | { readonly kind: 'unknown' };

const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1';

/** Reads one OCSPResponse from its DER. Never throws. `der` must not change afterwards: it is not copied. */
export function readOcspResponse(der: Uint8Array): OcspReading {
  if (der.length > LIMITS.ocspResponseBytes) {
    const message = `The OCSP response has ${der.length} bytes; more than ${LIMITS.ocspResponseBytes} are not read.`;
    const problem = { code: 'ocsp-response-too-large', message, offset: LIMITS.ocspResponseBytes };
    return { kind: 'unreadable', problem };
  }
  const document = new DerDocument(der);
  const reading = readEnvelope(document);
  return document.failure === null ? reading : { kind: 'unreadable', problem: document.failure };
}

function readEnvelope(document: DerDocument): OcspReading {
  const outer = document.reader();
  const reader = outer.sequence('OCSPResponse');
  const code = readCount(document, reader.expect(ENUMERATED, 'responseStatus'), 'responseStatus');
  const status = STATUSES[code] ?? 'unknown';
  const bytes = reader.optional(contextTag(0, 'constructed'), 'responseBytes');
  reader.finish('OCSPResponse');
  if (outer.more) {
    document.note('trailing-bytes', `${document.bytes.length - outer.at} bytes follow the OCSP response.`, outer.at);
  }
  if (status !== 'successful') return { kind: 'refused', status };
  if (bytes === null) document.fail('ocsp-response-empty', 'The OCSP response is successful but holds nothing.', 0);
  const explicit = reader.enter(bytes ?? reader.next('responseBytes'), 'responseBytes');
  const inner = explicit.sequence('responseBytes');
  const type = readObjectIdentifier(document, inner.expect(TAG.objectIdentifier, 'responseType'), 'responseType');
  const response = inner.expect(TAG.octetString, 'response');
  inner.finish('responseBytes');
  explicit.finish('responseBytes');
  if (type !== BASIC_RESPONSE) {
    document.fail('ocsp-response-type', `The OCSP response is of the type ${type}, not id-pkix-ocsp-basic.`, 0);
  }
  return {
    kind: 'response',
    response: readBasic(document, document.reader(response.contentStart, response.contentEnd)),
  };
}

function readBasic(document: DerDocument, outer: DerReader): OcspResponse {
  const reader = outer.sequence('BasicOCSPResponse');
  const dataElement = reader.expect(TAG.sequence, 'tbsResponseData');
  const data = reader.enter(dataElement, 'tbsResponseData');
  const version = data.optional(contextTag(0, 'constructed'), 'version');
  if (version !== null) {
    const inner = data.enter(version, 'version');
    const number = readCount(document, inner.expect(TAG.integer, 'version'), 'version') + 1;
    inner.finish('version');
    if (document.failure === null && number !== 1) {
      document.fail('ocsp-version', `OCSP responses have no version ${number}.`, version.start);
    }
  }
  const responder = readResponderId(data);
  const producedAt = readTime(data, 'producedAt');
  let count = 0;
  const responses = data.sequence('responses').listOrEmpty('responses', (list) => {
    if (++count > LIMITS.ocspSingleResponses) {
      const message = `The OCSP response has more than ${LIMITS.ocspSingleResponses} single responses.`;
      document.fail('too-many-elements', message, list.at);
    }
    return readSingle(list);
  });
  const extensions = readOptionalExtensions(data, 1, 'responseExtensions');
  data.finish('tbsResponseData');
  const signatureAlgorithm = readSignatureAlgorithm(reader, 'signatureAlgorithm');
  const signatureValue = readBitString(document, reader.expect(TAG.bitString, 'signature'), 'signature');
  const certificates = readCertificates(reader);
  reader.finish('BasicOCSPResponse');
  outer.finish('response');
  return {
    responder,
    producedAt,
    responses,
    extensions,
    tbsResponseData: document.encoded(dataElement),
    signatureAlgorithm,
    signatureValue,
    certificates,
    // Times are GeneralizedTime here, also before 2050 (RFC 6960 section 4.2.1).
    encodingProblems: document.encodingProblems.items.filter(({ code }) => code !== 'time-type'),
  };
}

/** A CHOICE of [1] Name and [2] KeyHash, both explicit: the module of RFC 6960 tags explicitly. */
function readResponderId(reader: DerReader): ResponderId {
  const { document } = reader;
  const byKey = reader.optional(contextTag(2, 'constructed'), 'responderID');
  if (byKey !== null) {
    const inner = reader.enter(byKey, 'responderID');
    const hash = document.content(inner.expect(TAG.octetString, 'KeyHash'));
    inner.finish('responderID');
    return { kind: 'key', hash };
  }
  const inner = reader.enter(reader.expect(contextTag(1, 'constructed'), 'responderID'), 'responderID');
  const name = readName(inner, 'responderID');
  inner.finish('responderID');
  return { kind: 'name', name };
}

function readSingle(list: DerReader): SingleResponse {
  const reader = list.sequence('SingleResponse');
  const certificate = readCertificateId(reader);
  const status = readStatus(reader);
  const thisUpdate = readTime(reader, 'thisUpdate');
  const next = reader.optional(contextTag(0, 'constructed'), 'nextUpdate');
  let nextUpdate: CertificateTime | null = null;
  if (next !== null) {
    const inner = reader.enter(next, 'nextUpdate');
    nextUpdate = readTime(inner, 'nextUpdate');
    inner.finish('nextUpdate');
  }
  const extensions = readOptionalExtensions(reader, 1, 'singleExtensions');
  reader.finish('SingleResponse');
  return { certificate, status, thisUpdate, nextUpdate, extensions };
}

function readCertificateId(outer: DerReader): CertificateId {
  const { document } = outer;
  const reader = outer.sequence('CertID');
  const { identifier } = readAlgorithmIdentifier(reader, 'hashAlgorithm');
  const issuerNameHash = document.content(reader.expect(TAG.octetString, 'issuerNameHash'));
  const issuerKeyHash = document.content(reader.expect(TAG.octetString, 'issuerKeyHash'));
  const serial = reader.expect(TAG.integer, 'serialNumber');
  reader.finish('CertID');
  const serialNumberBytes = readInteger(document, serial, 'serialNumber');
  return { hashOid: identifier.oid, issuerNameHash, issuerKeyHash, serialNumberBytes };
}

function readStatus(reader: DerReader): SingleStatus {
  const { document } = reader;
  const element = reader.next('certStatus');
  switch (element.tag) {
    case contextTag(0, 'primitive'):
      return { kind: 'good' };
    case contextTag(2, 'primitive'):
      return { kind: 'unknown' };
    case contextTag(1, 'constructed'): {
      const inner = reader.enter(element, 'RevokedInfo');
      const at = readTime(inner, 'revocationTime');
      const field = inner.optional(contextTag(0, 'constructed'), 'revocationReason');
      let reason: ReasonCode | null = null;
      if (field !== null) {
        const explicit = inner.enter(field, 'revocationReason');
        reason = readReasonCode(document, explicit.expect(ENUMERATED, 'revocationReason'));
        explicit.finish('revocationReason');
      }
      inner.finish('RevokedInfo');
      return { kind: 'revoked', at, reason };
    }
    default:
      document.fail('unexpected-tag', 'certStatus: there is no such alternative.', element.start);
      return { kind: 'unknown' };
  }
}

function readOptionalExtensions(reader: DerReader, tag: number, what: string): readonly Extension[] {
  const element = reader.optional(contextTag(tag, 'constructed'), what);
  if (element === null) return [];
  const inner = reader.enter(element, what);
  const extensions = readExtensions(inner);
  inner.finish(what);
  return extensions;
}

function readCertificates(reader: DerReader): readonly CertificateReading[] {
  const { document } = reader;
  const element = reader.optional(contextTag(0, 'constructed'), 'certs');
  if (element === null) return [];
  const explicit = reader.enter(element, 'certs');
  const list = explicit.sequence('certs');
  const certificates: CertificateReading[] = [];
  while (list.more) {
    if (certificates.length === LIMITS.certificatesPerMessage) {
      const message = `The OCSP response has more than ${LIMITS.certificatesPerMessage} certificates.`;
      document.fail('too-many-elements', message, list.at);
      break;
    }
    certificates.push(readCertificate(document.encoded(list.next('certs'))));
  }
  explicit.finish('certs');
  return certificates;
}
