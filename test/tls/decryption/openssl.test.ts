import { readFileSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { connect, createSecureContext, TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { suiteProtection } from '../../../shared/tls/decryption/cipher-suites.ts';
import { readKeyLog } from '../../../shared/tls/decryption/key-log.ts';
import { SecretStore } from '../../../shared/tls/decryption/secret-store.ts';
import { type Chunk, PlainConversation } from './conversation.ts';

const PKI = new URL('../../lab/pki/', import.meta.url);
const pem = (file: string) => readFileSync(new URL(file, PKI));
const certificates = {
  cert: [pem('northwind.crt.pem'), pem('p256.crt.pem')],
  key: [pem('TEST-keys/northwind.key.pem'), pem('TEST-keys/p256.key.pem')],
};

/** One end of a connection in memory, which writes down what is sent. */
class End extends Duplex {
  other: End | null = null;
  readonly #sent: (bytes: Uint8Array) => void;

  constructor(sent: (bytes: Uint8Array) => void) {
    super();
    this.#sent = sent;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#sent(Uint8Array.from(chunk));
    this.other?.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }
}

interface Recorded {
  readonly chunks: readonly Chunk[];
  readonly keyLog: string;
  readonly cipher: string;
  readonly protocol: string | null;
}

const QUESTION = `EHLO client.example\r\n${'x'.repeat(40_000)}`;
const ANSWER = '250-server.example\r\n250 SIZE\r\n';

/** A connection between two ends of Node's OpenSSL. */
function talk(version: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3', ciphers: string): Promise<Recorded> {
  const chunks: Chunk[] = [];
  const client = new End((bytes) => chunks.push({ direction: 0, bytes }));
  const server = new End((bytes) => chunks.push({ direction: 1, bytes }));
  client.other = server;
  server.other = client;
  const settings = {
    minVersion: version,
    maxVersion: version,
    ciphers: `${ciphers}${version === 'TLSv1.3' ? ':AES128-SHA' : ''}:@SECLEVEL=0`,
  } as const;
  const secureContext = createSecureContext({
    ...certificates,
    ...settings,
    dhparam: 'auto',
    sessionTimeout: 10,
  } as object);
  let keyLog = '';
  return new Promise((resolve, reject) => {
    const serverSide = new TLSSocket(server, { isServer: true, secureContext });
    const clientSide = connect({ socket: client, rejectUnauthorized: false, ...settings });
    clientSide.on('keylog', (line: Buffer) => {
      keyLog += line.toString('latin1');
    });
    serverSide.on('error', reject);
    clientSide.on('error', reject);
    let received = 0;
    serverSide.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (received === QUESTION.length) serverSide.end(ANSWER);
    });
    clientSide.on('secureConnect', () => clientSide.write(QUESTION));
    let answer = '';
    clientSide.on('data', (bytes: Buffer) => {
      answer += bytes.toString('latin1');
      if (answer.length < ANSWER.length) return;
      const { name } = clientSide.getCipher();
      resolve({ chunks, keyLog, cipher: name, protocol: clientSide.getProtocol() });
      clientSide.destroy();
      serverSide.destroy();
    });
  });
}

/** Those that Node's OpenSSL offers and that need neither a pre-shared key nor a password. */
const oldSuites = [
  ...['ECDHE-RSA', 'ECDHE-ECDSA', 'DHE-RSA', 'RSA'].flatMap((exchange) =>
    [
      ['AES128-GCM-SHA256', 'AES256-GCM-SHA384'],
      ['CHACHA20-POLY1305'].filter(() => exchange !== 'RSA'),
      ['AES128-CCM', 'AES256-CCM8'].filter(() => exchange !== 'ECDHE-RSA'),
      exchange.startsWith('EC') ? ['AES128-SHA256', 'AES256-SHA384'] : ['AES128-SHA256', 'AES256-SHA256'],
      ['AES128-SHA', 'AES256-SHA'],
      exchange.startsWith('EC') ? ['CAMELLIA256-SHA384'] : ['CAMELLIA128-SHA', 'CAMELLIA256-SHA256'],
    ]
      .flat()
      .map((cipher) => (exchange === 'RSA' ? cipher : `${exchange}-${cipher}`)),
  ),
  ...['ECDHE-ARIA128-GCM-SHA256', 'ARIA256-GCM-SHA384', 'NULL-MD5', 'NULL-SHA', 'NULL-SHA256', 'ECDHE-RSA-NULL-SHA'],
  ...['ADH-AES256-SHA', 'AECDH-AES128-SHA', 'ADH-AES128-GCM-SHA256'],
];
const newSuites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'].concat(
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
);
const cases = [
  ...oldSuites.map((name) => ['TLSv1.2', name] as const),
  ...[
    'AES128-SHA',
    'AES256-SHA',
    'ECDHE-RSA-AES256-SHA',
    'DHE-RSA-AES128-SHA',
    'ECDHE-ECDSA-AES128-SHA',
    'NULL-SHA',
  ].flatMap((name) => [['TLSv1', name] as const, ['TLSv1.1', name] as const]),
  ...newSuites.map((name) => ['TLSv1.3', name] as const),
];

describe("every cipher suite of Node's OpenSSL, live", () => {
  it('are many', () => {
    expect(oldSuites.length).toBeGreaterThan(40);
  });

  it.each(cases)('%s %s', async (version, name) => {
    const { chunks, keyLog, cipher, protocol } = await talk(version, name);
    expect([protocol, cipher]).toEqual([version, name]);
    const store = new SecretStore();
    readKeyLog(Buffer.from(keyLog), store, store.addSource());
    const conversation = new PlainConversation(store).read(chunks);
    const suite = conversation.serverHello?.cipherSuite ?? 0;
    if (/CAMELLIA|ARIA|SEED/.test(name)) {
      expect(suiteProtection(suite)).toMatchObject({ kind: 'unsupported' });
      expect(conversation.secrets).toMatchObject({ kind: 'unsupported' });
      expect(conversation.text('client')).toBe('');
      return;
    }
    expect(conversation.failures).toEqual([]);
    expect([conversation.verified('client'), conversation.verified('server')]).toEqual([1, 1]);
    expect(conversation.text('client')).toBe(QUESTION);
    expect(conversation.text('server')).toBe(ANSWER);
  });
});
