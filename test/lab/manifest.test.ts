import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Manifest } from './truth.ts';

const CAPTURES = join(import.meta.dirname, '../captures');
const PKI = join(import.meta.dirname, 'pki');
const STORY = 'contoso-to-fabrikam-via-eop.pcapng';

const { captures } = JSON.parse(readFileSync(join(CAPTURES, 'manifest.json'), 'utf8')) as Manifest;

const certificates = new Map(
  readdirSync(PKI)
    .filter((file) => file.endsWith('.crt.pem'))
    .map((file) => {
      const certificate = new X509Certificate(readFileSync(join(PKI, file)));
      return [certificate.fingerprint256.replaceAll(':', '').toLowerCase(), certificate];
    }),
);

/** The bytes of a capture, of a folder those of all its files. */
function bytesOf(file: string): Buffer {
  const path = join(CAPTURES, file);
  if (statSync(path).isDirectory())
    return Buffer.concat(readdirSync(path).map((part) => readFileSync(join(path, part))));
  return readFileSync(path);
}

describe('the manifest of the test captures', () => {
  it('lists every file of the folder and no other', () => {
    const listed = captures.flatMap(({ file, keyLog }) => (keyLog === null ? [file] : [file, keyLog]));
    const present = readdirSync(CAPTURES).filter((file) => file !== 'manifest.json');
    expect(listed.sort()).toEqual(present.sort());
  });

  it('keeps captures small: the story below 300 kB, others below 60 kB, all together below 3 MB', () => {
    let sum = 0;
    for (const { file } of captures) {
      const size = bytesOf(file).length;
      sum += size;
      expect(size, file).toBeLessThan(file === STORY ? 300_000 : 60_000);
    }
    expect(sum).toBeLessThan(3_000_000);
  });

  it('names certificates of the laboratory only', () => {
    for (const { file, sessions } of captures) {
      for (const { serverChain, clientChain } of sessions) {
        for (const sha256 of [...serverChain, ...clientChain])
          expect(certificates.has(sha256), `${file} ${sha256}`).toBe(true);
      }
    }
  });

  it('has certificates in the captures where it calls them visible', () => {
    for (const { file, sessions, compression } of captures) {
      const bytes = compression === 'gzip' && !file.startsWith('damage-') ? gunzipSync(bytesOf(file)) : bytesOf(file);
      for (const { visibility, serverChain } of sessions) {
        // The last bytes of a certificate are its signature's, and lie in one segment more often than not.
        if (visibility.server !== 'visible' || file.startsWith('damage-') || serverChain.length === 0) continue;
        const tails = serverChain.map((sha256) => certificates.get(sha256)?.raw.subarray(-16) ?? Buffer.from('none'));
        expect(
          tails.some((tail) => bytes.includes(tail)),
          file,
        ).toBe(true);
      }
    }
  });

  it('has each planted secret in its capture', () => {
    const planted = captures.filter(({ secrets }) => secrets.length > 0);
    expect(planted.length).toBeGreaterThanOrEqual(6);
    for (const { file, secrets } of planted) {
      const bytes = bytesOf(file);
      const found = secrets.filter((secret) => bytes.includes(secret));
      expect(found.length, file).toBeGreaterThan(0);
    }
  });

  it('has key logs that name secrets of sessions', () => {
    for (const { keyLog } of captures) {
      if (keyLog === null) continue;
      expect(readFileSync(join(CAPTURES, keyLog), 'latin1'), keyLog).toMatch(
        /^(CLIENT_RANDOM|(CLIENT|SERVER)_HANDSHAKE_TRAFFIC_SECRET) [0-9a-f]{64} [0-9a-f]+$/im,
      );
    }
  });
});

describe('the story', () => {
  const story = captures.find(({ file }) => file === STORY);

  it('has twelve sessions, three of them refused by Contoso for the name of EOP', () => {
    expect(story?.sessions).toHaveLength(12);
    const refused = story?.sessions.filter(({ serverChainName }) => serverChainName === 'eop') ?? [];
    expect(refused).toHaveLength(3);
    for (const { clientChainName, server } of refused)
      expect([clientChainName, server]).toEqual(['contoso-2014', '10.99.0.10:25']);
  });

  it('has certificates that were valid at ten o\u2019clock on 3 September 2014 and have expired since', () => {
    const then = Date.UTC(2014, 8, 3, 10);
    for (const { serverChain, clientChain } of story?.sessions ?? []) {
      for (const sha256 of [serverChain[0], clientChain[0]]) {
        const certificate = sha256 === undefined ? undefined : certificates.get(sha256);
        if (certificate === undefined) continue;
        expect(Date.parse(certificate.validFrom)).toBeLessThan(then);
        expect(Date.parse(certificate.validTo)).toBeGreaterThan(then);
        expect(Date.parse(certificate.validTo)).toBeLessThan(Date.UTC(2026, 0, 1));
      }
    }
  });

  it('has the five names of EOP of 2014', () => {
    const eop = new X509Certificate(readFileSync(join(PKI, 'eop.crt.pem')));
    expect(eop.subjectAltName?.split(', ')).toEqual(
      [
        '*.mail.eo.outlook.com',
        '*.mail.protection.outlook.com',
        'mail.protection.outlook.com',
        'outlook.com',
        'mail.messaging.microsoft.com',
      ].map((name) => `DNS:${name}`),
    );
  });

  it('keeps keys of no authority', () => {
    const keys = existsSync(join(PKI, '.gitignore')) ? readFileSync(join(PKI, '.gitignore'), 'utf8') : '';
    for (const authority of ['baltimore', 'it-ssl-sha2', 'partner-root', 'partner-issuing'])
      expect(keys).not.toContain(`!TEST-keys/${authority}`);
  });
});
