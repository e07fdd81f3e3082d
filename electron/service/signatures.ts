/**
 * Signatures on certificates, CRLs and OCSP responses, verified with WebCrypto (RFC 3279, 4055, 5758, 8017, 8410).
 *
 * WebCrypto answers only true or false, and throws alike for what it lacks and for what is malformed. So that a lack is
 * never taken for a forgery, everything that can be told beforehand is: whether key and algorithm belong together,
 * whether the signature has its form, whether the key is within what libraries accept.
 */
import type { webcrypto } from 'node:crypto';
import type { PssParameters } from '../../shared/x509/algorithms.ts';
import { bitLength } from '../../shared/x509/der-values.ts';
import type { SignatureCheck, SignatureOutcome, VerifySignature } from '../../shared/x509/path/model.ts';
import type { KeyMaterial, PublicKey } from '../../shared/x509/public-key.ts';

type Subtle = webcrypto.SubtleCrypto;
type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** What WebCrypto is to do, once everything else is decided. */
interface Verification {
  readonly spki: Uint8Array;
  readonly keyAlgorithm: webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm;
  readonly algorithm: webcrypto.AlgorithmIdentifier | webcrypto.RsaPssParams | webcrypto.EcdsaParams;
  readonly signature: Uint8Array;
  /** What it means when the platform does not take a key of this form. */
  readonly keyRefused: SignatureOutcome;
}

interface Remembered {
  readonly check: SignatureCheck;
  readonly outcome: SignatureOutcome;
}

/**
 * A verifier over the platform's WebCrypto. It remembers outcomes for as long as the certificates live: by the signed
 * octets and the key, as the objects that they are.
 */
export function signatureVerifier(subtle: Subtle): VerifySignature {
  const outcomes = new WeakMap<Uint8Array, WeakMap<Uint8Array, Remembered>>();
  const keys = new WeakMap<Uint8Array, Map<string, Promise<webcrypto.CryptoKey>>>();

  const importKey = (check: SignatureCheck, { spki, keyAlgorithm }: Verification): Promise<webcrypto.CryptoKey> => {
    const { subjectPublicKeyInfo } = check.key;
    const imported = keys.get(subjectPublicKeyInfo) ?? new Map<string, Promise<webcrypto.CryptoKey>>();
    keys.set(subjectPublicKeyInfo, imported);
    const name = JSON.stringify(keyAlgorithm);
    const key = imported.get(name) ?? subtle.importKey('spki', spki, keyAlgorithm, false, ['verify']);
    imported.set(name, key);
    return key;
  };

  const verify = async (check: SignatureCheck): Promise<SignatureOutcome> => {
    const plan = planVerification(check);
    if (typeof plan === 'string') return plan;
    let key: webcrypto.CryptoKey;
    try {
      key = await importKey(check, plan);
    } catch (error) {
      return isNotSupported(error) ? 'unsupported' : plan.keyRefused;
    }
    try {
      return (await subtle.verify(plan.algorithm, key, plan.signature, check.signed)) ? 'valid' : 'invalid';
    } catch {
      // The form of everything was right: what the platform throws at, it lacks.
      return 'unsupported';
    }
  };

  return async (check) => {
    const byKey = outcomes.get(check.signed) ?? new WeakMap<Uint8Array, Remembered>();
    outcomes.set(check.signed, byKey);
    const remembered = byKey.get(check.key.subjectPublicKeyInfo);
    if (remembered !== undefined && isSameCheck(remembered.check, check)) return remembered.outcome;
    const outcome = await verify(check);
    byKey.set(check.key.subjectPublicKeyInfo, { check, outcome });
    return outcome;
  };
}

function isSameCheck(left: SignatureCheck, right: SignatureCheck): boolean {
  return left.algorithm === right.algorithm && left.signature === right.signature && left.key === right.key;
}

function isNotSupported(error: unknown): boolean {
  return error instanceof Error && error.name === 'NotSupportedError';
}

const RSA_HASHES: ReadonlyMap<string, Hash> = new Map([
  ['sha1WithRSAEncryption', 'SHA-1'],
  ['sha1WithRSA', 'SHA-1'],
  ['sha256WithRSAEncryption', 'SHA-256'],
  ['sha384WithRSAEncryption', 'SHA-384'],
  ['sha512WithRSAEncryption', 'SHA-512'],
]);

const ECDSA_HASHES: ReadonlyMap<string, Hash> = new Map([
  ['ecdsa-with-SHA1', 'SHA-1'],
  ['ecdsa-with-SHA256', 'SHA-256'],
  ['ecdsa-with-SHA384', 'SHA-384'],
  ['ecdsa-with-SHA512', 'SHA-512'],
]);

function planVerification(check: SignatureCheck): Verification | SignatureOutcome {
  const { algorithm, key, signature } = check;
  const name = algorithm.name ?? '';
  if (key.material.kind === 'unreadable' || signature.unusedBits !== 0) return 'invalid';
  const rsaHash = RSA_HASHES.get(name);
  if (rsaHash !== undefined) {
    if (key.algorithm !== 'RSA' || key.material.kind !== 'rsa') return 'invalid';
    return planRsa(key, key.material, signature.bytes, { name: 'RSASSA-PKCS1-v1_5', hash: rsaHash }, 0);
  }
  if (name === 'RSASSA-PSS') return planPss(check);
  const ecdsaHash = ECDSA_HASHES.get(name);
  if (ecdsaHash !== undefined) return planEcdsa(key, signature.bytes, ecdsaHash);
  if (name === 'Ed25519') {
    if (key.algorithm !== 'Ed25519' || key.subjectPublicKey.length !== 32 || signature.bytes.length !== 64)
      return 'invalid';
    const ed25519 = { name: 'Ed25519' };
    return {
      spki: key.subjectPublicKeyInfo,
      keyAlgorithm: ed25519,
      algorithm: ed25519,
      signature: signature.bytes,
      keyRefused: 'unsupported',
    };
  }
  return 'unsupported';
}

type RsaMaterial = Extract<KeyMaterial, { kind: 'rsa' }>;

/** OpenSSL refuses larger moduli, and larger exponents of moduli past 3,072 bits, as if the signature were wrong. */
const LARGEST_MODULUS_BITS = 16_384;
const LARGEST_EXPONENT_BITS = 64;

function planRsa(
  key: PublicKey,
  { modulus, exponent }: RsaMaterial,
  signature: Uint8Array,
  keyAlgorithm: webcrypto.RsaHashedImportParams,
  saltLength: number,
): Verification | SignatureOutcome {
  if (bitLength(modulus) > LARGEST_MODULUS_BITS || bitLength(exponent) > LARGEST_EXPONENT_BITS) return 'unsupported';
  // RFC 8017 sections 8.1.2 and 8.2.2, step 1.
  if (signature.length !== modulus.length) return 'invalid';
  const { name } = keyAlgorithm;
  return {
    spki: rsaPublicKeyInfo(key.subjectPublicKey),
    keyAlgorithm,
    algorithm: name === 'RSA-PSS' ? { name, saltLength } : { name },
    signature,
    keyRefused: 'unsupported',
  };
}

const DEFAULT_PSS: PssParameters = {
  hashOid: '1.3.14.3.2.26',
  hash: 'SHA-1',
  maskGenerationOid: '1.2.840.113549.1.1.8',
  maskGenerationHash: 'SHA-1',
  saltLength: 20,
  trailerField: 1,
};

const PSS_HASHES: ReadonlyMap<string, Hash> = new Map([
  ['SHA-1', 'SHA-1'],
  ['SHA-256', 'SHA-256'],
  ['SHA-384', 'SHA-384'],
  ['SHA-512', 'SHA-512'],
]);

/** RFC 4055 section 3: a key may say which parameters its signatures have; WebCrypto takes keys without any. */
function planPss({ algorithm, key, signature }: SignatureCheck): Verification | SignatureOutcome {
  const { material } = key;
  if (material.kind !== 'rsa' || (key.algorithm !== 'RSA' && key.algorithm !== 'RSA-PSS')) return 'invalid';
  const parameters = algorithm.parameters === null ? DEFAULT_PSS : algorithm.pssParameters;
  if (parameters === null || parameters.trailerField !== 1) return 'invalid';
  if (key.algorithm === 'RSA-PSS' && key.parameters !== null) {
    if (material.pssParameters === null || !isWithin(parameters, material.pssParameters)) return 'invalid';
  }
  const hash = PSS_HASHES.get(parameters.hash ?? '');
  if (hash === undefined || parameters.maskGenerationHash !== hash) return 'unsupported';
  // RFC 8017 section 9.1.2, step 3: no such signature can be.
  if (parameters.saltLength > material.modulus.length) return 'invalid';
  return planRsa(key, material, signature.bytes, { name: 'RSA-PSS', hash }, parameters.saltLength);
}

/** RFC 4055 section 3.3: the same algorithms, and a salt at least as long as the key asks for. */
function isWithin(parameters: PssParameters, restriction: PssParameters): boolean {
  return (
    parameters.hashOid === restriction.hashOid &&
    parameters.maskGenerationOid === restriction.maskGenerationOid &&
    parameters.maskGenerationHash === restriction.maskGenerationHash &&
    parameters.saltLength >= restriction.saltLength &&
    parameters.trailerField === restriction.trailerField
  );
}

/** Octets of a coordinate of each curve that WebCrypto has. */
const CURVE_BYTES: ReadonlyMap<string, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
]);

function planEcdsa(key: PublicKey, signature: Uint8Array, hash: Hash): Verification | SignatureOutcome {
  if (key.material.kind !== 'ec') return 'invalid';
  const size = CURVE_BYTES.get(key.curve ?? '');
  if (size === undefined || key.oid !== EC_PUBLIC_KEY) return 'unsupported';
  const raw = ecdsaToRaw(signature, size);
  if (raw === null) return 'invalid';
  const uncompressed = key.material.point[0] === 0x04;
  return {
    spki: key.subjectPublicKeyInfo,
    keyAlgorithm: { name: 'ECDSA', namedCurve: key.curve ?? '' },
    algorithm: { name: 'ECDSA', hash },
    signature: raw,
    // A point in full is refused only when it is not on the curve; compressed ones not every platform reads.
    keyRefused: uncompressed ? 'invalid' : 'unsupported',
  };
}

const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

/** ECDSA-Sig-Value (RFC 3279 section 2.2.3) as the two numbers in fixed width, or null when it is not strictly DER. */
function ecdsaToRaw(der: Uint8Array, size: number): Uint8Array | null {
  let at = 2;
  if (der[0] !== 0x30) return null;
  if (der[1] === 0x81 && der[2] >= 0x80) at = 3;
  if (der[at - 1] !== der.length - at || (at === 2 && der[1] >= 0x80)) return null;
  const raw = new Uint8Array(2 * size);
  for (let i = 0; i < 2; i++) {
    const length = der[at + 1];
    const number = der.subarray(at + 2, at + 2 + length);
    if (der[at] !== 0x02 || length === 0 || length >= 0x80 || number.length !== length || number[0] >= 0x80)
      return null;
    if (number[0] === 0 && (length === 1 || number[1] < 0x80)) return null;
    const digits = number[0] === 0 ? number.subarray(1) : number;
    if (digits.length > size) return null;
    raw.set(digits, (i + 1) * size - digits.length);
    at += 2 + length;
  }
  return at === der.length ? raw : null;
}

/** rsaEncryption with its NULL (RFC 3279 section 2.3.1). */
const RSA_ENCRYPTION = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/** A SubjectPublicKeyInfo that says rsaEncryption, whatever the certificate's says, around the RSAPublicKey. */
function rsaPublicKeyInfo(rsaPublicKey: Uint8Array): Uint8Array {
  const bits = [0x03, ...derLength(rsaPublicKey.length + 1), 0x00];
  const length = RSA_ENCRYPTION.length + bits.length + rsaPublicKey.length;
  const head = [0x30, ...derLength(length), ...RSA_ENCRYPTION, ...bits];
  const info = new Uint8Array(head.length + rsaPublicKey.length);
  info.set(head);
  info.set(rsaPublicKey, head.length);
  return info;
}

function derLength(length: number): readonly number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return length < 0x10000
    ? [0x82, length >> 8, length & 0xff]
    : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}
