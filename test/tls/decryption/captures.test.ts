import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readKeyLog } from '../../../shared/tls/decryption/key-log.ts';
import { MasterSecretMemory } from '../../../shared/tls/decryption/resumption.ts';
import type { RsaDecryptionKey } from '../../../shared/tls/decryption/rsa-key-exchange.ts';
import { SecretStore } from '../../../shared/tls/decryption/secret-store.ts';
import { readPrivateKeys } from '../../../shared/x509/rsa-private-key.ts';
import { conversationsOf, PlainConversation } from './conversation.ts';

const FOLDER = new URL('../../captures/', import.meta.url);
const KEYS = new URL('../../lab/pki/TEST-keys/', import.meta.url);
const SHARED = new URL('../../../../shared/', import.meta.url);

function storeOf(...files: readonly URL[]): SecretStore {
  const store = new SecretStore();
  for (const file of files) readKeyLog(readFileSync(file), store, store.addSource());
  return store;
}

function privateKey(name: string): RsaDecryptionKey {
  const [reading] = readPrivateKeys(readFileSync(new URL(`${name}.key.pem`, KEYS)));
  if (reading?.kind !== 'rsa') throw new Error(`${name}: ${JSON.stringify(reading)}`);
  return reading.key;
}

function captureOf(keyLog: string, folder: URL): URL {
  const stem = keyLog.slice(0, -'.keys.log'.length);
  const file = [`${stem}.pcap`, `${stem}.pcapng`, `${stem}.pcap.gz`].find((name) => existsSync(new URL(name, folder)));
  if (file === undefined) throw new Error(`no capture for ${keyLog}`);
  return new URL(file, folder);
}

function decryptAll(capture: URL, store: SecretStore, privateKeys: readonly RsaDecryptionKey[] = []) {
  const memory = new MasterSecretMemory();
  return conversationsOf(capture)
    .map((chunks) => new PlainConversation(store, privateKeys, memory).read(chunks))
    .filter(({ serverHello }) => serverHello !== null);
}

const keyLogs = readdirSync(FOLDER).filter((name) => name.endsWith('.keys.log'));

describe('own captures with their key logs', () => {
  it('has some for every version', () => {
    expect(keyLogs.length).toBeGreaterThan(20);
  });

  it.each(keyLogs)('%s', (keyLog) => {
    const store = storeOf(new URL(keyLog, FOLDER));
    const conversations = decryptAll(captureOf(keyLog, FOLDER), store);
    expect(conversations.length).toBeGreaterThan(0);
    const { sessions, usedSessions } = store.usageOf(0);
    expect([sessions, usedSessions > 0]).toEqual([usedSessions, true]);
    for (const conversation of conversations) {
      expect(conversation.failures).toEqual([]);
      const { client, server } = conversation.messageTypes;
      expect([conversation.verified('client'), conversation.verified('server')]).toEqual([
        client.filter((type) => type === 20).length,
        server.filter((type) => type === 20).length,
      ]);
      expect(conversation.verified('server') + conversation.verified('client')).toBeGreaterThan(0);
    }
    const spoken = conversations.map((conversation) => conversation.text('client')).filter((text) => text !== '');
    for (const text of spoken) expect(text).toMatch(/^(?:EHLO|QUIT|HELO)/i);
    if (keyLog.startsWith('tls-1.')) expect(spoken).toHaveLength(1);
  });

  it.each(keyLogs)('%s with another key log: nothing is taken for content', (keyLog) => {
    const other = keyLogs[(keyLogs.indexOf(keyLog) + 1) % keyLogs.length];
    for (const conversation of decryptAll(captureOf(keyLog, FOLDER), storeOf(new URL(other, FOLDER)))) {
      expect(conversation.text('client') + conversation.text('server')).toBe('');
      expect(conversation.secrets?.kind).toBe('no-secret');
    }
  });
});

describe("with the server's private key", () => {
  it('opens static RSA key exchange, extended master secret and all', () => {
    const capture = new URL('tls-1.2-rsa-key-exchange.pcap', FOLDER);
    const [conversation] = decryptAll(capture, new SecretStore(), [privateKey('contoso'), privateKey('northwind')]);
    expect(conversation.serverHello?.extendedMasterSecret).toBe(true);
    expect(conversation.failures).toEqual([]);
    expect(conversation.verified('client')).toBe(1);
    expect(conversation.text('client')).toBe('QUIT\r\n');
    expect(conversation.text('server')).toMatch(/^221 /m);
  });

  it('says so when it is the key of another server', () => {
    const capture = new URL('tls-1.2-rsa-key-exchange.pcap', FOLDER);
    const [conversation] = decryptAll(capture, new SecretStore(), [privateKey('contoso')]);
    expect(conversation.secrets).toMatchObject({ kind: 'unusable-secret' });
    expect(conversation.text('client')).toBe('');
  });

  it('opens nothing where the exchange was Diffie-Hellman', () => {
    const capture = new URL('tls-1.2.pcap', FOLDER);
    const [conversation] = decryptAll(capture, new SecretStore(), [privateKey('northwind')]);
    expect(conversation.secrets).toEqual({ kind: 'no-secret' });
  });
});

describe.each(['session-id', 'session-ticket'])('resumption by %s', (way) => {
  it('takes the master secret of the session that is resumed', () => {
    const keyLog = readFileSync(new URL(`resumption-${way}.keys.log`, FOLDER), 'latin1');
    const capture = new URL(`resumption-${way}.pcap`, FOLDER);
    const [first, second] = decryptAll(capture, storeOf(new URL(`resumption-${way}.keys.log`, FOLDER)));
    const name = Buffer.from(second.clientHello?.random ?? []).toString('hex');
    const without = keyLog.split('\n').filter((line) => !line.includes(name));
    const store = new SecretStore();
    readKeyLog(Buffer.from(without.join('\n')), store, store.addSource());
    const again = decryptAll(capture, store);
    expect(again.map(({ failures }) => failures)).toEqual([[], []]);
    expect(again.map((conversation) => conversation.text('client'))).toEqual([
      first.text('client'),
      second.text('client'),
    ]);
    expect(again[1].verified('client')).toBe(1);
  });
});

describe.skipIf(!existsSync(SHARED))('shared captures with their keys', () => {
  const lab = new URL('lab/', SHARED);
  const names = existsSync(SHARED) ? readdirSync(lab) : [];
  const labLogs = names.filter(
    (name) => name.endsWith('.keys.log') && names.some((other) => other.startsWith(name.replace('keys.log', 'pcap'))),
  );

  it.each(labLogs)('lab: %s', (keyLog) => {
    const conversations = decryptAll(captureOf(keyLog, lab), storeOf(new URL(keyLog, lab)));
    expect(conversations.length).toBeGreaterThan(0);
    for (const conversation of conversations) {
      if (conversation.secrets?.kind === 'no-secret') continue;
      expect(conversation.failures).toEqual([]);
      expect(conversation.text('client')).toMatch(/^(?:EHLO|QUIT|HELO|$)/i);
    }
    const isVerified = conversations.some(({ secrets }) => secrets?.kind === 'keys' || secrets?.kind === 'tls13-keys');
    // The one log without any secret belongs to a handshake that ended before there was one.
    expect(isVerified).toBe(/^[A-Z]/m.test(readFileSync(new URL(keyLog, lab), 'latin1')));
  });

  it('corpus: thirty cipher suites of TLS 1.2, RC4 among them', () => {
    const folder = new URL('corpus/fkie-cad+pcapFS/tests/crypto/all_ciphers_test/', SHARED);
    const store = storeOf(new URL('all_ciphers.key', folder));
    const conversations = decryptAll(new URL('all_ciphers.pcap', folder), store);
    expect(conversations).toHaveLength(30);
    expect(new Set(conversations.map(({ serverHello }) => serverHello?.cipherSuite)).size).toBe(30);
    for (const conversation of conversations) {
      expect(conversation.failures).toEqual([]);
      expect([conversation.verified('client'), conversation.verified('server')]).toEqual([1, 1]);
      expect(conversation.text('client')).toMatch(/^(?:GET \/ HTTP|hello)/);
    }
    expect(store.usageOf(0)).toEqual({ sessions: 31, usedSessions: 30 });
  });

  it.each([
    ['syncsynchalt+illustrated-tls12/captures/capture.pcap', 'syncsynchalt+illustrated-tls12/captures/keylog.txt'],
    ['syncsynchalt+illustrated-tls13/captures/capture.pcap', 'syncsynchalt+illustrated-tls13/captures/keylog.txt'],
  ])('corpus: %s', (capture, keyLog) => {
    const corpus = new URL('corpus/', SHARED);
    const [conversation] = decryptAll(new URL(capture, corpus), storeOf(new URL(keyLog, corpus)));
    expect(conversation.failures).toEqual([]);
    expect([conversation.text('client'), conversation.text('server')]).toEqual(['ping', 'pong']);
  });
});
