/** A terminal's output as SVG text, on its grid of columns and rows. */

export interface Theme {
  readonly background: string;
  readonly border: string;
  readonly text: string;
  readonly dim: string;
  readonly bold: string;
  /** By the number of the escape sequence: 31 red to 36 cyan. */
  readonly colours: Readonly<Record<number, string>>;
}

export const LIGHT: Theme = {
  background: '#fbfbfa',
  border: '#d9d8d4',
  text: '#33332f',
  dim: '#74736c',
  bold: '#11110f',
  colours: { 31: '#b3261e', 32: '#2f6f3e', 33: '#8a5a00', 36: '#12647a' },
};

export const DARK: Theme = {
  background: '#16181b',
  border: '#33373d',
  text: '#d3d5d8',
  dim: '#8b9098',
  bold: '#ffffff',
  colours: { 31: '#f2867d', 32: '#86c794', 33: '#e0b25c', 36: '#79c3d6' },
};

const COLUMN = 7.8;
const ROW = 19;
const FONT_SIZE = 13;
const MARGIN = 20;

interface Run {
  readonly column: number;
  readonly text: string;
  readonly colour: string;
  readonly isBold: boolean;
}

/** Lines with the colours and weights of escape sequences. `alternative` says in words what the picture shows. */
export function terminalSvg(lines: readonly string[], columns: number, theme: Theme, alternative: string): string {
  const width = Math.round(columns * COLUMN + 2 * MARGIN);
  const height = lines.length * ROW + 2 * MARGIN;
  const rows = lines.flatMap((line, row) =>
    runs(line, theme).map(({ column, text, colour, isBold }) => {
      const x = (MARGIN + column * COLUMN).toFixed(1);
      const y = MARGIN + row * ROW + 14;
      // The grid holds whatever font is there.
      const length = ([...text].length * COLUMN).toFixed(1);
      const weight = isBold ? ' font-weight="600"' : '';
      return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${colour}"${weight}>${escaped(text)}</text>`;
    }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(alternative)}">`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${theme.background}" stroke="${theme.border}"/>`,
    `<g font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Text of one look each, without the spaces between. */
function runs(line: string, theme: Theme): Run[] {
  const found: Run[] = [];
  let column = 0;
  let isBold = false;
  let isDim = false;
  let colour: number | null = null;
  // An escape sequence, or the text up to the next one.
  for (const [part, codes] of line.matchAll(/\u001b\[([0-9;]*)m|[^\u001b]+/g)) {
    if (codes === undefined) {
      const fill =
        (colour === null ? undefined : theme.colours[colour]) ?? (isDim ? theme.dim : isBold ? theme.bold : theme.text);
      for (const { 0: text, index } of part.matchAll(/\S+(?: \S+)*/g)) {
        found.push({ column: column + [...part.slice(0, index)].length, text, colour: fill, isBold });
      }
      column += [...part].length;
      continue;
    }
    for (const code of codes.split(';').map(Number)) {
      if (code === 1) isBold = true;
      else if (code === 2) isDim = true;
      else if (code === 22) isBold = isDim = false;
      else if (code >= 31 && code <= 36) colour = code;
      else if (code === 39) colour = null;
    }
  }
  return found;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
