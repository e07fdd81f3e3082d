/** What a person sees when something breaks, and what they can do then. */
import { app, type BrowserWindow, clipboard, dialog, type RenderProcessGoneDetails } from 'electron';

/** A failure of our own in the main process. What it did is lost at worst; captures are only read. */
export function helpAfterMistakes(): void {
  process.on('uncaughtException', (error) => askAfterMistake(error));
  process.on('unhandledRejection', (reason) => askAfterMistake(reason));
}

let asking = false;

function askAfterMistake(reason: unknown): void {
  const details = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  console.error(details);
  // One question at a time: while it is open, what else breaks is only written down.
  if (asking) return;
  asking = true;
  const message = 'StartTrace made a mistake.';
  if (!app.isReady()) {
    dialog.showErrorBox(message, `It cannot start. Please report this:\n\n${details}`);
    app.exit(1);
    return;
  }
  const answer = dialog.showMessageBoxSync({
    type: 'error',
    title: 'StartTrace',
    message,
    detail:
      'Your captures are untouched: StartTrace only reads them. Restart it and open them again; ' +
      `if it happens again, copy the details and report them.\n\n${shortened(details)}`,
    buttons: ['Restart', 'Copy Details and Quit', 'Continue'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  });
  asking = false;
  if (answer === 0) app.relaunch();
  if (answer === 1) clipboard.writeText(`StartTrace ${app.getVersion()} (${process.platform})\n${details}`);
  if (answer !== 2) app.exit(1);
}

/** A window whose page has died or does not answer. */
export function helpWhenPageFails(window: BrowserWindow): void {
  const { webContents } = window;
  const page: Page = { endedByUs: false };
  webContents.on('render-process-gone', (_, details) => {
    if (!page.endedByUs) void askAfterCrash(window, details);
    page.endedByUs = false;
  });
  window.on('unresponsive', () => void askWhenStuck(window, page));
  webContents.on('will-prevent-unload', (event) => {
    if (mayLeave(window)) event.preventDefault();
  });
  webContents.on('did-fail-load', (_, code, description, url, isMainFrame) => {
    // -3: a newer navigation took its place.
    if (!isMainFrame || code === -3) return;
    dialog.showErrorBox(
      'The window has no content.',
      `${url} could not be read (${description}). Install StartTrace again; in a development run, run "npm run build".`,
    );
  });
}

interface Page {
  /** Its process is being ended because the person asked for it: no second question about that. */
  endedByUs: boolean;
}

/** The page holds what is not saved. Without a question the window would just not close. */
function mayLeave(window: BrowserWindow): boolean {
  const answer = dialog.showMessageBoxSync(window, {
    type: 'question',
    title: 'StartTrace',
    message: 'Close without saving?',
    detail: 'The expectations were changed and not saved.',
    buttons: ['Go Back', 'Close Without Saving'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  return answer === 1;
}

async function askAfterCrash(window: BrowserWindow, { reason }: RenderProcessGoneDetails): Promise<void> {
  if (reason === 'clean-exit' || window.isDestroyed()) return;
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    title: 'StartTrace',
    message: CRASHES[reason] ?? 'The window stopped working.',
    detail:
      'What was read is still there: reload the window to go on. If it happens again, open fewer captures at once.',
    buttons: ['Reload', 'Close'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  });
  if (window.isDestroyed()) return;
  if (response === 0) window.webContents.reload();
  else window.destroy();
}

const CRASHES: Readonly<Partial<Record<RenderProcessGoneDetails['reason'], string>>> = {
  oom: 'The window ran out of memory.',
  'memory-eviction': 'The window ran out of memory.',
  killed: 'The window was ended from outside.',
  'launch-failed': 'The window could not be started.',
  'integrity-failure': 'The window could not be started: its files are not what was installed.',
};

async function askWhenStuck(window: BrowserWindow, page: Page): Promise<void> {
  if (window.isDestroyed()) return;
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    title: 'StartTrace',
    message: 'The window does not answer.',
    detail: 'It may need a moment. Reloading it keeps what was read.',
    buttons: ['Wait', 'Reload'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  });
  if (response !== 1 || window.isDestroyed()) return;
  // A page that is stuck does not reload by being asked: its process is ended first.
  page.endedByUs = true;
  window.webContents.forcefullyCrashRenderer();
  window.webContents.reload();
}

function shortened(details: string): string {
  return details.length > 1_500 ? `${details.slice(0, 1_500)}…` : details;
}
