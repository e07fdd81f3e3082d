/** AlgorithmIdentifier (RFC 5280 section 4.1.1.2) and the parameters of RSASSA-PSS (RFC 4055 section 3.1). */
import { contextTag, type DerDocument, type DerElement, type DerReader, TAG } from './der.ts';
import { readCount, readObjectIdentifier } from './der-values.ts';
import { HASH_ALGORITHMS, SIGNATURE_ALGORITHMS } from './registry/algorithms.ts';

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** The parameters' DER with tag and length, or null when there are none. */
  readonly parameters: Uint8Array | null;
  /** The whole AlgorithmIdentifier, for comparison. */
  readonly der: Uint8Array;
}

export interface SignatureAlgorithm extends AlgorithmIdentifier {
  /** The algorithm's name as RFCs spell it (`sha256WithRSAEncryption`), or null when it is unknown. */
  readonly name: string | null;
  /** For RSASSA-PSS, or null when absent or unreadable. */
  readonly pssParameters: PssParameters | null;
}

/** RSASSA-PSS-params with its defaults filled in. */
export interface PssParameters {
  readonly hashOid: string;
  /** `SHA-256`, or null when the hash is unknown. */
  readonly hash: string | null;
  readonly maskGenerationOid: string;
  /** The hash that MGF1 uses, or null when the function is another or its hash unknown. */
  readonly maskGenerationHash: string | null;
  /** Octets of salt. */
  readonly saltLength: number;
  /** 1 stands for the trailer octet 0xbc; no other is defined. */
  readonly trailerField: number;
}

const RSASSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const SHA1 = '1.3.14.3.2.26';

export interface AlgorithmElements {
  readonly identifier: AlgorithmIdentifier;
  /** The element that `identifier.parameters` is a view of. */
  readonly parameters: DerElement | null;
}

/** Reads an AlgorithmIdentifier, with the element of its parameters for whoever knows how to read them. */
export function readAlgorithmIdentifier(reader: DerReader, what: string): AlgorithmElements {
  const { document } = reader;
  const element = reader.expect(TAG.sequence, what);
  const inner = reader.enter(element, what);
  const oid = readObjectIdentifier(document, inner.expect(TAG.objectIdentifier, what), what);
  const parameters = inner.more ? inner.next(what) : null;
  inner.finish(what);
  return {
    identifier: {
      oid,
      parameters: parameters === null ? null : document.encoded(parameters),
      der: document.encoded(element),
    },
    parameters,
  };
}

/** Reads the AlgorithmIdentifier of a signature. Unreadable PSS parameters are a problem, not damage. */
export function readSignatureAlgorithm(reader: DerReader, what: string): SignatureAlgorithm {
  const { identifier, parameters } = readAlgorithmIdentifier(reader, what);
  return {
    ...identifier,
    name: SIGNATURE_ALGORITHMS.get(identifier.oid) ?? null,
    pssParameters:
      identifier.oid === RSASSA_PSS && parameters !== null
        ? readPssParameters(reader.document, parameters, `${what}'s parameters`)
        : null,
  };
}

/** Reads RSASSA-PSS-params from the parameters of an AlgorithmIdentifier; null, with a problem, when they are damaged. */
export function readPssParameters(document: DerDocument, element: DerElement, what: string): PssParameters | null {
  const part = document.part();
  const reader = part.reader(element.start, element.end).sequence(what);
  const hashField = reader.optional(contextTag(0, 'constructed'), what);
  const hashOid = hashField === null ? SHA1 : readOnlyAlgorithm(reader, hashField, what).identifier.oid;
  const maskField = reader.optional(contextTag(1, 'constructed'), what);
  const mask = maskField === null ? null : readOnlyAlgorithm(reader, maskField, what);
  const saltField = reader.optional(contextTag(2, 'constructed'), what);
  const saltLength = saltField === null ? 20 : readOnlyCount(reader, saltField, what);
  const trailerReader = reader.optional(contextTag(3, 'constructed'), what);
  const trailerField = trailerReader === null ? 1 : readOnlyCount(reader, trailerReader, what);
  reader.finish(what);
  const maskGenerationOid = mask === null ? MGF1 : mask.identifier.oid;
  const maskGenerationHash = readMaskGenerationHash(part, mask, what);
  if (part.failure !== null) {
    document.note('pss-parameters-unreadable', part.failure.message, part.failure.offset ?? element.start);
    return null;
  }
  return {
    hashOid,
    hash: HASH_ALGORITHMS.get(hashOid) ?? null,
    maskGenerationOid,
    maskGenerationHash,
    saltLength,
    trailerField,
  };
}

function readMaskGenerationHash(document: DerDocument, mask: AlgorithmElements | null, what: string): string | null {
  if (mask === null) return HASH_ALGORITHMS.get(SHA1) ?? null;
  if (mask.identifier.oid !== MGF1 || mask.parameters === null) return null;
  const reader = document.reader(mask.parameters.start, mask.parameters.end);
  const { identifier } = readAlgorithmIdentifier(reader, what);
  return HASH_ALGORITHMS.get(identifier.oid) ?? null;
}

function readOnlyAlgorithm(reader: DerReader, field: DerElement, what: string): AlgorithmElements {
  const inner = reader.enter(field, what);
  const algorithm = readAlgorithmIdentifier(inner, what);
  inner.finish(what);
  return algorithm;
}

function readOnlyCount(reader: DerReader, field: DerElement, what: string): number {
  const inner = reader.enter(field, what);
  const count = readCount(reader.document, inner.expect(TAG.integer, what), what);
  inner.finish(what);
  return count;
}
