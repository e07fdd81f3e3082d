/** One judgement of a run: the rows of all sessions at once, one session in full when it is asked for. */
import { setImmediate } from 'node:timers/promises';
import type { JudgedRow, JudgedRun } from '../../shared/contract/operations.ts';
import type { JudgedSession, Moment } from '../../shared/contract/verdict.ts';
import { shortName } from '../../shared/trace/tls-descriptions.ts';
import type { AnalyzedCaptures } from './analyze-captures.ts';
import { ApplicationFailure } from './application-failure.ts';
import { CapturesJudge, type JudgeRequest } from './judge-captures.ts';
import { RunAnswer } from './run-answer.ts';
import { indexOf } from './session-list.ts';

/** How long the thread may be busy before it looks for a newer question. */
const SLICE_MILLISECONDS = 25;

export class RunJudgement {
  readonly request: JudgeRequest;
  readonly #analyzed: AnalyzedCaptures;
  readonly #judge: CapturesJudge;
  readonly #moment: Moment;

  constructor(analyzed: AnalyzedCaptures, request: JudgeRequest) {
    this.request = request;
    this.#analyzed = analyzed;
    this.#judge = new CapturesJudge(analyzed, request);
    this.#moment = typeof request.at === 'object' ? 'date' : request.at;
  }

  /** Rejects with `superseded` as soon as `isCurrent` says no. */
  async run(isCurrent: () => boolean): Promise<JudgedRun> {
    const { sessions } = this.#analyzed;
    const rows: JudgedRow[] = [];
    const answer = new RunAnswer(this.request, this.#moment, (id) => sessions.at(indexOf(id, sessions.count) ?? 0));
    let sliceEnd = performance.now() + SLICE_MILLISECONDS;
    for (let index = 0; index < sessions.count; index++) {
      if (performance.now() >= sliceEnd) {
        await setImmediate();
        if (!isCurrent()) throw superseded();
        sliceEnd = performance.now() + SLICE_MILLISECONDS;
      }
      // What a timeline adds to an answer is the numbers of frames, which rows do not show.
      const session = sessions.outline(index);
      this.#judge.addToPools(session);
      const judged = await this.#judge.judge(session, this.#moment);
      answer.add(session, judged);
      rows.push(judgedRow(judged, this.#moment));
    }
    if (!isCurrent()) throw superseded();
    const { judgedBy } = this.#judge;
    return { judgedBy, rows, pools: this.#judge.pools(), headline: answer.headline(), remedies: answer.remedies() };
  }

  session(index: number): Promise<JudgedSession> {
    return this.#judge.judge(this.#analyzed.sessions.at(index));
  }
}

export function superseded(): ApplicationFailure {
  return new ApplicationFailure('superseded', 'A newer question took the place of this one.');
}

function judgedRow({ paths, verdict }: JudgedSession, moment: Moment): JudgedRow {
  const path = paths.find((one) => one.side === 'server' && one.moment === moment);
  const root = path?.path.find(({ role }) => role === 'anchor');
  return {
    path: path?.outcome ?? null,
    root: root ? shortName(root.subject) : null,
    outcome: verdict?.outcome ?? null,
    partner: verdict?.partner ?? null,
  };
}
