import { printable } from '../../shared/bytes/printable.ts';
import type { Analysis } from '../../shared/contract/analysis.ts';
import type { Judgement } from '../../shared/contract/verdict.ts';
import { wrap } from './layout.ts';
import type { Style } from './style.ts';

/** What the details of several sessions share. */
export interface DetailContext {
  readonly analysis: Analysis;
  /** Null: nothing was judged. */
  readonly judgement: Judgement | null;
  readonly style: Style;
  /** Columns of the terminal, or null: nothing is wrapped. */
  readonly width: number | null;
  /** The session in which a certificate was shown in full, by SHA-256; filled on the way. */
  readonly shownIn: Map<string, string>;
}

const LABEL_COLUMNS = 13;
/** Where the text behind a label begins. */
export const INDENT = ' '.repeat(2 + LABEL_COLUMNS);
/** Wider lines than this are hard to read, however wide the terminal is. */
const READABLE_COLUMNS = 132;
/** Characters that are shown of one text from the capture; the JSON has them all. */
const SHOWN_CHARACTERS = 1000;

export const plain = (text: string): string => text;

/** Text from the capture: harmless, and no longer than a person reads. */
export function shown(text: string): string {
  const cut =
    text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)} … (${text.length} characters)` : text;
  return printable(cut);
}

export function fileName(file: string): string {
  return file === '-' ? 'standard input' : printable(file);
}

/** `text` in lines that fit behind `indent`, which is not in them. */
export function wrapped(text: string, width: number | null, indent: string): string[] {
  return wrap(text, width === null ? null : Math.min(width, READABLE_COLUMNS) - indent.length);
}

/** `first` and text behind it; further lines of the text stand under its first one. `first` may be coloured. */
export function hanging(
  first: string,
  indent: string,
  text: string,
  { width }: Pick<DetailContext, 'width'>,
  paint: (line: string) => string = plain,
): string[] {
  return wrapped(text, width, indent).map((line, index) => (index === 0 ? first : indent) + paint(line));
}

/** A label and what it says. */
export function labelled(
  label: string,
  text: string,
  context: Pick<DetailContext, 'style' | 'width'>,
  paint: (line: string) => string = plain,
): string[] {
  return hanging(`  ${context.style.dim(label.padEnd(LABEL_COLUMNS))}`, INDENT, text, context, paint);
}
