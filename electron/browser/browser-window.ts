/** A browser of the machine as the application's window. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface BrowserWindow {
  /** Resolves when the browser has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it, and removes what it left. */
  close(): Promise<void>;
}

const NAMES: readonly string[] = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
  'microsoft-edge',
];

const MAC_PROGRAMS: readonly string[] = ['Google Chrome', 'Microsoft Edge', 'Chromium'].flatMap((name) => [
  `/Applications/${name}.app/Contents/MacOS/${name}`,
  join(process.env['HOME'] ?? '/', `Applications/${name}.app/Contents/MacOS/${name}`),
]);

/** A browser that can show one page as a window, or null. */
export function findBrowser(): string | null {
  return candidates().find(isProgram) ?? null;
}

function candidates(): readonly string[] {
  switch (process.platform) {
    case 'win32':
      return ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((variable) => {
        const folder = process.env[variable];
        if (folder === undefined) return [];
        return [
          join(folder, 'Google\\Chrome\\Application\\chrome.exe'),
          join(folder, 'Microsoft\\Edge\\Application\\msedge.exe'),
          join(folder, 'Chromium\\Application\\chrome.exe'),
        ];
      });
    case 'darwin':
      return MAC_PROGRAMS;
    default: {
      const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
      return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
    }
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not here.
    return false;
  }
}

/** Whether Chromium's own sandbox cannot be had: it refuses to start with it as root on Linux. */
export function mustRunWithoutSandbox(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0;
}

/** Opens the address in a window of its own, with a profile of its own that ends with it. Rejects when it cannot start. */
export async function openBrowser(program: string, address: string): Promise<BrowserWindow> {
  const profile = await mkdtemp(join(tmpdir(), 'starttrace-window-'));
  const child = spawn(
    program,
    [
      `--app=${address}`,
      `--user-data-dir=${profile}`,
      '--window-size=1440,900',
      '--no-first-run',
      '--no-default-browser-check',
      // Nothing leaves the machine, also nothing of the browser's own.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-default-apps',
      '--disable-sync',
      ...(mustRunWithoutSandbox() ? ['--no-sandbox'] : []),
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((fulfil) => child.once('exit', () => fulfil()));
  try {
    await started(child);
  } catch (error) {
    await removeProfile(profile);
    throw error;
  }
  return {
    ended,
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill();
        await ended;
      }
      await removeProfile(profile);
    },
  };
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((fulfil, reject) => {
    child.once('spawn', () => fulfil());
    child.once('error', reject);
  });
}

/** Helpers of the browser may still write when it has ended; what they hold on to is left to the system's own tidying. */
async function removeProfile(profile: string): Promise<void> {
  await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
}
