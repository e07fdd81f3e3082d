/** SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) and the keys in it (RFC 3279, 4055, 5480, 8410). */
import type { Problem } from '../bytes/problem.ts';
import {
  type AlgorithmElements,
  type PssParameters,
  readAlgorithmIdentifier,
  readPssParameters,
} from './algorithms.ts';
import { type DerDocument, type DerElement, type DerReader, TAG } from './der.ts';
import { type BitString, bitLength, readBitString, readObjectIdentifier, readUnsigned } from './der-values.ts';
import { PUBLIC_KEY_ALGORITHMS } from './registry/algorithms.ts';
import { CURVES } from './registry/curves.ts';

export interface PublicKey {
  /** `RSA`, `RSA-PSS`, `EC`, `Ed25519`, `Ed448`, `DSA`, `DH`, `ML-DSA-65`, …; the OID when it is unknown. */
  readonly algorithm: string;
  readonly oid: string;
  /** The algorithm's parameters, DER with tag and length, or null. */
  readonly parameters: Uint8Array | null;
  /** RSA: of the modulus; EC: of the field; DSA and DH: of the prime; Edwards curves: as named. Null when unknown. */
  readonly bits: number | null;
  /** EC only: the curve's name, its OID when unknown, `explicit` or `implicit`; else null. */
  readonly curve: string | null;
  /** The SubjectPublicKeyInfo, DER with tag and length. */
  readonly subjectPublicKeyInfo: Uint8Array;
  /** The bits of subjectPublicKey alone, over which key identifiers are computed (RFC 5280 section 4.2.1.2). */
  readonly subjectPublicKey: Uint8Array;
  readonly material: KeyMaterial;
}

export type KeyMaterial =
  | {
      readonly kind: 'rsa';
      /** Big-endian without leading zeros. */
      readonly modulus: Uint8Array;
      readonly exponent: Uint8Array;
      /** The restrictions of an RSA-PSS key; null when it has none, or is no RSA-PSS key. */
      readonly pssParameters: PssParameters | null;
    }
  | {
      readonly kind: 'ec';
      /** Null when the parameters are explicit or implicit. */
      readonly curveOid: string | null;
      /** The ECPoint: 0x04 and both coordinates, or 0x02 or 0x03 and one. */
      readonly point: Uint8Array;
    }
  /** DSA or DH: y, and the prime it is taken by unless the parameters are inherited. */
  | { readonly kind: 'finite-field'; readonly value: Uint8Array; readonly prime: Uint8Array | null }
  /** An algorithm whose key is the bits themselves, or that is not known. */
  | { readonly kind: 'opaque' }
  | { readonly kind: 'unreadable'; readonly problem: Problem };

const FIXED_BITS: ReadonlyMap<string, number> = new Map([
  ['X25519', 256],
  ['Ed25519', 256],
  ['X448', 448],
  ['Ed448', 456],
]);

interface ReadKey {
  readonly bits: number | null;
  readonly curve: string | null;
  readonly material: KeyMaterial;
}

/** Reads a SubjectPublicKeyInfo. A key that cannot be read inside of it is a problem of the key, not damage. */
export function readPublicKey(reader: DerReader): PublicKey {
  const { document } = reader;
  const what = 'subjectPublicKeyInfo';
  const element = reader.expect(TAG.sequence, what);
  const inner = reader.enter(element, what);
  const algorithm = readAlgorithmIdentifier(inner, `${what}.algorithm`);
  const keyElement = inner.expect(TAG.bitString, `${what}.subjectPublicKey`);
  const key = readBitString(document, keyElement, `${what}.subjectPublicKey`);
  inner.finish(what);

  const name = PUBLIC_KEY_ALGORITHMS.get(algorithm.identifier.oid) ?? algorithm.identifier.oid;
  const part = document.part();
  let read = document.failure === null ? readKey(part, name, algorithm, keyElement, key) : UNKNOWN_KEY;
  if (part.failure !== null) {
    const problem = part.failure;
    document.note('public-key-unreadable', problem.message, problem.offset ?? keyElement.start);
    read = { bits: null, curve: read.curve, material: { kind: 'unreadable', problem } };
  }
  return {
    algorithm: name,
    oid: algorithm.identifier.oid,
    parameters: algorithm.identifier.parameters,
    ...read,
    subjectPublicKeyInfo: document.encoded(element),
    subjectPublicKey: key.bytes,
  };
}

const UNKNOWN_KEY: ReadKey = { bits: null, curve: null, material: { kind: 'opaque' } };

function readKey(
  document: DerDocument,
  name: string,
  algorithm: AlgorithmElements,
  keyElement: DerElement,
  key: BitString,
): ReadKey {
  // Behind the octet that counts the unused bits.
  const keyStart = keyElement.contentStart + 1;
  const keyReader = (): DerReader => document.reader(keyStart, keyElement.contentEnd);
  switch (name) {
    case 'RSA':
    case 'RSA-PSS':
    case 'RSA-OAEP': {
      const pssParameters =
        name === 'RSA-PSS' && algorithm.parameters !== null
          ? readPssParameters(document, algorithm.parameters, 'the parameters of an RSA-PSS key')
          : null;
      return readRsaKey(keyReader(), pssParameters);
    }
    case 'EC':
      return readEcKey(document, algorithm.parameters, keyElement, key.bytes);
    case 'DSA':
    case 'DH':
      return readFiniteFieldKey(keyReader(), algorithm.parameters);
    default:
      return { bits: FIXED_BITS.get(name) ?? null, curve: null, material: { kind: 'opaque' } };
  }
}

/** RSAPublicKey (RFC 8017 appendix A.1.1). */
function readRsaKey(outer: DerReader, pssParameters: PssParameters | null): ReadKey {
  const { document } = outer;
  const reader = outer.sequence('RSAPublicKey');
  const modulus = readUnsigned(document, reader.expect(TAG.integer, 'modulus'), 'modulus');
  const exponent = readUnsigned(document, reader.expect(TAG.integer, 'publicExponent'), 'publicExponent');
  reader.finish('RSAPublicKey');
  outer.finish('subjectPublicKey');
  return { bits: bitLength(modulus), curve: null, material: { kind: 'rsa', modulus, exponent, pssParameters } };
}

/** ECParameters (RFC 5480 section 2.1.1); PKIX allows namedCurve only, X9.62 the other two as well. */
function readEcKey(
  document: DerDocument,
  parameters: DerElement | null,
  keyElement: DerElement,
  point: Uint8Array,
): ReadKey {
  if (parameters === null) {
    document.fail('ec-parameters-missing', 'The EC key names no curve (RFC 5480 section 2.1.1).', keyElement.start);
    return UNKNOWN_KEY;
  }
  if (parameters.tag === TAG.objectIdentifier) {
    const curveOid = readObjectIdentifier(document, parameters, 'namedCurve');
    const curve = CURVES.get(curveOid);
    return { bits: curve?.bits ?? null, curve: curve?.name ?? curveOid, material: { kind: 'ec', curveOid, point } };
  }
  const material: KeyMaterial = { kind: 'ec', curveOid: null, point };
  if (parameters.tag === TAG.null) return { bits: null, curve: 'implicit', material };
  document.note(
    'ec-explicit-parameters',
    'The EC key spells out its curve, which PKIX forbids (RFC 5480 section 2.1.1).',
    parameters.start,
  );
  return { bits: readExplicitFieldBits(document, parameters), curve: 'explicit', material };
}

const PRIME_FIELD = '1.2.840.10045.1.1';

/**
 * The size of the field in SpecifiedECDomain (SEC 1 appendix C.2), or null for fields of characteristic two written so.
 * The curve is never looked up by its numbers: a key that looks like a well-known curve need not use its generator
 * (CVE-2020-0601).
 */
function readExplicitFieldBits(document: DerDocument, parameters: DerElement): number | null {
  const reader = document.reader(parameters.start, parameters.end).sequence('SpecifiedECDomain');
  reader.expect(TAG.integer, 'version of SpecifiedECDomain');
  const field = reader.sequence('fieldID');
  const type = readObjectIdentifier(document, field.expect(TAG.objectIdentifier, 'fieldType'), 'fieldType');
  if (type !== PRIME_FIELD) return null;
  return bitLength(readUnsigned(document, field.expect(TAG.integer, 'prime-p'), 'prime-p'));
}

/** DSAPublicKey or DHPublicKey; the prime leads the parameters of both (RFC 3279 sections 2.3.2 and 2.3.3). */
function readFiniteFieldKey(reader: DerReader, parameters: DerElement | null): ReadKey {
  const { document } = reader;
  const value = readUnsigned(document, reader.expect(TAG.integer, 'subjectPublicKey'), 'subjectPublicKey');
  reader.finish('subjectPublicKey');
  const inherited = parameters === null || parameters.tag === TAG.null;
  const prime = inherited ? null : readPrime(document, parameters);
  return {
    bits: prime === null ? null : bitLength(prime),
    curve: null,
    material: { kind: 'finite-field', value, prime },
  };
}

function readPrime(document: DerDocument, parameters: DerElement): Uint8Array {
  const reader = document.reader(parameters.start, parameters.end).sequence('domain parameters');
  return readUnsigned(document, reader.expect(TAG.integer, 'p'), 'p');
}
