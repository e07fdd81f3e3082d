import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import type { Profile, RevocationResult } from '../../shared/x509/path/model.ts';
import { writePem } from '../../shared/x509/pem.ts';
import { type CertificateList, readCertificateList } from '../../shared/x509/revocation/certificate-list.ts';
import { crlRevocation } from '../../shared/x509/revocation/crl-revocation.ts';
import { weakAlgorithm } from '../../shared/x509/revocation/list-authenticity.ts';
import {
  basicConstraints,
  type CrlOptions,
  certificateIssuer,
  commonName,
  crlNumber,
  directoryName,
  keyUsage,
  reason,
  revoked,
  seconds,
  TestAuthority,
  uri,
  verifyWithNode,
} from '../support/authority.ts';
import {
  bytes,
  element,
  explicit,
  extension,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  utcTime,
} from '../support/der.ts';
import { hasOpenssl } from '../support/real-certificates.ts';

const AT = '2020-01-15T00:00:00Z';
const ALGORITHMS = { sha1: false, minimumRsaBits: 2048 };

function list(der: Uint8Array): CertificateList {
  const reading = readCertificateList(der);
  if (reading.kind === 'unreadable') throw new Error(reading.problem.message);
  return reading.list;
}

const root = TestAuthority.root('Root');
const issuing = root.subordinate('Issuing', { serial: 10 });
const mail = issuing.issue('mail.example', { serial: 77, extensions: [basicConstraints(false)] });
const PATH = [mail.certificate, issuing.certificate, root.certificate];
const ROOT_CRL = root.crl();

interface Given {
  readonly crls: readonly Uint8Array[];
  readonly path?: readonly X509Certificate[];
  readonly at?: string;
  readonly profile?: Profile;
}

function check({ crls, path = PATH, at = AT, profile = 'rfc5280' }: Given): Promise<RevocationResult> {
  return crlRevocation(crls.map(list), { verifySignature: verifyWithNode, profile, algorithms: ALGORITHMS })(
    path,
    seconds(at),
  );
}

const codes = ({ findings }: RevocationResult): string[] => findings.map(({ code, severity }) => `${severity} ${code}`);
const idp = (...fields: readonly Uint8Array[]): Uint8Array => extension('2.5.29.28', sequence(...fields), true);
const fullName = (...names: readonly Uint8Array[]): Uint8Array => explicit(0, explicit(0, ...names));
const TRUE = Uint8Array.of(0xff);
const points = (...fields: readonly Uint8Array[]): Uint8Array =>
  extension('2.5.29.31', sequence(...fields.map((field) => sequence(field))));

describe('reading a CRL', () => {
  it('gives all fields', () => {
    const read = list(
      issuing.crl({
        entries: [
          revoked(
            77,
            '2020-01-02T03:04:05Z',
            reason(1),
            extension('2.5.29.24', element(0x18, bytes(...Buffer.from('20191231000000Z')))),
          ),
          revoked(5, '2019-06-01T00:00:00Z'),
        ],
        extensions: [crlNumber(1337), extension('2.5.29.35', sequence(implicit(0, Uint8Array.of(1, 2, 3))))],
      }),
    );
    expect(read).toMatchObject({
      version: 2,
      issuer: { text: 'CN=Issuing' },
      thisUpdate: { iso: '2020-01-01T00:00:00Z' },
      nextUpdate: { iso: '2020-02-01T00:00:00Z' },
      known: {
        cRLNumber: { kind: 'present', critical: false, value: '0539' },
        authorityKeyIdentifier: { kind: 'present', value: { keyIdentifier: Uint8Array.of(1, 2, 3) } },
        deltaCRLIndicator: { kind: 'absent' },
        issuingDistributionPoint: { kind: 'absent' },
      },
      encodingProblems: [],
      extensionProblems: [],
    });
    expect(read.entries.count).toBe(2);
    expect(read.entries.at(0)).toMatchObject({
      serialNumber: '4d',
      revocationDate: { iso: '2020-01-02T03:04:05Z' },
      reason: 'keyCompromise',
      invalidityDate: { iso: '2019-12-31T00:00:00Z' },
      certificateIssuer: null,
      problem: null,
    });
    expect(read.entries.at(1)).toMatchObject({ serialNumber: '05', reason: null, invalidityDate: null });
  });

  it('finds an entry by its serial number, however that is padded', () => {
    const padded = sequence(element(0x02, Uint8Array.of(0, 0, 77)), utcTime('200102000000Z'));
    const { entries } = list(issuing.crl({ entries: [revoked(76, AT), padded] }));
    expect(entries.find(Uint8Array.of(77)).map(({ serialNumber }) => serialNumber)).toEqual(['4d']);
    expect(entries.find(Uint8Array.of(0, 77))).toHaveLength(1);
    expect(entries.find(Uint8Array.of(78))).toEqual([]);
  });

  it('keeps a million entries in little memory, and finds the last one', () => {
    const one = revoked(0x0102_0304, '2020-01-01T00:00:00Z', reason(4));
    const many = new Uint8Array(one.length * 1_000_000);
    for (let i = 0; i < 1_000_000; i++) many.set(one, i * one.length);
    many.set(revoked(0x0908_0706, '2020-01-01T00:00:00Z', reason(4)), many.length - one.length);
    const { entries } = list(issuing.crl({ entries: [many] }));
    expect(entries.count).toBe(1_000_000);
    expect(entries.find(Uint8Array.of(9, 8, 7, 6))).toMatchObject([{ reason: 'superseded' }]);
  });

  it('reads one that carries damage in an extension, and refuses one that carries it anywhere else', () => {
    const bad = list(issuing.crl({ extensions: [extension('2.5.29.20', octetString())] }));
    expect(bad.known.cRLNumber.kind).toBe('unreadable');
    expect(bad.extensionProblems).toMatchObject([{ name: 'cRLNumber', problem: { code: 'unexpected-tag' } }]);
    expect(readCertificateList(issuing.crl({ entries: [sequence(integer(1))] }))).toMatchObject({ kind: 'unreadable' });
    expect(readCertificateList(new Uint8Array(0))).toMatchObject({
      kind: 'unreadable',
      problem: { code: 'truncated' },
    });
  });
});

describe('a path whose certificates are all covered (RFC 5280 section 6.3.3)', () => {
  it('is good when no CRL lists them', async () => {
    expect(await check({ crls: [ROOT_CRL, issuing.crl({ entries: [revoked(78, AT)] })] })).toEqual({
      status: 'good',
      findings: [],
    });
  });

  it('is revoked with reason and date when one is listed', async () => {
    const result = await check({
      crls: [ROOT_CRL, issuing.crl({ entries: [revoked(77, '2020-01-02T00:00:00Z', reason(1))] })],
    });
    expect(result.status).toBe('revoked');
    expect(result.findings).toMatchObject([
      {
        code: 'certificate-revoked',
        severity: 'error',
        certificate: mail.certificate.sha256,
        message: 'CN=mail.example was revoked on 2020-01-02T00:00:00Z (keyCompromise).',
      },
    ]);
  });

  it('is revoked when an intermediate is', async () => {
    const crls = [root.crl({ entries: [revoked(10, '2020-01-02T00:00:00Z')] }), issuing.crl()];
    expect((await check({ crls })).findings).toMatchObject([{ certificate: issuing.certificate.sha256 }]);
  });

  it('a hold is a revocation, removeFromCRL is none', async () => {
    const hold = await check({
      crls: [ROOT_CRL, issuing.crl({ entries: [revoked(77, '2020-01-02T00:00:00Z', reason(6))] })],
    });
    expect(hold.findings[0].message).toContain('is on hold since 2020-01-02T00:00:00Z');
    const removed = await check({
      crls: [ROOT_CRL, issuing.crl({ entries: [revoked(77, '2020-01-02T00:00:00Z', reason(8))] })],
    });
    expect({ status: removed.status, codes: codes(removed) }).toEqual({
      status: 'good',
      codes: ['note revocation-removed'],
    });
  });

  it('revoked after the time asked for is told, and holds', async () => {
    const result = await check({ crls: [ROOT_CRL, issuing.crl({ entries: [revoked(77, '2020-01-20T00:00:00Z')] })] });
    expect({ status: result.status, codes: codes(result) }).toEqual({
      status: 'good',
      codes: ['warning revoked-later'],
    });
  });

  it('an invalidity date before the time asked for revokes from then on', async () => {
    const since = extension('2.5.29.24', element(0x18, Buffer.from('20200110000000Z')));
    const result = await check({
      crls: [ROOT_CRL, issuing.crl({ entries: [revoked(77, '2020-01-20T00:00:00Z', reason(1), since)] })],
    });
    expect(result.status).toBe('revoked');
  });
});

describe('a certificate that no CRL covers fails the path', () => {
  const expectUncovered = async (given: Given, message: RegExp): Promise<void> => {
    const result = await check(given);
    expect(result.status).toBe('unknown');
    expect(codes(result)).toContain('error revocation-not-covered');
    expect(result.findings.map((finding) => finding.message).join('\n')).toMatch(message);
  };
  const mailCrl = (options: CrlOptions): Given => ({ crls: [ROOT_CRL, issuing.crl(options)] });

  it.each<[string, Given, RegExp]>([
    ['no CRL of its issuer', { crls: [ROOT_CRL] }, /mail\.example is revoked: none is of its issuer, CN=Issuing/],
    ['not begun', mailCrl({ thisUpdate: '2020-01-16T00:00:00Z' }), /was issued only on 2020-01-16/],
    ['ended', mailCrl({ nextUpdate: '2020-01-14T00:00:00Z' }), /ended on 2020-01-14T00:00:00Z/],
    ['without nextUpdate', mailCrl({ nextUpdate: null }), /does not say until when it holds/],
    ['without a CRL number', mailCrl({ extensions: null, version: null }), /is of version 1/],
    [
      'without a CRL number in version 2',
      mailCrl({ extensions: [extension('2.5.29.35', sequence())] }),
      /has no CRL number/,
    ],
    ['with a critical CRL number', mailCrl({ extensions: [crlNumber(1, true)] }), /CRL number that is critical/],
    [
      'with an unknown critical extension',
      mailCrl({ extensions: [crlNumber(1), extension('1.2.3.4', integer(1), true)] }),
      /critical extension 1\.2\.3\.4/,
    ],
    [
      'with an entry that has an unknown critical extension',
      mailCrl({ entries: [revoked(5, AT, extension('1.2.3.4', integer(1), true))] }),
      /an entry with the critical extension 1\.2\.3\.4/,
    ],
    [
      'a delta CRL',
      mailCrl({ extensions: [crlNumber(2), extension('2.5.29.27', integer(1), true)] }),
      /is a delta CRL/,
    ],
    [
      'two signature algorithms',
      mailCrl({ innerAlgorithm: sequence(oid('1.2.840.10045.4.3.3')) }),
      /two different signature algorithms/,
    ],
    [
      'for CA certificates only',
      mailCrl({ extensions: [crlNumber(1), idp(implicit(2, TRUE))] }),
      /is for CA certificates only/,
    ],
    [
      'for attribute certificates only',
      mailCrl({ extensions: [crlNumber(1), idp(implicit(5, TRUE))] }),
      /is for attribute certificates only/,
    ],
    [
      'for users only, of a CA',
      { crls: [root.crl({ extensions: [crlNumber(1), idp(implicit(1, TRUE))] }), issuing.crl()] },
      /is for end-entity certificates only/,
    ],
    [
      'of another distribution point',
      mailCrl({ extensions: [crlNumber(1), idp(fullName(uri('http://a.example/1.crl')))] }),
      /is for another distribution point/,
    ],
    [
      'for some reasons',
      mailCrl({ extensions: [crlNumber(1), idp(element(0x83, Uint8Array.of(6, 0x40)))] }),
      /none covers the reasons cACompromise, affiliationChanged/,
    ],
    [
      'a distribution point that cannot be read',
      mailCrl({ extensions: [crlNumber(1), extension('2.5.29.28', integer(1), true)] }),
      /distribution point that cannot be read/,
    ],
  ])('%s', async (_, given, message) => expectUncovered(given, message));

  it('signed with the key of another authority of the same name', async () => {
    const impostor = TestAuthority.root('Issuing');
    await expectUncovered({ crls: [ROOT_CRL, impostor.crl()] }, /is not signed with the key of CN=Issuing/);
  });

  it('whose issuer may not sign CRLs; without any key usage it may', async () => {
    const without = TestAuthority.root('Limited', [basicConstraints(true), keyUsage(5)]);
    const leaf = without.issue('a.example');
    const path = [leaf.certificate, without.certificate];
    await expectUncovered({ crls: [without.crl()], path }, /key usage does not allow it to sign CRLs/);
    const silent = TestAuthority.root('Silent', [basicConstraints(true)]);
    const result = await check({
      crls: [silent.crl()],
      path: [silent.issue('a.example').certificate, silent.certificate],
    });
    expect(result.status).toBe('good');
  });

  it('a lapse that RFC 5280 section 6.3 does not check is only a warning under the profile path', async () => {
    const crls = [ROOT_CRL, issuing.crl({ extensions: [extension('2.5.29.35', sequence())] })];
    const result = await check({ crls, profile: 'path' });
    expect({ status: result.status, codes: codes(result) }).toEqual({ status: 'good', codes: ['warning crl-profile'] });
  });

  it('a signature that the platform cannot verify proves nothing', async () => {
    const options = {
      verifySignature: async () => 'unsupported' as const,
      profile: 'path',
      algorithms: ALGORITHMS,
    } as const;
    const result = await crlRevocation([list(ROOT_CRL), list(issuing.crl())], options)(PATH, seconds(AT));
    expect(result.findings[0].message).toMatch(/this platform cannot verify/);
  });
});

describe('a signature that does not count', () => {
  const signed = (name: string, pssHash: string | null = null): Pick<CertificateList, 'signatureAlgorithm'> => ({
    signatureAlgorithm: {
      ...root.certificate.signatureAlgorithm,
      name,
      parameters: pssHash === null ? null : new Uint8Array(0),
      pssParameters:
        pssHash === null
          ? null
          : {
              hashOid: '',
              hash: pssHash,
              maskGenerationOid: '',
              maskGenerationHash: pssHash,
              saltLength: 20,
              trailerField: 1,
            },
    },
  });
  const weak = (name: string, sha1: boolean, pssHash: string | null = null): boolean =>
    weakAlgorithm(signed(name, pssHash), root.certificate, { sha1, minimumRsaBits: 2048 }) !== null;

  it.each(['sha1WithRSAEncryption', 'ecdsa-with-SHA1', 'RSASSA-PSS'])(
    '%s, over SHA-1, where the policy says so',
    (name) => {
      expect([weak(name, false), weak(name, true)]).toEqual([true, false]);
    },
  );
  it('PSS over SHA-1', () =>
    expect([weak('RSASSA-PSS', false, 'SHA-1'), weak('RSASSA-PSS', true, 'SHA-1')]).toEqual([true, false]));
  it('MD5, always', () => expect(weak('md5WithRSAEncryption', true)).toBe(true));
  it.each(['sha256WithRSAEncryption', 'sha512-224WithRSAEncryption', 'ecdsa-with-SHA512', 'Ed25519'])(
    'not %s',
    (name) => {
      expect(weak(name, false)).toBe(false);
    },
  );
});

describe('a CRL of another time', () => {
  it('that has ended still revokes', async () => {
    const crls = [
      ROOT_CRL,
      issuing.crl({ nextUpdate: '2020-01-05T00:00:00Z', entries: [revoked(77, '2020-01-02T00:00:00Z')] }),
    ];
    expect((await check({ crls })).status).toBe('revoked');
  });

  it('ends a hold, when it has ended itself or a newer one no longer has it', async () => {
    const entries = [revoked(77, '2020-01-02T00:00:00Z', reason(6))];
    const ended = issuing.crl({ nextUpdate: '2020-01-05T00:00:00Z', entries });
    const newer = issuing.crl({ thisUpdate: '2020-01-06T00:00:00Z' });
    const older = issuing.crl({ entries });
    for (const crls of [
      [ROOT_CRL, ended, newer],
      [ROOT_CRL, newer, older],
    ]) {
      const result = await check({ crls });
      expect({ status: result.status, codes: codes(result) }).toEqual({
        status: 'good',
        codes: ['note hold-outdated'],
      });
    }
    const stillHeld = issuing.crl({ thisUpdate: '2020-01-06T00:00:00Z', entries });
    expect((await check({ crls: [ROOT_CRL, older, stillHeld] })).status).toBe('revoked');
    const partial = issuing.crl({
      thisUpdate: '2020-01-06T00:00:00Z',
      extensions: [crlNumber(1), idp(element(0x83, Uint8Array.of(6, 0x40)))],
    });
    expect((await check({ crls: [ROOT_CRL, older, partial] })).status).toBe('revoked');
  });

  it('that is newer revokes by its date, and tells of later ones', async () => {
    const newer = (at: string): Uint8Array =>
      issuing.crl({
        thisUpdate: '2020-02-01T00:00:00Z',
        nextUpdate: '2020-03-01T00:00:00Z',
        entries: [revoked(77, at)],
      });
    expect((await check({ crls: [ROOT_CRL, newer('2020-01-10T00:00:00Z')] })).status).toBe('revoked');
    const later = await check({ crls: [ROOT_CRL, issuing.crl(), newer('2020-01-20T00:00:00Z')] });
    expect({ status: later.status, codes: codes(later) }).toEqual({ status: 'good', codes: ['warning revoked-later'] });
  });

  it('with a bad signature revokes nothing', async () => {
    const impostor = TestAuthority.root('Issuing');
    const crls = [ROOT_CRL, issuing.crl(), impostor.crl({ entries: [revoked(77, '2020-01-02T00:00:00Z')] })];
    expect(await check({ crls })).toMatchObject({ status: 'good' });
  });
});

describe('distribution points (RFC 5280 section 6.3.3 b)', () => {
  const A = 'http://a.example/1.crl';
  const B = 'http://a.example/2.crl';
  const leafWith = (extensions: readonly Uint8Array[]): readonly X509Certificate[] => [
    issuing.issue('b.example', { extensions }).certificate,
    issuing.certificate,
    root.certificate,
  ];

  it('a name in both must be the same', async () => {
    const path = leafWith([points(fullName(uri(A)))]);
    const crl = (name: string): Uint8Array =>
      issuing.crl({ extensions: [crlNumber(1), idp(fullName(uri('ldap://x'), uri(name)))] });
    expect((await check({ path, crls: [ROOT_CRL, crl(A)] })).status).toBe('good');
    expect((await check({ path, crls: [ROOT_CRL, crl(B)] })).status).toBe('unknown');
  });

  it('a name relative to the issuer is the same as the full name', async () => {
    const rdn = explicit(0, element(0xa1, sequence(oid('2.5.4.11'), element(0x0c, Buffer.from('part 1')))));
    const full = sequence(
      element(0x31, sequence(oid('2.5.4.3'), element(0x0c, Buffer.from('Issuing')))),
      element(0x31, sequence(oid('2.5.4.11'), element(0x13, Buffer.from('PART 1')))),
    );
    const crls = [ROOT_CRL, issuing.crl({ extensions: [crlNumber(1), idp(fullName(directoryName(full)))] })];
    expect((await check({ path: leafWith([points(rdn)]), crls })).status).toBe('good');
  });

  it('several lists together cover all reasons', async () => {
    const some = (flags: Uint8Array): Uint8Array =>
      issuing.crl({ extensions: [crlNumber(1), idp(element(0x83, flags))] });
    const first = some(Uint8Array.of(4, 0x70));
    const second = some(Uint8Array.of(7, 0x0f, 0x80));
    expect((await check({ crls: [ROOT_CRL, first, second] })).status).toBe('good');
    expect((await check({ crls: [ROOT_CRL, first] })).status).toBe('unknown');
  });

  it('an indirect CRL of the root speaks for the intermediate only where the certificate names it', async () => {
    const crlIssuer = points(bytes(fullName(uri(A)), explicit(2, directoryName(root.subject))));
    const path = leafWith([crlIssuer]);
    const [leaf] = path;
    const serial = Number.parseInt(leaf.serialNumber, 16);
    const indirect = (...entries: readonly Uint8Array[]): Uint8Array =>
      root.crl({ extensions: [crlNumber(1), idp(fullName(uri(A)), implicit(4, TRUE))], entries });
    const other = revoked(serial, '2020-01-02T00:00:00Z', certificateIssuer(commonName('Somebody else')));
    const own = revoked(serial, '2020-01-02T00:00:00Z', certificateIssuer(issuing.subject));
    expect((await check({ path, crls: [ROOT_CRL, indirect(other)] })).status).toBe('good');
    expect((await check({ path, crls: [ROOT_CRL, indirect(other, own)] })).status).toBe('revoked');
    // The issuer that an entry names holds for those behind it.
    const behind = revoked(serial, '2020-01-02T00:00:00Z');
    const first = revoked(5, '2020-01-02T00:00:00Z', certificateIssuer(issuing.subject));
    expect((await check({ path, crls: [ROOT_CRL, indirect(first, behind)] })).status).toBe('revoked');
    expect((await check({ path, crls: [ROOT_CRL, indirect(behind, first)] })).status).toBe('good');
    // Nothing in the certificate delegates to the root.
    expect((await check({ crls: [ROOT_CRL, indirect(own)] })).status).toBe('unknown');
    // A list that does not say that it is indirect.
    const direct = root.crl({ extensions: [crlNumber(1), idp(fullName(uri(A)))] });
    expect((await check({ path, crls: [ROOT_CRL, direct] })).status).toBe('unknown');
  });

  it('a list that names issuers without being indirect is not used', async () => {
    const crl = issuing.crl({ entries: [revoked(5, AT, certificateIssuer(root.subject))] });
    expect((await check({ crls: [ROOT_CRL, crl] })).findings[0].message).toMatch(/without being indirect/);
  });
});

describe.skipIf(!hasOpenssl)('openssl verify -crl_check_all as a witness', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'starttrace-crl-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function opensslAccepts(crls: readonly Uint8Array[], at: string): boolean {
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const anchors = file('root.pem', writePem(root.issued.der));
    const untrusted = file('issuing.pem', writePem(issuing.issued.der));
    const lists = file('crls.pem', crls.map((der) => writePem(der, 'X509 CRL')).join(''));
    const target = file('mail.pem', writePem(mail.der));
    const { status } = spawnSync('openssl', [
      ...['verify', '-crl_check_all', '-extended_crl', '-attime', String(seconds(at))],
      ...['-CAfile', anchors, '-untrusted', untrusted, '-CRLfile', lists, target],
    ]);
    return status === 0;
  }

  it.each<[string, readonly Uint8Array[]]>([
    ['covered', [ROOT_CRL, issuing.crl()]],
    ['revoked', [ROOT_CRL, issuing.crl({ entries: [revoked(77, '2020-01-02T00:00:00Z', reason(4))] })]],
    ['intermediate revoked', [root.crl({ entries: [revoked(10, '2020-01-02T00:00:00Z')] }), issuing.crl()]],
    ['intermediate not covered', [issuing.crl()]],
    ['target not covered', [ROOT_CRL]],
    ['ended', [ROOT_CRL, issuing.crl({ nextUpdate: '2020-01-10T00:00:00Z' })]],
    ['not begun', [ROOT_CRL, issuing.crl({ thisUpdate: '2020-01-20T00:00:00Z' })]],
    ['signed by another', [ROOT_CRL, TestAuthority.root('Issuing').crl()]],
    ['for CAs only', [ROOT_CRL, issuing.crl({ extensions: [crlNumber(1), idp(implicit(2, TRUE))] })]],
    ['for users only', [ROOT_CRL, issuing.crl({ extensions: [crlNumber(1), idp(implicit(1, TRUE))] })]],
    [
      'unknown critical extension',
      [ROOT_CRL, issuing.crl({ extensions: [crlNumber(1), extension('1.2.3.4', integer(1), true)] })],
    ],
    ['removed from the list', [ROOT_CRL, issuing.crl({ entries: [revoked(77, '2020-01-02T00:00:00Z', reason(8))] })]],
    [
      'another distribution point',
      [ROOT_CRL, issuing.crl({ extensions: [crlNumber(1), idp(fullName(uri('http://a')))] })],
    ],
    ['a CRL without a number', [ROOT_CRL, issuing.crl({ extensions: [extension('2.5.29.35', sequence())] })]],
  ])('%s', async (_, crls) => {
    const { findings } = await check({ crls, profile: 'path' });
    expect(findings.every(({ severity }) => severity !== 'error')).toBe(opensslAccepts(crls, AT));
  });

  it('its own text agrees with what was read', () => {
    const der = issuing.crl({
      entries: [revoked(77, '2020-01-02T00:00:00Z', reason(1)), revoked(300, '2020-01-03T00:00:00Z')],
    });
    const text = execFileSync('openssl', ['crl', '-inform', 'DER', '-noout', '-text'], {
      input: der,
      encoding: 'utf8',
    });
    const serials = [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, serial]) => serial.toLowerCase());
    const { entries } = list(der);
    expect(Array.from({ length: entries.count }, (_, i) => entries.at(i).serialNumber)).toEqual(serials);
  });
});
