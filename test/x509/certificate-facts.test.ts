import { expect, it } from 'vitest';
import { certificateFacts } from '../../shared/trace/certificate-facts.ts';
import { readCertificate } from '../../shared/x509/certificate.ts';
import {
  attribute,
  boolean,
  certificate,
  explicit,
  extension,
  hex,
  implicit,
  integer,
  latin1,
  name,
  nothing,
  oid,
  oidContent,
  sequence,
  utf8,
} from '../support/der.ts';

it('prints a certificate as the contract has it, names in the order of the certificate', () => {
  const other = (type: string, value: Uint8Array): Uint8Array => explicit(0, oid(type), explicit(0, value));
  const names = sequence(
    implicit(2, latin1('b.example')),
    implicit(7, hex('c0000201')),
    implicit(2, latin1('a.example\0')),
    implicit(7, hex('20010db8000000000000000000000001')),
    implicit(7, hex('c000')),
    implicit(1, latin1('x@example.com')),
    implicit(6, latin1('https://example.com/')),
    explicit(4, name(attribute('2.5.4.6', 'DE'), attribute('2.5.4.3', 'dir'))),
    implicit(8, oidContent('1.2.3')),
    other('1.3.6.1.4.1.311.20.2.3', utf8('user@contoso.example')),
    other('1.2.3', nothing()),
    explicit(3, sequence()),
    explicit(5, explicit(0, utf8('assigner')), explicit(1, utf8('party'))),
    explicit(5, explicit(1, utf8('party'))),
  );
  const der = certificate({
    serialNumber: integer(0x80),
    subject: name(attribute('2.5.4.10', 'O'), attribute('2.5.4.3', 'one'), attribute('2.5.4.3', 'two')),
    extensions: [
      extension('2.5.29.19', sequence(boolean(true)), true),
      extension('2.5.29.17', names),
      extension('1.2.3.4', nothing()),
    ],
  });
  expect(certificateFacts(readCertificate(der))).toEqual({
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    sha1: expect.stringMatching(/^[0-9a-f]{40}$/),
    subject: 'CN=two,CN=one,O=O',
    issuer: 'CN=Test Issuer',
    serialNumber: '80',
    notBefore: '2014-01-01T00:00:00Z',
    notAfter: '2016-01-01T00:00:00Z',
    commonNames: ['one', 'two'],
    dnsNames: ['b.example', 'a.example\\00'],
    ipAddresses: ['192.0.2.1', '2001:db8::1'],
    otherNames: [
      { type: 'iPAddress', value: '#c000' },
      { type: 'rfc822Name', value: 'x@example.com' },
      { type: 'URI', value: 'https://example.com/' },
      { type: 'directoryName', value: 'CN=dir,C=DE' },
      { type: 'registeredID', value: '1.2.3' },
      { type: 'userPrincipalName', value: 'user@contoso.example' },
      { type: 'otherName', value: '1.2.3=#0500' },
      { type: 'x400Address', value: '#a3023000' },
      { type: 'ediPartyName', value: 'assigner: party' },
      { type: 'ediPartyName', value: 'party' },
    ],
    publicKey: { algorithm: 'RSA', bits: 32, curve: null },
    signatureAlgorithm: 'sha256WithRSAEncryption',
    isCertificateAuthority: true,
    extensions: [
      { oid: '2.5.29.19', name: 'basicConstraints', critical: true },
      { oid: '2.5.29.17', name: 'subjectAltName', critical: false },
      { oid: '1.2.3.4', name: '1.2.3.4', critical: false },
    ],
  });
});

it('has no names and no authority where the extensions are missing or cannot be read', () => {
  const der = certificate({ extensions: [extension('2.5.29.17', hex('30')), extension('2.5.29.19', hex('30'))] });
  expect(certificateFacts(readCertificate(der))).toMatchObject({ dnsNames: [], isCertificateAuthority: false });
});

it('prints a certificate that cannot be read with its fingerprint, its size and the reason', () => {
  expect(certificateFacts(readCertificate(hex('3005')))).toEqual({
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    byteLength: 2,
    unreadable: { code: 'length-beyond-parent', message: expect.any(String), offset: 0 },
  });
});
