import type { ClientHello } from './client-hello.ts';
import { ja3, ja3s, md5Hex } from './ja3.ts';
import { ja4, ja4Hash } from './ja4.ts';
import type { ServerHello } from './server-hello.ts';
import { TextHashes } from './text-hashes.ts';

/** Fingerprints of many hellos: like `ja3`, `ja3s` and `ja4`, without hashing the same text twice. */
export class Fingerprints {
  readonly #md5 = new TextHashes(md5Hex);
  readonly #ja4 = new TextHashes(ja4Hash);

  ja3(hello: ClientHello): string | null {
    return ja3(hello, (text) => this.#md5.of(text));
  }

  ja3s(hello: ServerHello): string | null {
    return ja3s(hello, (text) => this.#md5.of(text));
  }

  ja4(hello: ClientHello): string | null {
    return ja4(hello, (text) => this.#ja4.of(text));
  }
}
