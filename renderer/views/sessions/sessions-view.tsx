import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { openCaptures } from '../../host/pick-files.ts';
import { useAppState, useStore } from '../../state/context.ts';
import { isNumber, isRecordOf, remember, remembered } from '../../state/remembered.ts';
import { activeRun, type RunState } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { useCopy } from '../../ui/copy.ts';
import { SessionDetailPanel } from '../detail/session-detail-panel.tsx';
import { FilterRow } from './filter-row.tsx';
import { Headline } from './headline.tsx';
import { MessagesStrip } from './messages-strip.tsx';
import { OverviewStrip } from './overview-strip.tsx';
import { ReadingProgress } from './reading-progress.tsx';
import { facetsOf, filterSessions, NO_FILTER, SearchTexts, type SessionFilter } from './session-filter.ts';
import { GRADES, indexJudged, indexSessions, type SessionIndex } from './session-index.ts';
import { ColumnRanks, orderSessions, type Sorting } from './session-order.ts';
import { SessionTable, useSessionColumns } from './session-table.tsx';
import './sessions-view.css';

/** The run in front: the answer, then the sessions that prove it, then the one that is selected. */
export function SessionsView() {
  const store = useStore();
  const run = useAppState(activeRun);
  if (run !== null) return <RunView key={run.run} run={run} />;
  return (
    <div className="sessions-empty">
      <h1>No capture is open</h1>
      <p>Drop one anywhere in this window, or</p>
      <p className="sessions-ways">
        <Button onClick={() => openCaptures(store)}>Open captures…</Button>
        <Button onClick={() => void store.openSample()}>Open the sample</Button>
      </p>
    </div>
  );
}

/** What the person looked for in each run, while the window is open. */
const lookedFor = new Map<string, { readonly filter: SessionFilter; readonly sorting: Sorting | null }>();

function RunView({ run }: { readonly run: RunState }) {
  const store = useStore();
  const selected = useAppState((state) => state.session);
  const [filter, setFilter] = useState(lookedFor.get(run.run)?.filter ?? NO_FILTER);
  const [sorting, setSorting] = useState(lookedFor.get(run.run)?.sorting ?? null);
  useEffect(() => void lookedFor.set(run.run, { filter, sorting }), [run.run, filter, sorting]);
  const table = useSessionColumns(sorting, setSorting);
  const grid = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const detail = useRef<HTMLElement>(null);
  const { state: copyState, copy } = useCopy();

  const rows = useDeferredValue(run.rows);
  const index = useIndex(rows);
  const judgedRows = run.judged?.rows ?? null;
  const judged = useMemo(() => indexJudged(index, judgedRows), [index, judgedRows]);
  const moment = momentOf(run);
  const facets = useMemo(() => facetsOf(index, judged, moment), [index, judged, moment]);
  const texts = useMemo(() => new SearchTexts(index, judged), [index, judged]);
  const ranks = useMemo(() => new ColumnRanks(index, judged), [index, judged]);
  const order = useMemo(() => orderSessions(ranks, sorting), [ranks, sorting]);
  // Typing and brushing stay fluent: the table follows as fast as it can.
  const followed = useDeferredValue(filter);
  const shown = useMemo(
    () => filterSessions(order, index, judged, facets, texts, followed),
    [order, index, judged, facets, texts, followed],
  );

  useSlashKey(field);
  useFirstSelection(run, index, judged.grade);
  const toTable = () => grid.current?.focus();
  const empty = run.rows.length === 0;
  return (
    <div className="sessions">
      <Headline run={run} />
      <ReadingProgress run={run} />
      <MessagesStrip run={run} />
      {empty ? (
        run.phase !== 'reading' && run.captures.length > 0 && <NoSessions />
      ) : (
        <>
          <OverviewStrip
            index={index}
            judged={judged}
            filter={filter}
            onFilter={setFilter}
            selected={selected}
            onSelect={(session) => store.select(session)}
          />
          <FilterRow
            filter={filter}
            onFilter={setFilter}
            facets={facets}
            judged={judged}
            shown={shown.length}
            total={index.length}
            table={table}
            field={field}
            onLeave={toTable}
          />
          <Group
            className="sessions-split"
            id="sessions"
            orientation="vertical"
            defaultLayout={
              remembered('sessions.split', (value) => isRecordOf(value, isNumber)) ?? { table: 42, detail: 58 }
            }
            onLayoutChanged={(layout, { isUserInteraction }) => isUserInteraction && remember('sessions.split', layout)}
          >
            <Panel id="table" minSize="6rem">
              {shown.length === 0 ? (
                <div className="sessions-none">
                  <p>No session matches the filter.</p>
                  <Button onClick={() => setFilter(NO_FILTER)}>Show all {index.length}</Button>
                </div>
              ) : (
                <SessionTable
                  table={table}
                  index={index}
                  judged={judged}
                  judging={run.judging}
                  shown={shown}
                  sorting={sorting}
                  selected={selected}
                  onSelect={(session) => store.select(session)}
                  onEnter={() => detail.current?.focus()}
                  onCopy={copy}
                  grid={grid}
                />
              )}
            </Panel>
            {selected !== null && (
              <>
                <Separator className="sessions-separator" aria-label="Height of the table" />
                <Panel id="detail" minSize="8rem">
                  <section
                    ref={detail}
                    className="sessions-detail"
                    tabIndex={-1}
                    data-part="detail"
                    aria-label={`Session ${selected}`}
                    onKeyDown={(event) => {
                      if (event.key !== 'Escape' || event.defaultPrevented) return;
                      event.preventDefault();
                      toTable();
                    }}
                  >
                    <SessionDetailPanel run={run.run} session={selected} />
                  </section>
                </Panel>
              </>
            )}
          </Group>
        </>
      )}
      <div className="sessions-copied" role="status" data-shown={copyState !== 'idle'}>
        {copyState === 'copied'
          ? 'Copied'
          : copyState === 'failed'
            ? 'Not copied: the clipboard is not allowed here'
            : ''}
      </div>
    </div>
  );
}

function NoSessions() {
  return (
    <div className="sessions-empty">
      <p>
        Every TCP connection was looked at, on whatever port. A capture shows no session when it was taken elsewhere
        than on the way of the mail, when a filter left it out, or when it holds only the middle of encrypted
        connections.
      </p>
      <p>
        Capture where the mail server talks to its partners, from the beginning of a connection and with whole packets:
      </p>
      <p className="mono sessions-command">
        tcpdump -i any -s 0 -w mail.pcap 'tcp port 25 or tcp port 587 or tcp port 465'
      </p>
    </div>
  );
}

/** While a run grows only its new rows are read. */
function useIndex(rows: RunState['rows']): SessionIndex {
  const [cache] = useState<{ index: SessionIndex | null }>({ index: null });
  return useMemo(() => {
    cache.index = indexSessions(rows, cache.index);
    return cache.index;
  }, [cache, rows]);
}

/** The moment that certificates are looked at; null: that of each session. */
function momentOf({ question: { at }, judged }: RunState): number | null {
  if (at === 'now') return judged === null ? null : Date.parse(judged.judgedBy.now);
  return typeof at === 'object' && at !== null ? at.date * 1000 : null;
}

/** The answer's first proof: the first session that fails, or the first of all, once the run is judged. */
function useFirstSelection(run: RunState, index: SessionIndex, grade: Uint8Array): void {
  const store = useStore();
  const done = useRef(false);
  const ready = run.phase === 'ready' && run.judged !== null && index.length === run.rows.length;
  useEffect(() => {
    if (!ready || done.current) return;
    done.current = true;
    if (store.state.session !== null || index.length === 0) return;
    const first = grade.indexOf(GRADES.indexOf('bad'));
    store.select(index.rows[Math.max(first, 0)].id);
  }, [ready, index, grade, store]);
}

/** `/` goes to the filter from anywhere where it is not typed. */
function useSlashKey(field: { readonly current: HTMLInputElement | null }): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (
        event.target instanceof HTMLElement &&
        event.target.closest('input:not([type="radio"]), textarea, select, dialog')
      )
        return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [field]);
}
