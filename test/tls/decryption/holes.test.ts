import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../shared/bytes/limits.ts';
import { suiteProtection } from '../../../shared/tls/decryption/cipher-suites.ts';
import { RecordDecryptor } from '../../../shared/tls/decryption/record-decryptor.ts';
import {
  cutKeyBlock,
  keyBlockBytes,
  type RecordKeys,
  tls13Keys,
  updatedKeys,
} from '../../../shared/tls/decryption/record-keys.ts';
import { Sealer } from './sealing.ts';

function keysOf(code: number, version: number, encryptThenMac = false): RecordKeys {
  const suite = suiteProtection(code);
  if (suite.kind !== 'supported') throw new Error(suite.why);
  const { form, hash } = suite;
  const octets = Uint8Array.from({ length: 256 }, (_, i) => (i * 73 + code) & 0xff);
  if (version === 0x0304 && form.kind === 'aead') {
    return tls13Keys({ version, hash, form }, octets.subarray(0, hash === 'sha384' ? 48 : 32), 'application');
  }
  return cutKeyBlock(form, version, encryptThenMac, octets.subarray(0, keyBlockBytes(form, version))).server;
}

/** All that can go on behind a hole without waiting for another record. */
const SELF_CONTAINED: readonly [string, number, RecordKeys][] = [
  ['AES-CBC of TLS 1.1', 0x0302, keysOf(0x002f, 0x0302)],
  ['AES-CBC, encrypt-then-MAC', 0x0303, keysOf(0x002f, 0x0303, true)],
  ['AES-GCM of TLS 1.2', 0x0303, keysOf(0x009c, 0x0303)],
  ['AES-CCM_8 of TLS 1.2', 0x0303, keysOf(0xc0a0, 0x0303)],
  ['ChaCha20-Poly1305 of TLS 1.2', 0x0303, keysOf(0xcca8, 0x0303)],
  ['AES-GCM of TLS 1.3', 0x0303, keysOf(0x1302, 0x0304)],
  ['ChaCha20-Poly1305 of TLS 1.3', 0x0303, keysOf(0x1303, 0x0304)],
  ['RC4', 0x0301, keysOf(0x0005, 0x0301)],
  ['no cipher', 0x0301, keysOf(0x0002, 0x0301)],
];

function texts(...sizes: readonly number[]): readonly Uint8Array[] {
  return sizes.map((size, i) => Buffer.from(`${i} `.padEnd(size, 'x')));
}

describe.each(SELF_CONTAINED)('missing packets, %s', (_, version, keys) => {
  it('goes on behind a hole of known size, and says how many records lay in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 3, max: 400 }), { minLength: 3, maxLength: 12 }),
        fc.nat(),
        fc.nat(),
        (sizes, first, count) => {
          const sealer = new Sealer(keys);
          const fragments = texts(...sizes).map((content) => sealer.seal(23, version, content));
          const from = 1 + (first % (fragments.length - 2));
          const to = from + 1 + (count % (fragments.length - from - 1));
          const decryptor = new RecordDecryptor([keys]);
          for (const [i, fragment] of fragments.entries()) {
            if (i >= from && i < to) decryptor.lose(5 + fragment.length);
            else {
              const opened = decryptor.decrypt(23, version, fragment);
              if (opened.kind !== 'plaintext') throw new Error(`record ${i}: ${opened.reason}`);
              expect(opened.lostRecords).toBe(i === to ? to - from : 0);
              expect(Buffer.from(opened.bytes).toString().startsWith(`${i} `)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('counts a record that it is told to pass by, before and behind a hole', () => {
    const sealer = new Sealer(keys);
    const fragments = texts(20, 3000, 40, 50, 60, 70).map((content) => sealer.seal(23, version, content));
    const decryptor = new RecordDecryptor([keys]);
    expect(decryptor.decrypt(23, version, fragments[0]).kind).toBe('plaintext');
    decryptor.pass(fragments[1].length, fragments[1].subarray(-16));
    expect(decryptor.decrypt(23, version, fragments[2]).kind).toBe('plaintext');
    decryptor.lose(fragments[3].length + 5);
    decryptor.pass(fragments[4].length, null);
    expect(decryptor.decrypt(23, version, fragments[5])).toMatchObject({ kind: 'plaintext', lostRecords: 1 });
  });
});

describe('an initialization vector that lies in the hole (TLS 1.0)', () => {
  const keys = keysOf(0x0035, 0x0301);

  it('costs one record more', () => {
    const sealer = new Sealer(keys);
    const fragments = texts(20, 30, 40, 50, 60).map((content) => sealer.seal(23, 0x0301, content));
    const decryptor = new RecordDecryptor([keys]);
    expect(decryptor.decrypt(23, 0x0301, fragments[0]).kind).toBe('plaintext');
    decryptor.lose(fragments[1].length + 5);
    const refused = decryptor.decrypt(23, 0x0301, fragments[2]);
    expect(refused).toEqual({ kind: 'bad-record', reason: 'initialization-vector-lost' });
    decryptor.pass(fragments[2].length, fragments[2]);
    expect(decryptor.decrypt(23, 0x0301, fragments[3])).toMatchObject({ kind: 'plaintext', lostRecords: 1 });
    expect(decryptor.decrypt(23, 0x0301, fragments[4]).kind).toBe('plaintext');
  });

  it('is there when only the end of the record before was captured', () => {
    const sealer = new Sealer(keys);
    const fragments = texts(20, 3000, 40).map((content) => sealer.seal(23, 0x0301, content));
    const decryptor = new RecordDecryptor([keys]);
    expect(decryptor.decrypt(23, 0x0301, fragments[0]).kind).toBe('plaintext');
    decryptor.pass(fragments[1].length, fragments[1].subarray(-100));
    expect(decryptor.decrypt(23, 0x0301, fragments[2]).kind).toBe('plaintext');
  });
});

describe('holes whose size nobody knows', () => {
  it('are searched from where the sequence stood', () => {
    const keys = keysOf(0x1301, 0x0304);
    const sealer = new Sealer(keys);
    const fragments = texts(...Array(300).fill(20)).map((content) => sealer.seal(23, 0x0303, content));
    const decryptor = new RecordDecryptor([keys]);
    decryptor.lose(null);
    expect(decryptor.decrypt(23, 0x0303, fragments[250])).toMatchObject({ kind: 'plaintext', lostRecords: 250 });
    expect(decryptor.decrypt(23, 0x0303, fragments[251])).toMatchObject({ kind: 'plaintext', lostRecords: 0 });
  });

  it('end RC4, whose keystream goes by octets', () => {
    const keys = keysOf(0x0005, 0x0301);
    const fragment = new Sealer(keys).seal(23, 0x0301, texts(20)[0]);
    for (const size of [null, LIMITS.keystreamGapBytes + 1]) {
      const decryptor = new RecordDecryptor([keys]);
      decryptor.lose(size);
      expect(decryptor.decrypt(23, 0x0301, fragment)).toEqual({ kind: 'bad-record', reason: 'keystream-lost' });
    }
  });
});

describe('an explicit nonce tells the place at once', () => {
  it('however many records are missing, when the sender counts from anywhere', () => {
    const keys = keysOf(0x009d, 0x0303);
    const start = 0xfedc_ba98_ffff_fff0n;
    const sealer = new Sealer(keys);
    const first = sealer.seal(23, 0x0303, texts(20)[0], { explicitNonce: start });
    sealer.sequence = 1_000_000n;
    const later = sealer.seal(23, 0x0303, texts(20)[0], {
      explicitNonce: (start + 1_000_000n) & 0xffff_ffff_ffff_ffffn,
    });
    const decryptor = new RecordDecryptor([keys]);
    expect(decryptor.decrypt(23, 0x0303, first).kind).toBe('plaintext');
    decryptor.lose(500_000_000);
    expect(decryptor.decrypt(23, 0x0303, later)).toMatchObject({ kind: 'plaintext', lostRecords: 999_999 });
  });
});

describe('keys that were updated inside the hole', () => {
  it('are found, and the sequence begins anew', () => {
    const keys = keysOf(0x1301, 0x0304);
    const next = keys.kind === 'tls13' ? updatedKeys(keys) : null;
    if (next === null) throw new Error('no updates');
    const [old, renewed] = [new Sealer(keys), new Sealer(next)];
    const decryptor = new RecordDecryptor([keys]);
    expect(decryptor.decrypt(23, 0x0303, old.seal(23, 0x0303, texts(20)[0])).kind).toBe('plaintext');
    const lost = [old.seal(22, 0x0303, Uint8Array.of(24, 0, 0, 1, 0)), renewed.seal(23, 0x0303, texts(300)[0])];
    decryptor.lose(lost.reduce((sum, fragment) => sum + fragment.length + 5, 0));
    const opened = decryptor.decrypt(23, 0x0303, renewed.seal(23, 0x0303, texts(20)[0]));
    expect(opened).toMatchObject({ kind: 'plaintext', keysUpdated: true, lostRecords: 2 });
    expect(decryptor.decrypt(23, 0x0303, renewed.seal(23, 0x0303, texts(20)[0])).kind).toBe('plaintext');
  });
});

describe('a search that finds nothing', () => {
  it('ends, and the next ones are given up', () => {
    const keys = keysOf(0x1303, 0x0304);
    const decryptor = new RecordDecryptor([keys]);
    decryptor.lose(10 * 1024 * 1024);
    const noise = new Uint8Array(16_000).fill(7);
    const reasons = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const opened = decryptor.decrypt(23, 0x0303, noise);
      if (opened.kind === 'bad-record') reasons.add(opened.reason);
    }
    expect([...reasons]).toEqual(['search-given-up']);
  });
});
