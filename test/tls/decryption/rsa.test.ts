import { constants, createPrivateKey, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../shared/bytes/hex.ts';
import {
  decryptPreMaster,
  encryptedPreMaster,
  type RsaDecryptionKey,
} from '../../../shared/tls/decryption/rsa-key-exchange.ts';
import { readPrivateKey, readPrivateKeys } from '../../../shared/x509/rsa-private-key.ts';
import { concat, uint16 } from '../../support/octets.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const odd = generateKeyPairSync('rsa', { modulusLength: 1032 });

function keyOf(der: Uint8Array): RsaDecryptionKey {
  const reading = readPrivateKey(der);
  if (reading.kind !== 'rsa') throw new Error(JSON.stringify(reading));
  return reading.key;
}

const key = keyOf(pair.privateKey.export({ type: 'pkcs8', format: 'der' }));

function encrypt(message: Uint8Array, to = pair.publicKey): Uint8Array {
  return publicEncrypt({ key: to, padding: constants.RSA_PKCS1_PADDING }, message);
}

const preMaster = concat(uint16(0x0303), new Uint8Array(46).fill(0x5a));

describe('private keys', () => {
  it.each([
    ['PKCS #1', 'pkcs1'],
    ['PKCS #8', 'pkcs8'],
  ] as const)('%s, DER and PEM, as Node wrote them', (_, type) => {
    const jwk = pair.privateKey.export({ format: 'jwk' });
    const hex = (text: string | undefined) => Buffer.from(text ?? '', 'base64url').toString('hex');
    const pem = `Bag Attributes\n  friendlyName: mail\n${pair.privateKey.export({ type, format: 'pem' })}`;
    for (const file of [pair.privateKey.export({ type, format: 'der' }), Buffer.from(pem)]) {
      const [reading, ...more] = readPrivateKeys(file);
      if (reading?.kind !== 'rsa') throw new Error(JSON.stringify(reading));
      expect(more).toEqual([]);
      const { modulus, publicExponent, privateExponent, primes } = reading.key;
      expect(
        [modulus, publicExponent, privateExponent, primes.p, primes.q, primes.dP, primes.dQ, primes.qInv].map((n) =>
          toHex(n),
        ),
      ).toEqual([jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map(hex));
    }
  });

  it('that need a passphrase are told apart', () => {
    const encryption = { cipher: 'aes-256-cbc', passphrase: 'x' } as const;
    const pkcs8 = { type: 'pkcs8', ...encryption } as const;
    expect(readPrivateKeys(Buffer.from(pair.privateKey.export({ format: 'pem', ...pkcs8 })))).toEqual([
      { kind: 'encrypted' },
    ]);
    expect(readPrivateKeys(pair.privateKey.export({ format: 'der', ...pkcs8 }))).toEqual([{ kind: 'encrypted' }]);
    const traditional = pair.privateKey.export({ format: 'pem', type: 'pkcs1', ...encryption });
    expect(traditional).toContain('Proc-Type: 4,ENCRYPTED');
    expect(readPrivateKeys(Buffer.from(traditional))).toEqual([{ kind: 'encrypted' }]);
  });

  it('of other algorithms are no use, and certificates are no keys', () => {
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(readPrivateKeys(Buffer.from(curve.export({ type: 'pkcs8', format: 'pem' })))).toEqual([
      { kind: 'other-algorithm', algorithm: '1.2.840.10045.2.1' },
    ]);
    expect(readPrivateKeys(Buffer.from(curve.export({ type: 'sec1', format: 'pem' })))).toEqual([
      { kind: 'other-algorithm', algorithm: null },
    ]);
    expect(readPrivateKeys(Buffer.from('no key at all'))).toEqual([]);
    expect(readPrivateKeys(Buffer.from('-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n'))).toEqual([]);
  });

  it('that were damaged never throw, and are never taken for whole ones without a word', () => {
    const der = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, value, length) => {
        const changed = Buffer.from(der);
        changed[at] = value;
        expect(['rsa', 'malformed', 'other-algorithm', 'encrypted']).toContain(readPrivateKey(changed).kind);
        if (length < der.length) expect(readPrivateKey(der.subarray(0, length)).kind).toBe('malformed');
      }),
      { numRuns: 300 },
    );
  });
});

describe('EncryptedPreMasterSecret', () => {
  it('has its length before it in TLS, and not in SSL 3.0', () => {
    const encrypted = encrypt(preMaster);
    expect(encryptedPreMaster(concat(uint16(256), encrypted))).toEqual(Uint8Array.from(encrypted));
    expect(encryptedPreMaster(encrypted)).toEqual(encrypted);
    expect(encryptedPreMaster(new Uint8Array(1))).toBeNull();
    expect(encryptedPreMaster(encrypted.subarray(1))).toBeNull();
  });

  it('decrypts what Node encrypted, with the primes and without, for sizes that are no whole words', () => {
    for (const used of [key, { ...key, primes: null }]) {
      expect(decryptPreMaster(encrypt(preMaster), used, [0x0303])).toEqual({
        kind: 'pre-master-secret',
        secret: preMaster,
      });
    }
    const oddKey = keyOf(odd.privateKey.export({ type: 'pkcs1', format: 'der' }));
    expect(decryptPreMaster(encrypt(preMaster, odd.publicKey), oddKey, [0x0303])).toEqual({
      kind: 'pre-master-secret',
      secret: preMaster,
    });
  });

  it('says what is wrong: another key, another length, another version, no number of this modulus', () => {
    const reason = (encrypted: Uint8Array, used = key, versions = [0x0303]) => {
      const decrypted = decryptPreMaster(encrypted, used, versions);
      return decrypted.kind === 'not-decrypted' ? decrypted.reason : decrypted.kind;
    };
    expect(reason(encrypt(preMaster, other.publicKey).map((octet, i) => (i === 0 ? 0 : octet)))).toBe('padding');
    expect(reason(encrypt(preMaster).subarray(1))).toBe('length');
    expect(reason(new Uint8Array(256).fill(0xff))).toBe('range');
    expect(reason(encrypt(preMaster), key, [0x0301])).toBe('version');
    expect(reason(encrypt(preMaster.subarray(1)))).toBe('padding');
    expect(reason(new Uint8Array(256))).toBe('padding');
    expect(reason(encrypt(preMaster), { ...key, modulus: new Uint8Array(0) })).toBe('key-unusable');
    expect(reason(encrypt(preMaster), { ...key, modulus: new Uint8Array(256).fill(0xfe) })).toBe('key-unusable');
    expect(reason(encrypt(preMaster), { ...key, modulus: new Uint8Array(4096).fill(0xff) })).toBe('key-unusable');
  });

  it('does not trust primes that are not those of the modulus', () => {
    const { primes } = key;
    if (primes === null) throw new Error('no primes');
    const wrong = { ...key, primes: { ...primes, p: primes.q } };
    expect(decryptPreMaster(encrypt(preMaster), wrong, [0x0303]).kind).toBe('pre-master-secret');
  });

  it('never throws on any ciphertext', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 256, maxLength: 256 }), (noise) => {
        expect(decryptPreMaster(noise, key, [0x0303]).kind).toBe('not-decrypted');
      }),
      { numRuns: 20 },
    );
  });

  it('Node reads the same key', () => {
    expect(createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })).equals(pair.privateKey)).toBe(
      true,
    );
  });
});
