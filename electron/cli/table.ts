import { columnsOf, cutToFit } from './layout.ts';

export interface Column {
  readonly title: string;
  /** The column may be cut down to so many characters to make the table fit. Absent: never cut. */
  readonly least?: number;
  /** The column may be left out to make the table fit; the highest number goes first. Absent: never left out. */
  readonly optional?: number;
}

export interface Table {
  readonly head: string;
  readonly body: readonly string[];
  /** Titles of the columns that had to be left out. */
  readonly omitted: readonly string[];
}

const GAP = '  ';

/**
 * Rows in aligned columns, the last one ragged. `width` is the terminal's, or null for no limit: then nothing is cut
 * or left out. Otherwise no line is longer: columns are cut, and when that is not enough left out.
 * `paint` colours a cell after it was measured.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | null,
  paint: (cell: string, row: number, column: number) => string = (cell) => cell,
): Table {
  const natural = naturalWidths(columns, rows);
  let shown = columns.map((_, index) => index);
  let widths = natural;
  if (width !== null) {
    const leastWidth = (index: number) => Math.min(natural[index], columns[index].least ?? natural[index]);
    while (total(shown.map(leastWidth)) > width) {
      const leaving = leavingNext(columns, shown);
      if (leaving === null) break;
      shown = shown.filter((index) => index !== leaving);
    }
    widths = shrunk(columns, natural, shown, leastWidth, width);
  }
  const line = (cells: readonly string[], row: number): string => {
    let text = '';
    let left = width ?? Number.POSITIVE_INFINITY;
    for (const index of shown) {
      // Only where not even the last columns fit.
      if (left <= 0) break;
      const cut = cutToFit(cells[index], Math.min(widths[index], left));
      const isLast = index === shown[shown.length - 1];
      const padding = isLast ? '' : ' '.repeat(Math.max(0, widths[index] - columnsOf(cut))) + GAP;
      text += (row < 0 ? cut : paint(cut, row, index)) + padding;
      left -= widths[index] + GAP.length;
    }
    return text.trimEnd();
  };
  const titles = columns.map(({ title }) => title);
  return {
    head: line(titles, -1),
    body: rows.map((row, index) => line(row, index)),
    omitted: titles.filter((_, index) => !shown.includes(index)),
  };
}

/** The width that the table has when nothing is cut. */
export function naturalWidth(columns: readonly Column[], rows: readonly (readonly string[])[]): number {
  return total(naturalWidths(columns, rows));
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, columnsOf(row[index])), columnsOf(title)),
  );
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1);
}

function leavingNext(columns: readonly Column[], shown: readonly number[]): number | null {
  let leaving: number | null = null;
  for (const index of shown) {
    const { optional } = columns[index];
    if (optional !== undefined && (leaving === null || optional > (columns[leaving].optional ?? 0))) leaving = index;
  }
  return leaving;
}

/** Takes the surplus from the columns that may be cut: first from those that may be left out, then from the widest. */
function shrunk(
  columns: readonly Column[],
  natural: readonly number[],
  shown: readonly number[],
  leastWidth: (index: number) => number,
  width: number,
): number[] {
  const widths = [...natural];
  const spare = (index: number) => widths[index] - leastWidth(index);
  const rank = (index: number) => (spare(index) > 0 ? (columns[index].optional ?? 0) * 1e6 + widths[index] : -1);
  let surplus = total(shown.map((index) => widths[index])) - width;
  while (surplus > 0) {
    const giving = shown.reduce((best, index) => (rank(index) > rank(best) ? index : best), shown[0]);
    if (spare(giving) <= 0) break;
    widths[giving] -= 1;
    surplus -= 1;
  }
  return widths;
}
