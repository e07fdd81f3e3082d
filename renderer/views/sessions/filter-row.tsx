import { type KeyboardEvent, type RefObject, useId } from 'react';
import { printable } from '../../../shared/bytes/printable.ts';
import { Button } from '../../ui/button.tsx';
import { PopUp } from '../../ui/pop-up.tsx';
import { COLUMN_TITLES, isColumnId } from './columns.ts';
import { FACETS, type Facet, type FacetIndex, isFiltering, NO_FILTER, type SessionFilter } from './session-filter.ts';
import type { JudgedIndex } from './session-index.ts';
import type { SessionColumns } from './session-table.tsx';
import { number, rangeWords } from './session-words.ts';
import './filter-row.css';

const FACET_WORDS: Readonly<Record<Facet, readonly [word: string, meaning: string]>> = {
  failed: ['failed', 'Mail would be deferred or rejected, or the TLS handshake failed'],
  'no-tls': ['no TLS', 'The session stayed in plaintext'],
  'no-certificate': ['no certificate', 'No certificate is visible: the detail says why, and what to do next'],
  expiring: ['expiring', 'The certificate is over at the time judged by, or within 30 days of it'],
};

export function FilterRow({
  filter,
  onFilter,
  facets,
  judged,
  shown,
  total,
  table,
  field,
  onLeave,
}: {
  readonly filter: SessionFilter;
  readonly onFilter: (filter: SessionFilter) => void;
  readonly facets: FacetIndex;
  readonly judged: JudgedIndex;
  readonly shown: number;
  readonly total: number;
  readonly table: SessionColumns;
  readonly field: RefObject<HTMLInputElement | null>;
  /** To the table. */
  readonly onLeave: () => void;
}) {
  const status = useId();
  const toggle = (facet: Facet) => {
    const facets = filter.facets.includes(facet)
      ? filter.facets.filter((one) => one !== facet)
      : [...filter.facets, facet];
    onFilter({ ...filter, facets });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && filter.text !== '') onFilter({ ...filter, text: '' });
    else if (event.key === 'Escape' || event.key === 'ArrowDown' || event.key === 'Enter') onLeave();
    else return;
    event.preventDefault();
  };
  return (
    <search className="filter-row" data-part="filter" aria-label="Filter sessions">
      <input
        ref={field}
        className="field filter-text"
        type="search"
        aria-label="Filter by any text"
        aria-describedby={status}
        placeholder="Filter by address, name, certificate…   /"
        spellCheck={false}
        value={filter.text}
        onChange={({ target }) => onFilter({ ...filter, text: target.value })}
        onKeyDown={onKeyDown}
      />
      {FACETS.map((facet) => (
        <button
          key={facet}
          type="button"
          className="facet"
          title={FACET_WORDS[facet][1]}
          aria-pressed={filter.facets.includes(facet)}
          disabled={facets.counts[facet] === 0 && !filter.facets.includes(facet)}
          onClick={() => toggle(facet)}
        >
          {FACET_WORDS[facet][0]} <span className="facet-count">{number(facets.counts[facet])}</span>
        </button>
      ))}
      {judged.partners.length > 0 && (
        <select
          className="field filter-partner"
          aria-label="Partner"
          value={filter.partner ?? ''}
          onChange={({ target }) => onFilter({ ...filter, partner: target.value === '' ? null : target.value })}
        >
          <option>all partners</option>
          {judged.partners.map((partner, at) => (
            <option key={partner} value={partner}>
              {printable(partner)} ({number(judged.sessionsOfPartner[at])})
            </option>
          ))}
        </select>
      )}
      {filter.server !== null && (
        <button
          type="button"
          className="facet"
          aria-pressed="true"
          title="Show all servers"
          onClick={() => onFilter({ ...filter, server: null })}
        >
          <span className="mono">{filter.server}</span> <span aria-hidden="true">×</span>
        </button>
      )}
      {filter.between !== null && (
        <button
          type="button"
          className="facet"
          aria-pressed="true"
          title="Show the whole time"
          onClick={() => onFilter({ ...filter, between: null })}
        >
          {rangeWords(filter.between.from, filter.between.until)} <span aria-hidden="true">×</span>
        </button>
      )}
      {isFiltering(filter) && <Button onClick={() => onFilter(NO_FILTER)}>Clear</Button>}
      <output className="filter-count quiet" id={status}>
        {shown === total ? number(total) : `${number(shown)} of ${number(total)}`}
        {shown === total && <span className="filter-word"> sessions</span>}
      </output>
      <PopUp label="Columns">
        {table.getAllLeafColumns().map((column) =>
          isColumnId(column.id) ? (
            <label key={column.id} className="pop-up-option">
              <input
                type="checkbox"
                checked={column.getIsVisible()}
                disabled={!column.getCanHide()}
                onChange={column.getToggleVisibilityHandler()}
              />
              {COLUMN_TITLES[column.id]}
            </label>
          ) : null,
        )}
        <div className="pop-up-field">
          <Button
            onClick={() => {
              table.setColumnSizing({});
              table.setColumnVisibility({});
            }}
          >
            As at first
          </Button>
        </div>
      </PopUp>
    </search>
  );
}
