/** Partners as they stand in the text of an expectation file: to find them, and to add some. */

const PARTNERS = /^partners:[ \t]*(?:#.*)?$/;
const NO_PARTNERS = /^partners:[ \t]*\[[ \t]*\][ \t]*(?:#.*)?$/;
const NAME = /^[ \t]*(?:-[ \t]+)?name:[ \t]*(.*)$/;

/** The line (from 1) of each name in `names`, in their order; null where the text does not write it plainly. */
export function partnerLines(text: string, names: readonly string[]): readonly (number | null)[] {
  const found = new Map<string, number[]>();
  for (const [at, line] of text.split('\n').entries()) {
    const written = NAME.exec(line)?.[1];
    if (written === undefined) continue;
    const name = scalar(written);
    const lines = found.get(name);
    if (lines) lines.push(at + 1);
    else found.set(name, [at + 1]);
  }
  // Names may repeat: each takes the next line that has it.
  const used = new Map<string, number>();
  return names.map((name) => {
    const times = used.get(name) ?? 0;
    used.set(name, times + 1);
    return found.get(name)?.[times] ?? null;
  });
}

/**
 * `text` with the partners of `added`, a whole expectation file, at the end of its list. Null when the list is not
 * written line by line (JSON, or in brackets), so that only a person can tell where they belong.
 */
export function withPartners(text: string, added: string): string | null {
  const given = listOf(added);
  if (given === null || given.items.length === 0) return null;
  if (text.trim() === '') return added;
  const lines = text.split('\n');
  const place = listOf(text);
  if (place === null) return null;
  const items = reindented(given.items, given.indent, place.indent ?? given.indent ?? 2);
  const before = lines.slice(0, place.end);
  before[place.key] = before[place.key].replace(/^(partners:)[ \t]*\[[ \t]*\]/, '$1');
  const separator = place.items.length > 0 ? [''] : [];
  const after = lines.slice(place.end);
  const rest = after.every((line) => line.trim() === '') ? [''] : ['', ...after];
  return [...before, ...separator, ...items, ...rest].join('\n');
}

interface PartnerList {
  /** The line of `partners:`, from 0. */
  readonly key: number;
  /** The line behind the last item. */
  readonly end: number;
  readonly indent: number | null;
  readonly items: readonly string[];
}

function listOf(text: string): PartnerList | null {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const key = lines.findIndex((line) => PARTNERS.test(line) || NO_PARTNERS.test(line));
  if (key < 0) return null;
  let end = key + 1;
  let indent: number | null = null;
  for (let at = key + 1; at < lines.length; at++) {
    const line = lines[at];
    // Comments belong to the list when items follow them.
    if (line.trim() === '' || /^[ \t]*#/.test(line)) continue;
    const item = /^( *)-(?: |$)/.exec(line);
    if (indent === null) {
      if (item === null) return /^\S/.test(line) ? { key, end, indent, items: [] } : null;
      indent = item[1].length;
    }
    const inside = line.length - line.trimStart().length > indent || item?.[1].length === indent;
    if (!inside) break;
    end = at + 1;
  }
  return { key, end, indent, items: lines.slice(key + 1, end) };
}

function reindented(lines: readonly string[], from: number | null, to: number): readonly string[] {
  const shift = to - (from ?? to);
  if (shift >= 0) return lines.map((line) => (line === '' ? line : ' '.repeat(shift) + line));
  const surplus = new RegExp(`^ {0,${-shift}}`);
  return lines.map((line) => line.replace(surplus, ''));
}

/** A plain or quoted scalar on one line, without its comment. */
function scalar(written: string): string {
  const text = written.trim();
  if (text.startsWith('"')) {
    const quoted = /^"(?:[^"\\]|\\.)*"/.exec(text)?.[0];
    try {
      const value: unknown = quoted === undefined ? null : JSON.parse(quoted);
      return typeof value === 'string' ? value : text;
    } catch {
      // YAML has escapes that JSON lacks: then the text itself has to do.
      return text;
    }
  }
  if (text.startsWith("'")) return (/^'((?:[^']|'')*)'/.exec(text)?.[1] ?? text).replaceAll("''", "'");
  return text.replace(/[ \t]+#.*$/, '');
}
