/** From what a handshake shows and what is known of its secrets to the keys of its records. */
import { codeToHex } from '../../bytes/hex.ts';
import { isTls13, VERSION } from '../codes.ts';
import { type SupportedSuite, suiteProtection } from './cipher-suites.ts';
import {
  cutKeyBlock,
  type DirectionKeys,
  keyBlockBytes,
  type RecordKeys,
  type Tls13Keys,
  type Tls13Protection,
  tls13Keys,
} from './record-keys.ts';
import type { MasterSecretMemory } from './resumption.ts';
import { decryptPreMaster, encryptedPreMaster, type RsaDecryptionKey } from './rsa-key-exchange.ts';
import type { SecretLabel, SecretStore } from './secret-store.ts';
import { extendedMasterSecret, keyBlock, masterSecret, type Prf } from './tls12-keys.ts';

/** What the messages of a handshake say, as far as keys depend on it. */
export interface HandshakeFacts {
  /** The negotiated version. */
  readonly version: number;
  /** The version in the ClientHello (`legacyVersion`), which the pre-master secret of RSA repeats. */
  readonly clientVersion: number;
  readonly cipherSuite: number;
  readonly compressionMethod: number;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** Of the ServerHello. */
  readonly sessionId: Uint8Array;
  /** The ticket that the ClientHello offered (RFC 5077), or null. */
  readonly sessionTicket: Uint8Array | null;
  /** The server took up an earlier session. */
  readonly resumed: boolean;
  /** RFC 7627: in both hellos. */
  readonly extendedMasterSecret: boolean;
  /** RFC 7366: in the ServerHello. */
  readonly encryptThenMac: boolean;
  /** The transcript's digest up to and including ClientKeyExchange; null before that, or when messages are missing. */
  readonly sessionHash: Uint8Array | null;
  /** The body of ClientKeyExchange; null before it was read. */
  readonly clientKeyExchange: Uint8Array | null;
}

/** All that is known about secrets. */
export interface KnownSecrets {
  readonly store: SecretStore;
  /** Of the server: best only those whose modulus is that of its certificate, where there is one. */
  readonly privateKeys: readonly RsaDecryptionKey[];
  readonly memory: MasterSecretMemory;
}

/** All keys that may be the right ones, for a `RecordDecryptor`; an empty list where the key log lacks a secret. */
export interface Tls13SessionKeys {
  readonly clientEarlyData: readonly Tls13Keys[];
  readonly clientHandshake: readonly Tls13Keys[];
  readonly serverHandshake: readonly Tls13Keys[];
  readonly clientApplication: readonly Tls13Keys[];
  readonly serverApplication: readonly Tls13Keys[];
}

export type SessionSecrets =
  /** Keys up to TLS 1.2, in use behind each side's ChangeCipherSpec. */
  | {
      readonly kind: 'keys';
      readonly client: readonly RecordKeys[];
      readonly server: readonly RecordKeys[];
      /** In the order of both lists; for Finished, and for sessions that resume this one. */
      readonly masterSecrets: readonly Uint8Array[];
    }
  | { readonly kind: 'tls13-keys'; readonly keys: Tls13SessionKeys }
  | { readonly kind: 'no-secret' }
  /** There is a key for it, but it gives no secret: `why` is one sentence. */
  | { readonly kind: 'unusable-secret'; readonly why: string }
  | { readonly kind: 'unsupported'; readonly why: string };

/**
 * The PRF of a version and a suite: what `HandshakeTranscript` must hash with. In TLS 1.3 it is the hash of HKDF. Null
 * for suites that are not supported.
 */
export function prfOf(version: number, cipherSuite: number): Prf | null {
  if (version === VERSION.ssl3) return 'ssl3';
  if (version === VERSION.tls10 || version === VERSION.tls11) return 'md5-sha1';
  const suite = suiteProtection(cipherSuite);
  return suite.kind === 'supported' ? suite.hash : null;
}

/**
 * Finds the keys of a session: from key logs in any version; from a private key where the exchange was static RSA;
 * from the memory of sessions where this one resumes another.
 */
export function secretsFor(facts: HandshakeFacts, known: KnownSecrets): SessionSecrets {
  const suite = suiteProtection(facts.cipherSuite);
  if (suite.kind === 'unsupported') return suite;
  if (facts.compressionMethod !== 0) {
    return { kind: 'unsupported', why: 'Compressed records cannot be read: DEFLATE (RFC 3749) is not supported.' };
  }
  const version = codeToHex(facts.version);
  if (isTls13(facts.version)) {
    if (suite.keyExchange === 'tls13') return tls13Secrets(facts, suite, known.store);
    return { kind: 'unsupported', why: `The cipher suite does not belong to TLS 1.3 (${version}).` };
  }
  const prf = prfOf(facts.version, facts.cipherSuite);
  if (facts.version < VERSION.ssl3 || facts.version > VERSION.tls12 || prf === null) {
    return { kind: 'unsupported', why: `Records of the version ${version} cannot be decrypted.` };
  }
  if (suite.keyExchange === 'tls13' || (suite.form.kind === 'aead' && facts.version < VERSION.tls12)) {
    return { kind: 'unsupported', why: `The cipher suite does not belong to the version ${version}.` };
  }
  return tls12Secrets(facts, suite, prf, known);
}

// ── TLS 1.3 ──

function tls13Secrets(facts: HandshakeFacts, suite: SupportedSuite, store: SecretStore): SessionSecrets {
  const { form, hash } = suite;
  if (form.kind !== 'aead') return { kind: 'no-secret' };
  const protection: Tls13Protection = { version: facts.version, hash, form };
  const keysOf = (label: SecretLabel, use: Parameters<typeof tls13Keys>[2]) =>
    store
      .find('client-random', facts.clientRandom, label)
      .filter((secret) => secret.length === (hash === 'sha384' ? 48 : 32))
      .map((secret) => tls13Keys(protection, secret, use));
  const keys: Tls13SessionKeys = {
    clientEarlyData: keysOf('client-early-traffic-secret', 'early-data'),
    clientHandshake: keysOf('client-handshake-traffic-secret', 'handshake'),
    serverHandshake: keysOf('server-handshake-traffic-secret', 'handshake'),
    clientApplication: keysOf('client-traffic-secret-0', 'application'),
    serverApplication: keysOf('server-traffic-secret-0', 'application'),
  };
  const found = Object.values(keys).some((list) => list.length > 0);
  if (found) return { kind: 'tls13-keys', keys };
  if (!store.knows('client-random', facts.clientRandom)) return { kind: 'no-secret' };
  return {
    kind: 'unusable-secret',
    why: 'The key log knows the session, but its secrets are none of this cipher suite.',
  };
}

/**
 * The keys of early data. They are those of the suite of the resumed session, which is the first that the client
 * offers with the same hash, and in use before the ServerHello.
 */
export function earlyDataKeys(
  version: number,
  cipherSuites: readonly number[],
  clientRandom: Uint8Array,
  store: SecretStore,
): readonly Tls13Keys[] {
  const secrets = store.find('client-random', clientRandom, 'client-early-traffic-secret');
  return cipherSuites.flatMap((code) => {
    const suite = suiteProtection(code);
    if (suite.kind !== 'supported' || suite.keyExchange !== 'tls13' || suite.form.kind !== 'aead') return [];
    const protection: Tls13Protection = { version, hash: suite.hash, form: suite.form };
    return secrets
      .filter((secret) => secret.length === (suite.hash === 'sha384' ? 48 : 32))
      .map((secret) => tls13Keys(protection, secret, 'early-data'));
  });
}

// ── up to TLS 1.2 ──

type MasterSecrets =
  | { readonly kind: 'found'; readonly secrets: readonly Uint8Array[] }
  | { readonly kind: 'no-secret' }
  | { readonly kind: 'unusable-secret'; readonly why: string };

function tls12Secrets(facts: HandshakeFacts, suite: SupportedSuite, prf: Prf, known: KnownSecrets): SessionSecrets {
  const masters = masterSecrets(facts, suite, prf, known);
  if (masters.kind !== 'found') return masters;
  const size = keyBlockBytes(suite.form, facts.version);
  const keys: DirectionKeys[] = masters.secrets.map((master) =>
    cutKeyBlock(
      suite.form,
      facts.version,
      facts.encryptThenMac,
      keyBlock(prf, master, facts.clientRandom, facts.serverRandom, size),
    ),
  );
  return {
    kind: 'keys',
    client: keys.map(({ client }) => client),
    server: keys.map(({ server }) => server),
    masterSecrets: masters.secrets,
  };
}

function masterSecrets(facts: HandshakeFacts, suite: SupportedSuite, prf: Prf, known: KnownSecrets): MasterSecrets {
  const { store, memory } = known;
  const encrypted = facts.clientKeyExchange === null ? null : encryptedPreMaster(facts.clientKeyExchange);
  // Loggers write the pre-master secret beside the master secret: it belongs to this session although nobody needs it.
  if (encrypted !== null && suite.keyExchange === 'rsa') store.knows('encrypted-pre-master', encrypted.subarray(0, 8));
  const logged = [
    ...store.find('client-random', facts.clientRandom, 'master-secret'),
    ...(facts.sessionId.length > 0 ? store.find('session-id', facts.sessionId, 'master-secret') : []),
  ];
  if (logged.length > 0) return { kind: 'found', secrets: logged };
  if (facts.resumed) {
    const remembered = memory.recall(facts.sessionId, facts.sessionTicket);
    return remembered === null ? { kind: 'no-secret' } : { kind: 'found', secrets: [remembered] };
  }
  const preMasters = preMasterSecrets(facts, suite, encrypted, known);
  if (preMasters.kind !== 'found') return preMasters;
  if (!facts.extendedMasterSecret) {
    const secrets = preMasters.secrets.map((secret) =>
      masterSecret(prf, secret, facts.clientRandom, facts.serverRandom),
    );
    return { kind: 'found', secrets };
  }
  const { sessionHash } = facts;
  if (sessionHash === null) {
    const why = 'The extended master secret needs all messages of the handshake, and some were not captured.';
    return { kind: 'unusable-secret', why };
  }
  return { kind: 'found', secrets: preMasters.secrets.map((secret) => extendedMasterSecret(prf, secret, sessionHash)) };
}

function preMasterSecrets(
  facts: HandshakeFacts,
  suite: SupportedSuite,
  encrypted: Uint8Array | null,
  known: KnownSecrets,
): MasterSecrets {
  const { store, privateKeys } = known;
  const logged = store.find('client-random', facts.clientRandom, 'pre-master-secret');
  if (logged.length > 0) return { kind: 'found', secrets: logged };
  if (suite.keyExchange !== 'rsa') return { kind: 'no-secret' };
  if (encrypted === null) {
    if (privateKeys.length === 0) return { kind: 'no-secret' };
    return { kind: 'unusable-secret', why: 'The ClientKeyExchange was not captured, and the private key opens that.' };
  }
  const byCiphertext = store.find('encrypted-pre-master', encrypted.subarray(0, 8), 'pre-master-secret');
  if (byCiphertext.length > 0) return { kind: 'found', secrets: byCiphertext };
  if (privateKeys.length === 0) return { kind: 'no-secret' };
  let isOtherVersion = false;
  for (const key of privateKeys) {
    const decrypted = decryptPreMaster(encrypted, key, [facts.clientVersion, facts.version]);
    if (decrypted.kind === 'pre-master-secret') return { kind: 'found', secrets: [decrypted.secret] };
    isOtherVersion ||= decrypted.reason === 'version';
  }
  const why = isOtherVersion
    ? 'The private key opens the ClientKeyExchange, but the secret in it names another version than the ClientHello.'
    : 'No private key given opens the ClientKeyExchange: the server has another one.';
  return { kind: 'unusable-secret', why };
}
