import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { suiteProtection } from '../../../shared/tls/decryption/cipher-suites.ts';
import { CIPHER_SUITES } from '../../../shared/tls/registries/cipher-suites.ts';
import { hasTool } from '../../support/tools.ts';

interface Listed {
  readonly code: number;
  readonly name: string;
  readonly encryption: string;
  readonly mac: string;
}

/** `0xC0,0x30 - ECDHE-RSA-AES256-GCM-SHA384 TLSv1.2 Kx=ECDH Au=RSA Enc=AESGCM(256) Mac=AEAD` */
function opensslSuites(): readonly Listed[] {
  const { stdout } = spawnSync('openssl', ['ciphers', '-V', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'], { encoding: 'utf8' });
  return [...stdout.matchAll(/0x(..),0x(..) - (\S+)\s.*Enc=(\S+)\s+Mac=(\S+)/g)].map(
    ([, high, low, name, encryption, mac]) => ({ code: Number.parseInt(high + low, 16), name, encryption, mac }),
  );
}

const MACS: Readonly<Record<string, string>> = { SHA1: 'sha1', SHA256: 'sha256', SHA384: 'sha384', MD5: 'md5' };

/** What OpenSSL says of a suite, in our words; null for ciphers that we do not open. */
function expectedForm({ encryption, mac }: Listed): unknown {
  const [, cipher, bits] = /^([A-Za-z0-9/]+?)(?:\((\d+)\))?$/.exec(encryption) ?? [];
  const keyBytes = Number(bits) / 8;
  switch (cipher) {
    case 'AESGCM':
      return { kind: 'aead', cipher: 'aes-gcm', keyBytes, tagBytes: 16 };
    case 'AESCCM':
      return { kind: 'aead', cipher: 'aes-ccm', keyBytes, tagBytes: 16 };
    case 'AESCCM8':
      return { kind: 'aead', cipher: 'aes-ccm', keyBytes, tagBytes: 8 };
    case 'CHACHA20/POLY1305':
      return { kind: 'aead', cipher: 'chacha20-poly1305', keyBytes: 32, tagBytes: 16 };
    case 'AES':
      return { kind: 'block', cipher: 'aes', keyBytes, blockBytes: 16, mac: MACS[mac] };
    case '3DES':
      return { kind: 'block', cipher: '3des', keyBytes: 24, blockBytes: 8, mac: MACS[mac] };
    case 'RC4':
      return { kind: 'stream', cipher: 'rc4', keyBytes: 16, mac: MACS[mac] };
    case 'None':
      return { kind: 'null', mac: MACS[mac] };
    default:
      return null;
  }
}

describe('the record form of cipher suites', () => {
  it.skipIf(!hasTool('openssl'))('is that of OpenSSL, for every suite that it knows', () => {
    const suites = opensslSuites();
    expect(suites.length).toBeGreaterThan(100);
    for (const suite of suites) {
      const ours = suiteProtection(suite.code);
      const form = ours.kind === 'supported' ? ours.form : null;
      expect({ ...suite, form }).toEqual({ ...suite, form: expectedForm(suite) });
      if (ours.kind === 'supported') expect(ours.hash).toBe(suite.name.endsWith('SHA384') ? 'sha384' : 'sha256');
    }
  });

  it('is known for RC4 and triple DES, which OpenSSL is no longer built with', () => {
    expect(suiteProtection(0x0004)).toMatchObject({ form: { kind: 'stream', mac: 'md5' }, keyExchange: 'rsa' });
    expect(suiteProtection(0xc011)).toMatchObject({ form: { kind: 'stream', mac: 'sha1' }, keyExchange: 'ecdhe' });
    expect(suiteProtection(0x000a)).toMatchObject({ form: { kind: 'block', cipher: '3des', keyBytes: 24 } });
    expect(suiteProtection(0xc012)).toMatchObject({ form: { kind: 'block', cipher: '3des', mac: 'sha1' } });
  });

  it.each([
    [0x0003, 'an export suite'],
    [0x0008, 'export DES'],
    [0x0009, 'DES'],
    [0x0007, 'IDEA'],
    [0x0041, 'Camellia'],
    [0x0096, 'SEED'],
    [0xc03c, 'ARIA'],
    [0xcc13, 'ChaCha20 of the draft, whose nonce is another'],
    [0x0081, 'GOST'],
    [0x00c6, 'SM4'],
    [0x0000, 'no protection at all'],
    [0x0062, 'export of 56 bits'],
    [0x00ff, 'no suite, but a signal'],
    [0x5600, 'no suite, but a signal'],
    [0x1a1a, 'GREASE'],
    [0xeeee, 'an unknown code'],
    [0x010080, 'SSL 2.0'],
    [0x1306, 'AEGIS'],
  ])('%i is unsupported, and says why: %s', (code) => {
    const protection = suiteProtection(code);
    expect(protection).toMatchObject({ kind: 'unsupported' });
    if (protection.kind === 'unsupported') expect(protection.why).toMatch(/^[A-Z].*\.$/);
  });

  it('has an answer for every registered suite', () => {
    const kinds = new Set([...CIPHER_SUITES.codes()].map((code) => suiteProtection(code).kind));
    expect([...kinds].sort()).toEqual(['supported', 'unsupported']);
  });
});
