/** RSA private keys: RSAPrivateKey (RFC 8017 appendix A.1.2), alone or inside PrivateKeyInfo (PKCS #8, RFC 5958). */
import type { Problem } from '../bytes/problem.ts';
import { decodeLatin1 } from '../bytes/text.ts';
import { DerDocument, type DerReader, TAG } from './der.ts';
import { readCount, readObjectIdentifier, readUnsigned } from './der-values.ts';
import { readPem } from './pem.ts';

/** All numbers unsigned, most significant octet first, without leading zeros. */
export interface RsaPrivateKey {
  readonly modulus: Uint8Array;
  readonly publicExponent: Uint8Array;
  readonly privateExponent: Uint8Array;
  readonly primes: {
    readonly p: Uint8Array;
    readonly q: Uint8Array;
    readonly dP: Uint8Array;
    readonly dQ: Uint8Array;
    readonly qInv: Uint8Array;
  };
}

export type PrivateKeyReading =
  | { readonly kind: 'rsa'; readonly key: RsaPrivateKey }
  /** A passphrase is needed: EncryptedPrivateKeyInfo, or a PEM block with a DEK-Info header. */
  | { readonly kind: 'encrypted' }
  /** A key of another algorithm (its OBJECT IDENTIFIER; null where only the PEM label says so), of no use here. */
  | { readonly kind: 'other-algorithm'; readonly algorithm: string | null }
  | { readonly kind: 'malformed'; readonly problem: Problem };

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const PRIVATE_KEY_LABEL = /(?:^| )PRIVATE KEY$/;
/** RFC 1421 section 4.6.1.1: OpenSSL's old way to encrypt keys. */
const ENCRYPTED_HEADER = /^Proc-Type:[ \t]*4,[ \t]*ENCRYPTED/m;

/** Reads all private keys of a file, PEM with anything around them, or DER. Empty when there is none. */
export function readPrivateKeys(bytes: Uint8Array): readonly PrivateKeyReading[] {
  const { blocks, problem } = readPem(bytes);
  if (problem !== null) return [{ kind: 'malformed', problem }];
  const keys = blocks.filter(({ label }) => PRIVATE_KEY_LABEL.test(label));
  if (blocks.length === 0) return bytes[0] === TAG.sequence ? [readPrivateKey(bytes)] : [];
  const mayBeEncrypted = ENCRYPTED_HEADER.test(decodeLatin1(bytes));
  return keys.map((block) => {
    if (block.label === 'ENCRYPTED PRIVATE KEY') return { kind: 'encrypted' };
    if (block.label !== 'PRIVATE KEY' && block.label !== 'RSA PRIVATE KEY') {
      return { kind: 'other-algorithm', algorithm: null };
    }
    if (block.problem !== null) return { kind: 'malformed', problem: block.problem };
    const reading = readPrivateKey(block.der);
    // What the headers said is not kept, but ciphertext reads as nothing.
    return reading.kind === 'malformed' && mayBeEncrypted ? { kind: 'encrypted' } : reading;
  });
}

/** Reads one key in DER: RSAPrivateKey, PrivateKeyInfo or OneAsymmetricKey; EncryptedPrivateKeyInfo is recognised. */
export function readPrivateKey(der: Uint8Array): PrivateKeyReading {
  const document = new DerDocument(der);
  const outer = document.reader().sequence('The private key');
  if (outer.optional(TAG.sequence, 'encryptionAlgorithm') !== null) {
    outer.expect(TAG.octetString, 'encryptedData');
    return unlessDamaged(document, { kind: 'encrypted' });
  }
  readCount(document, outer.expect(TAG.integer, 'version'), 'version');
  if (outer.nextTag === TAG.integer) return readRsa(document, outer);
  const algorithmReader = outer.sequence('privateKeyAlgorithm');
  const element = algorithmReader.expect(TAG.objectIdentifier, 'algorithm');
  const algorithm = readObjectIdentifier(document, element, 'algorithm');
  const octets = outer.expect(TAG.octetString, 'privateKey');
  if (algorithm !== RSA_ENCRYPTION) return unlessDamaged(document, { kind: 'other-algorithm', algorithm });
  const inner = outer.enter(octets, 'privateKey').sequence('RSAPrivateKey');
  readCount(document, inner.expect(TAG.integer, 'version'), 'version');
  return readRsa(document, inner);
}

/** What follows the version of RSAPrivateKey. Further primes of multi-prime keys are passed over. */
function readRsa(document: DerDocument, reader: DerReader): PrivateKeyReading {
  const number = (what: string) => readUnsigned(document, reader.expect(TAG.integer, what), what);
  const modulus = number('modulus');
  const publicExponent = number('publicExponent');
  const privateExponent = number('privateExponent');
  const primes = {
    p: number('prime1'),
    q: number('prime2'),
    dP: number('exponent1'),
    dQ: number('exponent2'),
    qInv: number('coefficient'),
  };
  return unlessDamaged(document, { kind: 'rsa', key: { modulus, publicExponent, privateExponent, primes } });
}

function unlessDamaged({ failure }: DerDocument, reading: PrivateKeyReading): PrivateKeyReading {
  return failure === null ? reading : { kind: 'malformed', problem: failure };
}
