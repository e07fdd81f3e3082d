import { describe, expect, it } from 'vitest';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import type { ExtensionReading, KnownExtensions } from '../../shared/x509/extensions.ts';
import {
  attribute,
  type Bytes,
  bitString,
  boolean,
  bytes,
  certificate,
  element,
  explicit,
  extension,
  hex,
  ia5,
  implicit,
  integer,
  latin1,
  name,
  nothing,
  octetString,
  oid,
  oidContent,
  sequence,
  set,
  utf8,
} from '../support/der.ts';
import { read } from '../support/readings.ts';

const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  freshestCRL: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  tlsFeature: '1.3.6.1.5.5.7.1.24',
  signedCertificateTimestamps: '1.3.6.1.4.1.11129.2.4.2',
} as const satisfies Record<keyof KnownExtensions, string>;

type Known = keyof KnownExtensions;

/** A certificate with this one extension. */
function withExtension(known: Known, value: Uint8Array): X509Certificate {
  return read(certificate({ extensions: [extension(OID[known], value)] }));
}

/** The value of the extension, and the codes of the encoding problems it caused. */
function value<K extends Known>(known: K, der: Uint8Array): unknown {
  const reading: ExtensionReading<unknown> = withExtension(known, der).known[known];
  return reading.kind === 'present'
    ? reading.value
    : reading.kind === 'unreadable'
      ? reading.problem.code
      : reading.kind;
}

function notes(known: Known, der: Uint8Array): readonly string[] {
  return withExtension(known, der).encodingProblems.map((problem) => problem.code);
}

const uri = (text: string): Bytes => implicit(6, latin1(text));
const dns = (text: string): Bytes => implicit(2, latin1(text));

describe('one bad extension', () => {
  const broken = extension(OID.basicConstraints, hex('3003010101ff'), true);
  const good = extension(OID.keyUsage, bitString(hex('06'), 1), true);

  it('does not make the certificate or its neighbours unreadable', () => {
    const result = read(certificate({ extensions: [broken, good] }));
    expect(result.known.keyUsage).toEqual({ kind: 'present', critical: true, value: ['keyCertSign', 'cRLSign'] });
    expect(result.known.basicConstraints).toMatchObject({ kind: 'unreadable', critical: true });
    expect(result.extensionProblems).toEqual([
      {
        oid: OID.basicConstraints,
        name: 'basicConstraints',
        problem: expect.objectContaining({ code: 'unexpected-element' }),
      },
    ]);
    expect(result.extensions.map(({ name: known }) => known)).toEqual(['basicConstraints', 'keyUsage']);
  });

  it('has its offset in the certificate, not in the extension', () => {
    const der = certificate({ extensions: [good, broken] });
    const { offset } = read(der).extensionProblems[0].problem;
    expect(der[offset ?? 0]).toBe(0xff);
  });

  it.each(Object.keys(OID) as Known[])('is never taken for an absent one: %s', (known) => {
    for (const damaged of [hex(''), hex('ff'), hex('3001'), hex('0c0141'), bytes(octetString(), hex('00'))]) {
      expect(withExtension(known, damaged).known[known].kind).toBe('unreadable');
    }
  });

  it('is an extension that stands twice (RFC 5280 section 4.2): there is no telling which counts', () => {
    const result = read(certificate({ extensions: [good, good, good] }));
    expect(result.known.keyUsage).toMatchObject({ kind: 'unreadable', problem: { code: 'duplicate-extension' } });
    expect(result.extensions).toHaveLength(3);
    expect(result.encodingProblems.map((problem) => problem.code)).toEqual(['duplicate-extension']);
  });

  it('may be unknown: it is listed under its OID and has no problem', () => {
    const result = read(certificate({ extensions: [extension('1.2.3.4', hex('ffff'), true)] }));
    expect(result.extensions).toMatchObject([{ oid: '1.2.3.4', name: null, critical: true, value: hex('ffff') }]);
    expect(result.extensionProblems).toEqual([]);
  });
});

describe('basicConstraints (RFC 5280 section 4.2.1.9)', () => {
  it.each([
    [sequence(), { isCertificateAuthority: false, pathLength: null }],
    [sequence(boolean(true)), { isCertificateAuthority: true, pathLength: null }],
    [sequence(boolean(true), integer(0)), { isCertificateAuthority: true, pathLength: 0 }],
    [sequence(boolean(true), integer(3)), { isCertificateAuthority: true, pathLength: 3 }],
    [
      sequence(boolean(true), integer(2n ** 80n)),
      { isCertificateAuthority: true, pathLength: Number.MAX_SAFE_INTEGER },
    ],
    [sequence(boolean(true), integer(-1)), 'integer-negative'],
    [sequence(integer(1)), { isCertificateAuthority: false, pathLength: 1 }],
  ])('%#', (der, expected) => {
    expect(value('basicConstraints', der)).toEqual(expected);
  });
});

describe('keyUsage (RFC 5280 section 4.2.1.3)', () => {
  it('names all nine bits', () => {
    expect(value('keyUsage', bitString(hex('ff80'), 7))).toEqual([
      'digitalSignature',
      'nonRepudiation',
      'keyEncipherment',
      'dataEncipherment',
      'keyAgreement',
      'keyCertSign',
      'cRLSign',
      'encipherOnly',
      'decipherOnly',
    ]);
  });

  it('notes trailing zero bits', () => {
    expect(notes('keyUsage', bitString(hex('a0'), 0))).toEqual(['named-bits-trailing-zero']);
  });
});

it('extKeyUsage (RFC 5280 section 4.2.1.12) names purposes and keeps unknown ones', () => {
  const purposes = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0', '1.2.3'].map(oid);
  expect(value('extendedKeyUsage', sequence(...purposes))).toEqual([
    { oid: '1.3.6.1.5.5.7.3.1', name: 'serverAuth' },
    { oid: '2.5.29.37.0', name: 'anyExtendedKeyUsage' },
    { oid: '1.2.3', name: null },
  ]);
  expect(notes('extendedKeyUsage', sequence())).toEqual(['empty-list']);
});

describe('subjectAltName (RFC 5280 section 4.2.1.6)', () => {
  const UPN = '1.3.6.1.4.1.311.20.2.3';

  it('reads all nine kinds of GeneralName', () => {
    const names = sequence(
      explicit(0, oid(UPN), explicit(0, utf8('user@contoso.example'))),
      implicit(1, latin1('postmaster@example.com')),
      dns('*.mail.example.com'),
      explicit(3, sequence()),
      explicit(4, name(attribute('2.5.4.3', 'dir'))),
      explicit(5, explicit(0, utf8('assigner')), explicit(1, utf8('party'))),
      uri('https://example.com/'),
      implicit(7, Uint8Array.of(192, 0, 2, 1)),
      implicit(8, oidContent('1.2.3.4')),
    );
    expect(value('subjectAltName', names)).toMatchObject([
      { kind: 'otherName', oid: UPN, name: 'userPrincipalName', text: 'user@contoso.example' },
      { kind: 'rfc822Name', text: 'postmaster@example.com', exact: true },
      { kind: 'dNSName', text: '*.mail.example.com', exact: true },
      { kind: 'x400Address', der: hex('a3023000') },
      { kind: 'directoryName', name: { text: 'CN=dir' } },
      { kind: 'ediPartyName', nameAssigner: 'assigner', partyName: 'party' },
      { kind: 'uniformResourceIdentifier', text: 'https://example.com/' },
      { kind: 'iPAddress', address: '192.0.2.1', prefixLength: null },
      { kind: 'registeredID', oid: '1.2.3.4' },
    ]);
    expect(notes('subjectAltName', names)).toEqual([]);
    expect(value('issuerAltName', names)).toHaveLength(9);
  });

  it.each([
    ['a NUL', 'good.example\0.evil.example', 'good.example\\00.evil.example', ['control-character']],
    ['a line end', 'a\nb', 'a\\0Ab', ['control-character']],
    ['UTF-8', '\xc3\xa9.example', '\\C3\\A9.example', ['string-character']],
    ['a backslash, which would make the escapes ambiguous', '\\00', '\\5C00', []],
  ])('shows %s in a dNSName escaped, and says that the text is not exact', (_, raw, shown, codes) => {
    expect(value('subjectAltName', sequence(dns(raw)))).toEqual([{ kind: 'dNSName', text: shown, exact: false }]);
    expect(notes('subjectAltName', sequence(dns(raw)))).toEqual(codes);
  });

  it('reads canonical addresses (RFC 5952), and none where the length is wrong', () => {
    const ip = (address: string): Bytes => implicit(7, hex(address));
    const names = sequence(
      ip('20010db8000000000001000000000001'),
      ip('00000000000000000000ffffc0000201'),
      ip('c0000201ffffff00'),
    );
    expect(value('subjectAltName', names)).toMatchObject([
      { address: '2001:db8::1:0:0:1' },
      { address: '::ffff:192.0.2.1' },
      { address: null, bytes: hex('c0000201ffffff00') },
    ]);
    expect(notes('subjectAltName', names)).toEqual(['ip-address-length']);
  });

  it('decodes SmtpUTF8Mailbox (RFC 9598) and leaves unknown or strange otherNames as DER', () => {
    const other = (type: string, inner: Uint8Array): Bytes => explicit(0, oid(type), explicit(0, inner));
    const names = sequence(
      other('1.3.6.1.5.5.7.8.9', utf8('用户@例子.example')),
      other('1.2.3', utf8('x')),
      other(UPN, nothing()),
    );
    expect(value('subjectAltName', names)).toMatchObject([
      { name: 'smtpUTF8Mailbox', text: '用户@例子.example' },
      { name: null, text: null, value: utf8('x') },
      { name: 'userPrincipalName', text: null, value: nothing() },
    ]);
  });

  it.each([
    ['an alternative that GeneralName does not have', element(0x89, latin1('x'))],
    ['a universal tag', ia5('example.com')],
    ['a constructed dNSName', element(0xa2, ia5('example.com'))],
    ['a directoryName with an implicit tag', element(0xa4, set(attribute('2.5.4.3', 'x')))],
    ['an otherName without value', explicit(0, oid('1.2.3'))],
    ['an ediPartyName without partyName', explicit(5, explicit(0, utf8('assigner')))],
  ])('takes %s for damage', (_, item) => {
    expect(withExtension('subjectAltName', sequence(dns('a'), item)).known.subjectAltName.kind).toBe('unreadable');
  });
});

describe('nameConstraints (RFC 5280 section 4.2.1.10)', () => {
  const subtree = (...parts: readonly Uint8Array[]): Bytes => sequence(...parts);

  it('reads permitted and excluded subtrees of all kinds', () => {
    const der = sequence(
      explicit(0, subtree(dns('.example.com')), subtree(explicit(4, name(attribute('2.5.4.10', 'O'))))),
      explicit(1, subtree(implicit(7, hex('0a000000ff000000'))), subtree(implicit(1, latin1('example.com')))),
    );
    expect(value('nameConstraints', der)).toMatchObject({
      permitted: [
        { base: { kind: 'dNSName', text: '.example.com' }, minimum: 0, maximum: null },
        { base: { kind: 'directoryName', name: { text: 'O=O' } } },
      ],
      excluded: [
        { base: { kind: 'iPAddress', address: '10.0.0.0', prefixLength: 8 } },
        { base: { kind: 'rfc822Name', text: 'example.com' } },
      ],
    });
  });

  it('tells a missing list from an empty one', () => {
    expect(value('nameConstraints', sequence(explicit(0)))).toEqual({ permitted: [], excluded: null });
    expect(notes('nameConstraints', sequence(explicit(0)))).toEqual(['empty-list']);
  });

  it('reads masks of IPv4 and IPv6, and notes those that are no prefix or of a wrong length', () => {
    const ip = (text: string): Bytes => subtree(implicit(7, hex(text)));
    const der = sequence(
      explicit(
        0,
        ip('0000000000000000'),
        ip('c0000201ffffffff'),
        ip(`20010db8${'00'.repeat(12)}ffffffff${'00'.repeat(12)}`),
        ip('0a000000ff00ff00'),
        ip('0a000000'),
      ),
    );
    const prefix = (address: string | null, prefixLength: number | null): unknown => ({
      base: { address, prefixLength },
    });
    expect(value('nameConstraints', der)).toMatchObject({
      permitted: [
        prefix('0.0.0.0', 0),
        prefix('192.0.2.1', 32),
        prefix('2001:db8::', 32),
        prefix('10.0.0.0', null),
        prefix(null, null),
      ],
    });
    expect(notes('nameConstraints', der)).toEqual(['ip-mask-not-contiguous', 'ip-address-length']);
  });

  it('reads minimum and maximum, which RFC 5280 no longer allows', () => {
    const der = sequence(explicit(0, subtree(dns('a'), implicit(0, hex('00')), implicit(1, hex('05')))));
    expect(value('nameConstraints', der)).toMatchObject({ permitted: [{ minimum: 0, maximum: 5 }] });
    expect(notes('nameConstraints', der)).toEqual(['default-encoded']);
  });
});

describe('policies (RFC 5280 sections 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14)', () => {
  it('reads policies with both qualifiers, and unknown ones as DER', () => {
    const notice = sequence(sequence(utf8('Org'), sequence(integer(1), integer(300))), utf8('text'));
    const der = sequence(
      sequence(oid('2.23.140.1.2.1')),
      sequence(
        oid('1.2.3'),
        sequence(
          sequence(oid('1.3.6.1.5.5.7.2.1'), ia5('https://cps.example/')),
          sequence(oid('1.3.6.1.5.5.7.2.2'), notice),
          sequence(oid('1.2.9'), nothing()),
          sequence(oid('1.2.9')),
        ),
      ),
    );
    expect(value('certificatePolicies', der)).toEqual([
      { oid: '2.23.140.1.2.1', name: 'domain-validated', qualifiers: [] },
      {
        oid: '1.2.3',
        name: null,
        qualifiers: [
          { kind: 'certificationPracticeStatement', uri: 'https://cps.example/' },
          { kind: 'userNotice', organization: 'Org', noticeNumbers: ['01', '012c'], explicitText: 'text' },
          { kind: 'other', oid: '1.2.9', value: nothing() },
          { kind: 'other', oid: '1.2.9', value: null },
        ],
      },
    ]);
  });

  it('reads policyMappings, policyConstraints and inhibitAnyPolicy', () => {
    expect(value('policyMappings', sequence(sequence(oid('1.2.3'), oid('1.2.4'))))).toEqual([
      { issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.4' },
    ]);
    expect(value('policyConstraints', sequence(implicit(0, hex('00')), implicit(1, hex('05'))))).toEqual({
      requireExplicitPolicy: 0,
      inhibitPolicyMapping: 5,
    });
    expect(value('policyConstraints', sequence(implicit(1, hex('05'))))).toEqual({
      requireExplicitPolicy: null,
      inhibitPolicyMapping: 5,
    });
    expect(notes('policyConstraints', sequence())).toEqual(['empty-list']);
    expect(value('inhibitAnyPolicy', integer(2))).toBe(2);
  });
});

describe('key identifiers (RFC 5280 sections 4.2.1.1, 4.2.1.2)', () => {
  it('reads the subject key identifier and all three parts of the authority key identifier', () => {
    expect(value('subjectKeyIdentifier', octetString(hex('beef')))).toEqual(hex('beef'));
    const der = sequence(
      implicit(0, hex('beef')),
      explicit(1, explicit(4, name(attribute('2.5.4.3', 'CA')))),
      implicit(2, hex('00ff')),
    );
    expect(value('authorityKeyIdentifier', der)).toMatchObject({
      keyIdentifier: hex('beef'),
      authorityCertIssuer: [{ kind: 'directoryName', name: { text: 'CN=CA' } }],
      authorityCertSerialNumber: 'ff',
    });
    expect(value('authorityKeyIdentifier', sequence())).toEqual({
      keyIdentifier: null,
      authorityCertIssuer: null,
      authorityCertSerialNumber: null,
    });
  });
});

describe('where revocation and issuers are found (RFC 5280 sections 4.2.1.13, 4.2.2.1)', () => {
  it('reads distribution points of every form', () => {
    const der = sequence(
      sequence(explicit(0, explicit(0, uri('http://crl.example/1'), uri('ldap:///x')))),
      sequence(
        explicit(0, element(0xa1, attribute('2.5.4.3', 'relative'))),
        implicit(1, hex('0560')),
        explicit(2, explicit(4, name(attribute('2.5.4.3', 'issuer')))),
      ),
      sequence(),
    );
    const expected = [
      {
        name: { kind: 'fullName', names: [{ text: 'http://crl.example/1' }, { text: 'ldap:///x' }] },
        reasons: null,
        cRLIssuer: null,
      },
      {
        name: { kind: 'nameRelativeToCRLIssuer', rdn: [{ shortName: 'CN', text: 'relative' }] },
        reasons: ['keyCompromise', 'cACompromise'],
        cRLIssuer: [{ kind: 'directoryName' }],
      },
      { name: null, reasons: null, cRLIssuer: null },
    ];
    expect(value('cRLDistributionPoints', der)).toMatchObject(expected);
    expect(value('freshestCRL', der)).toMatchObject(expected);
  });

  it('reads access descriptions', () => {
    const der = sequence(
      sequence(oid('1.3.6.1.5.5.7.48.1'), uri('http://ocsp.example')),
      sequence(oid('1.2.3'), uri('http://x')),
    );
    expect(value('authorityInfoAccess', der)).toMatchObject([
      { method: 'ocsp', location: { kind: 'uniformResourceIdentifier', text: 'http://ocsp.example' } },
      { method: null, methodOid: '1.2.3' },
    ]);
  });
});

describe('SignedCertificateTimestampList (RFC 6962 section 3.3)', () => {
  it('is split into its timestamps', () => {
    expect(
      value('signedCertificateTimestamps', octetString(hex('0009 0003 aabbcc 0002 ddee'.replaceAll(' ', '')))),
    ).toEqual([hex('aabbcc'), hex('ddee')]);
    expect(value('signedCertificateTimestamps', octetString(hex('0000')))).toEqual([]);
  });

  it.each(['', '00', '0001', '00020003', '0003000400', '00020000', '0004000100ff00'])('is damaged as %s', (list) => {
    expect(value('signedCertificateTimestamps', octetString(hex(list)))).toBe('sct-list-malformed');
  });
});

it('tlsFeature (RFC 7633) lists numbers of TLS extensions', () => {
  expect(value('tlsFeature', sequence(integer(5), integer(17)))).toEqual([5, 17]);
});
