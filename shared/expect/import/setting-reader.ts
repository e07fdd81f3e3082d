/** Takes settings out of a pasted connector one by one, and keeps what was wrong with them. */
import type { PastedObject, PastedProperty, PasteProblem } from './pasted-object.ts';

/** `True` and `False` as the languages of Windows have them, should a script have translated them. */
const WORDS: ReadonlyMap<string, boolean> = new Map(
  (
    [
      [
        true,
        [
          'true',
          '$true',
          'wahr',
          'vrai',
          'verdadero',
          'vero',
          'verdadeiro',
          'waar',
          'sant',
          'sand',
          'sandt',
          'prawda',
          'истина',
          'tosi',
        ],
      ],
      [
        false,
        [
          'false',
          '$false',
          'falsch',
          'faux',
          'falso',
          'onwaar',
          'falskt',
          'falsk',
          'usant',
          'fałsz',
          'ложь',
          'epätosi',
        ],
      ],
    ] as const
  ).flatMap(([flag, words]) => words.map((word) => [word, flag] as const)),
);

export class SettingReader {
  readonly #object: PastedObject;
  readonly #used = new Set<string>();
  readonly problems: PasteProblem[] = [];

  constructor(object: PastedObject) {
    this.#object = object;
  }

  /** Whether the property was printed at all, be it empty. */
  has(name: string): boolean {
    return this.#object.properties.has(name.toLowerCase());
  }

  lineOf(name: string): number | null {
    return this.#object.properties.get(name.toLowerCase())?.line ?? this.#object.line;
  }

  /** Properties that nobody asked for. */
  get unused(): number {
    return [...this.#object.properties.keys()].filter((key) => !this.#used.has(key)).length;
  }

  text(name: string): string | undefined {
    const property = this.#take(name);
    if (property === null) return undefined;
    const { value } = property;
    switch (value.kind) {
      case 'text':
        return value.text;
      case 'flag':
        return String(value.flag);
      case 'list':
        if (value.items.length <= 1) return value.items[0];
        return this.#refuse(property, 'it has several values where one is expected');
      case 'empty':
        return undefined;
      case 'unreadable':
        return this.#refuse(property, value.reason);
    }
  }

  /** One of the words, in the spelling of `words`; case does not matter. */
  word<const W extends string>(name: string, words: readonly W[]): W | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = words.find((word) => word.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    const property = this.#object.properties.get(name.toLowerCase());
    if (property) this.#refuse(property, `"${text}" is none of ${words.join(', ')}`);
    return undefined;
  }

  flag(name: string): boolean | undefined {
    const property = this.#take(name);
    if (property === null) return undefined;
    const { value } = property;
    switch (value.kind) {
      case 'flag':
        return value.flag;
      case 'text': {
        const flag = WORDS.get(value.text.toLowerCase());
        return flag ?? this.#refuse(property, `"${value.text}" is neither True nor False`);
      }
      case 'empty':
        return undefined;
      case 'list':
        return this.#refuse(property, 'it is a list where True or False is expected');
      case 'unreadable':
        return this.#refuse(property, value.reason);
    }
  }

  /** A list in braces, an array, or words with commas between them, as flags are printed. Undefined when empty. */
  list(name: string): readonly string[] | undefined {
    const property = this.#take(name);
    if (property === null) return undefined;
    const { value } = property;
    switch (value.kind) {
      case 'list':
        return value.items.length > 0 ? value.items : undefined;
      case 'text': {
        const items = value.text.split(',').map((item) => item.trim());
        return items.filter((item) => item !== '');
      }
      case 'empty':
        return undefined;
      case 'flag':
        return this.#refuse(property, 'it is True or False where a list is expected');
      case 'unreadable':
        return this.#refuse(property, value.reason);
    }
  }

  refuse(name: string, reason: string): void {
    const property = this.#object.properties.get(name.toLowerCase());
    if (property) this.#refuse(property, reason);
  }

  #take(name: string): PastedProperty | null {
    const key = name.toLowerCase();
    this.#used.add(key);
    const property = this.#object.properties.get(key);
    if (property === undefined) return null;
    if (property.truncated) {
      this.#refuse(
        property,
        'PowerShell has cut it off. Run $FormatEnumerationLimit = -1 and the cmdlet again, or use ConvertTo-Json -Depth 3',
      );
      return null;
    }
    return property;
  }

  #refuse(property: PastedProperty, reason: string): undefined {
    this.problems.push({ line: property.line, message: `${property.name} cannot be read: ${reason}.` });
    return undefined;
  }
}
