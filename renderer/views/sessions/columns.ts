/** The columns of the table, as TanStack Table keeps them: sizes, hidden ones, sorting. Rows are not its business. */
import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  rowSortingFeature,
  tableFeatures,
} from '@tanstack/react-table';
import type { SessionRow } from '../../../shared/contract/operations.ts';
import { COLUMNS, type ColumnId } from './session-order.ts';

export const features = tableFeatures({
  columnSizingFeature,
  columnResizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
});

export const COLUMN_TITLES: Readonly<Record<ColumnId, string>> = {
  time: 'Time',
  ends: 'Client → server',
  name: 'Greeting or server name',
  starttls: 'STARTTLS',
  tls: 'TLS',
  certificate: 'Certificate name',
  path: 'Path to a root',
  verdict: 'Verdict',
};

/** Least width and share of the rest, in pixels at the usual text size. */
const WIDTHS: Readonly<Record<ColumnId, readonly [least: number, share: number]>> = {
  time: [112, 112],
  ends: [230, 280],
  name: [110, 170],
  starttls: [92, 110],
  tls: [100, 100],
  certificate: [140, 230],
  path: [110, 205],
  verdict: [112, 120],
};

/** Times with their day, where a run lasts over midnight. */
const TIME_WITH_DAY = [190, 190] as const;

function widthOf(id: ColumnId, withDay: boolean): readonly [least: number, share: number] {
  return id === 'time' && withDay ? TIME_WITH_DAY : WIDTHS[id];
}

const helper = createColumnHelper<typeof features, SessionRow>();

export const columns = helper.columns(
  COLUMNS.map((id) =>
    helper.display({
      id,
      header: COLUMN_TITLES[id],
      minSize: WIDTHS[id][0] / 2,
      size: WIDTHS[id][1],
      maxSize: 1200,
      enableSorting: true,
      sortDescFirst: false,
      enableHiding: id !== 'ends',
    }),
  ),
);

export const NO_ROWS: readonly SessionRow[] = [];

export function isColumnId(id: string): id is ColumnId {
  return (COLUMNS as readonly string[]).includes(id);
}

/** What the person made of the columns' sizes, in pixels. */
type Sizes = Readonly<Record<string, number>>;

/** Less than this the table does not become: it scrolls. */
export function leastWidthOf(shown: readonly ColumnId[], sizes: Sizes, withDay: boolean): string {
  const widths = shown.map((id) => (sizes[id] === undefined ? `${widthOf(id, withDay)[0] / 16}rem` : `${sizes[id]}px`));
  return `calc(${widths.join(' + ')})`;
}

/** Columns that were not resized share what is left; the last takes what nobody wants. */
export function templateOf(shown: readonly ColumnId[], sizes: Sizes, withDay: boolean): string {
  return shown
    .map((id, place) => {
      const size = sizes[id];
      const [least, share] = widthOf(id, withDay);
      if (size === undefined) return `minmax(${least / 16}rem, ${share}fr)`;
      return place === shown.length - 1 ? `minmax(${size}px, 1fr)` : `${size}px`;
    })
    .join(' ');
}
