/** Running and stopping the programs of the lab. Everything started here is ended here, by its own process id. */
import { type ChildProcess, execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set<ChildProcess>();

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Milliseconds after which the program is killed. */
  readonly timeout?: number;
}

/** Runs a program to its end and throws, with what it said, unless it ends with status 0. Gives its standard output. */
export function must(command: string, args: readonly string[], options: RunOptions = {}): string {
  const outcome = attempt(command, args, options);
  if (outcome.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${outcome.status}: ${outcome.stderr || outcome.stdout}`);
  }
  return outcome.stdout;
}

/** Runs a program to its end, however it ends. Blocks: only for programs that need nothing from this process. */
export function attempt(command: string, args: readonly string[], options: RunOptions = {}): Outcome {
  const result = spawnSync(command, [...args], {
    input: options.input,
    encoding: 'utf8',
    env: { ...process.env, ...options.environment },
    cwd: options.directory,
    timeout: options.timeout ?? 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { status: result.status, stdout: result.stdout ?? '', stderr: result.stderr ?? String(result.error ?? '') };
}

/** Runs a program to its end while this process keeps serving. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = start(command, args, {
    env: { ...process.env, ...options.environment },
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data: Buffer) => {
    stdout += data.toString('latin1');
  });
  child.stderr?.on('data', (data: Buffer) => {
    stderr += data.toString('latin1');
  });
  child.stdin?.on('error', (error) => {
    stderr += `[stdin: ${error.message}]`;
  });
  child.stdin?.end(options.input ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 30_000);
  const [status] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { status, stdout, stderr };
}

/** Starts a program that stays; `stopAll` ends it if nothing else did. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  running.add(child);
  child.once('close', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** Waits until the program has written `text` on standard error or output. */
export async function said(child: ChildProcess, text: string, milliseconds = 15_000): Promise<void> {
  let heard = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`never heard "${text}", only: ${heard}`)), milliseconds);
    const listen = (data: Buffer) => {
      heard += data.toString('latin1');
      if (heard.includes(text)) {
        clearTimeout(timer);
        resolve();
      }
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('close', () => {
      clearTimeout(timer);
      reject(new Error(`ended before it said "${text}": ${heard}`));
    });
  });
}

/** Ends a program and waits for its end. */
export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  const ended = await Promise.race([closed.then(() => true), sleep(5_000).then(() => false)]);
  if (!ended) {
    child.kill('SIGKILL');
    await closed;
  }
}

export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => stop(child)));
}

/** The tools of the generator (not those of the tests) that are not on this machine. */
export function missingTools(names: readonly string[]): string[] {
  return names.filter((name) => {
    try {
      execFileSync('sh', ['-c', `command -v -- "$1" || [ -x "/usr/sbin/$1" ]`, 'sh', name], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
}
