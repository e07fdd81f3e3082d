import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPem, writePem } from '../../shared/x509/pem.ts';
import { readPkcs7, writePkcs7 } from '../../shared/x509/pkcs7.ts';
import { TestAuthority } from '../support/authority.ts';
import { bytes, element, explicit, hex, implicit, integer, oid, sequence, set } from '../support/der.ts';
import { hasOpenssl } from '../support/real-certificates.ts';

const PKI = join(import.meta.dirname, '../lab/pki');
const lab = (name: string): Uint8Array[] => readPem(readFileSync(join(PKI, name))).blocks.map(({ der }) => der);
const CHAIN = [...lab('long-chain.chain.pem'), ...lab('roots.pem')];

const fingerprint = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
const fingerprints = (list: readonly Uint8Array[]): string[] => list.map(fingerprint);

function bag(der: Uint8Array): { certificates: readonly Uint8Array[]; lists: readonly Uint8Array[]; others: number } {
  const reading = readPkcs7(der);
  if (reading.kind !== 'certificates') throw new Error(JSON.stringify(reading));
  return reading;
}

const DATA = sequence(oid('1.2.840.113549.1.7.1'));
function signedData(...bags: readonly Uint8Array[]): Uint8Array {
  const content = sequence(integer(1), set(), DATA, ...bags, set());
  return sequence(oid('1.2.840.113549.1.7.2'), explicit(0, content));
}

describe('writing a bag of certificates (RFC 5652 section 5)', () => {
  it('and reading it gives the same certificates, sorted', () => {
    const { certificates, lists, others } = bag(writePkcs7(CHAIN));
    expect(new Set(fingerprints(certificates))).toEqual(new Set(fingerprints(CHAIN)));
    expect({ lists, others }).toEqual({ lists: [], others: 0 });
    const sorted = [...certificates].sort((left, right) => Buffer.compare(left, right));
    expect(fingerprints(certificates)).toEqual(fingerprints(sorted));
  });

  it('gives the same octets for any order', () => {
    expect(fingerprint(writePkcs7([...CHAIN].reverse()))).toBe(fingerprint(writePkcs7(CHAIN)));
  });

  it('works without any', () => {
    expect(bag(writePkcs7([]))).toMatchObject({ certificates: [], lists: [] });
  });
});

describe('reading', () => {
  const crl = TestAuthority.root('Root').crl();
  const [leaf] = lab('p256.crt.pem');

  it('takes CRLs, and counts what is neither', () => {
    const attribute = implicit(2, Uint8Array.of(0));
    const der = signedData(explicit(0, leaf, attribute), explicit(1, crl, explicit(1)));
    const { certificates, lists, others } = bag(der);
    expect(fingerprints(certificates)).toEqual([fingerprint(leaf)]);
    expect(fingerprints(lists)).toEqual([fingerprint(crl)]);
    expect(others).toBe(2);
  });

  it('takes the indefinite lengths that Java and Microsoft write', () => {
    const end = hex('0000');
    const inner = bytes(0x30, 0x80, integer(1), set(), DATA, 0xa0, 0x80, leaf, end, set(), end);
    const der = bytes(0x30, 0x80, oid('1.2.840.113549.1.7.2'), 0xa0, 0x80, inner, end, end);
    expect(fingerprints(bag(der).certificates)).toEqual([fingerprint(leaf)]);
  });

  it('says what is not a bag', () => {
    const enveloped = sequence(oid('1.2.840.113549.1.7.3'), explicit(0, sequence()));
    expect(readPkcs7(enveloped)).toEqual({ kind: 'other-content', oid: '1.2.840.113549.1.7.3' });
    expect(readPkcs7(leaf)).toMatchObject({ kind: 'unreadable', problem: { code: 'unexpected-tag' } });
  });

  it('takes every truncation for damage', () => {
    const whole = writePkcs7([leaf]);
    for (let length = 0; length < whole.length; length++) {
      expect(readPkcs7(whole.subarray(0, length)).kind).toBe('unreadable');
    }
  });

  it('gives up on more elements than a file can have', () => {
    const many = new Uint8Array(17_000 * 2);
    for (let i = 0; i < many.length; i += 2) many[i] = 0x30;
    expect(readPkcs7(signedData(element(0xa0, many)))).toMatchObject({ problem: { code: 'too-many-elements' } });
  });
});

describe('node-forge as a witness', () => {
  it('reads what was written', () => {
    const rsa = [...lab('fabrikam.chain.pem'), ...lab('roots.pem')];
    const der = forge.util.createBuffer(Buffer.from(writePkcs7(rsa)).toString('binary'));
    const message = forge.pkcs7.messageFromAsn1(forge.asn1.fromDer(der));
    if (!('certificates' in message)) throw new Error('no SignedData');
    const read = message.certificates.map((one) =>
      fingerprint(Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(one)).getBytes(), 'binary')),
    );
    expect(new Set(read)).toEqual(new Set(fingerprints(rsa)));
  });
});

describe.skipIf(!hasOpenssl)('openssl as a witness', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'starttrace-pkcs7-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const openssl = (args: readonly string[], input?: Uint8Array): Buffer =>
    execFileSync('openssl', args, { cwd: folder, input, stdio: 'pipe' });

  it('pkcs7 -print_certs prints what was written', () => {
    const pem = openssl(['pkcs7', '-inform', 'DER', '-print_certs'], writePkcs7(CHAIN));
    const printed = readPem(pem).blocks.map(({ der }) => der);
    expect(fingerprints(printed)).toEqual(fingerprints(bag(writePkcs7(CHAIN)).certificates));
    openssl(['cms', '-cmsout', '-inform', 'DER', '-print', '-noout'], writePkcs7(CHAIN));
  });

  it('crl2pkcs7 makes the same octets of the same certificates in the same order', () => {
    const sorted = bag(writePkcs7(CHAIN)).certificates;
    writeFileSync(join(folder, 'chain.pem'), sorted.map((der) => writePem(der)).join(''));
    const theirs = openssl(['crl2pkcs7', '-nocrl', '-certfile', 'chain.pem', '-outform', 'DER']);
    expect(fingerprint(theirs)).toBe(fingerprint(writePkcs7(CHAIN)));
  });

  it('crl2pkcs7 with a CRL is read', () => {
    const authority = TestAuthority.root('Root');
    writeFileSync(join(folder, 'crl.pem'), writePem(authority.crl(), 'X509 CRL'));
    writeFileSync(join(folder, 'root.pem'), writePem(authority.issued.der));
    const der = openssl(['crl2pkcs7', '-in', 'crl.pem', '-certfile', 'root.pem', '-outform', 'DER']);
    expect(bag(der)).toMatchObject({ certificates: { length: 1 }, lists: { length: 1 } });
  });

  it('a message that is signed and carries its certificates is read', () => {
    const signer = TestAuthority.root('Signer');
    writeFileSync(join(folder, 'signer.pem'), writePem(signer.issued.der));
    writeFileSync(join(folder, 'signer.key'), signer.issued.key.export({ format: 'pem', type: 'pkcs8' }));
    const args = ['cms', '-sign', '-nodetach', '-signer', 'signer.pem', '-inkey', 'signer.key', '-outform', 'DER'];
    expect(fingerprints(bag(openssl(args, Buffer.from('text'))).certificates)).toEqual([
      fingerprint(signer.issued.der),
    ]);
    const streamed = openssl([...args, '-stream'], Buffer.from('text'));
    expect(bag(streamed).certificates).toHaveLength(1);
  });
});
