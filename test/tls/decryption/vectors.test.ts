import { describe, expect, it } from 'vitest';
import { toHex } from '../../../shared/bytes/hex.ts';
import { openCcm } from '../../../shared/tls/decryption/ccm.ts';
import { Rc4 } from '../../../shared/tls/decryption/rc4.ts';
import { pseudorandom } from '../../../shared/tls/decryption/tls12-keys.ts';
import { decryptTripleDesCbc } from '../../../shared/tls/decryption/triple-des.ts';
import { bytesOf } from '../support.ts';

describe('RC4 (RFC 6229 section 2)', () => {
  /** Key, and the keystream at some of the offsets of the RFC. */
  const VECTORS: readonly [string, Readonly<Record<number, string>>][] = [
    [
      '0102030405',
      {
        0: 'b2396305f03dc027ccc3524a0a1118a8',
        16: '6982944f18fc82d589c403a47a0d0919',
        240: '28cb1132c96ce286421dcaadb8b69eae',
      },
    ],
    [
      '0102030405060708090a0b0c0d0e0f10',
      {
        0: '9ac7cc9a609d1ef7b2932899cde41b97',
        16: '5248c4959014126a6e8a84f11d1a9e1c',
        240: '065902e4b620f6cc36c8589f66432f2b',
      },
    ],
    [
      '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
      { 0: 'eaa6bd25880bf93d3f5d1e4ca2611d91', 16: 'cfa45c9f7e714b54bdfa80027cb14380' },
    ],
  ];

  it.each(VECTORS)('key %s', (key, expected) => {
    const stream = new Rc4(bytesOf(key)).keystream(512);
    for (const [offset, octets] of Object.entries(expected)) {
      expect(toHex(stream, Number(offset), Number(offset) + 16)).toBe(octets);
    }
  });

  it('gives the same keystream in pieces, and a copy goes its own way', () => {
    const key = bytesOf('0102030405');
    const whole = new Rc4(key).keystream(100);
    const cipher = new Rc4(key);
    cipher.keystream(33);
    const copy = new Rc4(cipher);
    expect(toHex(copy.keystream(67))).toBe(toHex(whole, 33));
    expect(toHex(cipher.keystream(67))).toBe(toHex(whole, 33));
  });
});

describe('AES-CCM', () => {
  /** RFC 3610 section 8 packet vectors 1, 2 and 3; NIST SP 800-38C examples 1, 2 and 3. */
  const VECTORS = [
    {
      name: 'RFC 3610 packet vector 1',
      key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf',
      nonce: '00000003020100a0a1a2a3a4a5',
      associated: '0001020304050607',
      plaintext: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e',
      sealed: '588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0',
      tagBytes: 8,
    },
    {
      name: 'RFC 3610 packet vector 2',
      key: 'c0c1c2c3c4c5c6c7c8c9cacbcccdcecf',
      nonce: '00000004030201a0a1a2a3a4a5',
      associated: '0001020304050607',
      plaintext: '08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
      sealed: '72c91a36e135f8cf291ca894085c87e3cc15c439c9e43a3ba091d56e10400916',
      tagBytes: 8,
    },
    {
      name: 'NIST SP 800-38C example 1',
      key: '404142434445464748494a4b4c4d4e4f',
      nonce: '10111213141516',
      associated: '0001020304050607',
      plaintext: '20212223',
      sealed: '7162015b4dac255d',
      tagBytes: 4,
    },
    {
      name: 'NIST SP 800-38C example 2',
      key: '404142434445464748494a4b4c4d4e4f',
      nonce: '1011121314151617',
      associated: '000102030405060708090a0b0c0d0e0f',
      plaintext: '202122232425262728292a2b2c2d2e2f',
      sealed: 'd2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd',
      tagBytes: 6,
    },
    {
      name: 'NIST SP 800-38C example 3',
      key: '404142434445464748494a4b4c4d4e4f',
      nonce: '101112131415161718191a1b',
      associated: '000102030405060708090a0b0c0d0e0f10111213',
      plaintext: '202122232425262728292a2b2c2d2e2f3031323334353637',
      sealed: 'e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951',
      tagBytes: 8,
    },
  ];

  it.each(VECTORS)('$name', ({ key, nonce, associated, plaintext, sealed, tagBytes }) => {
    const open = (bytes: Uint8Array) => openCcm(bytesOf(key), bytesOf(nonce), bytesOf(associated), bytes, tagBytes);
    const opened = open(bytesOf(sealed));
    expect(opened === null ? null : toHex(opened)).toBe(plaintext);
    for (let at = 0; at < sealed.length / 2; at++) {
      const changed = bytesOf(sealed);
      changed[at] ^= 0x40;
      expect(open(changed)).toBeNull();
    }
    expect(open(bytesOf(sealed).subarray(0, tagBytes - 1))).toBeNull();
  });
});

describe('triple DES in CBC mode', () => {
  it('NIST SP 800-67 example, chained with a zero IV of one block at a time', () => {
    const key = bytesOf('0123456789abcdef23456789abcdef01456789abcdef0123');
    // "The qufck brown fox jump" in three blocks, as NIST printed it.
    const blocks = ['a826fd8ce53b855f', 'cce21c8112256fe6', '68d5c05dd9b6b900'];
    const text = blocks.map((block) =>
      Buffer.from(decryptTripleDesCbc(key, new Uint8Array(8), bytesOf(block))).toString('latin1'),
    );
    expect(text.join('')).toBe('The qufck brown fox jump');
  });
});

describe('PRF of TLS 1.2 (vectors of the IETF TLS working group)', () => {
  it('SHA-256', () => {
    const secret = bytesOf('9bbe436ba940f017b17652849a71db35');
    const seed = bytesOf('a0ba9f936cda311827a6f796ffd5198c');
    expect(toHex(pseudorandom('sha256', secret, 'test label', seed, 100))).toBe(
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af' +
        '0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
        '87347b66',
    );
  });

  it('SHA-384', () => {
    const secret = bytesOf('b80b733d6ceefcdc71566ea48e5567df');
    const seed = bytesOf('cd665cf6a8447dd6ff8b27555edb7465');
    expect(toHex(pseudorandom('sha384', secret, 'test label', seed, 148))).toBe(
      '7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0' +
        'e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425' +
        '9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703' +
        'd73e56f',
    );
  });
});
