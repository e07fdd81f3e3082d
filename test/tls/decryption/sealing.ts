import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { Rc4 } from '../../../shared/tls/decryption/rc4.ts';
import type { RecordKeys } from '../../../shared/tls/decryption/record-keys.ts';
import { concat } from '../../support/octets.ts';

export interface SealOptions {
  /** Octets of padding beyond what is needed: whole blocks, or zeros in TLS 1.3. */
  readonly extraPadding?: number;
  /** The explicit nonce of authenticated ciphers; the sequence number where there is none. */
  readonly explicitNonce?: bigint;
}

/** Protects records as a sender does, with Node's OpenSSL: the witness of what we open. */
export class Sealer {
  readonly #keys: RecordKeys;
  readonly #rc4: Rc4 | null;
  #chained: Uint8Array | null;
  sequence = 0n;

  constructor(keys: RecordKeys) {
    this.#keys = keys;
    // OpenSSL has no RC4 any more; RFC 6229 vouches for this one.
    this.#rc4 = keys.kind === 'stream' ? new Rc4(keys.key) : null;
    this.#chained = keys.kind === 'block' ? keys.iv : null;
  }

  /** The fragment of the next record. */
  seal(type: number, version: number, content: Uint8Array, options: SealOptions = {}): Uint8Array {
    const sequence = this.sequence++;
    const keys = this.#keys;
    switch (keys.kind) {
      case 'null':
        return concat(content, macOf(keys, sequence, type, version, content));
      case 'stream': {
        const plain = concat(content, macOf(keys, sequence, type, version, content));
        const stream = this.#rc4?.keystream(plain.length) ?? plain;
        return plain.map((octet, i) => octet ^ stream[i]);
      }
      case 'block': {
        const { blockBytes, encryptThenMac, key, iv } = keys;
        const plain = encryptThenMac ? content : concat(content, macOf(keys, sequence, type, version, content));
        const least = blockBytes - 1 - (plain.length % blockBytes);
        const padding = Math.min(255 - ((255 - least) % blockBytes), least + (options.extraPadding ?? 0) * blockBytes);
        const ssl3 = version === 0x0300;
        const padded = concat(plain, new Uint8Array(ssl3 ? least : padding).fill(ssl3 ? 0xee : padding), [
          ssl3 ? least : padding,
        ] as unknown as Uint8Array);
        const vector = iv === null ? createHash('md5').update(`iv ${sequence}`).digest() : this.#chained;
        if (vector === null) throw new Error('no IV');
        const cipherName = keys.cipher === '3des' ? 'des-ede3-cbc' : `aes-${key.length * 8}-cbc`;
        const cipher = createCipheriv(cipherName, key, vector.subarray(0, blockBytes)).setAutoPadding(false);
        const sealed = concat(cipher.update(padded), cipher.final());
        if (iv !== null) this.#chained = sealed.slice(-blockBytes);
        const fragment = iv === null ? concat(vector.subarray(0, blockBytes), sealed) : sealed;
        return encryptThenMac ? concat(fragment, macOf(keys, sequence, type, version, fragment)) : fragment;
      }
      case 'aead': {
        const explicit = new Uint8Array(keys.cipher === 'chacha20-poly1305' ? 0 : 8);
        if (explicit.length > 0) new DataView(explicit.buffer).setBigUint64(0, options.explicitNonce ?? sequence);
        const nonce = explicit.length > 0 ? concat(keys.iv, explicit) : xorNonce(keys.iv, sequence);
        const header = headerOf(sequence, type, version, content.length);
        return concat(explicit, authenticated(keys.cipher, keys.key, nonce, header, content, keys.tagBytes));
      }
      case 'tls13': {
        const inner = concat(content, Uint8Array.of(type), new Uint8Array(options.extraPadding ?? 0));
        const length = inner.length + keys.tagBytes;
        const header = Uint8Array.of(23, version >> 8, version & 0xff, length >> 8, length & 0xff);
        const nonce = xorNonce(keys.iv, sequence);
        return authenticated(keys.cipher, keys.key, nonce, header, inner, keys.tagBytes);
      }
      default:
        return keys satisfies never;
    }
  }
}

function headerOf(sequence: bigint, type: number, version: number, length: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeBigUInt64BE(sequence);
  header.writeUInt8(type, 8);
  header.writeUInt16BE(version, 9);
  header.writeUInt16BE(length, 11);
  return header;
}

function macOf(
  keys: RecordKeys & { readonly kind: 'null' | 'stream' | 'block' },
  sequence: bigint,
  type: number,
  version: number,
  content: Uint8Array,
): Uint8Array {
  const header = headerOf(sequence, type, version, content.length);
  if (version > 0x0300) return createHmac(keys.mac, keys.macKey).update(header).update(content).digest();
  const pad = (octet: number) => Buffer.alloc(keys.mac === 'md5' ? 48 : 40, octet);
  const short = Buffer.concat([header.subarray(0, 9), header.subarray(11)]);
  const inner = createHash(keys.mac).update(keys.macKey).update(pad(0x36)).update(short).update(content).digest();
  return createHash(keys.mac).update(keys.macKey).update(pad(0x5c)).update(inner).digest();
}

function xorNonce(iv: Uint8Array, sequence: bigint): Uint8Array {
  const nonce = Buffer.alloc(iv.length);
  nonce.writeBigUInt64BE(sequence, iv.length - 8);
  return nonce.map((octet, i) => octet ^ iv[i]);
}

function authenticated(
  name: 'aes-gcm' | 'aes-ccm' | 'chacha20-poly1305',
  key: Uint8Array,
  nonce: Uint8Array,
  header: Uint8Array,
  content: Uint8Array,
  authTagLength: number,
): Uint8Array {
  const cipher =
    name === 'aes-gcm'
      ? createCipheriv(`aes-${(key.length * 8) as 128 | 256}-gcm`, key, nonce, { authTagLength })
      : name === 'aes-ccm'
        ? createCipheriv(`aes-${(key.length * 8) as 128 | 256}-ccm`, key, nonce, { authTagLength })
        : createCipheriv('chacha20-poly1305', key, nonce, { authTagLength });
  cipher.setAAD(header, { plaintextLength: content.length });
  const sealed = concat(cipher.update(content), cipher.final());
  return concat(sealed, cipher.getAuthTag());
}
