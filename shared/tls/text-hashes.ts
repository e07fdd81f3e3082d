/** Texts that are remembered. A capture of a mail server holds some dozen different ones. */
const REMEMBERED = 4_096;

/**
 * Hashes of short texts, each computed once: thousands of hellos come from a few programs, and what makes their
 * fingerprints is the same text each time.
 */
export class TextHashes {
  readonly #hash: (text: string) => string;
  readonly #known = new Map<string, string>();

  constructor(hash: (text: string) => string) {
    this.#hash = hash;
  }

  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    // Hostile hellos all differ: starting afresh keeps both memory and time in bounds.
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const hash = this.#hash(text);
    this.#known.set(text, hash);
    return hash;
  }
}
