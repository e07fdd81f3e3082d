/** Reads what PowerShell's Format-List prints: `Name : Value` lines, with whatever a console or a forum did to them. */
import { LIMITS } from '../../bytes/limits.ts';
import {
  type ConnectorCmdlet,
  cmdletIn,
  PASTE_ADVICE,
  type PastedObject,
  type PastedProperty,
  type PastedValue,
  type PasteReading,
  toldBy,
} from './pasted-object.ts';

const PROPERTY = /^([ \t]*)([A-Za-z][A-Za-z0-9_]{0,63})([ \t]*):(?:[ \t](.*))?$/s;
/** `PS C:\>`, `[PS] C:\Windows\system32>`, `PS /home/me>`, `PS>`. */
const PROMPT = /^[ \t]*(?:\[PS\]|PS)(?:[ \t][^>]{0,500})?>/;
/** Below the titles of a table. */
const RULE = /^[ \t]*-{2,}(?:[ \t]+-{2,})*[ \t]*$/;
const TITLES = /^[ \t]*[A-Za-z][A-Za-z0-9_]*(?:[ \t]+[A-Za-z][A-Za-z0-9_]*)*[ \t]*$/;

interface Draft {
  readonly name: string;
  readonly line: number;
  /** What stands behind the colon, and the lines that continue it. */
  readonly pieces: string[];
}

interface Open {
  readonly drafts: Map<string, Draft>;
  readonly cmdlet: ConnectorCmdlet | null;
  readonly line: number;
  readonly indent: number;
  /** Where the colons stand; pasted text may have lost its alignment. */
  readonly colon: number;
  told: ConnectorCmdlet | null;
}

/**
 * The objects of a text. A blank line does not end one, because forums double the lines; a repeated name, a prompt, or
 * a property of another kind of connector does. Lines that are indented more than the names continue a value.
 */
export function readFormatList(text: string): PasteReading {
  const lines = text.split(/\r\n|\r|\n/);
  const reader = new ListReader();
  for (const [index, raw] of lines.entries()) {
    if (isTable(lines, index)) {
      const message =
        'This is the output of Format-Table, which cuts values and leaves out most settings. Run the cmdlet again with | Format-List at its end, and paste that.';
      return { kind: 'problem', problem: { line: index + 1, message } };
    }
    reader.add(unquoted(raw), index + 1);
    if (reader.objects.length > LIMITS.pastedConnectors) {
      const message = `More than ${LIMITS.pastedConnectors} connectors: split the text, and import the parts one after the other.`;
      return { kind: 'problem', problem: { line: index + 1, message } };
    }
  }
  reader.close();
  if (reader.objects.length === 0) {
    return { kind: 'problem', problem: { line: null, message: `There is no connector in this text. ${PASTE_ADVICE}` } };
  }
  return { kind: 'objects', objects: reader.objects };
}

class ListReader {
  readonly objects: PastedObject[] = [];
  #open: Open | null = null;
  #last: Draft | null = null;
  /** Of the prompt that was seen last. */
  #cmdlet: ConnectorCmdlet | null = null;
  #isAfterBlank = false;

  add(line: string, number: number): void {
    if (line.trim() === '') {
      this.#isAfterBlank = true;
      return;
    }
    const property = PROPERTY.exec(line);
    if (this.#continues(line, property)) {
      this.#last?.pieces.push(line.trim());
    } else if (property !== null) {
      this.#property(property, number);
    } else if (isPrompt(line)) {
      this.close();
      this.#cmdlet = cmdletIn(line);
    }
    this.#isAfterBlank = false;
  }

  close(): void {
    if (this.#open !== null) this.objects.push(finished(this.#open));
    this.#open = null;
    this.#last = null;
  }

  /** Whether the line belongs to the value above: it is indented more, or is no property and has lost its indentation. */
  #continues(line: string, property: RegExpExecArray | null): boolean {
    if (this.#open === null || this.#last === null) return false;
    const indent = line.length - line.trimStart().length;
    if (indent > this.#open.indent) return property === null || colonOf(property) !== this.#open.colon;
    return property === null && !this.#isAfterBlank && !isPrompt(line);
  }

  #property(property: RegExpExecArray, number: number): void {
    const [, indent, name, , value = ''] = property;
    const key = name.toLowerCase();
    const told = toldBy(key);
    if (this.#open !== null && this.#isAnother(this.#open, property, told)) this.close();
    this.#open ??= {
      drafts: new Map(),
      cmdlet: this.#cmdlet,
      line: number,
      indent: indent.length,
      colon: colonOf(property),
      told: null,
    };
    this.#last = { name, line: number, pieces: [value.trim()] };
    this.#open.drafts.set(key, this.#last);
    this.#open.told ??= told;
  }

  #isAnother(open: Open, property: RegExpExecArray, told: ConnectorCmdlet | null): boolean {
    const [, , name, gap] = property;
    if (open.drafts.has(name.toLowerCase())) return true;
    if (!this.#isAfterBlank) return false;
    const isOtherwiseAligned = gap.length > 1 && colonOf(property) !== open.colon;
    return isOtherwiseAligned || (told !== null && open.told !== null && told !== open.told);
  }
}

function isPrompt(line: string): boolean {
  return PROMPT.test(line) || cmdletIn(line) !== null;
}

function colonOf([, indent, name, gap]: RegExpExecArray): number {
  return indent.length + name.length + gap.length;
}

/** Forums and mail programs put `>` in front of what they quote. */
function unquoted(line: string): string {
  const [, rest] = /^(?:>[ \t]?){1,3}([ \t]*[A-Za-z][A-Za-z0-9_]*[ \t]*:.*)$/.exec(line) ?? [];
  return rest ?? line;
}

function isTable(lines: readonly string[], index: number): boolean {
  return RULE.test(lines[index]) && index > 0 && TITLES.test(lines[index - 1]);
}

function finished({ drafts, cmdlet, line }: Open): PastedObject {
  const properties = new Map<string, PastedProperty>();
  for (const [key, draft] of drafts) {
    const text = joined(draft.pieces);
    const isTruncated = /(?:\.\.\.|…)\}?$/.test(text);
    properties.set(key, { name: draft.name, line: draft.line, value: listValue(text), truncated: isTruncated });
  }
  return { properties, cmdlet, line };
}

/**
 * A value that the console's width broke: at a space where there was one, else, in a word that is wider than the
 * column, anywhere. Words of a list end with their comma.
 */
function joined(pieces: readonly string[]): string {
  const [first, ...rest] = pieces;
  const parts = [first];
  let before = first;
  const isList = first.startsWith('{');
  for (const piece of rest) {
    const isInsideWord = isList ? !/[,{]$/.test(before) : before !== '' && !before.includes(' ');
    parts.push(isInsideWord || before === '' ? piece : ` ${piece}`);
    before = piece;
  }
  return parts.join('');
}

function listValue(text: string): PastedValue {
  if (text === '' || text === '$null') return { kind: 'empty' };
  if (text.startsWith('{') && text.endsWith('}')) {
    const items = text
      .slice(1, -1)
      .split(/, /)
      .map((item) => item.trim())
      .filter((item) => item !== '');
    return { kind: 'list', items };
  }
  return { kind: 'text', text };
}
