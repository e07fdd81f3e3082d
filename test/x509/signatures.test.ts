import { constants, generateKeyPairSync, type KeyObject, sign, webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signatureVerifier } from '../../electron/service/signatures.ts';
import { readCertificate } from '../../shared/x509/certificate.ts';
import type { SignatureCheck, SignatureOutcome } from '../../shared/x509/path/model.ts';
import { type Bytes, bitString, certificate, explicit, integer, nothing, oid, sequence } from '../support/der.ts';

const verify = signatureVerifier(webcrypto.subtle);

const algorithm = (dotted: string, ...parameters: readonly Uint8Array[]): Bytes => sequence(oid(dotted), ...parameters);
const spki = ({ publicKey }: { readonly publicKey: KeyObject }): Bytes =>
  Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaOther = generateKeyPairSync('rsa', { modulusLength: 2048 });
const curves = ['P-256', 'P-384', 'P-521', 'secp256k1'].map(
  (namedCurve) => [namedCurve, generateKeyPairSync('ec', { namedCurve })] as const,
);
const ed25519 = generateKeyPairSync('ed25519');
const pssKey = generateKeyPairSync('rsa-pss', {
  modulusLength: 2048,
  hashAlgorithm: 'sha256',
  mgf1HashAlgorithm: 'sha256',
  // The types say string; Node takes a number only.
  saltLength: 32 as unknown as string,
});
const openPssKey = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });

/** A self-contained check: a certificate with this key whose signature is made over its own signed part. */
function checkOf(
  publicKey: Uint8Array,
  signatureAlgorithm: Uint8Array,
  signed: (tbs: Uint8Array) => Uint8Array,
): SignatureCheck {
  const parts = { publicKey, signature: signatureAlgorithm, signatureAlgorithm };
  const signature = signed(read(certificate(parts)).tbsCertificate);
  const made = read(certificate({ ...parts, signatureValue: bitString(signature) }));
  return {
    algorithm: made.signatureAlgorithm,
    key: made.publicKey,
    signed: made.tbsCertificate,
    signature: made.signatureValue,
  };
}

function read(der: Uint8Array) {
  const reading = readCertificate(der);
  if (reading.kind === 'unreadable') throw new Error(reading.problem.message);
  return reading.certificate;
}

const RSA_OIDS = [
  ['sha1', '1.2.840.113549.1.1.5'],
  ['sha256', '1.2.840.113549.1.1.11'],
  ['sha384', '1.2.840.113549.1.1.12'],
  ['sha512', '1.2.840.113549.1.1.13'],
] as const;
const ECDSA_OIDS = [
  ['sha1', '1.2.840.10045.4.1'],
  ['sha256', '1.2.840.10045.4.3.2'],
  ['sha384', '1.2.840.10045.4.3.3'],
  ['sha512', '1.2.840.10045.4.3.4'],
] as const;

describe('RSA PKCS #1 v1.5', () => {
  it.each(RSA_OIDS)('%s', async (hash, type) => {
    const right = checkOf(spki(rsa), algorithm(type, nothing()), (tbs) => sign(hash, tbs, rsa.privateKey));
    expect(await verify(right)).toBe('valid');
    const wrong = checkOf(spki(rsa), algorithm(type, nothing()), (tbs) => sign(hash, tbs, rsaOther.privateKey));
    expect(await verify(wrong)).toBe('invalid');
  });

  it('of a hash that WebCrypto lacks is unsupported', async () => {
    const check = checkOf(spki(rsa), algorithm('1.2.840.113549.1.1.14', nothing()), (tbs) =>
      sign('sha224', tbs, rsa.privateKey),
    );
    expect(await verify(check)).toBe('unsupported');
  });

  it('of a modulus that libraries refuse is unsupported', async () => {
    const huge = sequence(
      algorithm('1.2.840.113549.1.1.1', nothing()),
      bitString(sequence(integer((1n << 20_000n) + 1n), integer(65_537))),
    );
    expect(await verify(checkOf(huge, algorithm(RSA_OIDS[1][1], nothing()), () => new Uint8Array(2501)))).toBe(
      'unsupported',
    );
  });

  it('with a signature of another length than the modulus is invalid', async () => {
    for (const length of [0, 255, 257]) {
      const check = checkOf(spki(rsa), algorithm(RSA_OIDS[1][1], nothing()), () => new Uint8Array(length));
      expect(await verify(check)).toBe('invalid');
    }
  });

  it('never with the key of another algorithm', async () => {
    for (const key of [spki(curves[0][1]), spki(ed25519), spki(openPssKey)]) {
      const check = checkOf(key, algorithm(RSA_OIDS[1][1], nothing()), (tbs) => sign('sha256', tbs, rsa.privateKey));
      expect(await verify(check)).toBe('invalid');
    }
  });
});

describe('RSASSA-PSS (RFC 4055)', () => {
  const hashOf = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2' } as const;
  type Hash = keyof typeof hashOf;
  const pss = (hash: Hash, mask: Hash, salt: number, trailer = 1): Bytes =>
    algorithm(
      '1.2.840.113549.1.1.10',
      sequence(
        explicit(0, algorithm(hashOf[hash], nothing())),
        explicit(1, algorithm('1.2.840.113549.1.1.8', algorithm(hashOf[mask], nothing()))),
        explicit(2, integer(salt)),
        ...(trailer === 1 ? [] : [explicit(3, integer(trailer))]),
      ),
    );
  const signPss =
    (hash: Hash, saltLength: number, key: KeyObject) =>
    (tbs: Uint8Array): Uint8Array =>
      sign(hash, tbs, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
  const outcome = (key: Bytes, parameters: Bytes, signed: (tbs: Uint8Array) => Uint8Array): Promise<SignatureOutcome> =>
    verify(checkOf(key, parameters, signed));

  it.each(['sha1', 'sha256', 'sha384'] as const)('%s with an rsaEncryption key', async (hash) => {
    const salt = hash === 'sha1' ? 20 : 32;
    expect(await outcome(spki(rsa), pss(hash, hash, salt), signPss(hash, salt, rsa.privateKey))).toBe('valid');
    expect(await outcome(spki(rsa), pss(hash, hash, salt), signPss(hash, salt, rsaOther.privateKey))).toBe('invalid');
  });

  it('with an id-RSASSA-PSS key, free or restricted to the same parameters', async () => {
    const sha256 = pss('sha256', 'sha256', 32);
    expect(await outcome(spki(pssKey), sha256, signPss('sha256', 32, pssKey.privateKey))).toBe('valid');
    expect(await outcome(spki(openPssKey), sha256, signPss('sha256', 32, openPssKey.privateKey))).toBe('valid');
  });

  it('against the restrictions of the key is invalid', async () => {
    // Node itself signs only within the restrictions; the octets are made with the same numbers in a free key.
    const free = signPss('sha384', 48, openPssKey.privateKey);
    expect(await outcome(spki(pssKey), pss('sha384', 'sha384', 48), free)).toBe('invalid');
    expect(await outcome(spki(pssKey), pss('sha256', 'sha256', 20), free)).toBe('invalid');
  });

  it('parameters left out stand for SHA-1', async () => {
    const bare = algorithm('1.2.840.113549.1.1.10');
    expect(await outcome(spki(rsa), bare, signPss('sha1', 20, rsa.privateKey))).toBe('valid');
  });

  it('another salt length, mask or trailer', async () => {
    const signed = signPss('sha256', 32, rsa.privateKey);
    expect(await outcome(spki(rsa), pss('sha256', 'sha256', 20), signed)).toBe('invalid');
    expect(await outcome(spki(rsa), pss('sha256', 'sha1', 32), signed)).toBe('unsupported');
    expect(await outcome(spki(rsa), pss('sha256', 'sha256', 32, 2), signed)).toBe('invalid');
    expect(await outcome(spki(rsa), pss('sha256', 'sha256', 100_000), signed)).toBe('invalid');
  });
});

describe('ECDSA (RFC 5758)', () => {
  for (const [curve, pair] of curves.slice(0, 3)) {
    it.each(ECDSA_OIDS)(`${curve} with %s`, async (hash, type) => {
      for (let i = 0; i < 8; i++) {
        const right = checkOf(spki(pair), algorithm(type), (tbs) => sign(hash, tbs, pair.privateKey));
        expect(await verify(right)).toBe('valid');
      }
      const wrong = checkOf(spki(pair), algorithm(type), () => sign(hash, Buffer.from('another'), pair.privateKey));
      expect(await verify(wrong)).toBe('invalid');
    });
  }

  const P256 = curves[0][1];
  const withSignature = (signature: Uint8Array): Promise<SignatureOutcome> =>
    verify(checkOf(spki(P256), algorithm(ECDSA_OIDS[1][1]), () => signature));

  it('on a curve that WebCrypto lacks is unsupported', async () => {
    const [, pair] = curves[3];
    const check = checkOf(spki(pair), algorithm(ECDSA_OIDS[1][1]), (tbs) => sign('sha256', tbs, pair.privateKey));
    expect(await verify(check)).toBe('unsupported');
  });

  it('a point that is not on the curve is invalid', async () => {
    const bent = Uint8Array.from(spki(P256));
    bent[bent.length - 1] ^= 1;
    const check = checkOf(bent, algorithm(ECDSA_OIDS[1][1]), (tbs) => sign('sha256', tbs, P256.privateKey));
    expect(await verify(check)).toBe('invalid');
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['one number', sequence(integer(5))],
    ['three numbers', sequence(integer(5), integer(5), integer(5))],
    ['zeros', sequence(integer(0), integer(0))],
    ['a negative number', sequence(integer(-5), integer(5))],
    ['a number past the curve', sequence(integer(1n << 300n), integer(5))],
    ['octets behind', Uint8Array.of(...sequence(integer(5), integer(5)), 0)],
    ['a length in long form', Uint8Array.of(0x30, 0x81, 0x06, 2, 1, 5, 2, 1, 5)],
    ['a number with a zero before', Uint8Array.of(0x30, 0x07, 2, 2, 0, 5, 2, 1, 5)],
    ['a number without octets', Uint8Array.of(0x30, 0x05, 2, 0, 2, 1, 5)],
  ])('%s for a signature is invalid', async (_, signature) => {
    expect(await withSignature(signature)).toBe('invalid');
  });

  it('any octets for a signature are invalid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (signature) => {
        expect(await withSignature(signature)).toBe('invalid');
      }),
      { numRuns: 100 },
    );
  });
});

describe('other algorithms', () => {
  const ED25519 = algorithm('1.3.101.112');

  it('Ed25519 (RFC 8410)', async () => {
    const check = checkOf(spki(ed25519), ED25519, (tbs) => sign(null, tbs, ed25519.privateKey));
    expect(await verify(check)).toBe('valid');
    expect(await verify(checkOf(spki(ed25519), ED25519, () => new Uint8Array(64)))).toBe('invalid');
    expect(await verify(checkOf(spki(ed25519), ED25519, () => new Uint8Array(63)))).toBe('invalid');
  });

  it('what nobody knows is unsupported', async () => {
    expect(await verify(checkOf(spki(rsa), algorithm('1.2.3.4'), () => new Uint8Array(256)))).toBe('unsupported');
  });

  it('a platform without the algorithm is not a bad signature', async () => {
    const refuse = (name: string) => async (): Promise<never> => {
      throw new DOMException('no', name);
    };
    const check = checkOf(spki(ed25519), ED25519, (tbs) => sign(null, tbs, ed25519.privateKey));
    const lacking = { ...subtleOf(), importKey: refuse('NotSupportedError') };
    expect(await signatureVerifier(lacking)(check)).toBe('unsupported');
    const failing = { ...subtleOf(), verify: refuse('OperationError') };
    expect(await signatureVerifier(failing)(check)).toBe('unsupported');
  });
});

describe('outcomes are remembered', () => {
  it('for the same certificate and key, without asking the platform again', async () => {
    let verified = 0;
    const counting = {
      ...subtleOf(),
      verify: (...given: Parameters<typeof webcrypto.subtle.verify>) => {
        verified++;
        return webcrypto.subtle.verify(...given);
      },
    };
    const remembering = signatureVerifier(counting);
    const check = checkOf(spki(rsa), algorithm(RSA_OIDS[1][1], nothing()), (tbs) =>
      sign('sha256', tbs, rsa.privateKey),
    );
    expect(await remembering(check)).toBe('valid');
    expect(await remembering({ ...check })).toBe('valid');
    expect(verified).toBe(1);
    const other = { ...check, signature: { bytes: new Uint8Array(256), unusedBits: 0 } };
    expect(await remembering(other)).toBe('invalid');
    expect(verified).toBe(2);
  });
});

/** WebCrypto's methods as properties, to replace one of them. */
function subtleOf(): webcrypto.SubtleCrypto {
  const { subtle } = webcrypto;
  return Object.assign(Object.create(subtle), {
    importKey: subtle.importKey.bind(subtle),
    verify: subtle.verify.bind(subtle),
  });
}
