/**
 * The application for a browser on the same machine: a server on 127.0.0.1 that speaks the contract over HTTP to the page
 * that it serves. docs/security.md says what keeps everybody else out.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod/mini';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { OPERATIONS, type OperationName } from '../../shared/contract/operations.ts';
import { Application, type ApplicationOptions } from '../service/application.ts';
import { ApplicationFailure, applicationError } from '../service/application-failure.ts';
import { NO_DIALOGS } from '../service/host-services.ts';
import { Access } from './access.ts';
import { answerJson, protect, refuse } from './answers.ts';
import { EventStreams } from './event-stream.ts';
import { rememberedPort, rememberPort } from './remembered-port.ts';
import { readStaticFiles, type StaticFile } from './static-files.ts';
import { UploadSpool } from './upload-spool.ts';

export interface LoopbackOptions extends Omit<ApplicationOptions, 'host' | 'uploads'> {
  /** The folder of the page's files. */
  readonly renderer: string;
  /** Told how many pages listen, whenever that changes. */
  readonly onPages?: (count: number) => void;
  /** Instead of `LIMITS.uploadBytes`. */
  readonly uploadBytes?: number;
}

/** On the port that it had last, unless that is taken: then on any. */
export async function startLoopbackHost(options: LoopbackOptions): Promise<LoopbackHost> {
  const last = await rememberedPort(options.dataFolder);
  const server = (last === 0 ? null : await listening(last).catch(() => null)) ?? (await listening(0));
  const { port } = server.address() as AddressInfo;
  if (port !== last) await rememberPort(options.dataFolder, port);
  return new LoopbackHost(server, options);
}

/** Node's own five minutes are too short for gigabytes that the page reads from a slow disk or a share. */
const REQUEST_MILLISECONDS = 6 * 3_600_000;

function listening(port: number): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_MILLISECONDS });
  return new Promise((fulfil, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      fulfil(server);
    });
  });
}

/** Who asks for the token is not known yet: nobody keeps much of what they say. */
const CODE_BYTES = 16 * 1024;
const CODE = z.strictObject({ code: z.string().check(z.minLength(1), z.maxLength(128)) });

export class LoopbackHost {
  readonly application: Application;
  readonly #server: Server;
  readonly #access: Access;
  readonly #files: ReadonlyMap<string, StaticFile>;
  readonly #uploads: UploadSpool;
  readonly #events: EventStreams;

  constructor(server: Server, options: LoopbackOptions) {
    this.#server = server;
    this.#uploads = new UploadSpool(options.uploadBytes);
    this.application = new Application({ ...options, host: NO_DIALOGS, uploads: this.#uploads });
    this.#access = new Access(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    this.#files = readStaticFiles(options.renderer);
    this.#events = new EventStreams(
      (listener) => this.application.replay(listener),
      (count) => options.onPages?.(count),
    );
    this.application.subscribe((event) => this.#events.send(event));
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error) => this.#fail(response, error));
    });
  }

  /** For a browser; see Access. */
  newAddress(once: boolean): string {
    return this.#access.newAddress(once);
  }

  /** Ends every run and connection, and removes what was handed over. */
  async close(): Promise<void> {
    this.#events.close();
    const closed = new Promise((fulfil) => this.#server.close(fulfil));
    this.#server.closeAllConnections();
    await this.application.close();
    await this.#uploads.close();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    protect(response);
    const source = this.#access.checkSource(request);
    if (source !== null)
      return refuse(response, source.status, new ApplicationFailure('source-refused', source.message));
    const { method = '', url = '' } = request;
    const [path, query = ''] = url.split('?', 2);
    if (method === 'GET' || method === 'HEAD') {
      const file = this.#files.get(path);
      if (file) return serve(response, file, method);
    }
    if (path === '/favicon.ico' && method === 'GET') {
      // Browsers ask for it unasked, and log every refusal.
      response.writeHead(204).end();
      return;
    }
    if (path === '/session' && method === 'POST') return this.#exchange(request, response);
    const token = this.#access.checkToken(request);
    if (token !== null) return refuse(response, token.status, new ApplicationFailure('token-refused', token.message));
    if (path === '/events' && method === 'GET') {
      return this.#events.open(response, header(request, 'last-event-id'));
    }
    if (path === '/upload' && method === 'PUT') return this.#upload(request, response, query);
    if (path === '/upload' && method === 'DELETE') {
      await this.#uploads.giveBack(new URLSearchParams(query).get('ticket') ?? '');
      return answerJson(response, 200, {});
    }
    const operation = /^\/api\/([A-Za-z]{1,64})$/.exec(path)?.[1];
    if (operation === undefined || !Object.hasOwn(OPERATIONS, operation)) {
      return refuse(response, 404, new ApplicationFailure('not-found', 'There is nothing of that name.'));
    }
    if (method !== 'POST') {
      response.setHeader('Allow', 'POST');
      return refuse(response, 405, new ApplicationFailure('method-refused', 'Operations are asked for with POST.'));
    }
    const input = await readJson(request, LIMITS.requestBytes);
    answerJson(response, 200, { result: await this.application.call(operation as OperationName, input) });
  }

  async #exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = z.safeParse(CODE, await readJson(request, CODE_BYTES));
    const token = given.success ? this.#access.exchange(given.data.code) : null;
    if (token !== null) return answerJson(response, 200, { token });
    const message = 'This address has been used up or is not of this launch. Start StartTrace again.';
    refuse(response, 401, new ApplicationFailure('code-refused', message));
  }

  async #upload(request: IncomingMessage, response: ServerResponse, query: string): Promise<void> {
    const name = new URLSearchParams(query).get('name') ?? '';
    const ticket = await this.#uploads.receive(request, name.slice(0, 255) || 'capture');
    answerJson(response, 200, { ticket });
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    refuse(response, statusOf(error), applicationError(error));
  }
}

/** What was wrong with a request as such; every other failure of an operation is one of its content. */
const STATUS: Readonly<Record<string, number>> = {
  'type-refused': 415,
  'request-too-large': 413,
  'upload-too-large': 413,
  'json-invalid': 400,
  'input-invalid': 400,
};

function statusOf(error: unknown): number {
  return error instanceof ApplicationFailure ? (STATUS[error.code] ?? 422) : 500;
}

function header({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

function serve(response: ServerResponse, { type, bytes }: StaticFile, method: string): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length });
  response.end(method === 'HEAD' ? undefined : bytes);
}

/** The body as JSON. A form cannot send this type, so that no site can make a browser send one unasked. */
async function readJson(request: IncomingMessage, most: number): Promise<unknown> {
  if (!/^application\/json(?:\s*;\s*charset=utf-8)?$/i.test(request.headers['content-type'] ?? '')) {
    throw new ApplicationFailure('type-refused', 'The body must be JSON.');
  }
  const tooLarge = (): ApplicationFailure =>
    new ApplicationFailure('request-too-large', `This request has at most ${most} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
  const pieces: Buffer[] = [];
  let length = 0;
  // Not destroyed when it is left: the refusal goes the same way.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > most) throw tooLarge();
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw new ApplicationFailure('json-invalid', 'The body is no JSON.');
  }
}
