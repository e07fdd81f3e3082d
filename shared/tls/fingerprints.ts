import type { ClientHello } from './client-hello.ts';
import { ja3, ja3s } from './ja3.ts';
import { ja4 } from './ja4.ts';
import type { ServerHello } from './server-hello.ts';

export interface ClientFingerprints {
  readonly ja3: string | null;
  readonly ja4: string | null;
}

/** Hellos that are remembered. A capture of a mail server holds some dozen different ones. */
const REMEMBERED = 4_096;

/**
 * Fingerprints of many hellos: thousands of them come from a few programs, and what their fingerprints depend on is the
 * same each time, so that each is computed once.
 */
export class Fingerprints {
  readonly #clients = new Map<string, ClientFingerprints>();
  readonly #servers = new Map<string, string | null>();

  ofClient(hello: ClientHello): ClientFingerprints {
    return remembered(this.#clients, clientKey(hello), () => ({ ja3: ja3(hello), ja4: ja4(hello) }));
  }

  /** JA3S. */
  ofServer(hello: ServerHello): string | null {
    const key = `${hello.isWhole} ${hello.legacyVersion} ${hello.cipherSuite} ${typesOf(hello)}`;
    return remembered(this.#servers, key, () => ja3s(hello));
  }
}

/** Everything that JA3 and JA4 look at, as it was sent. */
function clientKey(hello: ClientHello): string {
  return [
    hello.format,
    hello.isWhole,
    hello.legacyVersion,
    hello.cipherSuites.join(),
    typesOf(hello),
    hello.supportedGroups?.join(),
    hello.ecPointFormats?.join(),
    hello.signatureAlgorithms?.join(),
    hello.supportedVersions?.join(),
    hello.applicationProtocols?.[0],
  ].join(';');
}

function typesOf({ extensions }: { readonly extensions: readonly { readonly type: number }[] }): string {
  let types = '';
  for (const { type } of extensions) types += `${type},`;
  return types;
}

function remembered<T>(known: Map<string, T>, key: string, compute: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  // Hostile hellos all differ: starting afresh keeps both memory and time in bounds.
  if (known.size >= REMEMBERED) known.clear();
  const value = compute();
  known.set(key, value);
  return value;
}
