/** A run as the application holds it: in a thread of its own, or in this one where the thread's script is not there. */
import { Worker } from 'node:worker_threads';
import { ApplicationFailure } from './application-failure.ts';
import { RunEngine } from './run-engine.ts';
import type {
  RunOptions,
  RunQuestion,
  RunQuestions,
  RunReport,
  ThreadMessage,
  ThreadQuestion,
} from './run-protocol.ts';

export interface RunHandle {
  /** Rejects with an ApplicationFailure. */
  ask<Q extends RunQuestion>(name: Q, input: RunQuestions[Q]['input']): Promise<RunQuestions[Q]['answer']>;
  /** Ends it at once, whatever it does, and frees what it holds. Nothing is reported afterwards. */
  end(): Promise<void>;
}

/** `script` is the bundle of run-worker.ts, or null. */
export function startRun(options: RunOptions, script: URL | null, report: (report: RunReport) => void): RunHandle {
  return script === null ? new RunHere(options, report) : new RunThread(options, script, report);
}

class RunHere implements RunHandle {
  readonly #engine: RunEngine;
  #ended = false;

  constructor(options: RunOptions, report: (report: RunReport) => void) {
    this.#engine = new RunEngine(options, (one) => {
      if (!this.#ended) report(one);
    });
  }

  async ask<Q extends RunQuestion>(name: Q, input: RunQuestions[Q]['input']): Promise<RunQuestions[Q]['answer']> {
    if (this.#ended) throw ended();
    return this.#engine.ask(name, input);
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#engine.cancel();
  }
}

interface Waiting {
  readonly fulfil: (answer: never) => void;
  readonly reject: (error: ApplicationFailure) => void;
}

class RunThread implements RunHandle {
  readonly #worker: Worker;
  readonly #report: (report: RunReport) => void;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #ended: ApplicationFailure | null = null;

  constructor(options: RunOptions, script: URL, report: (report: RunReport) => void) {
    this.#report = report;
    // A pipe's descriptor is closed by its socket. Node would close the number once more when the thread ends, and it may
    // be another file's or connection's by then.
    this.#worker = new Worker(script, { workerData: options, stdin: false, trackUnmanagedFds: false });
    this.#worker.on('message', (message: ThreadMessage) => this.#onMessage(message));
    this.#worker.on('error', (error) => this.#onDeath(error));
    this.#worker.on('exit', () => this.#onDeath(null));
  }

  ask<Q extends RunQuestion>(name: Q, input: RunQuestions[Q]['input']): Promise<RunQuestions[Q]['answer']> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    this.#asked += 1;
    const question: ThreadQuestion = { number: this.#asked, name, input };
    return new Promise((fulfil, reject) => {
      this.#waiting.set(question.number, { fulfil, reject });
      this.#worker.postMessage(question);
    });
  }

  async end(): Promise<void> {
    this.#stop(ended());
    await this.#worker.terminate();
  }

  #onMessage(message: ThreadMessage): void {
    if (this.#ended !== null) return;
    if (message.kind === 'report') {
      this.#report(message.report);
      return;
    }
    const waiting = this.#waiting.get(message.number);
    this.#waiting.delete(message.number);
    if (message.kind === 'answer') waiting?.fulfil(message.answer as never);
    else waiting?.reject(new ApplicationFailure(message.error.code, message.error.message));
  }

  /** Out of memory, or a mistake of ours: the window lives on, and says so. */
  #onDeath(error: Error | null): void {
    if (this.#ended !== null) return;
    const reason = error === null ? 'its thread ended' : error.message;
    const failure = new ApplicationFailure('run-broken', `The analysis broke off: ${reason}. Open the captures again.`);
    this.#stop(failure);
    this.#report({ kind: 'failed', error: { code: failure.code, message: failure.message } });
  }

  #stop(reason: ApplicationFailure): void {
    this.#ended = reason;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

function ended(): ApplicationFailure {
  return new ApplicationFailure('run-ended', 'The run was cancelled or closed: open the captures again.');
}
