/** Colours of the terminal, or none. Words carry the meaning: nothing is said by colour alone. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warning(text: string): string;
  accent(text: string): string;
}

const ESCAPE = '\u001b[';

function wrap(code: number, end: number): (text: string) => string {
  return (text) => `${ESCAPE}${code}m${text}${ESCAPE}${end}m`;
}

const plain = (text: string) => text;

const PLAIN: Style = { bold: plain, dim: plain, good: plain, bad: plain, warning: plain, accent: plain };

const COLOURED: Style = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  good: wrap(32, 39),
  bad: wrap(31, 39),
  warning: wrap(33, 39),
  accent: wrap(36, 39),
};

/** Colour only on a terminal, and never under NO_COLOR (no-color.org). */
export function styleFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Style {
  const forbidden = environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== '';
  return stream.isTTY === true && !forbidden && environment['TERM'] !== 'dumb' ? COLOURED : PLAIN;
}
