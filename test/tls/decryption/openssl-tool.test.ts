import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readKeyLog } from '../../../shared/tls/decryption/key-log.ts';
import { SecretStore } from '../../../shared/tls/decryption/secret-store.ts';
import { hasTool } from '../../support/tools.ts';
import { type Chunk, PlainConversation } from './conversation.ts';

const PKI = new URL('../../lab/pki/', import.meta.url);
const path = (file: string) => new URL(file, PKI).pathname;

/** A relay to openssl s_server that writes down what passes. */
class Relay {
  chunks: Chunk[] = [];
  readonly #server: Server;

  constructor(target: number) {
    this.#server = createServer((client) => {
      const server = connect(target, '127.0.0.1');
      const relay = (direction: 0 | 1, from: typeof client, to: typeof client) => {
        from.on('data', (bytes: Buffer) => {
          this.chunks.push({ direction, bytes: Uint8Array.from(bytes) });
          to.write(bytes);
        });
        from.on('close', () => to.destroy());
        from.on('error', () => to.destroy());
      };
      relay(0, client, server);
      relay(1, server, client);
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when the process has printed this. */
function printed(process: ChildProcessWithoutNullStreams, text: RegExp): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    const look = (bytes: Buffer) => {
      output += bytes.toString('latin1');
      if (text.test(output)) resolve();
    };
    process.stdout.on('data', look);
    process.stderr.on('data', look);
    process.on('close', () => reject(new Error(`ended without ${text}: ${output.slice(-2_000)}`)));
  });
}

interface Peer {
  readonly server: ChildProcessWithoutNullStreams;
  readonly relay: Relay;
  readonly port: number;
}

async function startServer(...options: readonly string[]): Promise<Peer> {
  const target = await freePort();
  const certificate = ['-cert', path('northwind.crt.pem'), '-key', path('TEST-keys/northwind.key.pem')];
  const server = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${target}`, ...certificate, ...options]);
  await printed(server, /ACCEPT/);
  const relay = new Relay(target);
  return { server, relay, port: await relay.listen() };
}

describe.skipIf(!hasTool('openssl'))("what openssl's own tools do with a connection", () => {
  let folder = '';
  const peers: Peer[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'starttrace-decryption-'));
  });

  afterAll(() => {
    for (const { relay, server } of peers) {
      relay.close();
      server.kill();
    }
    rmSync(folder, { recursive: true });
  });

  async function start(...options: readonly string[]): Promise<Peer> {
    const peer = await startServer(...options);
    peers.push(peer);
    return peer;
  }

  /** Types lines into s_client, each when `side` has printed what the one before brings about. */
  async function talk(
    { relay, port, server }: Peer,
    args: readonly string[],
    lines: readonly (readonly [line: string, side: 'client' | 'server', printed: RegExp])[],
  ): Promise<PlainConversation> {
    relay.chunks = [];
    const keys = join(folder, 'keys.log');
    rmSync(keys, { force: true });
    const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-keylogfile', keys, ...args]);
    for (const [line, side, expected] of lines) {
      const seen = printed(side === 'client' ? client : server, expected);
      client.stdin.write(line);
      await seen;
    }
    const closed = new Promise((resolve) => client.on('close', resolve));
    client.stdin.write('Q\n');
    await closed;
    const store = new SecretStore();
    readKeyLog(readFileSync(keys), store, store.addSource());
    return new PlainConversation(store).read(relay.chunks);
  }

  it('KeyUpdate, of one side and of both', async () => {
    const conversation = await talk(
      await start('-rev'),
      ['-tls1_3'],
      [
        ['one\n', 'client', /eno/],
        ['k\n', 'client', /KEYUPDATE/],
        ['two\n', 'client', /owt/],
        ['K\n', 'client', /KEYUPDATE/],
        ['three\n', 'client', /eerht/],
        ['four\n', 'client', /ruof/],
      ],
    );
    expect(conversation.failures).toEqual([]);
    expect(conversation.text('client')).toBe('one\ntwo\nthree\nfour\n');
    expect(conversation.text('server')).toBe('eno\nowt\neerht\nruof\n');
    const updates = (types: readonly number[]) => types.filter((type) => type === 24).length;
    expect([updates(conversation.messageTypes.client), updates(conversation.messageTypes.server)]).toEqual([2, 1]);
  });

  it('renegotiation inside the protected connection (RFC 5746)', async () => {
    const peer = await start('-rev', '-client_renegotiation');
    const conversation = await talk(
      peer,
      ['-tls1_2'],
      [
        ['one\n', 'client', /eno/],
        ['R\n', 'client', /RENEGOTIATING/],
        ['two\n', 'client', /owt/],
      ],
    );
    expect(conversation.failures).toEqual([]);
    expect(conversation.text('client')).toBe('one\ntwo\n');
    expect([conversation.verified('client'), conversation.verified('server')]).toEqual([2, 2]);
  });

  it('early data (0-RTT)', async () => {
    const session = join(folder, 'session.pem');
    const early = join(folder, 'early.txt');
    writeFileSync(early, 'EHLO early.example\n');
    const peer = await start('-early_data', '-no_anti_replay');
    await talk(peer, ['-tls1_3', '-sess_out', session], [['one\n', 'server', /one/]]);
    const resuming = ['-tls1_3', '-sess_in', session, '-early_data', early];
    const conversation = await talk(peer, resuming, [['two\n', 'server', /two/]]);
    expect(conversation.failures).toEqual([]);
    expect(conversation.messageTypes.client).toContain(5);
    expect(conversation.text('client')).toBe('EHLO early.example\ntwo\n');
    expect([conversation.verified('client'), conversation.verified('server')]).toEqual([1, 1]);
  });
});
