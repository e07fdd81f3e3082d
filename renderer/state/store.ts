/** The window's state, and everything that changes it. Components read it with `useApp`. */
import { useSyncExternalStore } from 'react';
import type { Capture } from '../../shared/contract/analysis.ts';
import type {
  ApplicationEvent,
  JudgedRun,
  JudgeQuestionInput,
  RecentFile,
  SessionRow,
} from '../../shared/contract/operations.ts';
import { type Host, HostError } from '../host/host.ts';

export type View = 'start' | 'sessions' | 'expectations';
export type RunPhase = 'reading' | 'ready' | 'failed' | 'cancelled';

export interface RunState {
  readonly run: string;
  readonly title: string;
  readonly phase: RunPhase;
  readonly progress: { readonly bytesRead: number; readonly bytesTotal: number | null; readonly packets: number };
  readonly captures: readonly Capture[];
  /** In order of their start; grows while the run is read. The array is replaced, never changed. */
  readonly rows: readonly SessionRow[];
  readonly question: JudgeQuestionInput;
  /** Null until the first judgement has come. `rows[i]` belongs to `judged.rows[i]`. */
  readonly judged: JudgedRun | null;
  readonly judging: boolean;
  /** What went wrong, for the person: of the run as a whole, or of its files. */
  readonly messages: readonly string[];
  /** Why the last judgement could not be had; null when it could. */
  readonly judgeProblem: string | null;
}

export interface AppState {
  readonly view: View;
  readonly runs: readonly RunState[];
  readonly active: string | null;
  /** The session shown in detail, by its id. */
  readonly session: string | null;
  readonly recent: readonly RecentFile[];
  readonly expectations: ExpectationsText | null;
  /** A message that belongs to no run. */
  readonly notice: string | null;
}

/** The expectation file in the editor. */
export interface ExpectationsText {
  /** Null: not saved yet. */
  readonly file: string | null;
  readonly text: string;
  readonly saved: boolean;
}

const EMPTY_QUESTION: JudgeQuestionInput = { trust: null, expectations: null, at: null };

const INITIAL: AppState = {
  view: 'start',
  runs: [],
  active: null,
  session: null,
  recent: [],
  expectations: null,
  notice: null,
};

export class AppStore {
  readonly host: Host;
  #state: AppState = INITIAL;
  readonly #listeners = new Set<() => void>();
  /** The latest judgement asked for of each run; answers to earlier ones are dropped. */
  readonly #asked = new Map<string, number>();
  /** Runs whose beginning this window knows: told again, after a lost connection, it changes nothing. */
  readonly #begun = new Set<string>();
  /** Events travel apart from answers: some of a run come when it is closed already. */
  readonly #closed = new Set<string>();

  constructor(host: Host) {
    this.host = host;
    host.subscribe((event) => this.#onEvent(event));
    void this.refreshRecent();
  }

  get state(): AppState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  show(view: View): void {
    this.#set({ view });
  }

  select(session: string | null): void {
    this.#set({ session });
  }

  activate(run: string): void {
    this.#set({ active: run, session: null, view: 'sessions' });
  }

  dismissNotice(): void {
    this.#set({ notice: null });
  }

  async openPaths(names: readonly string[]): Promise<void> {
    await this.#attempt(async () => {
      const { run } = await this.host.call('openCaptures', { names: [...names] });
      this.#begin(run, titleOf(names));
    });
  }

  async openFiles(files: readonly File[]): Promise<void> {
    await this.#attempt(async () =>
      this.#begin(await this.host.openFiles(files), titleOf(files.map(({ name }) => name))),
    );
  }

  /** With a dialog of the host; where it has none, the caller's file field does the same. */
  async choose(): Promise<void> {
    await this.#attempt(async () => {
      const chosen = await this.host.call('chooseCaptures', {});
      if (chosen !== null) this.#begin(chosen.run, 'Captures');
    });
  }

  async openSample(): Promise<void> {
    await this.#attempt(async () => {
      const { run, question } = await this.host.call('openSample', {});
      this.#begin(run, 'Sample: Contoso to Fabrikam', question);
    });
  }

  async cancel(run: string): Promise<void> {
    await this.#attempt(async () => void (await this.host.call('cancelRun', { run })));
  }

  async close(run: string): Promise<void> {
    this.#closed.add(run);
    this.#asked.delete(run);
    await this.#attempt(async () => void (await this.host.call('closeRun', { run })));
    const runs = this.#state.runs.filter((one) => one.run !== run);
    const { active: before, session, view } = this.#state;
    const active = before === run ? (runs.at(-1)?.run ?? null) : before;
    this.#set({ runs, active, session: active === before ? session : null, view: active === null ? 'start' : view });
  }

  /** Judges the run anew by what `change` says. */
  async judge(run: string, change: Partial<JudgeQuestionInput>): Promise<void> {
    const state = this.run(run);
    if (state === undefined) return;
    const question = { ...state.question, ...change };
    const number = (this.#asked.get(run) ?? 0) + 1;
    this.#asked.set(run, number);
    this.#change(run, { question, judging: true });
    try {
      const judged = await this.host.call('judge', { run, question });
      if (this.#asked.get(run) === number) this.#change(run, { judged, judging: false, judgeProblem: null });
    } catch (error) {
      if (this.#asked.get(run) === number) this.#change(run, { judging: false, judgeProblem: messageOf(error) });
    }
  }

  /** Keeps the editor's text. */
  editExpectations(change: Partial<ExpectationsText>): void {
    const before = this.#state.expectations ?? { file: null, text: '', saved: false };
    this.#set({ expectations: { ...before, ...change } });
  }

  async refreshRecent(): Promise<void> {
    await this.#attempt(async () => this.#set({ recent: await this.host.call('recentFiles', {}) }));
  }

  run(run: string): RunState | undefined {
    return this.#state.runs.find((one) => one.run === run);
  }

  /** `question` absent: what the run is judged by stays as it is. */
  #begin(run: string, title: string, question?: JudgeQuestionInput): void {
    this.#begun.add(run);
    const known = this.run(run);
    if (known) this.#change(run, { title, ...(question === undefined ? {} : { question }) });
    else this.#set({ runs: [...this.#state.runs, newRun(run, title, question ?? EMPTY_QUESTION)] });
    this.#set({ active: run, session: null, view: 'sessions' });
    const { expectations: edited } = this.#state;
    const text = question?.expectations?.text;
    // What the person wrote and did not save stays in the editor.
    if (text !== undefined && (edited === null || edited.saved || edited.text === '')) {
      this.#set({ expectations: { file: null, text, saved: true } });
    }
    // What it is to be judged by may come after the last of its sessions.
    if (known?.phase === 'ready') void this.judge(run, {});
  }

  #onEvent(event: ApplicationEvent): void {
    if (this.#closed.has(event.run)) return;
    // Events of a run may come before the answer that names it.
    if (this.run(event.run) === undefined) {
      const title = event.kind === 'run-opened' ? titleOf(event.names) : 'Capture';
      this.#set({ runs: [...this.#state.runs, newRun(event.run, title, EMPTY_QUESTION)] });
    }
    switch (event.kind) {
      case 'run-opened':
        if (!this.#begun.has(event.run)) this.#begin(event.run, titleOf(event.names), event.question);
        return;
      case 'run-progress':
        this.#change(event.run, { progress: event });
        return;
      case 'run-rows': {
        const before = this.run(event.run)?.rows ?? [];
        // By place: what is told again, to a page that was loaded anew, replaces what was there.
        const rows = before.slice(0, event.from).concat(event.rows, before.slice(event.from + event.rows.length));
        this.#change(event.run, { rows });
        return;
      }
      case 'run-finished': {
        const messages = [...event.errors, ...event.skipped].map(({ problem }) => problem.message);
        this.#change(event.run, { phase: 'ready', captures: event.captures, messages });
        void this.judge(event.run, {});
        void this.refreshRecent();
        return;
      }
      case 'run-failed':
        this.#change(event.run, { phase: 'failed', messages: [event.error.message] });
        return;
      case 'run-cancelled':
        this.#change(event.run, { phase: 'cancelled' });
        return;
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#set({ notice: messageOf(error) });
    }
  }

  #change(run: string, change: Partial<RunState>): void {
    this.#set({ runs: this.#state.runs.map((one) => (one.run === run ? { ...one, ...change } : one)) });
  }

  #set(change: Partial<AppState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** The part of the state that `select` picks; the component is drawn anew when it changes. */
export function useApp<T>(store: AppStore, select: (state: AppState) => T): T {
  return useSyncExternalStore(store.subscribe, () => select(store.state));
}

export function activeRun({ runs, active }: AppState): RunState | null {
  return runs.find(({ run }) => run === active) ?? null;
}

function newRun(run: string, title: string, question: JudgeQuestionInput): RunState {
  return {
    run,
    title,
    phase: 'reading',
    progress: { bytesRead: 0, bytesTotal: null, packets: 0 },
    captures: [],
    rows: [],
    question,
    judged: null,
    judging: false,
    messages: [],
    judgeProblem: null,
  };
}

function titleOf(names: readonly string[]): string {
  const [first = 'Capture', ...more] = names.map((name) => name.split(/[/\\]/).at(-1) ?? name);
  return more.length === 0 ? first : `${first} and ${more.length} more`;
}

function messageOf(error: unknown): string {
  return error instanceof HostError || error instanceof Error ? error.message : String(error);
}
