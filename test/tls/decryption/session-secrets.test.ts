import { createCipheriv, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../shared/bytes/hex.ts';
import { LIMITS } from '../../../shared/bytes/limits.ts';
import { RecordDecryptor } from '../../../shared/tls/decryption/record-decryptor.ts';
import { MasterSecretMemory } from '../../../shared/tls/decryption/resumption.ts';
import { SecretStore } from '../../../shared/tls/decryption/secret-store.ts';
import {
  type HandshakeFacts,
  type KnownSecrets,
  prfOf,
  secretsFor,
} from '../../../shared/tls/decryption/session-secrets.ts';
import { extendedMasterSecret, masterSecret } from '../../../shared/tls/decryption/tls12-keys.ts';
import { expandLabel } from '../../../shared/tls/decryption/tls13-keys.ts';
import { HandshakeTranscript } from '../../../shared/tls/decryption/transcript.ts';
import { readPrivateKey } from '../../../shared/x509/rsa-private-key.ts';
import { concat } from '../../support/octets.ts';

const filled = (octet: number, length: number) => new Uint8Array(length).fill(octet);

const FACTS: HandshakeFacts = {
  version: 0x0303,
  clientVersion: 0x0303,
  cipherSuite: 0x009c,
  compressionMethod: 0,
  clientRandom: filled(1, 32),
  serverRandom: filled(2, 32),
  sessionId: filled(3, 32),
  sessionTicket: null,
  resumed: false,
  extendedMasterSecret: false,
  encryptThenMac: false,
  sessionHash: null,
  clientKeyExchange: null,
};

function known(fill: (store: SecretStore, source: number) => void = () => {}): KnownSecrets {
  const store = new SecretStore();
  fill(store, store.addSource());
  return { store, privateKeys: [], memory: new MasterSecretMemory() };
}

const withMaster = known((store, source) => {
  store.add(source, 'client-random', FACTS.clientRandom, 'master-secret', filled(9, 48));
});
const withPreMaster = known((store, source) => {
  store.add(source, 'client-random', FACTS.clientRandom, 'pre-master-secret', filled(8, 48));
});

describe('the keys of a session', () => {
  it('are not there without a secret', () => {
    expect(secretsFor(FACTS, known())).toEqual({ kind: 'no-secret' });
    expect(secretsFor({ ...FACTS, clientRandom: filled(7, 32) }, withMaster)).toEqual({ kind: 'no-secret' });
    expect(secretsFor({ ...FACTS, resumed: true }, known())).toEqual({ kind: 'no-secret' });
  });

  it('of every version have the right sizes', () => {
    for (const version of [0x0300, 0x0301, 0x0302, 0x0303]) {
      const found = secretsFor({ ...FACTS, version, cipherSuite: 0x0035 }, withMaster);
      if (found.kind !== 'keys' || found.client[0].kind !== 'block') throw new Error(found.kind);
      const { key, macKey, iv } = found.client[0];
      expect([key.length, macKey.length, iv?.length]).toEqual([32, 20, version <= 0x0301 ? 16 : undefined]);
      expect(toHex(key)).not.toBe(toHex(found.server[0].kind === 'block' ? found.server[0].key : key));
    }
  });

  it.each<[string, Partial<HandshakeFacts>]>([
    ['compression', { compressionMethod: 1 }],
    ['Camellia', { cipherSuite: 0x0041 }],
    ['SSL 2.0', { version: 0x0002 }],
    ['TLCP', { version: 0x0101 }],
    ['a suite of TLS 1.3 in TLS 1.2', { cipherSuite: 0x1301 }],
    ['a suite of TLS 1.2 in TLS 1.3', { version: 0x0304 }],
    ['AES-GCM in TLS 1.0', { version: 0x0301 }],
    ['an unknown suite', { cipherSuite: 0xeeee }],
  ])('are unsupported, and it says why: %s', (_, facts) => {
    const found = secretsFor({ ...FACTS, ...facts }, withMaster);
    expect(found.kind === 'unsupported' ? found.why : found.kind).toMatch(/^(?:The|Records|Compressed) .*\.$/);
  });

  it('come from all secrets when key logs contradict one another', () => {
    const both = known((store, source) => {
      for (const octet of [4, 5]) {
        store.add(source, 'client-random', FACTS.clientRandom, 'master-secret', filled(octet, 48));
      }
    });
    const found = secretsFor(FACTS, both);
    expect(found.kind === 'keys' && [found.client.length, found.server.length, found.masterSecrets.length]).toEqual([
      2, 2, 2,
    ]);
  });

  it('come from a pre-master secret, extended or not (RFC 7627)', () => {
    const plain = secretsFor(FACTS, withPreMaster);
    const expected = masterSecret('sha256', filled(8, 48), FACTS.clientRandom, FACTS.serverRandom);
    expect(plain.kind === 'keys' && toHex(plain.masterSecrets[0])).toBe(toHex(expected));
    const extended = secretsFor({ ...FACTS, extendedMasterSecret: true, sessionHash: filled(6, 32) }, withPreMaster);
    expect(extended.kind === 'keys' && toHex(extended.masterSecrets[0])).toBe(
      toHex(extendedMasterSecret('sha256', filled(8, 48), filled(6, 32))),
    );
  });

  it('do not come from a pre-master secret when handshake messages are missing', () => {
    const found = secretsFor({ ...FACTS, extendedMasterSecret: true }, withPreMaster);
    expect(found).toMatchObject({ kind: 'unusable-secret', why: expect.stringContaining('not captured') });
  });

  it('do not come from a private key when ClientKeyExchange is missing', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const reading = readPrivateKey(privateKey.export({ type: 'pkcs8', format: 'der' }));
    if (reading.kind !== 'rsa') throw new Error(reading.kind);
    const secrets = { ...known(), privateKeys: [reading.key] };
    expect(secretsFor(FACTS, secrets)).toMatchObject({ kind: 'unusable-secret' });
    expect(secretsFor({ ...FACTS, cipherSuite: 0xc02f }, secrets)).toEqual({ kind: 'no-secret' });
    const other = concat(Uint8Array.of(0, 128), filled(5, 128));
    expect(secretsFor({ ...FACTS, clientKeyExchange: other }, secrets)).toMatchObject({
      kind: 'unusable-secret',
      why: expect.stringContaining('the server has another one'),
    });
  });

  it('of TLS 1.3 are those that the key log has, and none of another suite', () => {
    const facts = { ...FACTS, version: 0x0304, cipherSuite: 0x1302 };
    const some = known((store, source) => {
      store.add(source, 'client-random', facts.clientRandom, 'server-handshake-traffic-secret', filled(9, 48));
    });
    const found = secretsFor(facts, some);
    if (found.kind !== 'tls13-keys') throw new Error(found.kind);
    expect(Object.values(found.keys).map((list) => list.length)).toEqual([0, 0, 1, 0, 0]);
    expect(secretsFor({ ...facts, cipherSuite: 0x1301 }, some)).toMatchObject({ kind: 'unusable-secret' });
    expect(secretsFor(facts, known())).toEqual({ kind: 'no-secret' });
  });
});

describe('drafts of TLS 1.3', () => {
  it.each([
    [0x7f12, 'TLS 1.3, ', 0],
    [0x7f16, 'tls13 ', 0],
    [0x7f1c, 'tls13 ', 5],
    [0xfb17, 'tls13 ', 0],
  ])(
    'version %i has labels of its own, and until draft 24 no header to authenticate',
    (version, prefix, headerBytes) => {
      const secret = filled(9, 32);
      const facts = { ...FACTS, version, cipherSuite: 0x1301 };
      const found = secretsFor(
        facts,
        known((store, source) => {
          store.add(source, 'client-random', facts.clientRandom, 'client-traffic-secret-0', secret);
        }),
      );
      if (found.kind !== 'tls13-keys') throw new Error(found.kind);
      const [keys] = found.keys.clientApplication;
      // As the standard's function would make them of a label that holds the draft's prefix.
      const label = (name: string) => prefix.slice('tls13 '.length) + name;
      if (prefix === 'tls13 ')
        expect(toHex(keys.key)).toBe(toHex(expandLabel('sha256', secret, label('key'), filled(0, 0), 16)));
      else expect(toHex(keys.key)).not.toBe(toHex(expandLabel('sha256', secret, 'key', filled(0, 0), 16)));
      const content = Uint8Array.of(1, 2, 3, 23);
      const cipher = createCipheriv('aes-128-gcm', keys.key, keys.iv);
      cipher.setAAD(Uint8Array.of(23, 3, 1, 0, 20).subarray(0, headerBytes));
      const sealed = concat(cipher.update(content), cipher.final(), cipher.getAuthTag());
      expect(new RecordDecryptor([keys]).decrypt(23, 0x0301, sealed)).toMatchObject({
        kind: 'plaintext',
        contentType: 23,
      });
    },
  );
});

describe('the memory of sessions that may be resumed', () => {
  it('knows them by session id and by ticket, the ticket first, and forgets the oldest', () => {
    const memory = new MasterSecretMemory();
    memory.remember('session-id', filled(1, 32), filled(1, 48));
    memory.remember('ticket', filled(2, 200), filled(2, 48));
    expect(memory.recall(filled(1, 32), null)).toEqual(filled(1, 48));
    expect(memory.recall(filled(1, 32), filled(2, 200))).toEqual(filled(2, 48));
    expect(memory.recall(filled(9, 32), filled(9, 200))).toBeNull();
    memory.remember('session-id', new Uint8Array(0), filled(3, 48));
    expect(memory.recall(new Uint8Array(0), null)).toBeNull();
    for (let i = 0; i < LIMITS.resumableSessions; i++) {
      memory.remember('session-id', Uint8Array.of(i >> 16, i >> 8, i), filled(4, 48));
    }
    expect(memory.recall(filled(1, 32), null)).toBeNull();
    expect(memory.recall(Uint8Array.of(0, 0, 1), null)).toEqual(filled(4, 48));
  });
});

describe('the transcript', () => {
  it('has no digest before its hash is known, nor when a message is missing', () => {
    const transcript = new HandshakeTranscript();
    transcript.add(filled(1, 50));
    expect(transcript.digest()).toBeNull();
    transcript.select('md5-sha1');
    expect(transcript.digest()).toHaveLength(36);
    transcript.lose();
    expect(transcript.digest()).toBeNull();
  });

  it('keeps no more than its cap while it waits', () => {
    const transcript = new HandshakeTranscript();
    for (let i = 0; i < 3; i++) transcript.add(new Uint8Array(LIMITS.transcriptBytes / 2));
    transcript.select('sha256');
    expect(transcript.digest()).toBeNull();
  });

  it('hashes as the version says', () => {
    expect([0x0300, 0x0301, 0x0302, 0x0303].map((version) => prfOf(version, 0xc030))).toEqual([
      'ssl3',
      'md5-sha1',
      'md5-sha1',
      'sha384',
    ]);
    expect([prfOf(0x0304, 0x1301), prfOf(0x0303, 0x002f), prfOf(0x0303, 0xeeee)]).toEqual(['sha256', 'sha256', null]);
  });
});
