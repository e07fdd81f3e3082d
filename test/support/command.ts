/** Runs the built command line as a process, as a user does. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = resolve(import.meta.dirname, '../..');
export const COMMAND = join(ROOT, 'dist/starttrace.js');
export const CAPTURES = join(ROOT, 'test/captures');

/** The capture that tells the story: Contoso's mail to Fabrikam, which has moved to Exchange Online Protection. */
export const STORY = capture('contoso-to-fabrikam-via-eop.pcapng');

export function capture(name: string): string {
  return join(CAPTURES, name);
}

const LOCK = join(tmpdir(), 'starttrace-test-build');
const LOCK_MILLISECONDS = 60_000;

/** Builds the command unless what is there is newer than every source. Test files run at once: one builds, others wait. */
export async function ensureBuilt(): Promise<void> {
  while (isStale()) {
    if (!takeLock()) {
      await sleep(100);
      continue;
    }
    try {
      if (!isStale()) return;
      const built = spawnSync('npm', ['run', '--silent', 'build:command'], { cwd: ROOT, encoding: 'utf8' });
      if (built.status !== 0) throw new Error(`The build failed:\n${built.stdout}${built.stderr}`);
      return;
    } finally {
      rmSync(LOCK, { recursive: true, force: true });
    }
  }
}

function takeLock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    // Left behind by a run that was killed.
    const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > LOCK_MILLISECONDS) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

function isStale(): boolean {
  const built = statSync(COMMAND, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return sources().some((path) => statSync(path).mtimeMs > built);
}

function sources(): string[] {
  const inFolders = ['shared', 'electron'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return [...inFolders, join(ROOT, 'build/rolldown.config.ts'), join(ROOT, 'package.json')];
}

export interface RunOptions {
  /** Standard input; without it there is none. */
  readonly input?: Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface RunOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the process is given of this one's environment: nothing that changes colours or widths. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, LANG: 'C.UTF-8', ...extra };
}

/** Starts the command; the caller ends it. */
export function start(args: readonly string[], options: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, [COMMAND, ...args], {
    cwd: options.cwd ?? ROOT,
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

export function run(args: readonly string[], options: RunOptions = {}): Promise<RunOutcome> {
  const child = start(args, options);
  child.stdin?.on('error', () => {}); // It may end without reading all of it.
  child.stdin?.end(options.input);
  return outcome(child);
}

export function outcome(child: ChildProcess): Promise<RunOutcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr?.on('data', (piece: Buffer) => stderr.push(piece));
  return new Promise((fulfil, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      fulfil({
        code,
        signal,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    );
  });
}

export const HAS_SCRIPT = spawnSync('script', ['--version']).status === 0;

export interface TerminalOptions extends RunOptions {
  readonly columns?: number;
  /** Shell words behind the command: a pipe, a redirection. */
  readonly behind?: string;
}

/** Runs the command on a pseudo-terminal of util-linux's `script`. Standard output and error come out as one. */
export function runOnTerminal(args: readonly string[], options: TerminalOptions = {}): Promise<RunOutcome> {
  const words = [process.execPath, COMMAND, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const command = `stty cols ${options.columns ?? 120} rows 40; ${words} ${options.behind ?? ''}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: options.cwd ?? ROOT,
    env: environment({ TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return outcome(child);
}
