import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../shared/contract/analysis.ts';
import type { JudgedBy, JudgedSession, Pool } from '../../shared/contract/verdict.ts';
import { capture, ensureBuilt, ROOT, run, STORY } from '../support/command.ts';

const TRUST = join(ROOT, 'examples/story/trust-policy.yaml');
const OLD_PIN = join(ROOT, 'examples/story/expectations.yaml');
const NEW_PIN = join(ROOT, 'examples/story/expectations-after-the-move.yaml');

interface JudgedDocument {
  readonly sessions: readonly (Session & JudgedSession)[];
  readonly judgedBy: JudgedBy;
  readonly pools: readonly Pool[];
}

const folder = mkdtempSync(join(tmpdir(), 'starttrace-judge-'));
beforeAll(ensureBuilt);
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function judged(...args: string[]): Promise<{ code: number | null; document: JudgedDocument }> {
  const { code, stdout } = await run(['analyze', '--json', ...args]);
  return { code, document: JSON.parse(stdout) };
}

const outcomes = ({ sessions }: JudgedDocument): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(sessions.map(({ id, verdict }) => [id, verdict?.outcome]));

describe('the story', () => {
  it('with the old pin: mail to Fabrikam is deferred, and the checks say why and what to do', async () => {
    const { code, document } = await judged('--expect', OLD_PIN, STORY);
    expect(code).toBe(1);
    expect(outcomes(document)).toEqual({
      s1: 'defer',
      s2: 'deliver',
      s3: 'deliver-in-plaintext',
      s4: 'deliver',
      s5: 'defer',
      s6: 'defer',
      s7: 'reject',
      s8: undefined,
      s9: 'unknown',
      s10: undefined,
      s11: 'defer',
      s12: undefined,
    });
    const [{ verdicts, recognized }] = document.sessions;
    const atCapture = verdicts.find(({ moment }) => moment === 'capture');
    expect(atCapture?.checks.filter(({ status }) => status === 'failed')).toMatchObject([
      { id: 'certificate-name', frame: 13, remedy: expect.stringContaining('mail.protection.outlook.com') },
    ]);
    expect(atCapture?.checks.map(({ id }) => id)).toContain('stale-pin');
    expect(recognized).toMatchObject([{ side: 'server', id: 'eop-2014', match: 'exact', missing: [], surplus: [] }]);
  });

  it('with the new pin: it is delivered', async () => {
    const { document } = await judged('--expect', NEW_PIN, STORY);
    expect(outcomes(document)).toMatchObject({ s1: 'deliver', s6: 'deliver', s7: 'deliver', s11: 'deliver' });
  });

  it('sound at the time of the capture, broken since 2025-05-12', async () => {
    const sound = await judged('--trust', TRUST, STORY);
    const paths = ({ sessions }: JudgedDocument) =>
      sessions[0].paths.filter(({ side }) => side === 'server').map(({ moment, outcome }) => [moment, outcome]);
    expect(paths(sound.document)).toEqual([
      ['capture', 'valid'],
      ['now', 'invalid'],
    ]);
    const between = await judged('--trust', TRUST, '--at', '2016-01-01', STORY);
    expect(paths(between.document)).toEqual([
      ['capture', 'valid'],
      ['now', 'invalid'],
      ['date', 'valid'],
    ]);
    expect(between.document.judgedBy).toMatchObject({ at: '2016-01-01T00:00:00Z', trust: { name: 'story' } });
    const [atCapture, now] = sound.document.sessions[0].paths;
    expect(atCapture.path.map(({ role, sent }) => [role, sent])).toEqual([
      ['target', true],
      ['intermediate', true],
      ['anchor', false],
    ]);
    expect(now.findings.map(({ code }) => code)).toContain('anchor-expired');
  });

  it('with another root the path leads nowhere', async () => {
    const { code, document } = await judged('--trust', 'eop-2014', '--expect', NEW_PIN, STORY);
    expect(code).toBe(1);
    expect(document.sessions[0].verdict).toMatchObject({ outcome: 'defer' });
    expect(document.sessions[0].paths[0]).toMatchObject({ outcome: 'invalid', revocation: 'unknown' });
  });

  it('--at now decides by what holds today', async () => {
    const { document } = await judged('--expect', NEW_PIN, '--at', 'now', STORY);
    expect(document.sessions[0].verdict).toMatchObject({ moment: 'now', outcome: 'defer' });
  });

  it('says it in words', async () => {
    const { stdout } = await run(['analyze', '--summary', '--expect', OLD_PIN, STORY]);
    expect(stdout).toContain("Judged at the capture's time by the trust policy story of 2014-09-03.");
    expect(stdout).toMatch(/^s1 .* defer \(Fabrikam\)/m);
    expect(stdout).toContain(
      '→ Set TlsDomain to mail.protection.outlook.com: Exchange Online Protection cannot present your certificate.',
    );
  });

  it('without a question nothing is judged', async () => {
    const { document } = await judged(STORY);
    expect(document).not.toHaveProperty('judgedBy');
    expect(document.sessions[0]).not.toHaveProperty('verdicts');
  });
});

describe('revocation', () => {
  it('a stapled OCSP response speaks for the certificate, not for its issuer', async () => {
    const { document } = await judged(
      '--trust',
      join(ROOT, 'test/lab/pki/roots.pem'),
      capture('stapled-ocsp-and-alpn.pcap'),
    );
    const [atCapture] = document.sessions[0].paths;
    expect(atCapture).toMatchObject({ outcome: 'valid', revocation: 'unknown' });
    const codes = atCapture.findings.map(({ code, certificate }) => [code, certificate]);
    const [leaf, issuer] = atCapture.path.map(({ sha256 }) => sha256);
    expect(codes).toContainEqual(['ocsp-good', leaf]);
    expect(codes).toContainEqual(['revocation-unknown', issuer]);
  });
});

describe('exit codes', () => {
  const only = (connector: string) =>
    file(
      `only-${connector.replaceAll(/\W+/g, '-')}.yaml`,
      `version: 1\npartners:\n  - name: Northwind\n    servers: [10.99.0.20]\n    connector: ${connector}\n`,
    );
  const code = async (...args: string[]) => (await run(['analyze', '--summary', '--trust', TRUST, ...args])).code;

  it('an unknown outcome is 0, and 1 under --strict', async () => {
    const expectations = only('{ kind: exchange-online-outbound, tlsSettings: CertificateValidation }');
    expect(await code('--expect', expectations, STORY)).toBe(0);
    expect(await code('--expect', expectations, '--strict', STORY)).toBe(1);
  });

  it('unknown revocation delivers, unless --require-revocation', async () => {
    const expectations = only('{ kind: pinned, commonName: mail.northwind.example }');
    expect(await code('--expect', expectations, STORY)).toBe(0);
    expect(await code('--expect', expectations, '--require-revocation', STORY)).toBe(1);
  });

  it('plaintext is what an opportunistic sender expects', async () => {
    const expectations = file(
      'opportunistic.yaml',
      'version: 1\npartners:\n  - name: All\n    servers: [0.0.0.0/0]\n    connector: { kind: opportunistic }\n',
    );
    expect(await code('--expect', expectations, capture('starttls-not-offered.pcap'))).toBe(0);
  });

  it('without expectations an invalid path is a failed check', async () => {
    expect(await code('--at', 'capture', capture('chain-self-signed.pcap'))).toBe(1);
    expect(await code('--at', 'capture', capture('tls-1.2.pcap'))).toBe(0);
  });
});

describe('mistakes are told before the work begins', () => {
  it.each([
    [['--expect', 'no-such-file.yaml'], 'no-such-file.yaml: there is no such file'],
    [['--trust', 'no-such-policy'], 'no-such-policy: there is no trust policy'],
    [['--at', 'yesterday'], '"yesterday" is no time'],
    [['--profile', 'strict'], '--profile is path, rfc5280 or webpki'],
    [['--crl', TRUST], 'Give a CRL in PEM or DER'],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(['analyze', ...args, STORY]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('in an expectation file, with line and column', async () => {
    const broken = file(
      'broken.yaml',
      'version: 1\npartners:\n  - name: X\n    servers: [10.0.0.0/99]\n    connector: { kind: pined }\n',
    );
    const { code, stderr } = await run(['analyze', '--expect', broken, STORY]);
    expect(code).toBe(2);
    expect(stderr).toContain(`${broken}:4:`);
    expect(stderr).toContain(`${broken}:5:`);
  });
});

describe('pools', () => {
  it('one name, several certificates: a pool is told of', async () => {
    const captures = ['chain-wildcard.pcap', 'tls-1.2.pcap', 'chain-expired.pcap'].map(capture);
    const { document } = await judged('--trust', TRUST, ...captures);
    const names = document.pools.map(({ serverName }) => serverName);
    expect(names.length).toBeGreaterThan(0);
    for (const { variants, message } of document.pools) {
      expect(variants.length).toBeGreaterThan(1);
      expect(message).toMatch(/different (?:certificates|chains)/);
    }
  });
});
