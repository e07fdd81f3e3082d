import { useStore } from '../../state/context.ts';
import type { RunState } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { bytesWords, countWords } from './session-words.ts';
import './strips.css';

/** How far reading is, and the way to stop it. */
export function ReadingProgress({ run }: { readonly run: RunState }) {
  const store = useStore();
  if (run.phase !== 'reading') return null;
  const { bytesRead, bytesTotal, packets } = run.progress;
  const bytes = bytesTotal === null ? bytesWords(bytesRead) : `${bytesWords(bytesRead)} of ${bytesWords(bytesTotal)}`;
  return (
    <div className="strip">
      <progress
        className="strip-progress"
        aria-label="Reading"
        {...(bytesTotal === null ? {} : { value: bytesRead, max: Math.max(bytesTotal, 1) })}
      />
      <span>
        {bytes} · {countWords(packets, 'packet')} · {countWords(run.rows.length, 'session')}
      </span>
      <Button onClick={() => void store.cancel(run.run)}>Cancel</Button>
    </div>
  );
}
