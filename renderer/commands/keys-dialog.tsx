import { useEffect, useRef } from 'react';
import './dialogs.css';
import { Button } from '../ui/button.tsx';

const KEYS: readonly { readonly title: string; readonly keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Anywhere',
    keys: [
      ['Ctrl K or ⌘K', 'Commands, and going to a session'],
      ['/', 'Filter the sessions'],
      ['?', 'These keys'],
      ['F6', 'Next part of the window'],
      ['Ctrl + − 0', 'Larger, smaller, usual text'],
      ['Esc', 'Back: out of a dialog, the filter, the detail'],
    ],
  },
  {
    title: 'Table of sessions',
    keys: [
      ['↑ ↓', 'Previous and next session'],
      ['Page Up, Page Down', 'A screen up and down'],
      ['Home, End', 'First and last session'],
      ['Enter', 'Into the detail; Esc comes back'],
      ['Ctrl C or ⌘C', 'Copy the row'],
      ['Click', 'Select; on a name of the selected row: copy it'],
    ],
  },
  {
    title: 'Heads of columns',
    keys: [
      ['← →', 'Previous and next column'],
      ['Enter or Space', 'Sort; again for the other way, again for none'],
      ['Shift ← →', 'Narrower and wider'],
    ],
  },
  {
    title: 'Overview',
    keys: [
      ['← →', 'Move an end of the time range'],
      ['Shift ← →', 'Ten times as far'],
      ['Home, End', 'To the whole time'],
      ['Esc', 'No time range'],
    ],
  },
];

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="keys" aria-labelledby="keys-title" onClose={onClose}>
      <header className="keys-head">
        <h2 id="keys-title">Keyboard</h2>
        <Button onClick={() => dialog.current?.close()}>Close</Button>
      </header>
      <div className="keys-groups">
        {KEYS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </dialog>
  );
}
