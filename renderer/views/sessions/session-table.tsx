// biome-ignore-all lint/a11y/useSemanticElements: rows that are positioned one by one cannot be those of a table element
import { type SortingState, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useId,
  useMemo,
  useRef,
} from 'react';
import { usePreferences } from '../../state/preferences.ts';
import { isBoolean, isNumber, isRecordOf, remember, remembered } from '../../state/remembered.ts';
import { ColumnHeads } from './column-heads.tsx';
import { columns, features, isColumnId, leastWidthOf, NO_ROWS, templateOf } from './columns.ts';
import type { JudgedIndex, SessionIndex } from './session-index.ts';
import { SessionLine } from './session-line.tsx';
import type { Sorting } from './session-order.ts';
import './session-table.css';

interface SessionTableProps {
  readonly index: SessionIndex;
  readonly judged: JudgedIndex;
  readonly judging: boolean;
  /** Positions in the index, in the order to show. */
  readonly shown: Uint32Array;
  readonly sorting: Sorting | null;
  readonly selected: string | null;
  readonly onSelect: (session: string | null) => void;
  readonly onEnter: () => void;
  readonly onCopy: (text: string) => void;
  readonly grid: RefObject<HTMLDivElement | null>;
}

/** Rows above and below the window that are drawn beforehand. */
const OVERSCAN = 10;

/** The columns of the table with what the person made of them. */
export function useSessionColumns(sorting: Sorting | null, onSort: (sorting: Sorting | null) => void) {
  const table = useTable({
    features,
    columns,
    data: NO_ROWS,
    columnResizeMode: 'onChange',
    manualSorting: true,
    enableMultiSort: false,
    initialState: {
      columnSizing: remembered('columns.sizes', (value) => isRecordOf(value, isNumber)) ?? {},
      columnVisibility: remembered('columns.shown', (value) => isRecordOf(value, isBoolean)) ?? {},
    },
    state: { sorting: sortingState(sorting) },
    onSortingChange: (change) => {
      const [first] = typeof change === 'function' ? change(sortingState(sorting)) : change;
      onSort(first !== undefined && isColumnId(first.id) ? { column: first.id, descending: first.desc } : null);
    },
  });
  const { columnSizing, columnVisibility } = table.state;
  useEffect(() => remember('columns.sizes', columnSizing), [columnSizing]);
  useEffect(() => remember('columns.shown', columnVisibility), [columnVisibility]);
  return table;
}

export type SessionColumns = ReturnType<typeof useSessionColumns>;

function sortingState(sorting: Sorting | null): SortingState {
  return sorting === null ? [] : [{ id: sorting.column, desc: sorting.descending }];
}

/** All sessions of a run: only the rows in sight are in the page. */
export function SessionTable({ table, ...props }: SessionTableProps & { readonly table: SessionColumns }) {
  const { index, judged, judging, shown, sorting, selected, onSelect, onEnter, onCopy, grid } = props;
  const ids = useId();
  const heads = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const visible = table
    .getVisibleLeafColumns()
    .map(({ id }) => id)
    .filter(isColumnId);
  const stableColumns = useSame(visible);
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => grid.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    // The heads lie over the first row's height of the window.
    scrollPaddingEnd: height,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height of rows is what there is to measure
  useEffect(() => virtual.measure(), [height, virtual]);

  // Not for every frame of scrolling.
  const place = useMemo(() => {
    const at = selected === null ? -1 : index.rows.findIndex(({ id }) => id === selected);
    return at < 0 ? -1 : shown.indexOf(at);
  }, [index, shown, selected]);
  // A selection from elsewhere comes into sight; one that was sorted away stays where the person is looking.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another selection moves the rows
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place, { align: 'auto' });
  }, [selected]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another order begins at its top
  useEffect(() => {
    if (grid.current) grid.current.scrollTop = 0;
  }, [sorting?.column, sorting?.descending]);

  const goTo = (next: number) => {
    if (shown.length === 0) return;
    const to = Math.min(Math.max(next, 0), shown.length - 1);
    onSelect(index.rows[shown[to]].id);
    virtual.scrollToIndex(to, { align: 'auto' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((grid.current?.clientHeight ?? 0) / height) - 2);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: place + 1,
      ArrowUp: place < 0 ? 0 : place - 1,
      PageDown: Math.max(place, 0) + page,
      PageUp: place - page,
      Home: 0,
      End: shown.length - 1,
    };
    const move = moves[event.key];
    if (move !== undefined && !event.altKey && !event.metaKey) goTo(move);
    else if (event.key === 'Enter' && place >= 0) onEnter();
    else if (event.key === 'Escape' && selected !== null) onSelect(null);
    else if (event.key === 'c' && (event.ctrlKey || event.metaKey) && place >= 0) {
      onCopy(lineText(event.currentTarget, place));
    } else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    if (!(event.target instanceof Element)) return;
    const line = event.target.closest<HTMLElement>('[data-session]');
    const session = line?.dataset['session'];
    if (session === undefined) return;
    const copy = event.target.closest<HTMLElement>('[data-copy]')?.dataset['copy'];
    if (session === selected && copy !== undefined && event.detail === 1) onCopy(copy);
    else onSelect(session);
    grid.current?.focus({ preventScroll: true });
  };
  const onDoubleClick = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('[data-session]') !== null) onEnter();
  };
  const withDay = dayOf(index.firstAt) !== dayOf(index.lastAt);
  const widths: CSSProperties & Record<`--${string}`, string> = {
    '--columns': templateOf(stableColumns, table.state.columnSizing, withDay),
    '--columns-least': leastWidthOf(stableColumns, table.state.columnSizing, withDay),
  };
  const items = virtual.getVirtualItems();
  const inSight = items.some((item) => item.index === place);
  return (
    <div
      ref={grid}
      className="session-grid"
      role="grid"
      tabIndex={0}
      data-part="table"
      aria-label="Sessions"
      aria-rowcount={shown.length + 1}
      aria-colcount={stableColumns.length}
      aria-activedescendant={inSight ? `${ids}-${place}` : undefined}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      style={widths}
    >
      <ColumnHeads table={table} shown={stableColumns} heads={heads} sorting={sorting} />
      <div role="rowgroup" className="session-lines" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const position = shown[item.index];
          const row = index.rows[position];
          return (
            <SessionLine
              key={item.index}
              id={`${ids}-${item.index}`}
              row={row}
              judged={judged.rows[position]}
              judging={judging}
              columns={stableColumns}
              withDay={withDay}
              selected={row.id === selected}
              place={item.index}
              top={item.start}
            />
          );
        })}
      </div>
    </div>
  );
}

function lineText(grid: Element, place: number): string {
  const cells = grid.querySelectorAll(`[data-place="${place}"] > [role="gridcell"]`);
  return [...cells].map((cell) => cell.textContent?.trim() ?? '').join('\t');
}

function dayOf(time: number): number {
  return Math.floor(time / 86_400_000);
}

/** In pixels, as density and text size have it. */
function useRowHeight(): number {
  const { density, zoom } = usePreferences();
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || (16 * zoom) / 100;
  return Math.round((density === 'compact' ? 1.5 : 1.875) * rem);
}

/** The same array as long as it holds the same: lines are drawn anew only for new columns. */
function useSame<T>(value: readonly T[]): readonly T[] {
  const kept = useRef(value);
  if (kept.current.length !== value.length || kept.current.some((one, at) => one !== value[at])) kept.current = value;
  return kept.current;
}
