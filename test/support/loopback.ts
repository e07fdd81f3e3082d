/** A loopback host for tests, and requests to it as raw as an attacker's. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { type LoopbackHost, type LoopbackOptions, startLoopbackHost } from '../../electron/browser/loopback-host.ts';
import { EventFrames } from '../../shared/contract/event-frames.ts';
import type { ApplicationEvent } from '../../shared/contract/operations.ts';
import { EventRecord, installation, temporaryFolder } from './application.ts';

/** A page as the build makes one, with a secret beside it that must not get out. */
function pageFolder(): string {
  const folder = temporaryFolder();
  const renderer = join(folder, 'renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.html'), 'secret');
  writeFileSync(join(renderer, 'index.html'), '<!doctype html><title>StartTrace</title>');
  writeFileSync(join(renderer, 'assets/main.js'), 'export {};');
  writeFileSync(join(renderer, 'assets/notes.txt'), 'secret');
  return renderer;
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class TestLoopback {
  readonly host: LoopbackHost;
  readonly port: number;
  readonly origin: string;
  readonly #codes: (once: boolean) => string;

  private constructor(host: LoopbackHost) {
    this.host = host;
    this.origin = new URL(host.newAddress(true)).origin;
    this.port = Number(new URL(this.origin).port);
    this.#codes = (once) => new URL(host.newAddress(once)).hash.slice('#code='.length);
  }

  static async start(options: Partial<LoopbackOptions> = {}): Promise<TestLoopback> {
    const host = await startLoopbackHost({
      dataFolder: temporaryFolder(),
      version: '0.0.0',
      installation: installation('here'),
      renderer: pageFolder(),
      ...options,
    });
    return new TestLoopback(host);
  }

  code(once: boolean): string {
    return this.#codes(once);
  }

  /** Exactly these headers, beside Host. */
  send({ method = 'GET', path, headers = {}, body }: RawRequest): Promise<RawAnswer> {
    return new Promise((fulfil, reject) => {
      const sent = request({ host: '127.0.0.1', port: this.port, method, path, headers, agent: false }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(pieces).toString('utf8');
          fulfil({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async token(): Promise<string> {
    const answer = await this.exchange(this.code(true));
    return JSON.parse(answer.text).token;
  }

  exchange(code: string): Promise<RawAnswer> {
    return this.send({
      method: 'POST',
      path: '/session',
      headers: { Origin: this.origin, 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
    });
  }

  /** The headers of a request of the page. */
  headers(token: string): Record<string, string> {
    return { Origin: this.origin, Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  }

  call(token: string, operation: string, input: unknown): Promise<RawAnswer> {
    return this.send({
      method: 'POST',
      path: `/api/${operation}`,
      headers: this.headers(token),
      body: JSON.stringify(input),
    });
  }

  /** The events as a page reads them. */
  async events(token: string, lastEventId?: string): Promise<EventReader> {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
    if (lastEventId !== undefined) headers['Last-Event-ID'] = lastEventId;
    return EventReader.open(`${this.origin}/events`, headers);
  }
}

export class EventReader {
  readonly record: EventRecord;
  readonly status: number;
  readonly ids: string[] = [];
  readonly #abort: AbortController;

  private constructor(answer: Response, abort: AbortController) {
    this.status = answer.status;
    this.#abort = abort;
    let tell: (event: ApplicationEvent) => void = () => {};
    this.record = new EventRecord((listener) => {
      tell = listener;
    });
    void this.#read(answer, (event) => tell(event));
  }

  static async open(address: string, headers: Record<string, string>): Promise<EventReader> {
    const abort = new AbortController();
    return new EventReader(await fetch(address, { headers, signal: abort.signal }), abort);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(answer: Response, tell: (event: ApplicationEvent) => void): Promise<void> {
    const frames = new EventFrames();
    const decoder = new TextDecoder();
    try {
      for await (const piece of answer.body ?? []) {
        for (const { id, data } of frames.add(decoder.decode(piece as Uint8Array, { stream: true }))) {
          this.ids.push(id);
          tell(JSON.parse(data));
        }
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    }
  }
}
