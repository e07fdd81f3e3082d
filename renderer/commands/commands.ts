/** What the palette offers, and which of it a few typed letters mean. */
import { openCaptures } from '../host/pick-files.ts';
import { DENSITIES, prefer, preferences, THEMES, zoomBy } from '../state/preferences.ts';
import { type AppState, type AppStore, activeRun } from '../state/store.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  /** More words to find it by, or what to know about it. */
  readonly detail: string;
  readonly run: () => void;
}

/** How many sessions the palette offers at once. */
const MOST_SESSIONS = 12;

export function commandsOf(store: AppStore, showKeys: () => void): readonly Command[] {
  const { state } = store;
  const run = activeRun(state);
  const commands: Command[] = [
    command('open', 'Open captures…', 'file pcap pcapng', () => openCaptures(store)),
    command('sample', 'Open the sample story', 'Contoso Fabrikam example', () => void store.openSample()),
  ];
  if (state.runs.length > 0) commands.push(command('sessions', 'Show sessions', 'view', () => store.show('sessions')));
  commands.push(
    command('expectations', 'Show expectations', 'view partners connectors', () => store.show('expectations')),
    command('start', 'Show the start page', 'view recent', () => store.show('start')),
  );
  for (const other of state.runs) {
    if (other.run === state.active) continue;
    commands.push(
      command(`run-${other.run}`, `Go to ${other.title}`, 'open capture tab', () => store.activate(other.run)),
    );
  }
  if (run !== null) {
    commands.push(
      command(
        'at-capture',
        'As of: the time of the capture',
        'judge date',
        () => void store.judge(run.run, { at: 'capture' }),
      ),
      command('at-now', 'As of: now', 'judge date today', () => void store.judge(run.run, { at: 'now' })),
      command('close', `Close ${run.title}`, 'capture tab', () => void store.close(run.run)),
    );
    if (run.phase === 'reading') {
      commands.push(command('cancel', `Stop reading ${run.title}`, 'cancel', () => void store.cancel(run.run)));
    }
  }
  for (const theme of THEMES) {
    if (theme !== preferences().theme) {
      commands.push(command(`theme-${theme}`, `Theme: ${theme}`, 'appearance', () => prefer({ theme })));
    }
  }
  for (const density of DENSITIES) {
    if (density !== preferences().density) {
      commands.push(command(`density-${density}`, `Rows: ${density}`, 'density appearance', () => prefer({ density })));
    }
  }
  commands.push(
    command('larger', 'Larger text', 'zoom in', () => zoomBy(1)),
    command('smaller', 'Smaller text', 'zoom out', () => zoomBy(-1)),
    command('keys', 'Keyboard shortcuts', 'help', showKeys),
  );
  return commands;
}

/** The commands whose words hold all that was typed, those that begin with it first. */
export function matchingCommands(commands: readonly Command[], typed: string): readonly Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return commands;
  const found = commands.filter(({ title, detail }) => {
    const text = `${title} ${detail}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = ({ title }: Command) => title.toLowerCase().startsWith(words[0]);
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}

/** The first sessions of the run in front that hold what was typed. */
export function matchingSessions(store: AppStore, typed: string): readonly Command[] {
  const run = activeRun(store.state);
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== 'session');
  if (run === null || words.length === 0) return [];
  const found: Command[] = [];
  for (const row of run.rows) {
    const text = `${row.id}\n${row.client}\n${row.server}\n${row.name ?? ''}\n${row.certificate ?? ''}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const title = `Go to session ${row.id}`;
    found.push(
      command(`session-${row.id}`, title, `${row.client} → ${row.server}`, () => goTo(store, run.run, row.id)),
    );
    if (found.length === MOST_SESSIONS) break;
  }
  // Who types an id wants that session, not the first that holds its digits.
  const [id] = words;
  return [...found.filter((one) => one.id === `session-${id}`), ...found.filter((one) => one.id !== `session-${id}`)];
}

function goTo(store: AppStore, run: string, session: string): void {
  const state: AppState = store.state;
  if (state.active !== run || state.view !== 'sessions') store.activate(run);
  store.select(session);
}

function command(id: string, title: string, detail: string, run: () => void): Command {
  return { id, title, detail, run };
}
