import { done, type Parsed } from '../bytes/parsed.ts';
import type { Problem } from '../bytes/problem.ts';
import type { ByteRange } from './byte-range.ts';
import { isTls13, VERSION } from './codes.ts';
import { type KeyExchange, suiteKind } from './registries/cipher-suite-kinds.ts';
import { VectorReader } from './vector-reader.ts';

/** ServerKeyExchange (RFC 5246 section 7.4.3, RFC 8422 section 5.4, RFC 4279, RFC 5054). All arrays are views. */
export interface ServerKeyExchange {
  readonly kind: 'server-key-exchange';
  /** Which parameters it carries; `unknown` when the cipher suite does not tell and no form fits. */
  readonly form: 'ecdhe' | 'dhe' | 'rsa' | 'psk' | 'srp' | 'unknown';
  /** ECDHE: the NamedGroup; null for explicit curves. */
  readonly namedGroup: number | null;
  /** Bits of the DHE or SRP prime, or of the temporary RSA modulus of export suites. */
  readonly primeBits: number | null;
  readonly publicKey: Uint8Array | null;
  readonly pskIdentityHint: Uint8Array | null;
  /** The parameters as the signature covers them (after both randoms). */
  readonly parameters: Uint8Array;
  /** SignatureScheme (TLS 1.2); null before TLS 1.2 and in anonymous exchanges. */
  readonly signatureScheme: number | null;
  readonly signature: Uint8Array | null;
  readonly problems: readonly Problem[];
}

type Form = Omit<ServerKeyExchange, 'kind' | 'parameters' | 'signatureScheme' | 'signature' | 'problems'>;

const UNKNOWN: Form = {
  form: 'unknown',
  namedGroup: null,
  primeBits: null,
  publicKey: null,
  pskIdentityHint: null,
};
const NAMED_CURVE = 3;

/**
 * Parses a ServerKeyExchange. Its form follows from `cipherSuite`; without one, ECDHE and DHE are told by their
 * shape. `version` tells whether a signature scheme precedes the signature; null tries both. Never malformed: what
 * does not fit is `unknown` with a problem.
 */
export function parseServerKeyExchange(
  body: Uint8Array,
  length = body.length,
  missing: readonly ByteRange[] = [],
  cipherSuite: number | null = null,
  version: number | null = null,
): Parsed<ServerKeyExchange> {
  const exchange = cipherSuite === null ? 'unknown' : suiteKind(cipherSuite).keyExchange;
  for (const read of candidates(exchange)) {
    const reader = new VectorReader(body, 0, length, missing);
    const form = read(reader);
    if (reader.failure !== null) continue;
    const parameters = body.subarray(0, reader.at);
    const signed = readSignature(reader, version);
    if (signed === null && exchange === 'unknown') continue;
    const problems: Problem[] = signed === null ? [unreadable('signature', reader.at)] : [];
    return done(
      {
        kind: 'server-key-exchange',
        ...form,
        parameters,
        signatureScheme: signed?.scheme ?? null,
        signature: signed?.signature ?? null,
        problems,
      },
      length,
    );
  }
  const problems = candidates(exchange).length > 0 ? [unreadable('parameters', 0)] : [];
  const parameters = new Uint8Array(0);
  return done(
    { kind: 'server-key-exchange', ...UNKNOWN, parameters, signatureScheme: null, signature: null, problems },
    length,
  );
}

function unreadable(what: string, offset: number): Problem {
  return {
    code: 'tls-key-exchange-unreadable',
    message: `The ${what} of the ServerKeyExchange cannot be read.`,
    offset,
  };
}

function candidates(exchange: KeyExchange): ((reader: VectorReader) => Form)[] {
  switch (exchange) {
    case 'ecdhe':
    case 'ecdh':
      return [readEcdhe];
    case 'dhe':
    case 'dh':
      return [readDhe];
    case 'rsa':
      return [readExportRsa];
    case 'psk':
    case 'rsa-psk':
      return [readPsk];
    case 'dhe-psk':
      return [(reader) => withHint(reader, readDhe)];
    case 'ecdhe-psk':
      return [(reader) => withHint(reader, readEcdhe)];
    case 'srp':
      return [readSrp];
    case 'unknown':
      return [readEcdhe, readDhe];
    case 'tls13':
    case 'null':
    case 'kerberos':
    case 'gost':
    case 'fortezza':
    case 'sm2':
    case 'password':
    case 'identity-based':
      return [];
    default:
      return exchange satisfies never;
  }
}

function readEcdhe(reader: VectorReader): Form {
  if (reader.uint(1) !== NAMED_CURVE) reader.failure ??= 'short';
  const namedGroup = reader.uint(2);
  return { ...UNKNOWN, form: 'ecdhe', namedGroup, publicKey: reader.opaqueVector(1) };
}

function readDhe(reader: VectorReader): Form {
  const prime = reader.opaqueVector(2);
  const generator = reader.opaqueVector(2);
  if (generator.length === 0) reader.failure ??= 'short';
  return { ...UNKNOWN, form: 'dhe', primeBits: bitLength(prime), publicKey: reader.opaqueVector(2) };
}

function readExportRsa(reader: VectorReader): Form {
  const modulus = reader.opaqueVector(2);
  reader.opaqueVector(2);
  return { ...UNKNOWN, form: 'rsa', primeBits: bitLength(modulus) };
}

function readPsk(reader: VectorReader): Form {
  return { ...UNKNOWN, form: 'psk', pskIdentityHint: reader.opaqueVector(2) };
}

function withHint(reader: VectorReader, read: (reader: VectorReader) => Form): Form {
  const pskIdentityHint = reader.opaqueVector(2);
  return { ...read(reader), pskIdentityHint };
}

function readSrp(reader: VectorReader): Form {
  const prime = reader.opaqueVector(2);
  reader.opaqueVector(2);
  reader.opaqueVector(1);
  return { ...UNKNOWN, form: 'srp', primeBits: bitLength(prime), publicKey: reader.opaqueVector(2) };
}

interface Signed {
  readonly scheme: number | null;
  readonly signature: Uint8Array | null;
}

/** What follows the parameters; null when it is neither nothing nor one signature. */
function readSignature(reader: VectorReader, version: number | null): Signed | null {
  if (reader.remaining === 0) return { scheme: null, signature: null };
  const hasScheme = version === null ? [true, false] : [version === VERSION.tls12 || isTls13(version)];
  for (const scheme of hasScheme) {
    const attempt = new VectorReader(reader.bytes, reader.at, reader.end, reader.missing);
    const signatureScheme = scheme ? attempt.uint(2) : null;
    const signature = attempt.opaqueVector(2);
    if (attempt.failure === null && attempt.remaining === 0) return { scheme: signatureScheme, signature };
  }
  return null;
}

/** Bits of an unsigned big-endian number. */
function bitLength(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - (Math.clz32(bytes[first]) - 24);
}
