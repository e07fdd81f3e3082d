import { createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../shared/bytes/hex.ts';
import { suiteProtection } from '../../../shared/tls/decryption/cipher-suites.ts';
import { RecordDecryptor } from '../../../shared/tls/decryption/record-decryptor.ts';
import {
  cutKeyBlock,
  keyBlockBytes,
  type RecordKeys,
  tls13Keys,
  updatedKeys,
} from '../../../shared/tls/decryption/record-keys.ts';
import { pseudorandom } from '../../../shared/tls/decryption/tls12-keys.ts';
import { expandLabel, nextTrafficSecret } from '../../../shared/tls/decryption/tls13-keys.ts';
import { Sealer } from './sealing.ts';

interface Protection {
  readonly name: string;
  readonly version: number;
  readonly keys: RecordKeys;
}

const SUITES: readonly [number, string][] = [
  [0x0001, 'NULL MD5'],
  [0x0002, 'NULL SHA'],
  [0x003b, 'NULL SHA256'],
  [0x0004, 'RC4 MD5'],
  [0x0005, 'RC4 SHA'],
  [0x000a, '3DES SHA'],
  [0x002f, 'AES-128 SHA'],
  [0x0035, 'AES-256 SHA'],
];
const SUITES_OF_TLS12: readonly [number, string][] = [
  [0x003c, 'AES-128 SHA256'],
  [0xc028, 'AES-256 SHA384'],
  [0x009c, 'AES-128 GCM'],
  [0x009d, 'AES-256 GCM'],
  [0xc09c, 'AES-128 CCM'],
  [0xc0a1, 'AES-256 CCM_8'],
  [0xcca8, 'ChaCha20-Poly1305'],
];
const SUITES_OF_TLS13: readonly [number, string][] = [
  [0x1301, 'AES-128 GCM'],
  [0x1302, 'AES-256 GCM'],
  [0x1303, 'ChaCha20-Poly1305'],
  [0x1304, 'AES-128 CCM'],
  [0x1305, 'AES-128 CCM_8'],
];

function octets(seed: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', seed, '', '', length));
}

function keysOf(code: number, version: number, encryptThenMac = false): RecordKeys {
  const suite = suiteProtection(code);
  if (suite.kind !== 'supported') throw new Error(suite.why);
  const { form, hash } = suite;
  if (version === 0x0304 && form.kind === 'aead') {
    return tls13Keys({ version, hash, form }, octets(`traffic ${code}`, hash === 'sha384' ? 48 : 32), 'application');
  }
  return cutKeyBlock(form, version, encryptThenMac, octets(`block ${code}`, keyBlockBytes(form, version))).client;
}

const PROTECTIONS: readonly Protection[] = [
  ...[0x0300, 0x0301, 0x0302, 0x0303].flatMap((version) =>
    [...SUITES, ...(version === 0x0303 ? SUITES_OF_TLS12 : [])].map(([code, name]) => ({
      name: `${name}, version ${version.toString(16)}`,
      version,
      keys: keysOf(code, version),
    })),
  ),
  ...[0x0301, 0x0302, 0x0303].flatMap((version) =>
    [0x000a, 0x002f, 0x0035].map((code) => ({
      name: `encrypt-then-MAC ${code.toString(16)}, version ${version.toString(16)}`,
      version,
      keys: keysOf(code, version, true),
    })),
  ),
  ...SUITES_OF_TLS13.map(([code, name]) => ({ name: `${name}, TLS 1.3`, version: 0x0303, keys: keysOf(code, 0x0304) })),
];

describe.each(PROTECTIONS)('$name', ({ version, keys }) => {
  const outerType = (type: number) => (keys.kind === 'tls13' ? 23 : type);

  it("opens what Node's OpenSSL sealed, record by record", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(21, 22, 23), fc.uint8Array({ maxLength: 300 }), fc.nat(3)), {
          minLength: 1,
          maxLength: 6,
        }),
        (records) => {
          const sealer = new Sealer(keys);
          const decryptor = new RecordDecryptor([keys]);
          for (const [type, content, extraPadding] of records) {
            const fragment = sealer.seal(type, version, content, { extraPadding });
            const opened = decryptor.decrypt(outerType(type), version, fragment);
            if (opened.kind !== 'plaintext') throw new Error(opened.reason);
            expect([opened.contentType, toHex(opened.bytes), opened.lostRecords]).toEqual([type, toHex(content), 0]);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('refuses a record with a bit flipped, cut short, of another type, repeated or out of turn', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (content, choice) => {
        const sealer = new Sealer(keys);
        const first = sealer.seal(23, version, content);
        const second = sealer.seal(23, version, content);
        const decryptor = new RecordDecryptor([keys]);
        const refuse = (fragment: Uint8Array, type = 23) =>
          expect(decryptor.decrypt(type, version, fragment).kind).toBe('bad-record');
        // SSL 3.0 leaves the padding open, so that nothing protects it.
        const protectedBits = (keys.kind === 'block' && version === 0x0300 ? content.length : first.length) * 8;
        const changed = first.slice();
        changed[(choice % protectedBits) >> 3] ^= 1 << (choice & 7);
        refuse(changed);
        refuse(first.subarray(0, choice % first.length));
        refuse(second);
        refuse(first, 22);
        // Refusals leave everything as it was.
        expect(decryptor.decrypt(23, version, first).kind).toBe('plaintext');
        refuse(first);
        expect(decryptor.decrypt(23, version, second).kind).toBe('plaintext');
      }),
      { numRuns: 25 },
    );
  });

  it('refuses everything under another key', () => {
    const fragment = new Sealer(keys).seal(22, version, new Uint8Array(16));
    const changed: RecordKeys =
      keys.kind === 'aead' || keys.kind === 'tls13'
        ? { ...keys, key: keys.key.map((octet) => octet ^ 1) }
        : { ...keys, macKey: keys.macKey.map((octet) => octet ^ 1) };
    const wrong = new RecordDecryptor([changed]);
    expect(wrong.decrypt(outerType(22), version, fragment)).toEqual({ kind: 'bad-record', reason: 'not-authentic' });
    expect(wrong.confirmed).toBe(false);
    // With both at hand, the one that fits is taken, whichever comes first.
    for (const alternatives of [
      [changed, keys],
      [keys, changed],
    ]) {
      const either = new RecordDecryptor(alternatives);
      expect(either.decrypt(outerType(22), version, fragment).kind).toBe('plaintext');
      expect(either.confirmed).toBe(true);
    }
  });

  it('never throws, whatever the fragment', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(0xffff), fc.uint8Array({ maxLength: 120 }), (type, anyVersion, fragment) => {
        expect(new RecordDecryptor([keys]).decrypt(type, anyVersion, fragment).kind).toBe('bad-record');
      }),
      { numRuns: 60 },
    );
  });
});

describe('a cipher that the host gives', () => {
  it('takes the place of ours, after KeyUpdate too, and may refuse', () => {
    const keys = keysOf(0x1301, 0x0304);
    const asked: string[] = [];
    const decryptor = new RecordDecryptor([keys], (cipher, key, nonce, associatedData, sealed, tagBytes) => {
      asked.push(cipher);
      const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(associatedData);
      decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
      const content = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
      try {
        return Uint8Array.from(Buffer.concat([content, decipher.final()]));
      } catch {
        return null;
      }
    });
    const sealer = new Sealer(keys);
    const fragment = sealer.seal(22, 0x0303, Buffer.from('hello'));
    expect(decryptor.decrypt(23, 0x0303, fragment.slice().fill(0, 0, 1)).kind).toBe('bad-record');
    expect(decryptor.decrypt(23, 0x0303, fragment)).toMatchObject({ kind: 'plaintext', contentType: 22 });
    const next = keys.kind === 'tls13' ? updatedKeys(keys) : null;
    if (next === null) throw new Error('no updates');
    decryptor.updateKeys();
    expect(decryptor.decrypt(23, 0x0303, new Sealer(next).seal(23, 0x0303, Buffer.from('again'))).kind).toBe(
      'plaintext',
    );
    expect(asked).toEqual(['aes-gcm', 'aes-gcm', 'aes-gcm']);
  });
});

describe('the pseudorandom functions', () => {
  function expansion(hash: string, secret: Uint8Array, seed: Uint8Array, length: number): Buffer {
    let result = Buffer.alloc(0);
    for (let chained: Uint8Array = seed; result.length < length; ) {
      chained = createHmac(hash, secret).update(chained).digest();
      result = Buffer.concat([result, createHmac(hash, secret).update(chained).update(seed).digest()]);
    }
    return result.subarray(0, length);
  }

  it("agree with the RFCs' formulas over Node's hashes", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 64 }),
        fc.uint8Array({ maxLength: 64 }),
        fc.integer({ min: 1, max: 200 }),
        (secret, seed, length) => {
          const labelled = Buffer.concat([Buffer.from('key expansion'), seed]);
          for (const hash of ['sha256', 'sha384'] as const) {
            const ours = pseudorandom(hash, secret, 'key expansion', seed, length);
            expect(toHex(ours)).toBe(expansion(hash, secret, labelled, length).toString('hex'));
          }
          const half = Math.ceil(secret.length / 2);
          const md5 = expansion('md5', secret.subarray(0, half), labelled, length);
          const sha1 = expansion('sha1', secret.subarray(secret.length - half), labelled, length);
          const mixed = md5.map((octet, i) => octet ^ sha1[i]);
          expect(toHex(pseudorandom('md5-sha1', secret, 'key expansion', seed, length))).toBe(toHex(mixed));
          const letters = ['A', 'BB', 'CCC', 'DDDD', 'EEEEE', 'FFFFFF', 'GGGGGGG'].map((letter) => {
            const inner = createHash('sha1').update(letter).update(secret).update(seed).digest();
            return createHash('md5').update(secret).update(inner).digest();
          });
          const ssl3 = Buffer.concat(letters).subarray(0, length);
          const ours = pseudorandom('ssl3', secret, 'unused', seed, Math.min(length, 7 * 16));
          expect(toHex(ours)).toBe(ssl3.toString('hex'));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("HKDF-Expand-Label agrees with Node's HKDF", () => {
    // Node has no expand alone: HKDF with this secret as the result of its extract step, by HMAC as in RFC 5869.
    const secret = octets('secret', 48);
    const info = Buffer.concat([Buffer.from([0, 100, 9]), Buffer.from('tls13 key'), Buffer.from([2, 7, 8])]);
    let [result, block] = [Buffer.alloc(0), Buffer.alloc(0)];
    for (let round = 1; result.length < 100; round++) {
      block = createHmac('sha384', secret)
        .update(block)
        .update(info)
        .update(Buffer.from([round]))
        .digest();
      result = Buffer.concat([result, block]);
    }
    expect(toHex(expandLabel('sha384', secret, 'key', Uint8Array.of(7, 8), 100))).toBe(
      result.subarray(0, 100).toString('hex'),
    );
  });
});

describe('KeyUpdate (RFC 8446 section 7.2)', () => {
  it.each([0x1301, 0x1302, 0x1303])('follows the chain of traffic secrets, suite %i', (code) => {
    let keys: RecordKeys = keysOf(code, 0x0304);
    const decryptor = new RecordDecryptor([keys]);
    for (let generation = 0; generation < 4; generation++) {
      if (keys.kind !== 'tls13' || keys.updatable === null) throw new Error('no updates');
      const sealer = new Sealer(keys);
      for (const content of ['first', 'second']) {
        const opened = decryptor.decrypt(23, 0x0303, sealer.seal(23, 0x0303, Buffer.from(content)));
        expect(opened).toMatchObject({ kind: 'plaintext', contentType: 23 });
      }
      expect(decryptor.updateKeys()).toBe(true);
      const next = updatedKeys(keys);
      if (next === null) throw new Error('no next keys');
      expect(toHex(next.updatable ?? new Uint8Array(0))).toBe(
        toHex(nextTrafficSecret(keys.hash, keys.updatable, keys.version)),
      );
      keys = next;
    }
  });

  it('is none of the handshake secrets, nor of TLS 1.2', () => {
    expect(new RecordDecryptor([keysOf(0x009c, 0x0303)]).updateKeys()).toBe(false);
  });
});
