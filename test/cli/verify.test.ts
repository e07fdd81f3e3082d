import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseMoment } from '../../electron/cli/moment.ts';
import { UsageError } from '../../electron/cli/usage.ts';
import { readPem, writePem } from '../../shared/x509/pem.ts';
import { writePkcs7 } from '../../shared/x509/pkcs7.ts';
import { basicConstraints, revoked, seconds, TestAuthority } from '../support/authority.ts';
import { ensureBuilt, HAS_SCRIPT, ROOT, run, runOnTerminal } from '../support/command.ts';
import { extension, implicit, sequence } from '../support/der.ts';
import { hasOpenssl } from '../support/real-certificates.ts';

const PKI = join(ROOT, 'test/lab/pki');
const ROOTS = join(PKI, 'roots.pem');
const lab = (name: string): string => join(PKI, `${name}.chain.pem`);

const finding = z.strictObject({
  code: z.string().regex(/^[a-z0-9-]+$/),
  severity: z.enum(['error', 'warning', 'note']),
  profile: z.enum(['path', 'rfc5280', 'webpki']).nullable(),
  certificate: z.string().length(64).nullable(),
  message: z.string().min(10),
  rule: z.string().min(3),
});
const role = z.enum(['target', 'intermediate', 'anchor']);
const element = z.strictObject({
  sha256: z.string().length(64),
  subject: z.string(),
  role,
  sent: z.boolean(),
  source: z.string().nullable(),
});
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const document = z.strictObject({
  schema: z.literal('starttrace/verification@1'),
  file: z.string(),
  outcome: z.enum(['valid', 'invalid', 'undetermined']),
  at: time,
  profile: z.enum(['path', 'rfc5280', 'webpki']),
  purpose: z.enum(['server', 'client']),
  trust: z.strictObject({ source: z.string(), anchors: z.number() }),
  name: z
    .strictObject({
      asked: z.string(),
      matches: z.boolean(),
      by: z.enum(['dNSName', 'iPAddress', 'commonName']).nullable(),
      presented: z.string().nullable(),
    })
    .nullable(),
  path: z.array(element),
  completedPath: z.array(element).nullable(),
  sent: z.array(z.strictObject({ sha256: z.string(), subject: z.string(), role: role.nullable() })),
  findings: z.array(finding),
  differences: z.array(finding),
  revocation: z.strictObject({
    status: z.enum(['good', 'revoked', 'unknown']),
    required: z.boolean(),
    lists: z.array(
      z.strictObject({
        file: z.string(),
        issuer: z.string(),
        thisUpdate: time,
        nextUpdate: time.nullable(),
        number: z.string().nullable(),
        entryCount: z.number(),
      }),
    ),
  }),
  timestamps: z.array(z.strictObject({ logId: z.string().length(64), at: z.string() })),
  certificates: z.record(z.string(), z.looseObject({ sha256: z.string() })),
  problems: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});

async function verify(...args: readonly string[]): Promise<z.infer<typeof document> & { code: number | null }> {
  const { code, stdout, stderr } = await run(['verify', '--json', ...args]);
  expect(stderr).toBe('');
  return { ...document.parse(JSON.parse(stdout)), code };
}

const codes = (findings: readonly { code: string; severity: string }[], severity: string): string[] =>
  findings.filter((one) => one.severity === severity).map(({ code }) => code);

let folder = '';
beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'starttrace-verify-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('a chain that is as it should be', () => {
  it('is valid, with the path from target to anchor', async () => {
    const result = await verify(lab('p256'), '--trust', ROOTS, '--name', 'EC.northwind.example.', '--at', '2025-06-01');
    expect(result).toMatchObject({
      code: 0,
      outcome: 'valid',
      at: '2025-06-01T00:00:00Z',
      profile: 'path',
      purpose: 'server',
      trust: { source: ROOTS, anchors: 2 },
      name: { asked: 'ec.northwind.example', matches: true, by: 'dNSName', presented: 'ec.northwind.example' },
      path: [
        { role: 'target', sent: true, source: null },
        { role: 'intermediate', sent: true, source: null },
        { role: 'anchor', sent: false, source: ROOTS },
      ],
      completedPath: null,
      sent: [{ role: 'target' }, { role: 'intermediate' }],
      revocation: { status: 'unknown', required: false, lists: [] },
    });
    expect(codes(result.findings, 'error')).toEqual([]);
    expect(result.findings.map(({ code }) => code)).toContain('revocation-unknown');
    expect(Object.keys(result.certificates).sort()).toEqual(result.path.map(({ sha256 }) => sha256).sort());
  });

  it('is printed for a person, one fact a line', async () => {
    const { code, stdout, stderr } = await run(['verify', lab('p256'), '--trust', ROOTS, '--at', '2025-06-01']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(`${lab('p256')}: valid`);
    expect(stdout).toContain(
      [
        '  Path         CN=ec.northwind.example,O=TEST Lab,C=US',
        '               valid 2024-01-01 to 2033-12-31, EC P-256, sent as number 1',
        '               └ CN=TEST Contoso Fabrikam Issuing CA 1,O=TEST Partner Trust,C=US',
        '                 valid 2012-01-01 to 2035-12-31, RSA 2048 bits, sent as number 2',
        '                 └ CN=TEST Contoso Fabrikam Partner Root,O=TEST Partner Trust,C=US',
        `                   valid 2010-01-01 to 2039-12-31, RSA 2048 bits, trusted by ${ROOTS}`,
      ].join('\n'),
    );
    expect(stdout).toContain('\n  Sent         2 certificates, all in the path\n');
    expect(stdout).toMatch(/\n {2}Revocation {3}unknown: no CRL was given/);
    expect(stdout).not.toMatch(/\u001b/);
  });

  it.each([
    ['p7b', writePkcs7],
    ['der', ([first]: readonly Uint8Array[]) => first],
  ])('is read as %s', async (name, write) => {
    const authority = TestAuthority.root('Root');
    const leaf = authority.issue('mail.example', { extensions: [basicConstraints(false)] });
    const chain = file(`chain.${name}`, write([leaf.der]));
    const roots = file('root.der', authority.issued.der);
    expect(await verify(chain, '--trust', roots, '--at', '2020-01-01')).toMatchObject({ code: 0, outcome: 'valid' });
  });
});

it('the .p7b of a chain is verified as the chain is', async () => {
  const blocks = readPem(readFileSync(lab('long-chain'))).blocks.map(({ der }) => der);
  const result = await verify(file('long.p7b', writePkcs7(blocks)), '--trust', ROOTS, '--at', '2025-06-01');
  expect(result).toMatchObject({ code: 0, outcome: 'valid', path: { length: 11 }, differences: [] });
});

describe('a chain that is not', () => {
  const errors = async (...args: readonly string[]): Promise<string[]> => {
    const { code, outcome, findings } = await verify(...args, '--trust', ROOTS);
    expect({ code, outcome }).toEqual({ code: 1, outcome: 'invalid' });
    return [...new Set(codes(findings, 'error'))];
  };

  it('fails with the reason', async () => {
    expect(await errors(lab('expired'), '--at', '2025-06-01')).toEqual(['expired']);
    expect(await errors(lab('untrusted'), '--at', '2025-06-01')).toEqual(['issuer-not-found']);
    expect(await errors(lab('missing-intermediate'), '--at', '2025-06-01')).toEqual(['issuer-not-found']);
    expect(await errors(lab('self-signed'), '--at', '2025-06-01')).toEqual(['self-signed-not-trusted']);
    expect(await errors(lab('p256'), '--at', '2040-01-01')).toEqual(['expired', 'anchor-expired']);
  });

  it('fails by its name, and says which names it has', async () => {
    const args = [lab('fabrikam-2014'), '--at', '2014-09-03', '--name', 'mx.example'];
    expect(await errors(...args)).toEqual(['name-mismatch']);
    const { stdout } = await run(['verify', ...args, '--trust', ROOTS]);
    expect(stdout).toMatch(/^ {2}Name {9}mx\.example is not in the certificate, which is for .*mail\.fabrikam\.com/m);
    expect(stdout).toMatch(/^ {2}✗ .*not for mx\.example.*\(RFC 9525 section 6\)$/m);
  });

  it('fails by a stricter profile, which the lenient one warns of', async () => {
    expect(await errors(lab('p256'), '--at', '2025-06-01', '--profile', 'webpki')).toContain('validity-too-long');
    const { stdout } = await run(['verify', lab('p256'), '--trust', ROOTS, '--at', '2025-06-01']);
    expect(stdout).toMatch(/^ {2}! .*refused by --profile webpki\)$/m);
  });

  it('fails where revocation must be known', async () => {
    expect(await errors(lab('p256'), '--at', '2025-06-01', '--require-revocation')).toEqual(['revocation-unknown']);
    const { stdout } = await run(['verify', lab('p256'), '--trust', ROOTS, '--require-revocation']);
    expect(stdout).toMatch(/^ {2}✗ Whether CN=ec\.northwind\.example.* has been revoked is unknown/m);
  });

  it('shows only the first of many findings of one kind', async () => {
    const { stdout } = await run(['verify', lab('long-chain'), '--trust', ROOTS, '--at', '2011-01-01']);
    expect(stdout).toMatch(/\n {4}and \d+ more like it \(not-yet-valid\)\n/);
  });
});

describe('what was sent is not the path', () => {
  it.each<[string, string, string]>([
    ['wrong-order', 'warning', 'wrong-order'],
    ['root-included', 'note', 'root-included'],
    ['surplus-certificates', 'note', 'surplus-certificate'],
  ])('%s is valid, and told', async (name, severity, code) => {
    const { outcome, differences } = await verify(lab(name), '--trust', ROOTS, '--at', '2025-06-01');
    expect(outcome).toBe('valid');
    expect(codes(differences, severity)).toContain(code);
  });
});

describe('revocation by CRLs', () => {
  const root = TestAuthority.root('Root');
  const issuing = root.subordinate('Issuing');
  const extensions = [
    basicConstraints(false),
    extension('2.5.29.17', sequence(implicit(2, Buffer.from('mail.example')))),
  ];
  const leaf = issuing.issue('mail.example', { serial: 77, extensions });
  let base: string[] = [];
  beforeAll(() => {
    const chain = file('chain.pem', writePem(leaf.der) + writePem(issuing.issued.der));
    base = [chain, '--trust', file('root.pem', writePem(root.issued.der)), '--at', '2020-01-15'];
  });
  const crl = (name: string, der: Uint8Array): string[] => [
    '--crl',
    file(name, name.endsWith('pem') ? writePem(der, 'X509 CRL') : der),
  ];

  it('good: every certificate below the root is covered', async () => {
    const lists = [
      ...crl('root.crl', root.crl()),
      ...crl('issuing.pem', issuing.crl({ entries: [revoked(5, '2020-01-01T00:00:00Z')] })),
    ];
    const result = await verify(...base, ...lists, '--require-revocation');
    expect(result).toMatchObject({ code: 0, outcome: 'valid', revocation: { status: 'good', required: true } });
    expect(result.revocation.lists).toMatchObject([
      {
        issuer: 'CN=Root',
        thisUpdate: '2020-01-01T00:00:00Z',
        nextUpdate: '2020-02-01T00:00:00Z',
        number: '07',
        entryCount: 0,
      },
      { issuer: 'CN=Issuing', entryCount: 1 },
    ]);
  });

  it('revoked, with reason and date', async () => {
    const entries = [revoked(77, '2020-01-02T00:00:00Z')];
    const lists = [...crl('root.crl', root.crl()), ...crl('issuing.crl', issuing.crl({ entries }))];
    const { code, stdout } = await run(['verify', ...base, ...lists]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}✗ CN=mail\.example was revoked on 2020-01-02T00:00:00Z/m);
    expect(stdout).toMatch(/^ {2}Revocation {3}revoked/m);
  });

  it('not covered fails, also without --require-revocation', async () => {
    const result = await verify(...base, ...crl('issuing.crl', issuing.crl()));
    expect(result).toMatchObject({ code: 1, outcome: 'invalid', revocation: { status: 'unknown' } });
    expect(codes(result.findings, 'error')).toEqual(['revocation-not-covered']);
  });

  it('a CRL beside the certificates counts as given', async () => {
    const chain = file(
      'bundle.pem',
      writePem(leaf.der) + writePem(issuing.issued.der) + writePem(issuing.crl(), 'X509 CRL'),
    );
    const result = await verify(chain, ...base.slice(1), ...crl('root.crl', root.crl()));
    expect(result).toMatchObject({ outcome: 'valid', revocation: { status: 'good', lists: { length: 2 } } });
  });
});

describe('bad usage ends with 2', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['no file', ['--trust', ROOTS], /Which certificates\?/],
    ['no roots', [lab('p256')], /Which roots are trusted\?.*--trust/],
    ['two files', [lab('p256'), lab('eop'), '--trust', ROOTS], /One file at a time/],
    ['no time', [lab('p256'), '--trust', ROOTS, '--at', 'yesterday'], /"yesterday" is no time/],
    ['no profile', [lab('p256'), '--trust', ROOTS, '--profile', 'strict'], /--profile is path, rfc5280 or webpki/],
    ['no purpose', [lab('p256'), '--trust', ROOTS, '--purpose', 'email'], /--purpose is server or client/],
    ['no name', [lab('p256'), '--trust', ROOTS, '--name', '*.example'], /--name is a host's name or IP address/],
    ['an unknown option', [lab('p256'), '--trust', ROOTS, '--frobnicate'], /--frobnicate/],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(['verify', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^See starttrace verify --help\.$/m);
  });

  it.each<[string, (name: string) => readonly string[], RegExp]>([
    ['a file that is not there', () => ['none.pem', '--trust', ROOTS], /none\.pem: there is no such file/],
    [
      'a file without certificates',
      () => [file('a.txt', 'hello'), '--trust', ROOTS],
      /a\.txt: there is neither a certificate nor a CRL/,
    ],
    ['roots that are not there', () => [lab('p256'), '--trust', 'none-such'], /none-such: there is no/],
    ['a CRL that is none', () => [lab('p256'), '--trust', ROOTS, '--crl', lab('p256')], /there is no CRL in it/],
    ['CRLs only', () => [file('only.crl', TestAuthority.root('Root').crl()), '--trust', ROOTS], /only CRLs/],
  ])('%s', async (_, args, message) => {
    for (const json of [[], ['--json']]) {
      const { code, stdout, stderr } = await run(['verify', ...args(''), ...json]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^starttrace: /);
    }
  });

  it('a damaged certificate behind a good one is a problem, and the rest is verified', async () => {
    const chain = file(
      'damaged.pem',
      writePem(TestAuthority.root('x').issued.der) + writePem(Uint8Array.of(0x30, 0x03, 2)),
    );
    const { code, stdout, stderr } = await run(['verify', chain, '--trust', ROOTS]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/damaged\.pem, line \d+: the certificate cannot be read/);
    expect(stdout).toContain(': not valid');
    expect((await verify(chain, '--trust', ROOTS)).problems).toMatchObject([{ code: 'certificate-unreadable' }]);
  });
});

describe.skipIf(!HAS_SCRIPT)('on a terminal', () => {
  it.each([60, 100])('of %i columns no line is longer, and there is colour', async (columns) => {
    const { stdout } = await runOnTerminal(['verify', lab('wrong-order'), '--trust', ROOTS], { columns });
    const plain = stdout.replace(/\u001b\[\d+m/g, '').split(/\r?\n/);
    expect(plain.filter((line) => line.length > columns && !line.includes(ROOT))).toEqual([]);
    expect(stdout).toContain('\u001b[32m');
  });
});

describe('parseMoment', () => {
  it.each([
    ['2014-09-03', '2014-09-03T00:00:00Z'],
    ['2014-09-03T10:02:11Z', '2014-09-03T10:02:11Z'],
    ['2014-09-03T10:02:11', '2014-09-03T10:02:11Z'],
    ['2014-09-03 10:02', '2014-09-03T10:02:00Z'],
    ['2014-09-03T10:02:11.999Z', '2014-09-03T10:02:11Z'],
    ['2014-09-03T10:02:11+02:00', '2014-09-03T08:02:11Z'],
    ['2014-09-03T10:02:11-0530', '2014-09-03T15:32:11Z'],
    ['2016-02-29', '2016-02-29T00:00:00Z'],
    ['1969-12-31', '1969-12-31T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  ])('%s', (text, iso) => expect(parseMoment(text)).toBe(seconds(iso)));

  it.each([
    '',
    '2014',
    '2014-9-3',
    '2014-02-30',
    '2015-02-29',
    '2014-13-01',
    '2014-09-03T24:00',
    '2014-09-03T10',
    'now ',
    '2014-09-03T10:02:61Z',
    '2014-09-03T10:02:11+25:00',
    '20140903',
  ])('"%s" is none', (text) => expect(() => parseMoment(text)).toThrow(UsageError));
});

describe.skipIf(!hasOpenssl)('openssl verify as a witness', () => {
  const chains = readdirSync(PKI).filter((name) => name.endsWith('.chain.pem'));
  it('there are chains', () => expect(chains.length).toBeGreaterThan(20));

  it.each(chains)('%s', async (name) => {
    const path = join(PKI, name);
    for (const at of ['2014-09-03', '2025-06-01']) {
      const { status } = spawnSync('openssl', [
        ...['verify', '-auth_level', '2', '-purpose', 'sslserver', '-attime', String(seconds(`${at}T00:00:00Z`))],
        ...['-CAfile', ROOTS, '-untrusted', path, path],
      ]);
      const { outcome } = await verify(path, '--trust', ROOTS, '--at', at);
      expect(outcome === 'valid', `${name} at ${at}`).toBe(status === 0);
    }
  });
});
