import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { readCertificate } from '../../shared/x509/certificate.ts';
import {
  attribute,
  bitString,
  boolean,
  bytes,
  certificate,
  element,
  explicit,
  extension,
  generalizedTime,
  hex,
  implicit,
  integer,
  name,
  nothing,
  octetString,
  oid,
  printable,
  SHA256_WITH_RSA,
  sequence,
  set,
  TINY_RSA_KEY,
  utcTime,
  utf8,
} from '../support/der.ts';
import { damage, laxness, read } from '../support/readings.ts';

const CN = '2.5.4.3';
const BASIC_CONSTRAINTS = extension('2.5.29.19', sequence(boolean(true)), true);

describe('Certificate (RFC 5280 section 4.1)', () => {
  it('reads every field of a plain certificate', () => {
    const der = certificate({ serialNumber: integer(0x1234), extensions: [BASIC_CONSTRAINTS] });
    const result = read(der);
    expect(result).toMatchObject({
      version: 3,
      serialNumber: '1234',
      issuer: { text: 'CN=Test Issuer' },
      subject: { text: 'CN=mail.example' },
      notBefore: { epochSeconds: 1_388_534_400, iso: '2014-01-01T00:00:00Z' },
      notAfter: { epochSeconds: 1_451_606_400, iso: '2016-01-01T00:00:00Z' },
      signatureAlgorithm: { oid: '1.2.840.113549.1.1.11', name: 'sha256WithRSAEncryption', pssParameters: null },
      publicKey: { algorithm: 'RSA', bits: 32, curve: null },
      hasIssuerUniqueId: false,
      hasSubjectUniqueId: false,
      extensions: [{ oid: '2.5.29.19', name: 'basicConstraints', critical: true }],
      extensionProblems: [],
      encodingProblems: [],
    });
    expect(result.signatureAlgorithm.parameters).toEqual(nothing());
    expect(result.signatureValue).toEqual({ bytes: new Uint8Array(8), unusedBits: 0 });
    expect(result.subject.der).toEqual(name(attribute(CN, 'mail.example')));
    expect(result.publicKey.subjectPublicKeyInfo).toEqual(TINY_RSA_KEY);
    expect(result.tbsCertificate).toEqual(der.subarray(3, 3 + result.tbsCertificate.length));
  });

  it('keeps a copy of its own, also of a Node Buffer, and views into that copy', () => {
    const buffer = Buffer.from(certificate());
    const result = read(buffer);
    const before = result.subject.text;
    buffer.fill(0);
    expect(read(result.der).subject.text).toBe(before);
    expect(result.tbsCertificate.buffer).toBe(result.der.buffer);
  });

  it('has a version only when it is not 1', () => {
    expect(read(certificate({ version: null })).version).toBe(1);
    expect(read(certificate({ version: explicit(0, integer(1)) })).version).toBe(2);
    expect(laxness(certificate({ version: explicit(0, integer(0)) }))).toEqual(['default-encoded']);
    expect(laxness(certificate({ version: explicit(0, integer(3)) }))).toEqual(['version-unknown']);
    expect(damage(certificate({ version: explicit(0, integer(-1)) })).code).toBe('integer-negative');
  });

  it('may have an empty subject', () => {
    expect(read(certificate({ subject: sequence() })).subject).toMatchObject({ text: '', rdns: [] });
  });

  it('tells whether unique identifiers are there', () => {
    const id = bytes(0, 1, 2);
    const both = read(certificate({ uniqueIds: [implicit(1, id), implicit(2, id)] }));
    expect(both).toMatchObject({ hasIssuerUniqueId: true, hasSubjectUniqueId: true, encodingProblems: [] });
    expect(laxness(certificate({ version: null, uniqueIds: [implicit(2, id)] }))).toEqual([
      'unique-identifier-before-version-2',
    ]);
  });
});

describe('serial numbers (RFC 5280 section 4.1.2.2)', () => {
  it.each([
    [integer(0x80), '80', []],
    [integer((1n << 159n) - 1n), `7f${'ff'.repeat(19)}`, []],
    [integer(0), '00', ['serial-number-zero']],
    [integer(-0x1234), '-1234', ['serial-number-negative']],
    [integer(1n << 160n), `01${'00'.repeat(20)}`, ['serial-number-too-long']],
    [hex('0203000001'), '01', ['integer-not-minimal']],
  ] as const)('%#: keeps its value and notes what the RFC forbids', (serialNumber, text, codes) => {
    const der = certificate({ serialNumber });
    expect(read(der).serialNumber).toBe(text);
    expect(laxness(der)).toEqual(codes);
    expect(read(der).serialNumberBytes).toEqual(serialNumber.subarray(2));
  });
});

describe('laxness that leaves the certificate readable', () => {
  const lax: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
    ['trailing bytes behind the certificate', bytes(certificate(), hex('0000')), ['trailing-bytes']],
    [
      'a BER boolean',
      certificate({ extensions: [extension('2.5.29.19', sequence(hex('010101')))] }),
      ['boolean-not-der'],
    ],
    [
      'critical FALSE spelt out',
      certificate({ extensions: [sequence(oid('2.5.29.19'), boolean(false), octetString(sequence()))] }),
      ['default-encoded'],
    ],
    [
      'cA FALSE spelt out',
      certificate({ extensions: [extension('2.5.29.19', sequence(boolean(false)))] }),
      ['default-encoded'],
    ],
    [
      'extensions before version 3',
      certificate({ version: explicit(0, integer(1)), extensions: [BASIC_CONSTRAINTS] }),
      ['extensions-before-version-3'],
    ],
    ['an empty list of extensions', certificate({ extensions: [] }), ['empty-list']],
    [
      'another algorithm outside than inside',
      certificate({ signatureAlgorithm: sequence(oid('1.2.840.113549.1.1.5'), nothing()) }),
      ['signature-algorithm-mismatch'],
    ],
    [
      'a multi-valued RDN out of order',
      certificate({ subject: sequence(set(attribute('2.5.4.11', 'b'), attribute(CN, 'a'))) }),
      ['set-not-sorted'],
    ],
    ['an empty RDN', certificate({ subject: sequence(set()) }), ['empty-list']],
    [
      'a star in a PrintableString',
      certificate({ subject: name(attribute(CN, printable('*.example'))) }),
      ['string-character'],
    ],
    [
      'Latin-1 in a UTF8String',
      certificate({ subject: name(attribute(CN, element(0x0c, hex('fc')))) }),
      ['string-character'],
    ],
    ['times without seconds', certificate({ notBefore: utcTime('1401010000Z') }), ['time-form']],
    ['a GeneralizedTime before 2050', certificate({ notBefore: generalizedTime('20140101000000Z') }), ['time-type']],
    ['a length in long form', certificate({ serialNumber: hex('02810105') }), ['length-not-minimal']],
    [
      'an indefinite length',
      certificate({ subject: bytes(hex('3080'), set(attribute(CN, 'old')), hex('0000')) }),
      ['indefinite-length'],
    ],
    [
      'a key that is not what its algorithm says',
      certificate({ publicKey: sequence(sequence(oid('1.2.840.113549.1.1.1'), nothing()), bitString(hex('0102'))) }),
      ['public-key-unreadable'],
    ],
  ];

  it.each(lax)('%s', (_, der, codes) => {
    expect(laxness(der)).toEqual(codes);
    for (const { offset } of read(der).encodingProblems) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset).toBeLessThan(der.length);
    }
  });

  it('reads a certificate of indefinite lengths throughout as its DER twin', () => {
    const attributes = bytes(hex('3080'), hex('3180'), hex('3080'), oid(CN), utf8('twin'), hex('000000000000'));
    const twin = certificate({ subject: name(attribute(CN, 'twin')) });
    const result = read(certificate({ subject: attributes }));
    expect(result.subject.text).toBe(read(twin).subject.text);
    expect(result.encodingProblems.map((problem) => problem.code)).toEqual(Array(3).fill('indefinite-length'));
  });

  it(`lists ${LIMITS.problems} of a thousand problems and counts the rest`, () => {
    const attributes = Array.from({ length: 1_000 }, () => attribute(CN, printable('*')));
    const { encodingProblems } = read(certificate({ subject: name(...attributes) }));
    expect(encodingProblems).toHaveLength(LIMITS.problems + 1);
    expect(encodingProblems.at(-1)).toEqual({ code: 'further-problems', message: expect.stringContaining('900') });
  });
});

describe('damage that makes the certificate unreadable', () => {
  const damaged: readonly (readonly [string, Uint8Array, string])[] = [
    ['no bytes', new Uint8Array(0), 'truncated'],
    ['text', new TextEncoder().encode('-----BEGIN'), 'unexpected-tag'],
    ['a missing signature', sequence(certificate().subarray(4)), 'unexpected-tag'],
    ['an element too many in tbsCertificate', certificate({ tail: [integer(1)] }), 'unexpected-element'],
    ['a SET for the subject', certificate({ subject: set() }), 'unexpected-tag'],
    ['an attribute without value', certificate({ subject: name(sequence(oid(CN))) }), 'truncated'],
    ['a serial number without octets', certificate({ serialNumber: hex('0200') }), 'integer-empty'],
    ['30 February', certificate({ notAfter: utcTime('150230000000Z') }), 'time-out-of-range'],
    ['a time that is words', certificate({ notAfter: utcTime('next Tuesday') }), 'time-malformed'],
    ['a validity of one time', certificate({ validity: sequence(utcTime('150101000000Z')) }), 'truncated'],
    [
      'a validity of three times',
      certificate({ validity: sequence(...Array(3).fill(utcTime('150101000000Z'))) }),
      'unexpected-element',
    ],
    [
      'a critical flag of two octets',
      certificate({ extensions: [sequence(oid('1.2'), hex('01020000'), octetString())] }),
      'boolean-length',
    ],
    [
      'a constructed OCTET STRING',
      certificate({ extensions: [sequence(oid('2.5.29.19'), element(0x24, octetString(sequence())))] }),
      'unexpected-tag',
    ],
    ['a signature without octets', certificate({ signatureValue: hex('0300') }), 'bit-string-malformed'],
  ];

  it.each(damaged)('%s', (_, der, code) => {
    const problem = damage(der);
    expect(problem.code).toBe(code);
    expect(problem.offset).toBeGreaterThanOrEqual(0);
    expect(problem.offset).toBeLessThanOrEqual(der.length);
    expect(problem.message).toMatch(/\.$/);
  });

  it('still has its fingerprint and size', () => {
    expect(readCertificate(new Uint8Array(3))).toMatchObject({
      kind: 'unreadable',
      sha256: '709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c',
      byteLength: 3,
    });
  });

  it('is found at every truncation', () => {
    const whole = certificate({ extensions: [BASIC_CONSTRAINTS], signatureAlgorithm: SHA256_WITH_RSA });
    for (let length = 0; length < whole.length; length++) {
      expect(['truncated', 'length-beyond-parent']).toContain(damage(whole.subarray(0, length)).code);
    }
  });
});

describe('caps', () => {
  it(`reads no certificate of more than ${LIMITS.certificateBytes} bytes`, () => {
    const padding = (size: number): Uint8Array =>
      certificate({ extensions: [extension('1.2.3', new Uint8Array(size))] });
    expect(readCertificate(padding(LIMITS.certificateBytes - 1_000)).kind).toBe('certificate');
    expect(damage(padding(LIMITS.certificateBytes)).code).toBe('certificate-too-large');
  });

  it('keeps 60,000 alternative names from making the certificate unreadable', () => {
    const names = new Uint8Array(240_000).map((_, i) => [0x82, 2, 0x61, 0x62][i % 4]);
    const result = read(certificate({ extensions: [extension('2.5.29.17', sequence(names))] }));
    expect(result.known.subjectAltName).toMatchObject({ kind: 'unreadable', problem: { code: 'too-many-elements' } });
  });

  it('refuses 100,000 RDNs, and a Name of more attributes than the cap', () => {
    const empty = new Uint8Array(200_000).map((_, i) => (i % 2 === 0 ? 0x31 : 0));
    expect(damage(certificate({ subject: sequence(empty) })).code).toBe('too-many-elements');
    const tiny = sequence(hex('060155'), hex('0c00'));
    const many = bytes(...Array.from({ length: LIMITS.derElements / 2 + 1 }, () => tiny));
    expect(many.length).toBeLessThan(LIMITS.certificateBytes);
    expect(damage(certificate({ subject: sequence(set(many), set(many)) })).code).toBe('too-many-elements');
  });

  it('refuses an OBJECT IDENTIFIER of 200,000 octets', () => {
    const giant = element(6, new Uint8Array(200_000).fill(0xff, 0, 199_999));
    expect(damage(certificate({ subject: name(sequence(giant, utf8('x'))) })).code).toBe('object-identifier-too-long');
  });
});
