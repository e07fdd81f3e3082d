import { codeToHex } from '../../bytes/hex.ts';
import { isGrease } from '../codes.ts';

/**
 * A table of code points and names. `text` holds lines of `HEX name name …`: the names of consecutive codes from HEX
 * on. The table is built at the first question, so that loading the module costs nothing.
 */
export class Registry {
  private readonly text: string;
  private readonly prefix: string;
  private names: ReadonlyMap<number, string> | null = null;

  /** `prefix` goes before each name, except those written with a leading `=`. */
  constructor(text: string, prefix = '') {
    this.text = text;
    this.prefix = prefix;
  }

  /** The registered name, or null. */
  find(code: number): string | null {
    return this.table().get(code) ?? null;
  }

  /** The registered name; else, with `digits` digits, `GREASE (0x0a0a)` (RFC 8701) or `Unknown (0x1234)`. */
  name(code: number, digits: 2 | 4): string {
    return this.find(code) ?? `${digits === 4 && isGrease(code) ? 'GREASE' : 'Unknown'} (${codeToHex(code, digits)})`;
  }

  /** All codes with a name. */
  codes(): IterableIterator<number> {
    return this.table().keys();
  }

  private table(): ReadonlyMap<number, string> {
    if (this.names !== null) return this.names;
    const names = new Map<number, string>();
    for (const line of this.text.trim().split('\n')) {
      const [first, ...words] = line.trim().split(' ');
      const base = Number.parseInt(first, 16);
      words.forEach((word, i) => {
        names.set(base + i, word.startsWith('=') ? word.slice(1) : this.prefix + word);
      });
    }
    this.names = names;
    return names;
  }
}
