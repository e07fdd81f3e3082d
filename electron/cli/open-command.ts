/** `starttrace open` and `starttrace serve`: the window. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { printable } from '../../shared/bytes/printable.ts';
import type { ApplicationEvent, JudgeQuestionInput } from '../../shared/contract/operations.ts';
import { findBrowser, mustRunWithoutSandbox, openBrowser } from '../browser/browser-window.ts';
import { IdleWatch } from '../browser/idle.ts';
import { type LoopbackHost, startLoopbackHost } from '../browser/loopback-host.ts';
import { dataFolder } from '../files/data-folder.ts';
import { openError, systemReason } from '../files/input-error.ts';
import { thisHost } from '../files/trust-host.ts';
import { ApplicationFailure } from '../service/application-failure.ts';
import { installationAt } from '../service/installation.ts';
import type { DecisiveTime } from '../service/judge-captures.ts';
import { analyzeCommand } from './analyze-command.ts';
import type { CommandContext } from './command.ts';
import { findElectron, runElectron } from './electron-window.ts';
import { decisiveTime } from './judge-arguments.ts';
import { OPEN_HELP, SERVE_HELP } from './open-help.ts';
import { overview } from './overview.ts';
import { ProgressLine } from './progress.ts';
import { EXIT, UsageError } from './usage.ts';

/** Set by the build from package.json. */
declare const STARTTRACE_VERSION: string;

/** `starttrace open`: see its help. Returns the exit code. */
export async function openCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parse(args);
  if (parsed === 'help') {
    await context.output.write(OPEN_HELP);
    return EXIT.ok;
  }
  const { files } = parsed;
  if (wantsNoWindow()) {
    if (files.length === 0) throw new UsageError('Without a window, which capture? starttrace open capture.pcapng');
    // To show what does not hold is no failure of showing.
    const code = await analyzeCommand([...parsed.judging, '--summary', '--', ...files], context);
    return code === EXIT.failed ? EXIT.ok : code;
  }
  const question = await questionOf(parsed, context);
  if (question === 'unreadable') return EXIT.usage;
  const electron = hasDisplay() ? findElectron(context.build) : null;
  if (electron !== null) {
    const summary = [...parsed.judging, '--summary', '--', ...files];
    const code = files.length === 0 ? EXIT.ok : await analyzeCommand(summary, context);
    await context.flush();
    return code === EXIT.usage ? code : runElectron(electron, files, question, context);
  }
  return withHost(context, async (host, pages, signal) => {
    if (files.length > 0) await openAndSummarize(host, files, question, context);
    const browser = hasDisplay() ? findBrowser() : null;
    if (browser === null) {
      await tellAddress(host, context);
      // In a pipe nobody may be there to end it: then it waits for a page only so long.
      await (context.width === null ? unused(pages, signal) : ended(signal));
      return;
    }
    if (mustRunWithoutSandbox()) {
      context.stderr.write('starttrace: as root, Chromium has no sandbox. Rather open captures as another user.\n');
    }
    const idle = new IdleWatch();
    pages.listen((count) => idle.pages(count));
    try {
      const window = await openBrowser(browser, host.newAddress(true)).catch((error) => {
        context.stderr.write(`starttrace: ${browser} did not start: ${printable(systemReason(error))}.\n`);
        return null;
      });
      if (window === null) {
        await tellAddress(host, context);
        await ended(signal);
        return;
      }
      try {
        await Promise.race([idle.ended, window.ended, ended(signal)]);
      } finally {
        await window.close();
      }
    } finally {
      idle.stop();
    }
  });
}

/** `starttrace serve`: see its help. Returns the exit code. */
export async function serveCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parse(args);
  if (parsed === 'help') {
    await context.output.write(SERVE_HELP);
    return EXIT.ok;
  }
  const question = await questionOf(parsed, context);
  if (question === 'unreadable') return EXIT.usage;
  return withHost(context, async (host, _, signal) => {
    // First: whoever opens it can watch large captures being read.
    await tellAddress(host, context);
    if (parsed.files.length > 0) await openAndSummarize(host, parsed.files, question, context);
    await context.flush();
    await ended(signal);
  });
}

interface OpenArguments {
  readonly files: readonly string[];
  readonly expect: string | null;
  readonly trust: string | null;
  readonly at: DecisiveTime | null;
  /** The same options for `analyze`. */
  readonly judging: readonly string[];
}

function parse(args: readonly string[]): OpenArguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      expect: { type: 'string' },
      trust: { type: 'string' },
      at: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  if (positionals.includes('-')) {
    throw new UsageError('A window reads files, not standard input. For a pipe: starttrace analyze -');
  }
  const judging = (['expect', 'trust', 'at'] as const).flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  const at = values.at === undefined ? null : decisiveTime(values.at);
  return { files: positionals, expect: values.expect ?? null, trust: values.trust ?? null, at, judging };
}

/** What the window is to judge by; its files are read before anything is opened. */
async function questionOf(
  { expect, trust, at, judging }: OpenArguments,
  { stderr }: CommandContext,
): Promise<JudgeQuestionInput | undefined | 'unreadable'> {
  if (judging.length === 0) return undefined;
  try {
    const expectations = expect === null ? null : { name: resolve(expect), text: await readFile(expect, 'utf8') };
    // A policy's name stays one; a file is found from anywhere.
    const policy = trust !== null && /[./\\]/.test(trust) ? resolve(trust) : trust;
    return { trust: policy, expectations, at };
  } catch (error) {
    stderr.write(`starttrace: ${printable(openError(expect ?? '', error).problem.message)}\n`);
    return 'unreadable';
  }
}

/** In CI nobody would ever close the window. */
function wantsNoWindow(): boolean {
  return process.env['STARTTRACE_NO_WINDOW'] === '1' || (process.env['CI'] ?? '') !== '';
}

/** Resolves when no page came, none is left, or the command is to end. */
async function unused(pages: Pages, signal: AbortSignal): Promise<void> {
  const idle = new IdleWatch(PIPE_MILLISECONDS);
  pages.listen((count) => idle.pages(count));
  await Promise.race([idle.ended, ended(signal)]);
  idle.stop();
}

/** How long a command in a pipe offers its address before it ends. */
const PIPE_MILLISECONDS = 20_000;

function hasDisplay(): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  return (process.env['DISPLAY'] ?? '') !== '' || (process.env['WAYLAND_DISPLAY'] ?? '') !== '';
}

class Pages {
  #listener: (count: number) => void = () => {};

  listen(listener: (count: number) => void): void {
    this.#listener = listener;
  }

  told(count: number): void {
    this.#listener(count);
  }
}

/** Runs `work` with a host, and ends the host with it, also when the process is told to end. */
async function withHost(
  context: CommandContext,
  work: (host: LoopbackHost, pages: Pages, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const installation = installationAt(context.build);
  if (installation.renderer === null) {
    context.stderr.write('starttrace: the window was not built. From the sources: npm run build\n');
    return EXIT.usage;
  }
  const pages = new Pages();
  let host: LoopbackHost;
  try {
    host = await startLoopbackHost({
      dataFolder: dataFolder(thisHost()),
      version: STARTTRACE_VERSION,
      installation,
      renderer: installation.renderer,
      onPages: (count) => pages.told(count),
    });
  } catch (error) {
    context.stderr.write(`starttrace: no port on 127.0.0.1 could be had: ${systemReason(error)}.\n`);
    return EXIT.failed;
  }
  context.endsWithInterruption();
  const end = new AbortController();
  const onSignal = (): void => end.abort();
  for (const name of ENDINGS) process.once(name, onSignal);
  context.signal.addEventListener('abort', onSignal, { once: true });
  try {
    await work(host, pages, end.signal);
    return EXIT.ok;
  } catch (error) {
    // Cut short. Once it only waits for its end, that is how it is meant to end.
    if (end.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    for (const name of ENDINGS) process.off(name, onSignal);
    await host.close();
  }
}

const ENDINGS = ['SIGTERM', 'SIGHUP'] as const;

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((fulfil) => signal.addEventListener('abort', () => fulfil(), { once: true }));
}

async function tellAddress(host: LoopbackHost, { output, flush }: CommandContext): Promise<void> {
  await output.write(`Open this address in a browser on this machine; Ctrl-C ends it:\n  ${host.newAddress(false)}\n`);
  await flush();
}

/** Begins to read; resolves when the summary is printed. The window, if it is open already, sees all of it. */
async function openAndSummarize(
  host: LoopbackHost,
  files: readonly string[],
  question: JudgeQuestionInput | undefined,
  context: CommandContext,
): Promise<void> {
  const { application } = host;
  const progress = new ProgressLine(context.stderr);
  let run: string | null = null;
  let stop = (): void => {};
  const read = new Promise<ApplicationEvent>((fulfil, reject) => {
    const onAbort = (): void => reject(context.signal.reason);
    context.signal.addEventListener('abort', onAbort, { once: true });
    const unsubscribe = application.subscribe((event) => {
      if (run !== null && event.run !== run) return;
      if (event.kind === 'run-progress') progress.show({ ...event, totalBytes: event.bytesTotal });
      if (event.kind === 'run-finished' || event.kind === 'run-failed' || event.kind === 'run-cancelled') fulfil(event);
    });
    stop = () => {
      unsubscribe();
      context.signal.removeEventListener('abort', onAbort);
    };
  });
  try {
    run = application.openByHost(files, question);
    const event = await read;
    progress.clear();
    await summarize(event, question, host, context);
  } catch (error) {
    // The page may close the run, or ask another question, before the summary is out: the window stays.
    if (!(error instanceof ApplicationFailure && OVERTAKEN.has(error.code))) throw error;
    progress.clear();
    context.stderr.write(`starttrace: no summary here: ${printable(error.message)}\n`);
  } finally {
    progress.clear();
    stop();
  }
}

const OVERTAKEN: ReadonlySet<string> = new Set(['superseded', 'run-unknown', 'run-ended', 'run-broken']);

async function summarize(
  event: ApplicationEvent,
  question: JudgeQuestionInput | undefined,
  host: LoopbackHost,
  context: CommandContext,
): Promise<void> {
  const { stderr, style, width, output, flush } = context;
  if (event.kind === 'run-failed') stderr.write(`starttrace: ${printable(event.error.message)}\n`);
  if (event.kind !== 'run-finished') return;
  for (const { problem } of event.errors) stderr.write(`starttrace: ${printable(problem.message)}\n`);
  for (const { problem } of event.skipped) stderr.write(`starttrace: skipped: ${printable(problem.message)}\n`);
  if (event.captures.length === 0) return;
  const analysis = await host.application.analysis(event.run);
  for (const line of overview(analysis, null, style, width)) await output.write(`${line}\n`);
  if (question !== undefined) {
    const { headline, remedies } = await host.application.call('judge', { run: event.run, question });
    await output.write(`\n${style.bold(printable(headline))}\n`);
    for (const remedy of remedies) await output.write(`  → ${printable(remedy)}\n`);
  }
  await output.write('\n');
  await flush();
}
