export interface Column {
  readonly title: string;
  /** A column that may be cut to make the table fit; the highest number is cut first. Absent: never. */
  readonly yields?: number;
}

const GAP = '  ';
const SMALLEST = 12;

/**
 * Rows in aligned columns, the last one ragged. `width` is the terminal's, or null for no limit: then nothing is cut.
 * `paint` colours a cell after it was measured.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | null,
  paint: (cell: string, row: number, column: number) => string = (cell) => cell,
): string[] {
  const widths = columns.map(({ title }, column) =>
    rows.reduce((widest, row) => Math.max(widest, lengthOf(row[column])), lengthOf(title)),
  );
  if (width !== null) shrink(columns, widths, width);
  const line = (cells: readonly string[], row: number) =>
    cells
      .map((cell, column) => {
        const cut = truncate(cell, widths[column]);
        const padding = column === cells.length - 1 ? '' : ' '.repeat(Math.max(0, widths[column] - lengthOf(cut)));
        return (row < 0 ? cut : paint(cut, row, column)) + padding;
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map(({ title }) => title),
      -1,
    ),
    ...rows.map((row, index) => line(row, index)),
  ];
}

function shrink(columns: readonly Column[], widths: number[], width: number): void {
  const total = () => widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1);
  const order = columns
    .map(({ yields }, column) => ({ column, yields: yields ?? 0 }))
    .filter(({ yields }) => yields > 0)
    .sort((a, b) => b.yields - a.yields);
  for (const { column } of order) {
    const surplus = total() - width;
    if (surplus <= 0) return;
    widths[column] = Math.max(Math.min(SMALLEST, widths[column]), widths[column] - surplus);
  }
}

/** Cut in the middle of nothing: the end is dropped and said so. */
function truncate(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

function lengthOf(text: string): number {
  return [...text].length;
}
