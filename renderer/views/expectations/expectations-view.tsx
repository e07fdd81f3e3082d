/** What mail partners expect, beside what was observed of them; and the file that says so. */
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { ExpectationsCheck } from '../../../shared/contract/operations.ts';
import { useAppState, useStore } from '../../state/context.ts';
import { isNumber, isRecordOf, remember, remembered } from '../../state/remembered.ts';
import { activeRun } from '../../state/store.ts';
import { useOperation } from '../../state/use-operation.ts';
import { Button } from '../../ui/button.tsx';
import { TabView } from '../../ui/tab-view.tsx';
import { EXAMPLE } from './example-text.ts';
import { documentName, openExpectations, saveExpectations } from './expectation-files.ts';
import { FilePane } from './file-pane.tsx';
import { ImportPanel } from './import-panel.tsx';
import { observePartners } from './observed-partners.ts';
import { partnerLines } from './partner-text.ts';
import { PartnersPanel } from './partners-panel.tsx';
import { partnerOfSession } from './session-partner.ts';
import type { TextEditorHandle } from './text-editor.tsx';
import { useSettled } from './use-settled.ts';
import { FIRST_CHOICE, WhatIfPanel } from './what-if-panel.tsx';
import './expectations-view.css';

type Tab = 'partners' | 'move' | 'import';

const CHECK_MILLISECONDS = 300;
const SPLIT = 'expectations.split';

/** What the person left in the panels, while the window is open. */
let left = { tab: 'partners' as Tab, pasted: '', choice: FIRST_CHOICE };

export function ExpectationsView() {
  const store = useStore();
  const expectations = useAppState((state) => state.expectations);
  const run = useAppState(activeRun);
  const name = useAppState(documentName);
  const editor = useRef<TextEditorHandle>(null);
  const [panels, setPanels] = useState(left);
  useEffect(() => {
    left = panels;
  }, [panels]);
  const [message, setMessage] = useState<string | null>(null);
  /** What would replace a text that is not saved, until the person has decided. */
  const [pending, setPending] = useState<(() => void) | null>(null);

  const text = expectations?.text ?? '';
  const empty = text.trim() === '';
  const settled = useSettled(text, CHECK_MILLISECONDS);
  const checked = useOperation('checkExpectations', settled.trim() === '' ? null : { name, text: settled });
  const problems = checked.value?.problems ?? [];
  const partners = useLastPartners(checked.value, empty);
  const lines = useMemo(() => partnerLines(settled, (partners ?? []).map(nameOf)), [settled, partners]);

  const judgedBy = run?.question.expectations?.text ?? null;
  const judged = run?.judged ?? null;
  const rows = run?.rows ?? null;
  const failed = run !== null && !run.judging && run.judgeProblem !== null;
  const observed = useMemo(
    () => (rows === null || judged === null || judgedBy === null || failed ? null : observePartners(rows, judged.rows)),
    [rows, judged, judgedBy, failed],
  );
  const stale = judgedBy !== text;
  const session = useAppState((state) => state.session);
  const fromSession = useMemo(() => {
    const row = session === null ? undefined : rows?.find(({ id }) => id === session);
    const partner = row === undefined ? null : partnerOfSession(row);
    return session === null || partner === null ? null : { session, text: partner };
  }, [session, rows]);
  const inOrder = settled === text && checked.value !== null && problems.length === 0;

  const attempt = async (work: () => Promise<string | null | undefined>) => {
    try {
      setMessage((await work()) ?? null);
    } catch (error) {
      setMessage(error instanceof Error ? error.message : String(error));
    }
  };
  const replacing = (work: () => void) => {
    if (expectations !== null && !expectations.saved && !empty) setPending(() => work);
    else work();
  };
  const open = () => replacing(() => void attempt(async () => void (await openExpectations(store))));
  const save = (anew: boolean) => void attempt(() => saveExpectations(store, anew));
  const judge = () => {
    if (run !== null && !empty) void store.judge(run.run, { expectations: { name, text } });
  };
  const start = (given: string) => {
    store.editExpectations({ file: null, text: given, saved: false });
    setMessage(null);
  };
  const toSession = useCallback(
    (one: string) => {
      store.select(one);
      store.show('sessions');
    },
    [store],
  );
  const toLine = useCallback((line: number) => editor.current?.goTo(line, 1), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.key.toLowerCase() === 's') {
      event.preventDefault();
      if (!empty) save(event.shiftKey);
    } else if (event.key === 'Enter' && problems.length === 0) {
      event.preventDefault();
      judge();
    }
  };
  const show = (tab: Tab) => setPanels((now) => ({ ...now, tab }));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts of the whole view; every one has a button too.
    <div className="expectations" onKeyDown={onKeyDown}>
      <Group
        className="expectations-split"
        id="expectations"
        defaultLayout={remembered(SPLIT, (value) => isRecordOf(value, isNumber)) ?? { panels: 57, file: 43 }}
        onLayoutChanged={(layout, { isUserInteraction }) => isUserInteraction && remember(SPLIT, layout)}
      >
        <Panel id="panels" minSize="35%">
          <section className="expectations-panels" aria-label="Expectations" data-part="expectations" tabIndex={-1}>
            <h1 className="visually-hidden">Expectations</h1>
            <TabView<Tab>
              label="Expectations"
              value={panels.tab}
              onChange={show}
              tabs={[
                {
                  value: 'partners',
                  title: 'Partners',
                  content: (
                    <PartnersPanel
                      partners={partners}
                      lines={lines}
                      problems={empty ? 0 : problems.length}
                      run={run}
                      observed={observed}
                      stale={stale}
                      empty={empty}
                      text={text}
                      fromSession={fromSession}
                      onOpen={open}
                      onImport={() => show('import')}
                      onExample={() => start(EXAMPLE)}
                      onEdit={toLine}
                      onSession={toSession}
                      onJudge={judge}
                      onAdd={(given) => editor.current?.change(given)}
                    />
                  ),
                },
                {
                  value: 'move',
                  title: 'If a domain moves',
                  content: (
                    <WhatIfPanel
                      choice={panels.choice}
                      onChoose={(choice) => setPanels((now) => ({ ...now, choice }))}
                      document={inOrder && !empty ? { name, text } : null}
                      reason={reasonOf(empty, problems.length)}
                    />
                  ),
                },
                {
                  value: 'import',
                  title: 'Import from Exchange',
                  content: (
                    <ImportPanel
                      pasted={panels.pasted}
                      onPaste={(pasted) => setPanels((now) => ({ ...now, pasted }))}
                      current={text}
                      onNew={(given) => replacing(() => start(given))}
                      onAdd={(given) => editor.current?.change(given)}
                    />
                  ),
                },
              ]}
            />
          </section>
        </Panel>
        <Separator className="expectations-separator" aria-label="Width of the file" />
        <Panel id="file" minSize="25%">
          <div className="expectations-file">
            {pending !== null && (
              <div className="expect-pending" role="alert">
                <span>The text is not saved. Replace it?</span>
                <Button
                  onClick={() => {
                    setPending(null);
                    pending();
                  }}
                >
                  Replace
                </Button>
                <Button onClick={() => setPending(null)}>Keep</Button>
              </div>
            )}
            <FilePane
              file={expectations?.file ?? null}
              text={text}
              saved={expectations?.saved ?? true}
              problems={empty ? [] : problems}
              error={checked.error}
              message={message}
              judging={run === null ? 'no-run' : run.judging ? 'judging' : stale || failed ? 'possible' : 'in-sync'}
              editor={editor}
              onChange={(next) => store.editExpectations({ text: next, saved: false })}
              onProblem={({ line, column }) => editor.current?.goTo(line, column)}
              onOpen={open}
              onSave={() => save(false)}
              onSaveAs={() => save(true)}
              onJudge={judge}
            />
          </div>
        </Panel>
      </Group>
    </div>
  );
}

/** The partners of the text, or while it is being mended, those that it had before. */
function useLastPartners(check: ExpectationsCheck | null, empty: boolean): ExpectationsCheck['partners'] {
  const [last, setLast] = useState<ExpectationsCheck['partners']>(null);
  const now = empty ? null : (check?.partners ?? last);
  if (now !== last) setLast(now);
  return now;
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function reasonOf(empty: boolean, problems: number): string {
  if (empty) return 'There is no expectation file yet: it says what the partners of the domain demand.';
  return problems > 0 ? 'Something is wrong with the file: see below its text.' : 'Reading the file…';
}
