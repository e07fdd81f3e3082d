import { useEffect, useState } from 'react';
import { printable } from '../shared/bytes/printable.ts';
import { CommandPalette } from './commands/command-palette.tsx';
import { KeysDialog } from './commands/keys-dialog.tsx';
import { openCaptures } from './host/pick-files.ts';
import { useAppState, useStore } from './state/context.ts';
import { prefer, zoomBy } from './state/preferences.ts';
import { activeRun, type View } from './state/store.ts';
import './styles/window.css';
import { AppearanceMenu } from './title-bar/appearance-menu.tsx';
import { DropOverlay } from './title-bar/drop-overlay.tsx';
import { AsOfControl, TrustControl } from './title-bar/judging-controls.tsx';
import { RunTabs } from './title-bar/run-tabs.tsx';
import { Button } from './ui/button.tsx';

const VIEWS: readonly { readonly view: View; readonly title: string }[] = [
  { view: 'sessions', title: 'Sessions' },
  { view: 'expectations', title: 'Expectations' },
];

/** What is open and how it is judged; and what belongs to the whole window: keys, commands, drops, notices. */
export function TitleBar() {
  const store = useStore();
  const view = useAppState((state) => state.view);
  const run = useAppState(activeRun);
  const [dialog, setDialog] = useState<'commands' | 'keys' | null>(null);
  const showKeys = () => setDialog('keys');
  const showCommands = () => setDialog('commands');
  useWindowKeys(showKeys, showCommands);
  return (
    <>
      <header className="title-bar" data-part="title">
        <button type="button" className="title-bar-name" title="Start page" onClick={() => store.show('start')}>
          StartTrace
        </button>
        <RunTabs />
        <div className="title-bar-controls">
          {run !== null && (
            <nav className="view-switch" aria-label="Views">
              {VIEWS.map((one) => (
                <button
                  key={one.view}
                  type="button"
                  aria-current={one.view === view ? 'page' : undefined}
                  onClick={() => store.show(one.view)}
                >
                  {one.title}
                </button>
              ))}
            </nav>
          )}
          {run !== null && (
            <>
              <AsOfControl key={`${run.run}-at`} run={run} />
              <TrustControl key={`${run.run}-trust`} run={run} />
            </>
          )}
          <Button onClick={() => openCaptures(store)}>Open…</Button>
          <AppearanceMenu showKeys={showKeys} showCommands={showCommands} />
        </div>
      </header>
      <Notice />
      <DropOverlay />
      {dialog === 'keys' && <KeysDialog onClose={() => setDialog(null)} />}
      {dialog === 'commands' && (
        <CommandPalette onClose={() => setDialog((now) => (now === 'commands' ? null : now))} showKeys={showKeys} />
      )}
    </>
  );
}

function Notice() {
  const store = useStore();
  const notice = useAppState((state) => state.notice);
  return (
    <div role="alert" className="notice-place">
      {notice !== null && (
        <div className="notice">
          <span>{printable(notice)}</span>
          <Button onClick={() => store.dismissNotice()}>Dismiss</Button>
        </div>
      )}
    </div>
  );
}

/** Keys that hold everywhere. */
function useWindowKeys(showKeys: () => void, showCommands: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const command = event.ctrlKey || event.metaKey;
      if (command && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        showCommands();
      } else if (command && (event.key === '+' || event.key === '=')) {
        event.preventDefault();
        zoomBy(1);
      } else if (command && event.key === '-') {
        event.preventDefault();
        zoomBy(-1);
      } else if (command && event.key === '0') {
        event.preventDefault();
        prefer({ zoom: 100 });
      } else if (event.key === 'F6') {
        event.preventDefault();
        focusNextPart(event.shiftKey ? -1 : 1);
      } else if (event.key === '?' && !command && !isTyping(event.target)) {
        event.preventDefault();
        showKeys();
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}

/** The parts of the window that F6 goes round: all that say so, in their order. */
function focusNextPart(step: number): void {
  const parts = [...document.querySelectorAll<HTMLElement>('[data-part]')];
  if (parts.length === 0) return;
  const here = parts.findIndex((part) => part.contains(document.activeElement));
  const next = here < 0 ? 0 : (here + step + parts.length) % parts.length;
  const part = parts[next];
  const target = part.hasAttribute('tabindex')
    ? part
    : part.querySelector<HTMLElement>('button, input, [tabindex="0"]');
  target?.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input:not([type="radio"]), textarea, select, [contenteditable]') !== null
  );
}
