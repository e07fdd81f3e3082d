// biome-ignore-all lint/a11y/useSemanticElements: rows that are positioned one by one cannot be those of a table element
import type { KeyboardEvent, RefObject } from 'react';
import { COLUMN_TITLES } from './columns.ts';
import type { ColumnId, Sorting } from './session-order.ts';
import type { SessionColumns } from './session-table.tsx';

/** How far a key makes a column wider. */
const KEY_STEP = 16;

/** The heads of the columns: they sort, and their right ends resize. One of them is in the tab order, arrows reach the others. */
export function ColumnHeads({
  table,
  shown,
  heads,
  sorting,
}: {
  readonly table: SessionColumns;
  readonly shown: readonly ColumnId[];
  readonly heads: RefObject<HTMLDivElement | null>;
  readonly sorting: Sorting | null;
}) {
  /** Sizes as they are on the screen, so that a resize begins where the column is. */
  const settle = () => {
    const sizes: Record<string, number> = {};
    for (const head of heads.current?.querySelectorAll<HTMLElement>('[data-head]') ?? []) {
      sizes[head.dataset['head'] ?? ''] = head.offsetWidth;
    }
    table.setColumnSizing(sizes);
  };
  const onKeyDown = (event: KeyboardEvent, id: ColumnId, at: number) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    if (event.shiftKey) {
      settle();
      table.setColumnSizing((sizes) => ({ ...sizes, [id]: Math.max(48, (sizes[id] ?? 0) + step * KEY_STEP) }));
    } else {
      heads.current?.querySelectorAll<HTMLElement>('.head-sort')[at + step]?.focus();
    }
  };
  return (
    <div role="rowgroup" className="session-heads" ref={heads}>
      <div role="row" className="session-head-line" aria-rowindex={1} tabIndex={-1}>
        {table.getLeafHeaders().map((header, at) => {
          const id = shown[at];
          const direction = sorting?.column === id ? (sorting.descending ? 'descending' : 'ascending') : 'none';
          return (
            <div
              key={header.id}
              role="columnheader"
              className="session-head"
              tabIndex={-1}
              aria-colindex={at + 1}
              aria-sort={direction}
              data-head={id}
            >
              <button
                type="button"
                className="head-sort"
                tabIndex={at === 0 ? 0 : -1}
                title={`Sort by ${COLUMN_TITLES[id].toLowerCase()}`}
                onClick={() => header.column.toggleSorting()}
                onKeyDown={(event) => onKeyDown(event, id, at)}
              >
                <span className="head-title">{COLUMN_TITLES[id]}</span>
                <span aria-hidden="true">{direction === 'none' ? '' : direction === 'ascending' ? '↑' : '↓'}</span>
              </button>
              <span
                className="head-resize"
                aria-hidden="true"
                data-resizing={header.column.getIsResizing()}
                onMouseDown={(event) => {
                  settle();
                  header.getResizeHandler()(event);
                }}
                onTouchStart={(event) => {
                  settle();
                  header.getResizeHandler()(event);
                }}
                onDoubleClick={() => table.setColumnSizing({})}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
