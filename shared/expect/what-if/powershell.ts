/** Text as PowerShell's commands have it. */
import { printable } from '../../bytes/printable.ts';

/** PowerShell takes the typographic quotes for the straight one (about_Quoting_Rules). */
const SINGLE_QUOTES = /['‘’‚‛]/g;

/** A string literal that means exactly `text`, whatever is in it: nothing is expanded, nothing ends it early. */
export function quoted(text: string): string {
  if (printable(text) === text) return literal(text);
  // Control characters would act on the terminal that the line is pasted into.
  const parts = [...text.matchAll(/./gsu)].map(([character]) =>
    printable(character) === character ? literal(character) : codePoint(character),
  );
  return `(${parts.join(' + ')})`;
}

/** Several values with commas between them. */
export function quotedList(values: readonly string[]): string {
  return values.map(quoted).join(',');
}

function literal(text: string): string {
  return `'${text.replace(SINGLE_QUOTES, (quote) => quote + quote)}'`;
}

function codePoint(character: string): string {
  return `[string][char]::ConvertFromUtf32(0x${(character.codePointAt(0) ?? 0).toString(16)})`;
}
