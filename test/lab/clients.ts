/** The clients of the lab: real programs, and a scripted one for misbehaviour. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { certificateFile, chainFile, keyFile } from './pki.ts';
import { run } from './processes.ts';

const LATIN1 = 'latin1';

export interface OpensslOptions {
  readonly starttls?: boolean;
  readonly arguments?: readonly string[];
  /** Chain of the client's certificate; with `alone`, only the first certificate is sent. */
  readonly certificate?: string;
  readonly alone?: boolean;
  readonly serverName?: string;
  readonly input?: string;
  readonly localAddress?: string;
}

/** The chain without its first certificate: s_client's option for the chain wants only the others. */
function issuers(directory: string, chain: string): string[] {
  const pem = readFileSync(chainFile(chain), 'utf8');
  const second = pem.indexOf('-----BEGIN', 1);
  if (second < 0) return [];
  const file = join(directory, 'issuers.pem');
  writeFileSync(file, pem.slice(second));
  return ['-cert_chain', file];
}

/** `openssl s_client`: gives the key log. */
export async function openssl(directory: string, server: string, options: OpensslOptions = {}): Promise<string> {
  const keys = join(directory, 'openssl.keys.log');
  rmSync(keys, { force: true });
  await run(
    'openssl',
    [
      's_client',
      '-quiet',
      '-connect',
      server,
      '-keylogfile',
      keys,
      ...(options.starttls === false ? [] : ['-starttls', 'smtp', '-name', 'mail.contoso.com']),
      ...(options.serverName === undefined ? ['-noservername'] : ['-servername', options.serverName]),
      ...(options.certificate === undefined
        ? []
        : [
            '-cert',
            options.alone ? certificateFile(options.certificate) : chainFile(options.certificate),
            '-key',
            keyFile(options.certificate),
            ...(options.alone ? [] : issuers(directory, options.certificate)),
          ]),
      ...(options.localAddress === undefined ? [] : ['-bind', options.localAddress]),
      ...(options.arguments ?? []),
    ],
    { input: options.input ?? 'QUIT\r\n', timeout: 8_000 },
  );
  return existsSync(keys) ? withoutComments(readFileSync(keys, LATIN1)) : '';
}

export async function gnutls(
  directory: string,
  server: string,
  port: number,
  args: readonly string[],
  insecure = true,
): Promise<string> {
  const keys = join(directory, 'gnutls.keys.log');
  rmSync(keys, { force: true });
  await run(
    'gnutls-cli',
    ['--starttls-proto=smtp', ...(insecure ? ['--insecure'] : []), '-p', `${port}`, ...args, server],
    {
      input: 'QUIT\r\n',
      environment: { SSLKEYLOGFILE: keys },
      timeout: 8_000,
    },
  );
  return existsSync(keys) ? withoutComments(readFileSync(keys, LATIN1)) : '';
}

const withoutComments = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => `${line}\n`)
    .join('');

export const swaks = async (server: string, args: readonly string[]) => {
  await run(
    'swaks',
    [
      '--server',
      server,
      '--ehlo',
      'mail.contoso.com',
      '-f',
      'alice@contoso.com',
      '-t',
      'orders@northwind.example',
      ...args,
    ],
    { timeout: 15_000 },
  );
};

/** A client that writes exactly what it is told, and can begin TLS on the same connection. */
export class ScriptedClient {
  readonly #socket: Socket;
  #stream: Socket | TLSSocket;
  #heard = '';
  #closed = false;
  keyLog = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#stream = socket;
    this.#listen(socket);
  }

  static async open(host: string, port: number, localAddress?: string): Promise<ScriptedClient> {
    const socket = connect({ host, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new ScriptedClient(socket);
  }

  #listen(stream: Socket): void {
    stream.on('data', (data: Buffer) => {
      this.#heard += data.toString(LATIN1);
    });
    stream.on('error', () => {
      this.#closed = true;
    });
    stream.on('close', () => {
      this.#closed = true;
    });
  }

  send(text: string | Buffer): void {
    this.#stream.write(typeof text === 'string' ? Buffer.from(text, LATIN1) : text);
  }

  /** Waits for a reply's last line (`250 …`) with this code, and forgets what was heard up to it. */
  async reply(code: number): Promise<void> {
    const pattern = new RegExp(`(^|\\n)${code}( [^\\n]*)?\\r?\\n`);
    for (let tries = 0; tries < 500; tries++) {
      const found = pattern.exec(this.#heard);
      if (found !== null) {
        this.#heard = this.#heard.slice(found.index + found[0].length);
        return;
      }
      if (this.#closed) break;
      await sleep(10);
    }
    throw new Error(`no reply ${code}, only: ${this.#heard}`);
  }

  async say(text: string | Buffer, code: number): Promise<void> {
    this.send(text);
    await this.reply(code);
  }

  async beginTls(options: ConnectionOptions = {}): Promise<void> {
    this.#socket.removeAllListeners('data');
    this.#heard = '';
    const inner = connectTls({ socket: this.#socket, rejectUnauthorized: false, maxVersion: 'TLSv1.2', ...options });
    inner.on('keylog', (line: Buffer) => {
      this.keyLog += line.toString(LATIN1);
    });
    this.#stream = inner;
    this.#listen(inner);
    await new Promise<void>((resolve, reject) => {
      inner.once('secureConnect', resolve);
      inner.once('error', reject);
    });
  }

  async close(): Promise<void> {
    this.#stream.end();
    await sleep(150);
    this.#stream.destroy();
    this.#socket.destroy();
    await sleep(50);
  }
}
