import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CertificateFile,
  readCertificateBytes,
  readCertificateFile,
} from '../../electron/files/certificate-files.ts';
import { kindOfDer } from '../../electron/files/der-kind.ts';
import { readPem, writePem } from '../../shared/x509/pem.ts';
import { writePkcs7 } from '../../shared/x509/pkcs7.ts';
import { TestAuthority } from '../support/authority.ts';
import { certificate, integer, sequence } from '../support/der.ts';
import { hasOpenssl } from '../support/real-certificates.ts';

const PKI = join(import.meta.dirname, '../lab/pki');
const CHAIN_TEXT = readFileSync(join(PKI, 'p256.chain.pem'), 'latin1');
const CHAIN = readPem(CHAIN_TEXT).blocks.map(({ der }) => der);
const SUBJECTS = [
  'CN=ec.northwind.example,O=TEST Lab,C=US',
  'CN=TEST Contoso Fabrikam Issuing CA 1,O=TEST Partner Trust,C=US',
];
const root = TestAuthority.root('Root');
const CRL = root.crl();

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'starttrace-certificates-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (content: string): Uint8Array => Buffer.from(content, 'latin1');
const subjects = ({ certificates }: CertificateFile): string[] => certificates.map(({ subject }) => subject.text);

describe('a file of certificates is read whatever its form', () => {
  it.each<[string, Uint8Array]>([
    ['PEM', text(CHAIN_TEXT)],
    [
      'PEM with bag attributes and junk between blocks',
      text(
        `Bag Attributes\r\n  localKeyID: 01\n${CHAIN_TEXT.replaceAll('-----END CERTIFICATE-----\n', '-----END CERTIFICATE-----\r\n\r\nsubject=/CN=x\n\0\xff\n')}`,
      ),
    ],
    ['PEM with a private key in it', text(`${writePem(Uint8Array.of(1), 'PRIVATE KEY')}${CHAIN_TEXT}`)],
    [
      'PEM in UTF-16, as PowerShell writes it',
      Buffer.concat([Uint8Array.of(0xff, 0xfe), Buffer.from(CHAIN_TEXT, 'utf16le')]),
    ],
    ['PEM with old labels', text(CHAIN_TEXT.replaceAll(' CERTIFICATE-', ' X509 CERTIFICATE-'))],
    ['PKCS #7 in PEM', text(writePem(writePkcs7(CHAIN), 'PKCS7'))],
    ['CMS in PEM', text(writePem(writePkcs7(CHAIN), 'CMS'))],
    ['PKCS #7 under the label that certutil -encode gives it', text(writePem(writePkcs7(CHAIN)))],
    ['PKCS #7 in DER', writePkcs7(CHAIN)],
    [
      'base64 without BEGIN and END',
      text(Buffer.from(writePkcs7(CHAIN)).toString('base64').replace(/.{76}/g, '$&\r\n')),
    ],
  ])('%s', (_, bytes) => {
    const read = readCertificateBytes(bytes, 'file');
    expect(read.problems).toEqual([]);
    expect(subjects(read).sort()).toEqual([...SUBJECTS].sort());
  });

  it('those of a PKCS #7 object come in the order in which a peer sends them, whatever the object has', () => {
    const blocks = readPem(readFileSync(join(PKI, 'long-chain.chain.pem'))).blocks.map(({ der }) => der);
    const inFile = subjects(readCertificateBytes(readFileSync(join(PKI, 'long-chain.chain.pem')), 'file'));
    expect(subjects(readCertificateBytes(writePkcs7(blocks), 'file'))).toEqual(inFile);
    const pair = [root.issued.der, TestAuthority.root('Another').issued.der];
    expect(subjects(readCertificateBytes(writePkcs7(pair), 'file')).sort()).toEqual(['CN=Another', 'CN=Root']);
  });

  it('one certificate in DER', () => {
    expect(subjects(readCertificateBytes(CHAIN[0], 'file'))).toEqual([SUBJECTS[0]]);
  });

  it('CRLs in PEM and DER, beside certificates', () => {
    expect(readCertificateBytes(CRL, 'file')).toMatchObject({
      certificates: [],
      lists: [{ issuer: { text: 'CN=Root' } }],
      problems: [],
    });
    const both = readCertificateBytes(text(writePem(CRL, 'X509 CRL') + writePem(root.issued.der)), 'file');
    expect(both).toMatchObject({ certificates: { length: 1 }, lists: { length: 1 }, problems: [] });
  });

  it('a damaged certificate leaves the others', () => {
    const broken = writePem(CHAIN[0].subarray(0, 300));
    const read = readCertificateBytes(text(CHAIN_TEXT + broken), 'chain.pem');
    expect(subjects(read)).toEqual(SUBJECTS);
    expect(read.problems).toMatchObject([
      {
        code: 'certificate-unreadable',
        message: expect.stringMatching(/^chain\.pem, line \d+: the certificate cannot be read: /),
      },
    ]);
  });
});

describe('a file without any says what it is and what to do', () => {
  it.each<[string, Uint8Array, string, RegExp]>([
    ['empty', new Uint8Array(0), 'empty-file', /it is empty/],
    ['some text', text('hello\n'), 'not-certificates', /neither a certificate nor a CRL/],
    ['a private key', text(writePem(sequence(), 'RSA PRIVATE KEY')), 'private-key-file', /private key only/],
    [
      'an encrypted key',
      text(writePem(sequence(), 'ENCRYPTED PRIVATE KEY')),
      'private-key-file',
      /encrypted private key only/,
    ],
    [
      'a request',
      text(writePem(sequence(), 'NEW CERTIFICATE REQUEST')),
      'certificate-request-file',
      /no authority has signed/,
    ],
    [
      'a damaged PKCS #7',
      text(writePem(sequence(), 'PKCS7')),
      'pkcs7-unreadable',
      /line 1: the PKCS #7 object cannot be read/,
    ],
    ['an empty PKCS #7', writePkcs7([]), 'pkcs7-empty', /holds no certificates/],
    ['an OCSP response', root.ocsp(root.certificate), 'ocsp-response-file', /is an OCSP response/],
    ['a damaged certificate', CHAIN[0].subarray(0, 50), 'certificate-unreadable', /cannot be read/],
    ['broken base64', text('-----BEGIN CERTIFICATE-----\nMII!\n-----END CERTIFICATE-----\n'), 'pem-base64', /line 1/],
  ])('%s', (_, bytes, code, message) => {
    const read = readCertificateBytes(bytes, 'file.pem');
    expect(read).toMatchObject({ certificates: [], lists: [], problems: [{ code }] });
    expect(read.problems[0].message).toMatch(message);
    expect(read.problems[0].message).toMatch(/^file\.pem[,:]/);
  });

  it('a file that is not there, or a folder', async () => {
    expect((await readCertificateFile(join(folder, 'none.pem'))).problems).toMatchObject([{ code: 'file-not-found' }]);
    expect((await readCertificateFile(folder)).problems[0].message).toMatch(/folder/);
  });
});

describe.skipIf(!hasOpenssl)('what openssl writes is recognised by content', () => {
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  beforeAll(() => {
    writeFileSync(join(folder, 'key.pem'), root.issued.key.export({ format: 'pem', type: 'pkcs8' }));
    writeFileSync(join(folder, 'root.pem'), writePem(root.issued.der));
    openssl('pkcs12', '-export', '-in', 'root.pem', '-inkey', 'key.pem', '-passout', 'pass:x', '-out', 'a.pfx');
    openssl('req', '-new', '-key', 'key.pem', '-subj', '/CN=x', '-outform', 'DER', '-out', 'request.der');
    openssl('pkey', '-in', 'key.pem', '-outform', 'DER', '-out', 'pkcs8.der');
    openssl('ec', '-in', 'key.pem', '-outform', 'DER', '-out', 'ec.der');
    openssl('genrsa', '-traditional', '-out', 'rsa.pem', '1024');
    openssl('rsa', '-traditional', '-in', 'rsa.pem', '-outform', 'DER', '-out', 'rsa.der');
    openssl('pkcs8', '-topk8', '-in', 'key.pem', '-passout', 'pass:x', '-outform', 'DER', '-out', 'locked.der');
    openssl('x509', '-in', 'root.pem', '-trustout', '-addtrust', 'serverAuth', '-out', 'trusted.pem');
  });

  it.each([
    ['a.pfx', 'pkcs12'],
    ['request.der', 'certificate-request'],
    ['pkcs8.der', 'private-key'],
    ['ec.der', 'private-key'],
    ['rsa.der', 'private-key'],
    ['locked.der', 'encrypted-key'],
  ])('%s is %s', (name, kind) => expect(kindOfDer(readFileSync(join(folder, name)))).toBe(kind));

  it('a .pfx comes with the command that opens it', async () => {
    const path = join(folder, 'a.pfx');
    const { problems } = await readCertificateFile(path);
    expect(problems).toMatchObject([{ code: 'pkcs12-file' }]);
    expect(problems[0].message).toContain(`openssl pkcs12 -in ${path} -nokeys -out certificates.pem`);
  });

  it('a TRUSTED CERTIFICATE is the certificate with something behind it', async () => {
    expect(subjects(await readCertificateFile(join(folder, 'trusted.pem')))).toEqual(['CN=Root']);
  });
});

describe('the kind of a DER file', () => {
  it('of certificates and CRLs of every version', () => {
    expect(kindOfDer(certificate())).toBe('certificate');
    expect(kindOfDer(certificate({ version: null }))).toBe('certificate');
    expect(kindOfDer(CRL)).toBe('certificate-list');
    expect(kindOfDer(root.crl({ version: null, extensions: null }))).toBe('certificate-list');
    expect(kindOfDer(sequence(integer(1)))).toBe('unknown');
  });
});
