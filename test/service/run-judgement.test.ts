import { beforeAll, describe, expect, it } from 'vitest';
import { type AnalyzedCaptures, analyzeCaptures } from '../../electron/service/analyze-captures.ts';
import { judgeAll } from '../../electron/service/judge-captures.ts';
import { judgeRequest } from '../../electron/service/judge-request.ts';
import { RunJudgement } from '../../electron/service/run-judgement.ts';
import { indexOf, listOf, type SessionList } from '../../electron/service/session-list.ts';
import type { JudgedSession } from '../../shared/contract/verdict.ts';
import { AdviceCollector, adviceOf } from '../../shared/expect/headline.ts';
import { EXPECTATIONS } from '../support/application.ts';
import { capture, STORY } from '../support/command.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z') / 1000;
const QUESTION = { profile: null, lists: [], requireRevocation: false, catalogue: null, at: null } as const;

async function question(expectations: string | null, trust: string | null = null) {
  return (await judgeRequest({ ...QUESTION, trust, expectations }, NOW)).request;
}

let story: AnalyzedCaptures;
beforeAll(async () => {
  story = await analyzeCaptures([STORY], { scope: 'mail' });
});

/** The story over and over, as one long run. */
function repeated(times: number): AnalyzedCaptures {
  const { sessions } = story;
  const at = (index: number) => ({ ...sessions.at(index % sessions.count), id: `s${index + 1}` });
  const count = sessions.count * times;
  const list: SessionList = { ...listOf([]), count, at, outline: at };
  return { ...story, sessions: list };
}

describe('rows without timelines', () => {
  it.each([STORY, capture('many-interleaved-sessions.pcap.gz'), capture('client-alert-unknown-ca.pcap')])(
    'are what whole sessions come to: %s',
    async (file) => {
      const analyzed = await analyzeCaptures([file], { scope: 'mail' });
      const request = await question(EXPECTATIONS);
      const whole = await judgeAll(analyzed, request, new AbortController().signal);
      const { rows, pools } = await new RunJudgement(analyzed, request).run(() => true);
      expect(rows.map(({ outcome, partner }) => ({ outcome, partner }))).toEqual(
        [...whole.sessions.values()].map(({ verdict }) => ({
          outcome: verdict?.outcome ?? null,
          partner: verdict?.partner ?? null,
        })),
      );
      expect(pools).toEqual(whole.pools);
    },
  );

  it('an outline is the session without its timeline and problems', () => {
    const { sessions } = story;
    for (let index = 0; index < sessions.count; index++) {
      expect(sessions.outline(index)).toEqual({ ...sessions.at(index), timeline: [], problems: [] });
    }
    expect(sessions.all()).toEqual(Array.from({ length: sessions.count }, (_, index) => sessions.at(index)));
  });

  it('one session asked for again is what judging all of them came to', async () => {
    const request = await question(EXPECTATIONS);
    const whole = await judgeAll(story, request, new AbortController().signal);
    const judgement = new RunJudgement(story, request);
    await judgement.run(() => true);
    for (const [index, judged] of [...whole.sessions.values()].entries()) {
      expect(await judgement.session(index)).toEqual(judged);
    }
  });
});

describe('long runs', () => {
  it('the headline counts every session', async () => {
    const { headline, rows, remedies } = await new RunJudgement(repeated(200), await question(EXPECTATIONS)).run(
      () => true,
    );
    expect(rows).toHaveLength(2400);
    expect(headline).toMatch(/^600 of 2400 sessions would be deferred: Fabrikam presents .* 400 more would be/);
    expect(remedies[0]).toMatch(/^Fabrikam, 600 sessions: /);
  });

  it('100,000 sessions: a newer question is let through long before the end', async () => {
    const judgement = new RunJudgement(repeated(10_000), await question(EXPECTATIONS));
    let asked = 0;
    await expect(judgement.run(() => ++asked < 2)).rejects.toMatchObject({ code: 'superseded' });
  });

  it('advice about 100,000 sessions is gathered in one pass', () => {
    const check = { id: 'a', status: 'failed', rule: '', source: '', frame: null, evidence: 'e', remedy: 'r' } as const;
    const verdict = {
      partner: 'A',
      connector: 'pinned',
      matchedBy: '',
      moment: 'capture',
      asOf: null,
      outcome: 'defer',
      summary: '',
      serverResponse: null,
    } as const;
    const judged: JudgedSession = { paths: [], recognized: [], verdict, verdicts: [{ ...verdict, checks: [check] }] };
    const collector = new AdviceCollector();
    for (let index = 0; index < 100_000; index++) collector.add(`s${index}`, judged);
    const [advice, ...others] = collector.advice();
    expect(others).toEqual([]);
    expect(advice.sessions).toHaveLength(100_000);
    expect(adviceOf(new Map([['s1', judged]]))).toMatchObject([{ partner: 'A', sessions: ['s1'] }]);
  });
});

describe('headlines', () => {
  const headline = async (analyzed: AnalyzedCaptures, expectations: string | null, trust: string | null = null) =>
    (await new RunJudgement(analyzed, await question(expectations, trust)).run(() => true)).headline;

  it('nothing in it', async () => {
    const empty = { ...story, sessions: listOf([]) };
    expect(await headline(empty, EXPECTATIONS)).toBe('There is no mail session in it.');
  });

  it('no session of a partner', async () => {
    const alone = { ...story, sessions: listOf([story.sessions.at(7)]) };
    expect(await headline(alone, EXPECTATIONS)).toBe('No session belongs to a partner of expectations.yaml.');
  });

  it('all is delivered', async () => {
    const good = { ...story, sessions: listOf([story.sessions.at(1), story.sessions.at(3)]) };
    expect(await headline(good, EXPECTATIONS)).toBe(
      'Mail of all 2 sessions with the partners of expectations.yaml would be delivered.',
    );
  });

  it('one of one in plaintext', async () => {
    const plain = { ...story, sessions: listOf([story.sessions.at(2)]) };
    expect(await headline(plain, EXPECTATIONS)).toBe(
      '1 of 1 session would be delivered in plaintext: Tailspin Toys: The server did not offer STARTTLS.',
    );
  });

  it('paths alone: all lead to a root, or no certificate is to be seen', async () => {
    const policy = EXPECTATIONS.replace('expectations', 'trust-policy');
    expect(await headline(story, null, policy)).toMatch(
      /^1 of 7 sessions with a server's certificate has no path to a root that story trusts: exchange\.proseware\.example .*\. 5 sessions show no certificate\.$/,
    );
    const first = { ...story, sessions: listOf(story.sessions.all().slice(0, 11)) };
    expect(await headline(first, null, policy)).toBe(
      'All 6 certificates of servers have a path to a root that story trusts. 5 sessions show no certificate.',
    );
    const hidden = { ...story, sessions: listOf([story.sessions.at(2)]) };
    expect(await headline(hidden, null, policy)).toBe("The one session shows no server's certificate.");
  });
});

describe('ids', () => {
  it.each([
    ['s1', 0],
    ['s12', 11],
    ['s13', null],
    ['s0', null],
    ['s01', null],
    ['s', null],
    ['1', null],
    ['s-1', null],
    ['s1e1', null],
    [`s${'9'.repeat(30)}`, null],
  ])('%s', (id, index) => {
    expect(indexOf(id, 12)).toBe(index);
  });
});
