/** The keys of one direction, cut from a key block or derived from a traffic secret. */
import { VERSION } from '../codes.ts';
import type { AeadCipher, BlockCipher, RecordForm } from './cipher-suites.ts';
import { type HashName, hashBytes } from './hashes.ts';
import { nextTrafficSecret, type Tls13Hash, trafficKey } from './tls13-keys.ts';

interface MacKey {
  readonly version: number;
  readonly mac: HashName;
  readonly macKey: Uint8Array;
}

/** Suites without a cipher: plaintext with a MAC. */
export interface NullKeys extends MacKey {
  readonly kind: 'null';
}

export interface StreamKeys extends MacKey {
  readonly kind: 'stream';
  readonly cipher: 'rc4';
  readonly key: Uint8Array;
}

export interface BlockKeys extends MacKey {
  readonly kind: 'block';
  readonly cipher: BlockCipher;
  readonly blockBytes: number;
  readonly key: Uint8Array;
  /** The first record's IV up to TLS 1.0, whose later ones are the last block before; null where each record has its own. */
  readonly iv: Uint8Array | null;
  /** RFC 7366. */
  readonly encryptThenMac: boolean;
}

/** Authenticated ciphers up to TLS 1.2 (RFC 5288, RFC 6655, RFC 7905). */
export interface AeadKeys {
  readonly kind: 'aead';
  readonly cipher: AeadCipher;
  readonly tagBytes: number;
  readonly key: Uint8Array;
  /** The part of the nonce that is no part of records: 4 octets, or 12 that the sequence number is added to. */
  readonly iv: Uint8Array;
}

/** Records of TLS 1.3. */
export interface Tls13Keys {
  readonly kind: 'tls13';
  readonly version: number;
  readonly hash: Tls13Hash;
  readonly cipher: AeadCipher;
  readonly tagBytes: number;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  /** What KeyUpdate goes on from; null for secrets of the handshake and of early data, which are never updated. */
  readonly updatable: Uint8Array | null;
}

export type RecordKeys = NullKeys | StreamKeys | BlockKeys | AeadKeys | Tls13Keys;

export interface DirectionKeys {
  readonly client: RecordKeys;
  readonly server: RecordKeys;
}

interface Layout {
  readonly macBytes: number;
  readonly keyBytes: number;
  readonly ivBytes: number;
}

function layoutOf(form: RecordForm, version: number): Layout {
  switch (form.kind) {
    case 'null':
      return { macBytes: hashBytes(form.mac), keyBytes: 0, ivBytes: 0 };
    case 'stream':
      return { macBytes: hashBytes(form.mac), keyBytes: form.keyBytes, ivBytes: 0 };
    case 'block': {
      const ivBytes = version <= VERSION.tls10 ? form.blockBytes : 0;
      return { macBytes: hashBytes(form.mac), keyBytes: form.keyBytes, ivBytes };
    }
    case 'aead':
      return { macBytes: 0, keyBytes: form.keyBytes, ivBytes: form.cipher === 'chacha20-poly1305' ? 12 : 4 };
    default:
      return form satisfies never;
  }
}

/** How many octets of key_block the suite needs in this version. */
export function keyBlockBytes(form: RecordForm, version: number): number {
  const { macBytes, keyBytes, ivBytes } = layoutOf(form, version);
  return 2 * (macBytes + keyBytes + ivBytes);
}

/** Cuts key_block into both directions' keys (RFC 5246 section 6.3); `block` has `keyBlockBytes` octets. */
export function cutKeyBlock(
  form: RecordForm,
  version: number,
  encryptThenMac: boolean,
  block: Uint8Array,
): DirectionKeys {
  const { macBytes, keyBytes, ivBytes } = layoutOf(form, version);
  const keysOf = (side: 0 | 1): RecordKeys => {
    const macKey = block.slice(side * macBytes, (side + 1) * macBytes);
    const keyStart = 2 * macBytes + side * keyBytes;
    const key = block.slice(keyStart, keyStart + keyBytes);
    const ivStart = 2 * (macBytes + keyBytes) + side * ivBytes;
    const iv = block.slice(ivStart, ivStart + ivBytes);
    switch (form.kind) {
      case 'null':
        return { kind: 'null', version, mac: form.mac, macKey };
      case 'stream':
        return { kind: 'stream', version, cipher: form.cipher, mac: form.mac, macKey, key };
      case 'block': {
        const { cipher, blockBytes, mac } = form;
        const chained = ivBytes > 0 ? iv : null;
        return { kind: 'block', version, cipher, blockBytes, mac, macKey, key, iv: chained, encryptThenMac };
      }
      case 'aead':
        return { kind: 'aead', cipher: form.cipher, tagBytes: form.tagBytes, key, iv };
      default:
        return form satisfies never;
    }
  };
  return { client: keysOf(0), server: keysOf(1) };
}

/** What all keys of one connection in TLS 1.3 have in common. */
export interface Tls13Protection {
  readonly version: number;
  readonly hash: Tls13Hash;
  readonly form: RecordForm & { readonly kind: 'aead' };
}

/** The keys of one traffic secret; `use` tells whether KeyUpdate may follow. */
export function tls13Keys(
  { version, hash, form }: Tls13Protection,
  trafficSecret: Uint8Array,
  use: 'early-data' | 'handshake' | 'application',
): Tls13Keys {
  const { key, iv } = trafficKey(hash, trafficSecret, form.keyBytes, version);
  const updatable = use === 'application' ? trafficSecret : null;
  return { kind: 'tls13', version, hash, cipher: form.cipher, tagBytes: form.tagBytes, key, iv, updatable };
}

/** The keys after a KeyUpdate of their owner (RFC 8446 section 7.2); null for those that are never updated. */
export function updatedKeys(keys: Tls13Keys): Tls13Keys | null {
  if (keys.updatable === null) return null;
  const { version, hash, cipher, tagBytes } = keys;
  const secret = nextTrafficSecret(hash, keys.updatable, version);
  const form = { kind: 'aead', cipher, keyBytes: keys.key.length, tagBytes } as const;
  return tls13Keys({ version, hash, form }, secret, 'application');
}
