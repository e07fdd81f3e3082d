/** Edits of a text editor, as what is replaced by what: the editor applies them so that undo knows them. */

export interface TextEdit {
  /** The part of the text that `insert` takes the place of. */
  readonly from: number;
  readonly to: number;
  readonly insert: string;
  /** The selection afterwards. */
  readonly select: readonly [number, number];
}

const INDENT = '  ';

/** Tab: spaces at the caret up to the next stop, or all selected lines one step to the right. */
export function indent(text: string, start: number, end: number): TextEdit {
  if (!text.slice(start, end).includes('\n')) {
    const column = start - lineStart(text, start);
    const insert = INDENT.slice(column % INDENT.length);
    return { from: start, to: end, insert, select: [start + insert.length, start + insert.length] };
  }
  return shifted(text, start, end, (line) => (line === '' ? line : INDENT + line));
}

/** Shift+Tab: the selected lines, or that of the caret, one step to the left. Null: there is nothing to take away. */
export function outdent(text: string, start: number, end: number): TextEdit | null {
  const edit = shifted(text, start, end, (line) => line.replace(/^(?: {1,2}|\t)/, ''));
  return edit.insert === text.slice(edit.from, edit.to) ? null : edit;
}

/** Enter: a new line that begins where this one does, or behind the dash of a list. */
export function newLine(text: string, start: number, end: number): TextEdit {
  const before = text.slice(lineStart(text, start), start);
  const [, spaces, dash] = /^( *)(- +)?/.exec(before) ?? ['', '', ''];
  const deeper = /:\s*$/.test(before) ? INDENT : '';
  const insert = `\n${spaces}${' '.repeat((dash ?? '').length)}${deeper}`;
  return { from: start, to: end, insert, select: [start + insert.length, start + insert.length] };
}

/** The smallest edit that makes `after` of `before`. */
export function difference(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let from = 0;
  while (from < shorter && before.charCodeAt(from) === after.charCodeAt(from)) from++;
  let tail = 0;
  while (
    tail < shorter - from &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail++;
  }
  const insert = after.slice(from, after.length - tail);
  return { from, to: before.length - tail, insert, select: [from, from + insert.length] };
}

/** Where `line` and `column` (both from 1) are in the text; as near as the text goes. */
export function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf('\n', start);
    if (next < 0) break;
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + Math.max(column - 1, 0), end < 0 ? text.length : end);
}

export function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function shifted(text: string, start: number, end: number, change: (line: string) => string): TextEdit {
  const from = lineStart(text, start);
  // A selection that ends before the first character of a line does not take that line with it.
  const last = end > start && text[end - 1] === '\n' ? end - 1 : end;
  const next = text.indexOf('\n', last);
  const to = next < 0 ? text.length : next;
  const lines = text.slice(from, to).split('\n');
  const changed = lines.map(change);
  const insert = changed.join('\n');
  const moved = changed[0].length - lines[0].length;
  const select: [number, number] =
    start === end
      ? [Math.max(start + moved, from), Math.max(start + moved, from)]
      : [Math.max(start + moved, from), end + insert.length - (to - from)];
  return { from, to, insert, select };
}
