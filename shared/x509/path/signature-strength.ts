/** Which signature algorithms and keys count at all, whatever the platform can verify (`AlgorithmRules`). */
import type { SignatureAlgorithm } from '../algorithms.ts';
import type { X509Certificate } from '../certificate.ts';
import type { PublicKey } from '../public-key.ts';
import { type Breach, pathBreach, rfc5280 } from './breach.ts';
import type { AlgorithmRules } from './model.ts';

const BROKEN = /^md[245]With|^rsaSignatureWithripemd160$|^unsigned$/;
const SHA1_NAMES = /SHA1$|^sha1With/;

const POLICY = 'the trust policy’s algorithm rules';

/** Checks the signature on a certificate, which counts for all but an anchor. */
export function checkSignatureAlgorithm(certificate: X509Certificate, rules: AlgorithmRules): Breach | null {
  const { signatureAlgorithm: algorithm } = certificate;
  const shown = algorithm.name ?? algorithm.oid;
  if (usesHash(algorithm, 'broken')) {
    const message = `The signature is ${shown}; collisions of its hash are practical, so that it proves nothing.`;
    return pathBreach('signature-algorithm-refused', certificate, message, 'RFC 6151 section 2, RFC 6149 section 6');
  }
  if (!rules.sha1 && usesHash(algorithm, 'sha1')) {
    const message = `The signature is ${shown}, over SHA-1, which the trust policy does not accept.`;
    return pathBreach('signature-algorithm-weak', certificate, message, POLICY);
  }
  return null;
}

function usesHash(algorithm: SignatureAlgorithm, kind: 'broken' | 'sha1'): boolean {
  const { name, pssParameters } = algorithm;
  if (pssParameters !== null) {
    const hashes = [pssParameters.hash, pssParameters.maskGenerationHash];
    return hashes.some((hash) => (kind === 'sha1' ? hash === 'SHA-1' : hash === 'MD5' || hash === 'MD2'));
  }
  // Parameters left out stand for SHA-1 (RFC 4055 section 3.1).
  if (name === 'RSASSA-PSS') return kind === 'sha1' && algorithm.parameters === null;
  return name !== null && (kind === 'sha1' ? SHA1_NAMES : BROKEN).test(name);
}

/** Checks the key that a certificate certifies. */
export function checkKeySize(certificate: X509Certificate, rules: AlgorithmRules): Breach | null {
  const { publicKey } = certificate;
  if (!isRsa(publicKey) || publicKey.bits === null || publicKey.bits >= rules.minimumRsaBits) return null;
  const message = `The RSA key has ${publicKey.bits} bits; the trust policy asks for at least ${rules.minimumRsaBits}.`;
  return pathBreach('key-too-small', certificate, message, POLICY);
}

function isRsa({ material }: PublicKey): boolean {
  return material.kind === 'rsa';
}

/** RFC 5280 section 4.1.1.2: else an attacker may choose the algorithm, for only one of the two is signed. */
export function checkAlgorithmsAgree(certificate: X509Certificate): Breach | null {
  if (!certificate.encodingProblems.some(({ code }) => code === 'signature-algorithm-mismatch')) return null;
  const message = 'The signature algorithm outside of the signed part is not the one inside.';
  return pathBreach('signature-algorithm-mismatch', certificate, message, rfc5280('4.1.1.2'));
}
