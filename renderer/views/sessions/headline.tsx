import { useId, useState } from 'react';
import { printable } from '../../../shared/bytes/printable.ts';
import type { RunState } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import { countWords } from './session-words.ts';
import './headline.css';

/** The answer in words, and what to change one click away. */
export function Headline({ run }: { readonly run: RunState }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const remedies = run.judged?.remedies ?? [];
  return (
    <section className="headline" aria-label="The answer">
      <div className="headline-line">
        <h1 aria-live="polite">{answerOf(run)}</h1>
        {remedies.length > 0 && (
          <Button aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            What to change <span aria-hidden="true">{open ? '▴' : '▾'}</span>
          </Button>
        )}
      </div>
      {open && remedies.length > 0 && (
        <ol className="headline-remedies" id={id}>
          {remedies.map((remedy) => (
            <li key={remedy}>
              <bdi>{printable(remedy)}</bdi>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function answerOf({ phase, judged, judging, rows, captures }: RunState): string {
  const sessions = countWords(rows.length, 'session');
  switch (phase) {
    case 'reading':
      return rows.length === 0 ? 'Looking for SMTP sessions…' : `${sessions} so far`;
    case 'failed':
      return 'This could not be read.';
    case 'cancelled':
      return rows.length === 0 ? 'Stopped before a session was found.' : `Stopped: ${sessions} were read until then.`;
    case 'ready':
      // Not one of the files is a capture: the messages say what they are.
      if (captures.length === 0) return 'This could not be read.';
      if (rows.length === 0) return 'No SMTP session in this capture.';
      if (judged !== null) return printable(judged.headline);
      return judging ? `${sessions}, judging…` : sessions;
  }
}
