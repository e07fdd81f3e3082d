/** Who may speak to the loopback host: only the page that it served itself, opened with the address that it gave out. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** 256 bits: nobody guesses them. */
const SECRET_BYTES = 32;

export interface Refusal {
  readonly status: 401 | 403 | 421;
  readonly message: string;
}

export class Access {
  readonly #authority: string;
  readonly #origin: string;
  readonly #token = randomBytes(SECRET_BYTES).toString('base64url');
  readonly #codes = new Map<string, { readonly code: string; readonly once: boolean }>();

  /** `authority` is the one address that the host is reached by: `127.0.0.1:40123`. */
  constructor(authority: string) {
    this.#authority = authority;
    this.#origin = `http://${authority}`;
  }

  /**
   * The address for a browser. Its code stands in the fragment, which browsers send to nobody. `once`: for a command
   * line, which other users of the machine can read: whoever comes second is refused.
   */
  newAddress(once: boolean): string {
    const code = randomBytes(SECRET_BYTES).toString('base64url');
    this.#codes.set(digest(code).toString('hex'), { code, once });
    return `${this.#origin}/#code=${code}`;
  }

  /** The token for a code that was given out; null for any other. */
  exchange(code: string): string | null {
    // By digest, so that how long the look-up takes tells nothing about codes that exist.
    const key = digest(code).toString('hex');
    const known = this.#codes.get(key);
    if (known === undefined || !isSame(known.code, code)) return null;
    if (known.once) this.#codes.delete(key);
    return this.#token;
  }

  /** What every request must fulfil, also one for a file of the page. Null: it may pass. */
  checkSource({ method, headers }: IncomingMessage): Refusal | null {
    // A name that was made to point here (DNS rebinding) is still another name.
    if (headers.host !== this.#authority) return { status: 421, message: 'This host goes by another name.' };
    const { origin } = headers;
    const reads = method === 'GET' || method === 'HEAD';
    if (origin === undefined ? !reads : origin !== this.#origin) {
      return { status: 403, message: 'Requests of other sites are refused.' };
    }
    return null;
  }

  /** What every request for data must fulfil as well. Null: it may pass. */
  checkToken({ headers }: IncomingMessage): Refusal | null {
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') {
      return { status: 403, message: 'Requests of other sites are refused.' };
    }
    const token = /^Bearer ([\w-]{1,128})$/.exec(headers.authorization ?? '')?.[1];
    if (token !== undefined && isSame(token, this.#token)) return null;
    return { status: 401, message: 'Open the address again that StartTrace shows in its terminal.' };
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}
