import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { schemaFiles } from '../../build/schemas.ts';
import { BUILT_IN_POLICIES } from '../../shared/expect/policies/built-in.ts';
import { isAuthority, plainAnchor, type TrustPolicy } from '../../shared/expect/trust-policy.ts';
import { type PolicyReferences, readTrustPolicy } from '../../shared/expect/trust-policy-building.ts';
import { withoutFiles } from '../../shared/expect/trust-policy-document.ts';
import { type X509Certificate as Read, readCertificate } from '../../shared/x509/certificate.ts';
import { writePem } from '../../shared/x509/pem.ts';
import { hasOpenssl } from '../support/real-certificates.ts';

const ROOT = join(import.meta.dirname, '../..');
const PKI = join(ROOT, 'test/lab/pki');

function certificate(name: string): Read {
  const reading = readCertificate(new X509Certificate(readFileSync(join(PKI, `${name}.crt.pem`))).raw);
  if (reading.kind !== 'certificate') throw new Error(`${name} cannot be read`);
  return reading.certificate;
}

const baltimore = certificate('baltimore');
const partner = certificate('partner-root');
const leaf = certificate('contoso');

const NONE: PolicyReferences = {
  file: async (path) => ({ certificates: [], problems: [{ code: 'x', message: `${path}: there is no such file.` }] }),
  policy: async (name) => `There is no policy ${name}.`,
};

async function read(text: string, references: PolicyReferences = NONE): Promise<TrustPolicy> {
  const reading = await readTrustPolicy(text, references);
  if (reading.kind === 'policy') return reading.policy;
  throw new Error(reading.problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n'));
}

async function problems(text: string, references: PolicyReferences = NONE): Promise<string> {
  const reading = await readTrustPolicy(text, references);
  if (reading.kind === 'policy') return '';
  return reading.problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n');
}

const indented = (pem: string): string => pem.replace(/^(?=.)/gm, '      ');
const HEAD = 'version: 1\nname: mine\ntitle: Mine\nissued: 2020-02-29\nsource: me\n';
const entry = (one: Read, more = ''): string => `  - pem: |\n${indented(writePem(one.der))}${more}`;
const GOOD = `${HEAD}anchors:\n${entry(baltimore)}`;

describe('the policies that come with the application', () => {
  const FINGERPRINTS: Readonly<Record<string, string>> = {
    // Of the documentation, not of the files.
    'eop-2014': '16af57a9f676b0ab126095aa5ebadef22ab31119d644ac95cd4b93dbf3f26aeb',
    'eop-2018': 'ebd41040e4bb3ec742c9e381d31ef2a41a48b6685c96e7cef3c1df6cd4331c99',
    'eop-2021': '4348a0e9444c78cb265e058d5e8944b4d84f9662bd26db257f8934a443c70161',
    'eop-2026': 'cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f',
  };

  it('are those', () => expect([...BUILT_IN_POLICIES.keys()]).toEqual(Object.keys(FINGERPRINTS)));

  it.each([...BUILT_IN_POLICIES])('%s: one root, with its fingerprint, a source and a day', async (name, text) => {
    const policy = await read(text);
    expect(policy.name).toBe(name);
    expect(policy.anchors.map((anchor) => anchor.certificate.sha256)).toEqual([FINGERPRINTS[name]]);
    expect(policy.issued).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(policy.source).toMatch(/https:|Assumed/);
    expect(policy.description).toMatch(/[Aa]ssumed|not documented|no day/);
    expect(policy.anchors[0].source).toMatch(/Named by|Assumed/);
    expect(isAuthority(policy.anchors[0].certificate)).toBe(true);
  });

  it('eop-2014 is the real Baltimore CyberTrust Root with its real end', async () => {
    const { anchors, rules } = await read(BUILT_IN_POLICIES.get('eop-2014') ?? '');
    const [{ certificate: root }] = anchors;
    expect(root.serialNumber).toBe('020000b9');
    expect(root.sha1).toBe('d4de20d05e66fc53fe1a50882c78db2852cae474');
    expect([root.notBefore.iso, root.notAfter.iso]).toEqual(['2000-05-12T18:46:00Z', '2025-05-12T23:59:00Z']);
    expect(root.known.basicConstraints).toMatchObject({ value: { isCertificateAuthority: true, pathLength: 3 } });
    expect(rules).toMatchObject({ time: 'capture', algorithms: { sha1: true } });
  });

  it.skipIf(!hasOpenssl).each([...BUILT_IN_POLICIES])(
    '%s: OpenSSL reads the same certificate, signed by itself',
    (_, text) => {
      const pem = /-----BEGIN[\s\S]*END CERTIFICATE-----/.exec(text)?.[0].replace(/^ +/gm, '') ?? '';
      const printed = execFileSync('openssl', ['x509', '-noout', '-fingerprint', '-sha256'], {
        input: pem,
        encoding: 'utf8',
      });
      expect(text).toContain(printed.split('=')[1].trim().replaceAll(':', '').toLowerCase());
      const root = new X509Certificate(pem);
      expect(root.verify(root.publicKey)).toBe(true);
    },
  );

  it('the story brings the roots of the laboratory', async () => {
    const { anchors, issued, rules } = await read(readFileSync(join(ROOT, 'examples/story/trust-policy.yaml'), 'utf8'));
    expect(anchors.map((anchor) => anchor.certificate.sha256)).toEqual([baltimore.sha256, partner.sha256]);
    expect([issued, rules.time]).toEqual(['2014-09-03', 'capture']);
  });

  it('no root stands in code outside of the policies', () => {
    const source = execFileSync(
      'grep',
      ['-rliE', 'baltimore|BEGIN CERTIFICATE', join(ROOT, 'shared'), join(ROOT, 'electron'), '--include=*.ts'],
      {
        encoding: 'utf8',
      },
    );
    const elsewhere = source
      .trim()
      .split('\n')
      .filter((file) => !/expect\/(?:policies|catalogue)\//.test(file))
      // These know the format, or name the policy's root in a text.
      .filter((file) =>
        /-----BEGIN CERTIFICATE-----\n|16af57a9|d4de20d0|CN=Baltimore/i.test(readFileSync(file, 'utf8')),
      );
    expect(elsewhere).toEqual([]);
  });
});

describe('the document', () => {
  it('rules that are not given are those of mail servers today', async () => {
    expect((await read(GOOD)).rules).toEqual({
      profile: 'path',
      algorithms: { sha1: false, minimumRsaBits: 2048 },
      commonNameFallback: false,
      requireRevocation: false,
      time: null,
    });
  });

  it('rules that are given count', async () => {
    const rules =
      'rules: {profile: webpki, sha1: true, minimumRsaBits: 3072, commonNameFallback: true, requireRevocation: true, time: now}\n';
    expect((await read(GOOD + rules)).rules).toEqual({
      profile: 'webpki',
      algorithms: { sha1: true, minimumRsaBits: 3072 },
      commonNameFallback: true,
      requireRevocation: true,
      time: 'now',
    });
  });

  it('a first day begins with its first second, a last day ends with its last one', async () => {
    const dates =
      '    trustedFrom: 2014-01-01\n    trustedUntil: 2024-02-29\n    distrustAfter: 2019-12-31\n    source: there\n';
    const [anchor] = (await read(`${HEAD}anchors:\n${entry(baltimore, dates)}`)).anchors;
    expect(anchor).toMatchObject({
      trustedFrom: Date.UTC(2014, 0, 1) / 1000,
      trustedUntil: Date.UTC(2024, 2, 1) / 1000 - 1,
      distrustAfter: Date.UTC(2020, 0, 1) / 1000 - 1,
      source: 'there',
    });
  });

  it('fingerprints in any usual spelling', async () => {
    const colons = (baltimore.sha256.match(/../g) ?? []).join(':').toUpperCase();
    for (const spelling of [
      baltimore.sha256,
      baltimore.sha256.toUpperCase(),
      `sha256:${baltimore.sha256}`,
      `"${colons}"`,
    ]) {
      const policy = await read(`${HEAD}anchors:\n${entry(baltimore, `    sha256: ${spelling}\n`)}`);
      expect(policy.anchors).toHaveLength(1);
    }
  });

  it('a fingerprint chooses a root out of a file', async () => {
    const references = { ...NONE, file: async () => ({ certificates: [partner, baltimore], problems: [] }) };
    const text = `${HEAD}anchors:\n  - file: roots.pem\n    sha256: ${baltimore.sha256}\nintermediates:\n  - file: x.pem\n`;
    const policy = await read(text, references);
    expect(policy.anchors.map((anchor) => anchor.certificate)).toEqual([baltimore]);
    expect(policy.intermediates).toEqual([partner, baltimore]);
  });

  it('other policies are included; what the document itself says of a root goes first', async () => {
    const other: TrustPolicy = {
      ...(await read(GOOD)),
      anchors: [plainAnchor(baltimore, 'other'), plainAnchor(partner, 'other')],
      intermediates: [leaf],
    };
    const references = { ...NONE, policy: async () => other };
    const text = `${HEAD}includes: [other]\nanchors:\n${entry(baltimore, '    trustedUntil: 2020-01-01\n')}`;
    const policy = await read(text, references);
    expect(policy.anchors.map(({ certificate: { sha256 }, source }) => [sha256, source])).toEqual([
      [baltimore.sha256, 'me'],
      [partner.sha256, 'other'],
    ]);
    expect(policy.anchors[0].trustedUntil).not.toBeNull();
    expect(policy.intermediates).toEqual([leaf]);
    const chosen = await read(`${HEAD}anchors:\n  - from: other\n    sha256: ${partner.sha256}\n`, references);
    expect(chosen.anchors).toMatchObject([{ certificate: { sha256: partner.sha256 }, source: 'policy other' }]);
  });

  it('is the same in JSON', async () => {
    const document = {
      version: 1,
      name: 'mine',
      title: 'Mine',
      issued: '2020-02-29',
      source: 'me',
      anchors: [{ pem: writePem(baltimore.der) }],
    };
    expect(await read(JSON.stringify(document, null, '\t'))).toEqual(await read(GOOD));
  });

  it('its JSON Schema is published as it is: npx tsx build/schemas.ts makes it anew', () => {
    const [, text] = schemaFiles().find(([name]) => name === 'trust-policy.schema.json') ?? [];
    expect(readFileSync(join(ROOT, 'docs/schemas/trust-policy.schema.json'), 'utf8')).toBe(text);
  });
});

describe('mistakes in the document', () => {
  const wrongPem = '  - pem: |\n      -----BEGIN CERTIFICATE-----\n      AAAA\n      -----END CERTIFICATE-----\n';
  const key = 'PRIVATE KEY';
  it.each<[string, string, string]>([
    ['unknown key', GOOD.replace('title', 'titel'), '3:1 "titel" is not known here. Did you mean title?'],
    ['unknown rule', `${GOOD}rules:\n  minRsaBits: 1024\n`, 'Did you mean minimumRsaBits?'],
    ['unknown profile', `${GOOD}rules: {profile: webpkl}\n`, 'Did you mean webpki?'],
    ['a later version', GOOD.replace('version: 1', 'version: 2'), '1:10 This must be 1, not 2.'],
    ['a name with a path in it', GOOD.replace('name: mine', 'name: ../mine'), '2:7 A name has lower-case letters'],
    ['a name that Windows reserves', GOOD.replace('name: mine', 'name: con'), '2:7 A name has'],
    ['a day that is not there', GOOD.replace('2020-02-29', '2019-02-29'), '4:9 There is no such day'],
    ['nobody is trusted', HEAD, '1:1 Nobody is trusted: list roots under anchors'],
    ['a root from nowhere', `${HEAD}anchors:\n  - name: x\n`, '7:5 One of pem, file or from must say'],
    [
      'a fingerprint alone',
      `${HEAD}anchors:\n  - sha256: ${baltimore.sha256}\n`,
      'does not say where the certificate is',
    ],
    ['a root from two places', `${HEAD}anchors:\n  - file: a\n    from: mozilla\n`, 'One of pem, file or from'],
    ['a store without a fingerprint', `${HEAD}anchors:\n  - from: mozilla\n`, '7:11 Which root of mozilla?'],
    ['a policy that is not there', `${HEAD}includes: [mine-too]\n`, '6:12 There is no policy mine-too.'],
    ['a file that is not there', `${HEAD}anchors:\n  - file: a.pem\n`, '7:11 a.pem: there is no such file.'],
    [
      'another fingerprint',
      `${HEAD}anchors:\n${entry(baltimore, `    sha256: ${partner.sha256}\n`)}`,
      'No certificate has this fingerprint: it is CN=TEST Baltimore',
    ],
    ['another name', `${HEAD}anchors:\n${entry(baltimore, '    name: GlobalSign\n')}`, 'which is not "GlobalSign"'],
    ['the same root twice', `${HEAD}anchors:\n${entry(baltimore)}${entry(baltimore)}`, 'a second time'],
    [
      'dates the wrong way round',
      `${HEAD}anchors:\n${entry(baltimore, '    trustedFrom: 2020-01-02\n    trustedUntil: 2020-01-01\n')}`,
      'would never be trusted',
    ],
    ['a certificate that is none', `${HEAD}anchors:\n${wrongPem}`, '7:10 The certificate cannot be read'],
    [
      'a key in place of a certificate',
      `${HEAD}anchors:\n${wrongPem.replaceAll('CERTIFICATE', key)}`,
      `begins a ${key}, not a certificate`,
    ],
    ['text in place of a certificate', `${HEAD}anchors:\n  - pem: hello\n`, '7:10 There is no certificate in it'],
    ['PEM that lost its end', GOOD.replace('-----END CERTIFICATE-----', ''), 'The text ends before the block does.'],
  ])('%s', async (_, text, expected) => {
    expect(await problems(text)).toContain(expected);
  });

  it('documents that are cut or changed anywhere are read or told about, and never throw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(GOOD.length),
        fc.nat(GOOD.length),
        fc.string({ unit: 'binary', maxLength: 6 }),
        async (from, length, put) => {
          const text = GOOD.slice(0, from) + put + GOOD.slice(from + (length % 40));
          const reading = await readTrustPolicy(text, NONE);
          if (reading.kind === 'policy') expect(reading.policy.anchors.length).toBeGreaterThan(0);
          else expect(reading.problems.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a policy that stands alone', () => {
  const references = { ...NONE, file: async () => ({ certificates: [baltimore, partner], problems: [] }) };
  const pemOf = new Map([['roots.pem', writePem(baltimore.der) + writePem(partner.der)]]);

  it('has certificates in place of files, and keeps its comments', async () => {
    const text = `# ours\n${HEAD}anchors:\n  - file: roots.pem # both\n    source: there\n`;
    const alone = withoutFiles(text, pemOf);
    expect(alone).toContain('# ours');
    expect(alone).not.toContain('file:');
    expect(await read(alone)).toEqual(await read(text, references));
  });

  it('also in JSON', async () => {
    const document = {
      version: 1,
      name: 'mine',
      title: 'Mine',
      issued: '2020-02-29',
      source: 'me',
      anchors: [{ file: 'roots.pem' }],
    };
    const text = JSON.stringify(document, null, 2);
    expect(await read(withoutFiles(text, pemOf))).toEqual(await read(text, references));
  });

  it('is left as it is without files', () => expect(withoutFiles(GOOD, new Map())).toBe(GOOD));
});

describe('who may sign others', () => {
  it('a root, and not a server', () => {
    expect([baltimore, partner, leaf].map(isAuthority)).toEqual([true, true, false]);
  });
});
