import { useState } from 'react';
import { printable } from '../../../shared/bytes/printable.ts';
import type { RunState } from '../../state/store.ts';
import { Button } from '../../ui/button.tsx';
import './strips.css';

/** More than these are counted only. */
const SHOWN = 3;

/** What went wrong on the way: of the run, its files and the captures themselves. Once read it can be put away. */
export function MessagesStrip({ run }: { readonly run: RunState }) {
  const [dismissed, setDismissed] = useState('');
  const [all, setAll] = useState(false);
  const judging = run.judgeProblem === null ? [] : [run.judgeProblem];
  const messages = [...new Set([...judging, ...run.messages, ...captureMessages(run)])];
  const key = messages.join('\n');
  if (messages.length === 0 || key === dismissed) return null;
  const shown = all ? messages : messages.slice(0, SHOWN);
  return (
    <section className="strip messages" aria-label="Messages">
      <ul>
        {shown.map((message) => (
          <li key={message}>
            <bdi>{printable(message)}</bdi>
          </li>
        ))}
      </ul>
      {messages.length > SHOWN && (
        <Button onClick={() => setAll(!all)}>{all ? 'Fewer' : `All ${messages.length}`}</Button>
      )}
      <Button onClick={() => setDismissed(key)}>Dismiss</Button>
    </section>
  );
}

function captureMessages({ captures }: RunState): readonly string[] {
  return captures.flatMap(({ file, problems }) => {
    const name = file.split(/[/\\]/).at(-1) ?? file;
    return problems.map(({ message, frame }) => `${name}${frame === undefined ? '' : `, frame ${frame}`}: ${message}`);
  });
}
