/** What a cipher suite does to records, and over which hash its keys are derived, read from its registered name. */
import { codeToHex } from '../../bytes/hex.ts';
import { type KeyExchange, suiteKind } from '../registries/cipher-suite-kinds.ts';
import { CIPHER_SUITES } from '../registries/cipher-suites.ts';
import type { HashName } from './hashes.ts';

export type AeadCipher = 'aes-gcm' | 'aes-ccm' | 'chacha20-poly1305';
export type BlockCipher = 'aes' | '3des';

/** The record form of a suite (RFC 5246 section 6.2.3, RFC 8446 section 5.2). */
export type RecordForm =
  | { readonly kind: 'null'; readonly mac: HashName }
  | { readonly kind: 'stream'; readonly cipher: 'rc4'; readonly keyBytes: number; readonly mac: HashName }
  | {
      readonly kind: 'block';
      readonly cipher: BlockCipher;
      readonly keyBytes: number;
      readonly blockBytes: number;
      readonly mac: HashName;
    }
  | { readonly kind: 'aead'; readonly cipher: AeadCipher; readonly keyBytes: number; readonly tagBytes: number };

export interface SupportedSuite {
  readonly kind: 'supported';
  readonly keyExchange: KeyExchange;
  readonly form: RecordForm;
  /** Of the PRF in TLS 1.2 and of HKDF in TLS 1.3. Versions before have one PRF for all suites. */
  readonly hash: 'sha256' | 'sha384';
}

export interface UnsupportedSuite {
  readonly kind: 'unsupported';
  /** One sentence. */
  readonly why: string;
}

/** Suites of the drafts of RFC 7905: their nonces are others. */
const DRAFT_CHACHA20 = new Set([0xcc13, 0xcc14, 0xcc15]);

const BLOCK = /^(AES_128|AES_256|3DES_EDE)_CBC_(MD5|SHA|SHA256|SHA384)$/;
const AEAD = /^AES_(128|256)_(GCM|CCM|CCM_8)(?:_SHA(256|384))?$/;
const STREAM = /^RC4_128_(MD5|SHA)$/;
const NULL = /^NULL_(MD5|SHA|SHA256|SHA384)$/;

/** The suite's record protection; `unsupported` for unknown codes and for ciphers that nothing here opens. */
export function suiteProtection(code: number): SupportedSuite | UnsupportedSuite {
  const name = CIPHER_SUITES.find(code);
  if (name === null) return unsupported(`The cipher suite ${codeToHex(code)} is unknown.`);
  const { keyExchange } = suiteKind(code);
  const cipher = name.replace(/^.*_WITH_|^TLS_/, '');
  const form = name.includes('_EXPORT') || DRAFT_CHACHA20.has(code) || code > 0xffff ? null : recordForm(cipher);
  if (form === null || !(name.includes('_WITH_') || keyExchange === 'tls13')) {
    return unsupported(`Records of ${name} cannot be decrypted: the cipher is not supported.`);
  }
  return { kind: 'supported', keyExchange, form, hash: cipher.endsWith('_SHA384') ? 'sha384' : 'sha256' };
}

function unsupported(why: string): UnsupportedSuite {
  return { kind: 'unsupported', why };
}

function recordForm(cipher: string): RecordForm | null {
  const aead = AEAD.exec(cipher);
  if (aead !== null) {
    const tagBytes = aead[2] === 'CCM_8' ? 8 : 16;
    return { kind: 'aead', cipher: aead[2] === 'GCM' ? 'aes-gcm' : 'aes-ccm', keyBytes: Number(aead[1]) / 8, tagBytes };
  }
  if (cipher === 'CHACHA20_POLY1305_SHA256') {
    return { kind: 'aead', cipher: 'chacha20-poly1305', keyBytes: 32, tagBytes: 16 };
  }
  const block = BLOCK.exec(cipher);
  if (block !== null) {
    const mac = macOf(block[2]);
    if (block[1] === '3DES_EDE') return { kind: 'block', cipher: '3des', keyBytes: 24, blockBytes: 8, mac };
    return { kind: 'block', cipher: 'aes', keyBytes: block[1] === 'AES_128' ? 16 : 32, blockBytes: 16, mac };
  }
  const stream = STREAM.exec(cipher);
  if (stream !== null) return { kind: 'stream', cipher: 'rc4', keyBytes: 16, mac: macOf(stream[1]) };
  const plain = NULL.exec(cipher);
  return plain === null ? null : { kind: 'null', mac: macOf(plain[1]) };
}

function macOf(name: string): HashName {
  switch (name) {
    case 'MD5':
      return 'md5';
    case 'SHA256':
      return 'sha256';
    case 'SHA384':
      return 'sha384';
    default:
      return 'sha1';
  }
}
