import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useStore } from '../state/context.ts';
import { commandsOf, matchingCommands, matchingSessions } from './commands.ts';
import './dialogs.css';

/** Everything the window can do, found by typing: Ctrl+K or ⌘K. */
export function CommandPalette({ onClose, showKeys }: { readonly onClose: () => void; readonly showKeys: () => void }) {
  const store = useStore();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = [...matchingCommands(commandsOf(store, showKeys), typed), ...matchingSessions(store, typed)];

  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    dialog.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  });

  const run = (at: number) => {
    const command = found[at];
    if (command === undefined) return;
    dialog.current?.close();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (steps !== 0) {
      event.preventDefault();
      setChosen((chosen + steps + found.length) % Math.max(found.length, 1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(chosen);
    }
  };
  return (
    <dialog ref={dialog} className="palette" aria-label="Commands" onClose={onClose}>
      <input
        className="palette-field"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found.length > 0 ? `${list}-${chosen}` : undefined}
        aria-label="Command or session"
        placeholder="Command, or a session's number, address or name"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette-list" id={list} role="listbox" aria-label="Commands that match">
        {found.map((command, at) => (
          // The field keeps the focus and its keys; the mouse is the other way.
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox handles the keys of its options
          // biome-ignore lint/a11y/useFocusableInteractive: options are pointed at by aria-activedescendant
          <div
            key={command.id}
            id={`${list}-${at}`}
            role="option"
            className="palette-option"
            aria-selected={at === chosen}
            onClick={() => run(at)}
            onMouseMove={() => setChosen(at)}
          >
            <span>{command.title}</span>
            {command.id.startsWith('session-') && <span className="quiet mono">{command.detail}</span>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="palette-none quiet">Nothing matches “{typed}”.</p>}
    </dialog>
  );
}
