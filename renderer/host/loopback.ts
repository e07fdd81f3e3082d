/** The application behind the loopback host: operations by fetch, events as a stream. */

import { EventFrames } from '../../shared/contract/event-frames.ts';
import type {
  ApplicationError,
  ApplicationEvent,
  OperationInput,
  OperationName,
  OperationResult,
} from '../../shared/contract/operations.ts';
import { type Host, HostError } from './host.ts';

/** For this tab only, and for this host only: another port is another origin. */
const TOKEN_KEY = 'starttrace-token';
const RECONNECT_MILLISECONDS = 500;

export function connectLoopback(): Host {
  return new LoopbackHost();
}

class LoopbackHost implements Host {
  readonly kind = 'browser';
  readonly #token: Promise<string> = takeToken();
  readonly #listeners = new Set<(event: ApplicationEvent) => void>();
  #listening = false;
  #lastEventId = '';

  constructor() {
    // Each call tells it; nobody may have called yet.
    this.#token.catch(() => undefined);
  }

  async call<N extends OperationName>(name: N, input: OperationInput<N>): Promise<OperationResult<N>> {
    const answer = await this.#fetch(`api/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(input),
    });
    return (await answer.json()).result;
  }

  subscribe(listener: (event: ApplicationEvent) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#listening) {
      this.#listening = true;
      void this.#listen();
    }
    return () => this.#listeners.delete(listener);
  }

  async openFiles(files: readonly File[]): Promise<string> {
    const tickets: string[] = [];
    try {
      for (const file of files) {
        const name = encodeURIComponent(file.name);
        const answer = await this.#fetch(`upload?name=${name}`, { method: 'PUT', body: file });
        tickets.push((await answer.json()).ticket);
      }
    } catch (error) {
      // Those before it wait for nothing any more.
      const gone = tickets.map((ticket) => this.#fetch(`upload?ticket=${ticket}`, { method: 'DELETE' }));
      await Promise.allSettled(gone);
      throw error;
    }
    return (await this.call('openUploads', { tickets })).run;
  }

  async #fetch(address: string, init: RequestInit & { readonly headers?: Record<string, string> }): Promise<Response> {
    const token = await this.#token;
    let answer: Response;
    try {
      answer = await fetch(address, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } });
    } catch {
      throw new HostError({ code: 'host-gone', message: 'StartTrace has ended. Start it again in the terminal.' });
    }
    if (!answer.ok) throw new HostError(await errorOf(answer));
    return answer;
  }

  /** For as long as the page lives. EventSource cannot send the token, so this does what it does. */
  async #listen(): Promise<void> {
    for (;;) {
      try {
        const headers: Record<string, string> = { Accept: 'text/event-stream' };
        if (this.#lastEventId !== '') headers['Last-Event-ID'] = this.#lastEventId;
        const answer = await this.#fetch('events', { headers });
        if (answer.body !== null) await this.#read(answer.body);
      } catch (error) {
        // A wrong token does not become a right one; whoever calls is told.
        if (error instanceof HostError && (error.code === 'token-refused' || error.code === 'code-refused')) return;
      }
      await new Promise((done) => setTimeout(done, RECONNECT_MILLISECONDS));
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const frames = new EventFrames();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const { id, data } of frames.add(decoder.decode(value, { stream: true }))) {
        const event: ApplicationEvent = JSON.parse(data);
        for (const listener of this.#listeners) listener(event);
        if (id !== '') this.#lastEventId = id;
      }
    }
  }
}

/** The code of the address becomes a token, which a reload of this tab finds again. */
async function takeToken(): Promise<string> {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) {
    const known = sessionStorage.getItem(TOKEN_KEY);
    if (known !== null) return known;
    const message = 'Open the address again that StartTrace shows in its terminal.';
    throw new HostError({ code: 'token-refused', message });
  }
  // Neither the history nor a screenshot needs it.
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (!answer.ok) throw new HostError(await errorOf(answer));
  const { token }: { readonly token: string } = await answer.json();
  sessionStorage.setItem(TOKEN_KEY, token);
  return token;
}

async function errorOf(answer: Response): Promise<ApplicationError> {
  try {
    const { error }: { readonly error: ApplicationError } = await answer.json();
    return { code: error.code, message: error.message };
  } catch {
    return {
      code: 'host-failed',
      message: `StartTrace answered with ${answer.status}. Start it again in the terminal.`,
    };
  }
}
