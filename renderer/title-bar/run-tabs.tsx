import { printable } from '../../shared/bytes/printable.ts';
import { useAppState, useStore } from '../state/context.ts';
import type { RunPhase, RunState } from '../state/store.ts';

const PHASE_WORDS: Readonly<Record<RunPhase, string | null>> = {
  reading: 'reading',
  ready: null,
  failed: 'failed',
  cancelled: 'stopped',
};

/** The captures that are open. */
export function RunTabs() {
  const store = useStore();
  const runs = useAppState((state) => state.runs);
  const active = useAppState((state) => state.active);
  return (
    <nav className="run-tabs" aria-label="Open captures">
      <ul>
        {runs.map((run) => (
          <li key={run.run} className="run-tab" data-active={run.run === active}>
            <button
              type="button"
              className="run-tab-title"
              aria-current={run.run === active ? 'true' : undefined}
              title={run.title}
              onClick={() => store.activate(run.run)}
            >
              <bdi className="run-tab-name">{printable(run.title)}</bdi>
              <Phase run={run} />
            </button>
            <button
              type="button"
              className="run-tab-close"
              aria-label={`Close ${run.title}`}
              onClick={() => void store.close(run.run)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Phase({ run: { phase, progress } }: { readonly run: RunState }) {
  const words = PHASE_WORDS[phase];
  if (words === null) return null;
  const { bytesRead, bytesTotal } = progress;
  const share = phase === 'reading' && bytesTotal ? ` ${Math.floor((100 * bytesRead) / bytesTotal)} %` : '';
  return <span className="run-tab-phase"> · {words + share}</span>;
}
