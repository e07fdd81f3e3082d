/** Measures, cuts and wraps text in columns of a terminal. Colour is put on afterwards, so that it never counts. */

/** East Asian wide and fullwidth characters and pictographs: two columns (Unicode Standard Annex 11, in the coarse). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
/** Marks that stand on the character before them. */
const COMBINING = /\p{Mn}|\p{Me}/u;
/** Nothing in here needs more than one column, or less. */
const SIMPLE = /^[\u0020-\u02ff\u2010-\u2fff]*$/;

export function columnsOf(text: string): number {
  if (SIMPLE.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

function widthOf(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/**
 * Text in at most `columns`: what does not fit is taken out of the middle, because names and endpoints differ at both
 * ends.
 */
export function cutToFit(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  if (columns <= 0) return '';
  const characters = [...text];
  const tail = Math.floor((columns - 1) * 0.4);
  const head = columns - 1 - tail;
  return `${fitting(characters, head).join('')}…${fitting(characters.reverse(), tail).reverse().join('')}`;
}

/** The first characters that fit in `columns`. */
function fitting(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let left = columns;
  for (const character of characters) {
    left -= widthOf(character);
    if (left < 0) break;
    taken.push(character);
  }
  return taken;
}

/** Narrower than this, wrapped text is harder to read than what the terminal makes of a long line. */
const LEAST_COLUMNS = 20;

/**
 * Text in lines of at most `columns`, broken behind spaces and commas, and inside a word only when it is longer than a
 * line. Null: one line, for output that a program reads.
 */
export function wrap(text: string, columns: number | null): string[] {
  if (columns === null || columnsOf(text) <= columns) return [text];
  const limit = Math.max(LEAST_COLUMNS, columns);
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.match(/[^\s,]*,+\s*|[^\s,]*\s+|[^\s,]+/g) ?? []) {
    const needed = columnsOf(word.trimEnd());
    if (used > 0 && used + needed > limit) {
      lines.push(line.trimEnd());
      line = '';
      used = 0;
    }
    if (needed <= limit) {
      line += word;
      used += columnsOf(word);
      continue;
    }
    for (const character of word) {
      const columns = widthOf(character);
      if (used + columns > limit) {
        lines.push(line);
        line = '';
        used = 0;
      }
      line += character;
      used += columns;
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}
