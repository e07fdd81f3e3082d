/** The runs of an application: opened, reported, cancelled, closed. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { ApplicationEvent, JudgeQuestionInput, RecentFile } from '../../shared/contract/operations.ts';
import { ApplicationFailure } from './application-failure.ts';
import type { Installation } from './installation.ts';
import { type RunHandle, startRun } from './run-handle.ts';
import type { RunQuestion, RunQuestions, RunReport } from './run-protocol.ts';

/** More at once than a person can look at would only fill memory. */
const MOST_RUNS = 50;
const ROWS = 2_000;

export interface OpenRequest {
  readonly names: readonly string[];
  /** What a file is called where people see it, when that is not its path. */
  readonly shownAs?: Readonly<Record<string, string>>;
  /** Whether the names are kept among the recent files. */
  readonly remember: boolean;
  /** What a window that comes later is to judge by; absent: what it sees fit. */
  readonly question?: JudgeQuestionInput;
  /** What is to be done when the run is closed. */
  readonly onClose?: () => Promise<void>;
}

type Finished = Extract<RunReport, { readonly kind: 'finished' }>;

interface OpenRun {
  readonly id: string;
  readonly request: OpenRequest;
  readonly handle: RunHandle;
  state: 'reading' | 'finished' | 'failed' | 'cancelled';
  finished: Finished | null;
  /** The last thing said of a run that did not finish. */
  last: ApplicationEvent | null;
  rowsSent: number;
}

export class Runs {
  readonly #installation: Installation;
  readonly #emit: (event: ApplicationEvent) => void;
  readonly #onRead: (files: readonly RecentFile[]) => Promise<void>;
  readonly #runs = new Map<string, OpenRun>();

  constructor(
    installation: Installation,
    emit: (event: ApplicationEvent) => void,
    onRead: (files: readonly RecentFile[]) => Promise<void>,
  ) {
    this.#installation = installation;
    this.#emit = emit;
    this.#onRead = onRead;
  }

  /** Begins to read; resolves to the run's id at once. */
  open(request: OpenRequest): string {
    if (this.#runs.size >= MOST_RUNS) {
      throw new ApplicationFailure('too-many-runs', `${MOST_RUNS} runs are open: close some of them first.`);
    }
    const id = randomUUID();
    const { runWorker, analysisWorker } = this.#installation;
    const options = {
      names: request.names,
      shownAs: request.shownAs ?? {},
      analysisWorker: analysisWorker?.href ?? null,
    };
    const handle = startRun(options, runWorker, (report) => this.#onReport(id, report));
    this.#runs.set(id, { id, request, handle, state: 'reading', finished: null, last: null, rowsSent: 0 });
    return id;
  }

  /** A run that is done with already stays as it is. */
  async cancel(id: string): Promise<void> {
    const run = this.#run(id);
    if (run.state !== 'reading') return;
    run.state = 'cancelled';
    run.last = { kind: 'run-cancelled', run: id };
    await run.handle.end();
    this.#emit(run.last);
  }

  async close(id: string): Promise<void> {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    this.#runs.delete(id);
    await run.handle.end();
    await run.request.onClose?.();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#runs.keys()].map((id) => this.close(id)));
  }

  ask<Q extends RunQuestion>(id: string, name: Q, input: RunQuestions[Q]['input']): Promise<RunQuestions[Q]['answer']> {
    return this.#run(id).handle.ask(name, input);
  }

  /** The path of a capture of a run that has been read. */
  capturePath(id: string, capture: number): string {
    const path = this.#run(id).finished?.paths[capture];
    if (path === undefined) throw new ApplicationFailure('capture-unknown', 'The run has no such capture.');
    return path;
  }

  /** Tells one listener what the others know: of each run how it was opened, its rows, and how it ended. */
  async replay(listener: (event: ApplicationEvent) => void): Promise<void> {
    for (const run of [...this.#runs.values()]) {
      const { id, request } = run;
      listener(openedEvent(id, request));
      const { finished } = run;
      // What is said from here on reaches the listener as it reaches all others.
      for (let from = 0; from < run.rowsSent && isReadable(run); from += ROWS) {
        const rows = await run.handle.ask('rows', { from, count: ROWS }).catch(() => []);
        if (rows.length > 0) listener({ kind: 'run-rows', run: id, from, rows });
      }
      if (!this.#runs.has(id)) continue;
      if (run.last !== null) listener(run.last);
      else if (finished !== null) listener(finishedEvent(id, finished));
    }
  }

  #run(id: string): OpenRun {
    const run = this.#runs.get(id);
    if (run) return run;
    throw new ApplicationFailure('run-unknown', 'This run is not open any more: open the captures again.');
  }

  #onReport(id: string, report: RunReport): void {
    const run = this.#runs.get(id);
    if (run === undefined || run.state === 'cancelled') return;
    switch (report.kind) {
      case 'progress': {
        const { kind: _, ...progress } = report;
        this.#emit({ kind: 'run-progress', run: id, ...progress });
        return;
      }
      case 'rows':
        run.rowsSent = report.from + report.rows.length;
        this.#emit({ kind: 'run-rows', run: id, from: report.from, rows: report.rows });
        return;
      case 'failed':
        run.state = 'failed';
        // Also of one that had been read: its thread has broken, and its rows with it.
        run.last = { kind: 'run-failed', run: id, error: report.error };
        this.#emit(run.last);
        return;
      case 'finished':
        run.state = 'finished';
        run.finished = report;
        void this.#remember(run, report).then(() => {
          // It may have been closed meanwhile, or its thread have broken.
          if (this.#runs.has(id) && run.state === 'finished') this.#emit(finishedEvent(id, report));
        });
        return;
    }
  }

  /** Only what could be read: a list that leads nowhere helps nobody. */
  async #remember({ request }: OpenRun, { paths, sessionsOf }: Finished): Promise<void> {
    if (!request.remember || paths.length === 0) return;
    const openedAt = new Date().toISOString();
    const files = request.names.flatMap((name): RecentFile[] => {
      const mine = paths.flatMap((path, index) => (isWithin(path, name) ? [sessionsOf[index]] : []));
      if (mine.length === 0) return [];
      return [{ file: name, openedAt, sessions: mine.reduce((sum, count) => sum + count, 0) }];
    });
    await this.#onRead(files);
  }
}

function isReadable({ state }: OpenRun): boolean {
  return state === 'reading' || state === 'finished';
}

function isWithin(path: string, name: string): boolean {
  const [inner, outer] = [resolve(path), resolve(name)];
  return inner === outer || (inner.startsWith(outer) && /^[/\\]/.test(inner.slice(outer.length)));
}

/** How a run was opened, for a window that did not open it. */
function openedEvent(run: string, request: OpenRequest): ApplicationEvent {
  const { question } = request;
  return { kind: 'run-opened', run, names: shownNames(request), ...(question === undefined ? {} : { question }) };
}

function shownNames({ names, shownAs }: OpenRequest): readonly string[] {
  return names.map((name) => shownAs?.[name] ?? name);
}

function finishedEvent(run: string, { captures, sessions, errors, skipped }: Finished): ApplicationEvent {
  return { kind: 'run-finished', run, captures, sessions, errors, skipped };
}
