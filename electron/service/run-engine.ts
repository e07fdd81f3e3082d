/** One run of the analysis, and all that is asked about it later. It lives in a thread of its own where there is one. */
import { setImmediate } from 'node:timers/promises';
import type { Capture, Session } from '../../shared/contract/analysis.ts';
import type { JudgedRun, SessionRow } from '../../shared/contract/operations.ts';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import type { InputError } from '../files/input-error.ts';
import { type AnalyzedCaptures, analyzeCaptures } from './analyze-captures.ts';
import { ApplicationFailure, applicationError } from './application-failure.ts';
import { certificateDetail } from './certificate-detail.ts';
import { certificatesFile } from './certificates-file.ts';
import { JudgeInputError, judgeRequest } from './judge-request.ts';
import { RunJudgement, superseded } from './run-judgement.ts';
import type { FileProblem, RunOptions, RunQuestion, RunQuestions, RunReport } from './run-protocol.ts';
import { indexOf } from './session-list.ts';
import { sessionRow } from './session-row.ts';

/** The first rows go out soon, the others in pieces that are worth a message. */
const FIRST_ROWS = 100;
const ROWS = 2_000;

export class RunEngine {
  readonly #options: RunOptions;
  readonly #report: (report: RunReport) => void;
  readonly #analyzed: Promise<AnalyzedCaptures>;
  readonly #abort = new AbortController();
  #judgement: RunJudgement | null = null;
  /** The question that is being answered: who asks the same meanwhile gets the same answer. */
  #judging: { readonly question: string; readonly answer: Promise<JudgedRun> } | null = null;
  /** Counts the questions about judging: only the last one is answered. */
  #questions = 0;

  /** Begins at once. */
  constructor(options: RunOptions, report: (report: RunReport) => void) {
    this.#options = options;
    this.#report = report;
    this.#analyzed = this.#analyze();
    this.#analyzed.then(
      (analyzed) => this.#finish(analyzed).catch((error) => this.#fail(error)),
      (error) => this.#fail(error),
    );
  }

  /** Ends the reading; nothing is reported afterwards. */
  cancel(): void {
    this.#abort.abort(new ApplicationFailure('run-cancelled', 'The captures were not read to their end: cancelled.'));
  }

  /** Rejects with an ApplicationFailure. */
  async ask<Q extends RunQuestion>(name: Q, input: RunQuestions[Q]['input']): Promise<RunQuestions[Q]['answer']> {
    return this.#questionsByName[name](input);
  }

  readonly #questionsByName: {
    readonly [Q in RunQuestion]: (input: RunQuestions[Q]['input']) => Promise<RunQuestions[Q]['answer']>;
  } = {
    session: async ({ id }) => {
      const analyzed = await this.#analyzed;
      const session = analyzed.sessions.at(sessionIndex(analyzed, id));
      const { server, client } = session.certificates;
      const shown = new Set([...server.chain, ...client.chain].map(({ sha256 }) => sha256));
      const entries = [...shown].map((sha256) => [sha256, analyzed.certificates[sha256]] as const);
      return { session, certificates: Object.fromEntries(entries.filter(([, facts]) => facts !== undefined)) };
    },
    certificate: async ({ sha256 }) => certificateDetail(await this.#certificateBytes(sha256)),
    judge: ({ question }) => this.#judge(question),
    judgedSession: async ({ id }) => {
      const analyzed = await this.#analyzed;
      if (this.#judgement === null) throw new ApplicationFailure('not-judged', 'The run has not been judged yet.');
      return this.#judgement.session(sessionIndex(analyzed, id));
    },
    exportCertificates: async ({ certificates, format }) => {
      const der: Uint8Array[] = [];
      for (const sha256 of certificates) der.push(await this.#certificateBytes(sha256));
      return certificatesFile(der, format);
    },
    rows: async ({ from, count }) => {
      const analyzed = await this.#analyzed;
      return rowsOf(analyzed, from, Math.min(count, ROWS));
    },
    printable: async () => {
      const { captures, sessions } = await this.#analyzed;
      const encoder = new TextEncoder();
      const pieces = [...sessions.json()].map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece));
      return { captures: captures.map((capture) => this.#shown(capture)), sessions: pieces };
    },
  };

  #analyze(): Promise<AnalyzedCaptures> {
    const { names, analysisWorker } = this.#options;
    return analyzeCaptures(names, {
      scope: 'mail',
      signal: this.#abort.signal,
      workerScript: analysisWorker === null ? null : new URL(analysisWorker),
      onProgress: ({ bytesRead, totalBytes, packets, sessions }) =>
        this.#report({ kind: 'progress', bytesRead, bytesTotal: totalBytes, packets, sessions }),
    });
  }

  async #finish(analyzed: AnalyzedCaptures): Promise<void> {
    const { captures, sessions } = analyzed;
    const sessionsOf = captures.map(() => 0);
    for (let from = 0; from < sessions.count; ) {
      const read = sessionsAt(analyzed, from, from === 0 ? FIRST_ROWS : ROWS);
      for (const { capture } of read) sessionsOf[capture] += 1;
      this.#report({ kind: 'rows', from, rows: read.map((session) => sessionRow(session, analyzed.certificates)) });
      from += read.length;
      // Questions come between the pieces.
      await setImmediate();
      if (this.#abort.signal.aborted) return;
    }
    this.#report({
      kind: 'finished',
      paths: captures.map(({ file }) => file),
      captures: captures.map((capture) => this.#shown(capture)),
      sessions: sessions.count,
      sessionsOf,
      errors: analyzed.errors.map((error) => this.#shownProblem(error)),
      skipped: analyzed.skipped.map((error) => this.#shownProblem(error)),
    });
  }

  #fail(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#report({ kind: 'failed', error: applicationError(error) });
  }

  #judge(question: RunQuestions['judge']['input']['question']): Promise<JudgedRun> {
    const text = JSON.stringify(question);
    if (this.#judging?.question === text) return this.#judging.answer;
    const answer = this.#judgeAnew(question).finally(() => {
      if (this.#judging?.answer === answer) this.#judging = null;
    });
    this.#judging = { question: text, answer };
    return answer;
  }

  async #judgeAnew(question: RunQuestions['judge']['input']['question']): Promise<JudgedRun> {
    this.#questions += 1;
    const number = this.#questions;
    const isCurrent = (): boolean => number === this.#questions;
    const { request } = await judgeInput(question);
    const analyzed = await this.#analyzed;
    if (!isCurrent()) throw superseded();
    this.#judgement = new RunJudgement(analyzed, request);
    return this.#judgement.run(isCurrent);
  }

  /** Of a certificate that a session presented, or that the judgement has from its trust policies. */
  async #certificateBytes(sha256: string): Promise<Uint8Array> {
    const { certificateBytes } = await this.#analyzed;
    const bytes = certificateBytes.get(sha256) ?? this.#trusted(sha256)?.der;
    if (bytes !== undefined) return bytes;
    throw new ApplicationFailure(
      'certificate-unknown',
      `Neither a session nor the trust policy has a certificate with the fingerprint ${sha256}.`,
    );
  }

  #trusted(sha256: string): X509Certificate | undefined {
    if (this.#judgement === null) return undefined;
    const { trust, partnerTrust } = this.#judgement.request;
    for (const { anchors, intermediates } of [trust, ...partnerTrust.values()]) {
      const found = [...anchors.map(({ certificate }) => certificate), ...intermediates].find(
        (certificate) => certificate.sha256 === sha256,
      );
      if (found) return found;
    }
    return undefined;
  }

  #shown(capture: Capture): Capture {
    return { ...capture, file: this.#options.shownAs[capture.file] ?? capture.file };
  }

  #shownProblem({ file, problem }: InputError): FileProblem {
    const shown = this.#options.shownAs[file];
    if (shown === undefined) return { file, problem };
    return { file: shown, problem: { ...problem, message: problem.message.replaceAll(file, shown) } };
  }
}

async function judgeInput({ trust, expectations, at }: RunQuestions['judge']['input']['question']) {
  const now = Math.floor(Date.now() / 1000);
  const question = { trust, expectations, at, profile: null, lists: [], requireRevocation: false, catalogue: null };
  try {
    return await judgeRequest(question, now);
  } catch (error) {
    if (error instanceof JudgeInputError) throw new ApplicationFailure('judge-input', error.message);
    throw error;
  }
}

function sessionIndex({ sessions: { count } }: AnalyzedCaptures, id: string): number {
  const index = indexOf(id, count);
  if (index !== null) return index;
  const there = count === 0 ? 'there are none' : `they are s1 to s${count}`;
  throw new ApplicationFailure('session-unknown', `There is no session "${id}": ${there}.`);
}

/** Without timelines. */
function sessionsAt({ sessions }: AnalyzedCaptures, from: number, count: number): readonly Session[] {
  const length = Math.max(0, Math.min(count, sessions.count - from));
  return Array.from({ length }, (_, index) => sessions.outline(from + index));
}

function rowsOf(analyzed: AnalyzedCaptures, from: number, count: number): readonly SessionRow[] {
  return sessionsAt(analyzed, from, count).map((session) => sessionRow(session, analyzed.certificates));
}
