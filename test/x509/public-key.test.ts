import { generateKeyPairSync, getCurves, getDiffieHellman, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PublicKey } from '../../shared/x509/public-key.ts';
import {
  bitString,
  bytes,
  certificate,
  element,
  explicit,
  hex,
  integer,
  nothing,
  oid,
  sequence,
} from '../support/der.ts';
import { laxness, read } from '../support/readings.ts';

const keyOf = (spki: Uint8Array): PublicKey => read(certificate({ publicKey: spki })).publicKey;

const spkiOf = (pair: { readonly publicKey: KeyObject }): Uint8Array =>
  new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }));

describe('RSA (RFC 3279 section 2.3.1, RFC 4055)', () => {
  it.each([1024, 1025, 1031, 2048])('counts the %i bits of a modulus exactly', (modulusLength) => {
    const publicKey = spkiOf(generateKeyPairSync('rsa', { modulusLength }));
    const key = keyOf(publicKey);
    expect(key).toMatchObject({ algorithm: 'RSA', bits: modulusLength, curve: null });
    expect(key.material).toMatchObject({ kind: 'rsa', exponent: hex('010001'), pssParameters: null });
    expect(key.subjectPublicKeyInfo).toEqual(publicKey);
  });

  it('reads the restrictions of an RSA-PSS key', () => {
    const publicKey = spkiOf(
      generateKeyPairSync('rsa-pss', {
        modulusLength: 1024,
        hashAlgorithm: 'sha384',
        mgf1HashAlgorithm: 'sha256',
        // A number, as Node's documentation has it; its types for version 20 say string.
        saltLength: 48 as unknown as string,
      }),
    );
    expect(keyOf(publicKey)).toMatchObject({
      algorithm: 'RSA-PSS',
      bits: 1024,
      material: { pssParameters: { hash: 'SHA-384', maskGenerationHash: 'SHA-256', saltLength: 48, trailerField: 1 } },
    });
  });

  it('reads a modulus without its sign octet as OpenSSL does, and notes it', () => {
    const spki = (modulus: Uint8Array): Uint8Array =>
      sequence(sequence(oid('1.2.840.113549.1.1.1'), nothing()), bitString(sequence(modulus, integer(3))));
    expect(keyOf(spki(element(2, hex('c0ffee11'))))).toMatchObject({ bits: 32 });
    expect(laxness(certificate({ publicKey: spki(element(2, hex('c0ffee11'))) }))).toEqual(['integer-negative']);
    expect(keyOf(spki(integer(0))).bits).toBe(0);
  });
});

describe('RSASSA-PSS as signature algorithm (RFC 4055 section 3.1)', () => {
  const PSS = '1.2.840.113549.1.1.10';
  const pss = (...parameters: readonly Uint8Array[]): Uint8Array => sequence(oid(PSS), ...parameters);
  const signatureOf = (algorithm: Uint8Array): unknown =>
    read(certificate({ signature: algorithm, signatureAlgorithm: algorithm })).signatureAlgorithm;

  it('fills in the defaults', () => {
    expect(signatureOf(pss(sequence()))).toMatchObject({
      name: 'RSASSA-PSS',
      pssParameters: { hash: 'SHA-1', maskGenerationHash: 'SHA-1', saltLength: 20, trailerField: 1 },
    });
  });

  it('has no parameters where there are none, or damaged ones', () => {
    expect(signatureOf(pss())).toMatchObject({ pssParameters: null, parameters: null });
    const damaged = pss(sequence(explicit(2, integer(-1))));
    expect(signatureOf(damaged)).toMatchObject({ pssParameters: null });
    expect(laxness(certificate({ signature: damaged, signatureAlgorithm: damaged }))).toEqual([
      'pss-parameters-unreadable',
      'pss-parameters-unreadable',
    ]);
  });

  it('keeps unknown hashes and mask functions as OIDs', () => {
    const algorithm = pss(sequence(explicit(0, sequence(oid('1.2.3'))), explicit(1, sequence(oid('1.2.4')))));
    expect(signatureOf(algorithm)).toMatchObject({
      pssParameters: { hashOid: '1.2.3', hash: null, maskGenerationOid: '1.2.4', maskGenerationHash: null },
    });
  });
});

describe('EC (RFC 5480)', () => {
  const NIST = new Map([
    ['prime192v1', 'P-192'],
    ['secp224r1', 'P-224'],
    ['prime256v1', 'P-256'],
    ['secp384r1', 'P-384'],
    ['secp521r1', 'P-521'],
    ['SM2', 'sm2p256v1'],
  ]);
  /** Curves of X9.62 over fields of characteristic two, of WAP and of IKE: in no certificate. */
  const foreign = /^c2|^wap|^Oakley/;
  const curves = getCurves().filter((curve) => !foreign.test(curve));

  it.each(curves)('names %s and knows its size', (namedCurve) => {
    const publicKey = spkiOf(generateKeyPairSync('ec', { namedCurve }));
    const bits = Number(/\d{3}/.exec(NIST.get(namedCurve) ?? namedCurve)?.[0]);
    expect(keyOf(publicKey)).toMatchObject({ algorithm: 'EC', curve: NIST.get(namedCurve) ?? namedCurve, bits });
    expect(keyOf(publicKey).material.kind).toBe('ec');
  });

  it('recognises explicit parameters as such, and does not look them up (CVE-2020-0601)', () => {
    const publicKey = spkiOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1', paramEncoding: 'explicit' }));
    expect(keyOf(publicKey)).toMatchObject({ curve: 'explicit', bits: 256, material: { kind: 'ec', curveOid: null } });
    expect(laxness(certificate({ publicKey }))).toEqual(['ec-explicit-parameters']);
  });

  const spki = (...parameters: readonly Uint8Array[]): Uint8Array =>
    sequence(sequence(oid('1.2.840.10045.2.1'), ...parameters), bitString(hex('040102')));

  it('gives an unknown curve as its OID', () => {
    expect(keyOf(spki(oid('1.2.3.4')))).toMatchObject({ curve: '1.2.3.4', bits: null });
  });

  it('tells implicit parameters, and cannot read a key without any', () => {
    expect(keyOf(spki(nothing()))).toMatchObject({ curve: 'implicit', bits: null });
    expect(keyOf(spki()).material).toMatchObject({ kind: 'unreadable', problem: { code: 'ec-parameters-missing' } });
  });
});

it.each([
  ['Ed25519', 256, () => generateKeyPairSync('ed25519')],
  ['Ed448', 456, () => generateKeyPairSync('ed448')],
  ['X25519', 256, () => generateKeyPairSync('x25519')],
  ['X448', 448, () => generateKeyPairSync('x448')],
] as const)('%s has a key of %i bits (RFC 8410)', (algorithm, bits, generate) => {
  expect(keyOf(spkiOf(generate()))).toMatchObject({ algorithm, bits, curve: null, material: { kind: 'opaque' } });
});

it('DSA counts the bits of its prime, unless the parameters are inherited (RFC 3279 section 2.3.2)', () => {
  const parameters = sequence(integer(2n ** 1023n + 1n), integer(7), integer(2));
  const spki = (...items: readonly Uint8Array[]): Uint8Array =>
    sequence(sequence(oid('1.2.840.10040.4.1'), ...items), bitString(integer(5)));
  expect(keyOf(spki(parameters))).toMatchObject({ algorithm: 'DSA', bits: 1024 });
  expect(keyOf(spki()).material).toEqual({ kind: 'finite-field', value: hex('05'), prime: null });
});

it('DH has the prime of its group', () => {
  const prime = BigInt(`0x${getDiffieHellman('modp14').getPrime('hex')}`);
  const parameters = sequence(integer(prime), integer(2));
  const spki = sequence(sequence(oid('1.2.840.113549.1.3.1'), parameters), bitString(integer(5)));
  expect(keyOf(spki)).toMatchObject({ algorithm: 'DH', bits: 2048 });
});

it.each([
  ['2.16.840.1.101.3.4.3.17', 'ML-DSA-44'],
  ['2.16.840.1.101.3.4.3.18', 'ML-DSA-65'],
  ['2.16.840.1.101.3.4.3.19', 'ML-DSA-87'],
  ['1.2.3.4.5', '1.2.3.4.5'],
])('%s is %s, of no number of bits', (type, algorithm) => {
  const spki = sequence(sequence(oid(type)), bitString(bytes(1, 2, 3)));
  expect(keyOf(spki)).toMatchObject({ algorithm, bits: null, curve: null, material: { kind: 'opaque' } });
  const signed = certificate({ signature: sequence(oid(type)), signatureAlgorithm: sequence(oid(type)) });
  expect(read(signed).signatureAlgorithm.name).toBe(algorithm === type ? null : algorithm);
});
