/** A session in detail: its timeline, and beside it certificates, checks and facts. Selecting in one selects in all. */
import { useCallback, useMemo, useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { Session, Side } from '../../../shared/contract/analysis.ts';
import type { JudgedRun } from '../../../shared/contract/operations.ts';
import type { JudgedSession, Moment } from '../../../shared/contract/verdict.ts';
import { useAppState, useStore } from '../../state/context.ts';
import { useOperation } from '../../state/use-operation.ts';
import { CHECK_TONES } from '../../ui/check-words.ts';
import { Failure } from '../../ui/failure.tsx';
import { TabView } from '../../ui/tab-view.tsx';
import { Certificates } from '../certificates/certificates.tsx';
import { Checks } from '../checks/checks.tsx';
import { Timeline } from '../timeline/timeline.tsx';
import { Dialogue } from './dialogue.tsx';
import { eventAtFrame } from './event-at-frame.ts';
import './session-detail-panel.css';

interface SessionDetailPanelProps {
  /** The run's id. */
  readonly run: string;
  /** The session's id. */
  readonly session: string;
}

type Tab = 'certificates' | 'checks' | 'dialogue';

export function SessionDetailPanel({ run: runId, session: id }: SessionDetailPanelProps) {
  const store = useStore();
  const run = useAppState((state) => state.runs.find((one) => one.run === runId) ?? null);
  const judgement = run?.judged ?? null;
  const detail = useOperation('session', { run: runId, id });
  const judged = useOperation('judgedSession', judgement === null ? null : { run: runId, id }, judgement);
  const [tab, setTab] = useState<Tab>('certificates');
  const [side, setSide] = useState<Side>('server');
  const [selection, setSelection] = useState<{ readonly id: string; readonly index: number } | null>(null);
  const session = detail.value?.session ?? null;
  const shownId = session?.id ?? null;
  const select = useCallback(
    (index: number) => {
      if (shownId === null) return;
      setSelection({ id: shownId, index });
      const event = session?.timeline[index];
      if (event?.kind === 'tls-certificate') setSide(event.from);
    },
    [shownId, session],
  );
  const showFrame = useMemo(() => frameSelector(session, select), [session, select]);

  if (run === null) return null;
  if (detail.error !== null) return <Failure message={detail.error} onRetry={detail.retry} />;
  if (detail.value === null || session === null) {
    return <div className="detail-waiting quiet">{detail.slow ? 'Reading the session…' : ''}</div>;
  }
  const moment = momentOf(judgement);
  const current = session.id === id ? judged.value : null;
  const selected = selection !== null && selection.id === session.id ? selection.index : null;
  return (
    <Group className="detail" orientation="horizontal" aria-label="Session" aria-busy={session.id !== id}>
      <Panel defaultSize="48%" minSize="320px">
        <Timeline run={run} session={session} selected={selected} onSelect={select} />
      </Panel>
      <Separator className="detail-separator" aria-label="Width of the timeline" />
      <Panel minSize="320px">
        <TabView
          label="About the session"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              value: 'certificates',
              title: 'Certificates',
              content: (
                <Certificates
                  key={session.id}
                  run={run.run}
                  moment={moment}
                  detail={detail.value}
                  judged={current}
                  side={side}
                  onSide={setSide}
                />
              ),
            },
            {
              value: 'checks',
              title: <ChecksTitle judged={current} />,
              content:
                judged.error !== null ? (
                  <Failure message={judged.error} onRetry={judged.retry} />
                ) : current === null ? (
                  <p className="detail-waiting quiet">{run.phase === 'reading' ? WAITS_FOR_RUN : 'Judging…'}</p>
                ) : (
                  <Checks
                    key={session.id}
                    judged={current}
                    moment={moment}
                    onFrame={showFrame}
                    onExpectations={() => store.show('expectations')}
                  />
                ),
            },
            {
              value: 'dialogue',
              title: 'Dialogue',
              content: <Dialogue session={session} onFrame={showFrame} />,
            },
          ]}
        />
      </Panel>
    </Group>
  );
}

function momentOf(judged: JudgedRun | null): Moment {
  const at = judged?.judgedBy.at ?? 'capture';
  return at === 'capture' || at === 'now' ? at : 'date';
}

const WAITS_FOR_RUN = 'Checks follow when the whole capture has been read.';

function frameSelector(session: Session | null, select: (index: number) => void) {
  return (frame: number, capture?: number) => {
    if (session === null) return;
    const index = eventAtFrame(session, frame, capture ?? session.capture);
    if (index !== null) select(index);
  };
}

function ChecksTitle({ judged }: { readonly judged: JudgedSession | null }) {
  const decisive = judged?.verdict ?? null;
  const failed =
    judged?.verdicts
      .filter(({ moment }) => moment === decisive?.moment)
      .reduce((sum, { checks }) => sum + checks.filter(({ status }) => status === 'failed').length, 0) ?? 0;
  return (
    <>
      Checks
      {failed > 0 && (
        <span className="detail-count" data-tone={CHECK_TONES.failed}>
          {failed} not met
        </span>
      )}
    </>
  );
}
