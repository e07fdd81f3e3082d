/** The answer of a whole run in words: what becomes of the mail, and what to change. */
import type { Check, JudgedSession, Outcome } from '../contract/verdict.ts';

export interface Advice {
  readonly partner: string;
  /** Ids, in their order. */
  readonly sessions: readonly string[];
  readonly outcome: Outcome;
  /** What was seen, of the first of the sessions. */
  readonly evidence: string;
  readonly remedy: string;
}

/**
 * What to change, at the moment that counts, the most effective first: each partner with each remedy once, by the number
 * of sessions that it helps.
 */
export function adviceOf(sessions: ReadonlyMap<string, JudgedSession>): readonly Advice[] {
  const collector = new AdviceCollector();
  for (const [id, judged] of sessions) collector.add(id, judged);
  return collector.advice();
}

/** As `adviceOf`, for sessions that are judged one after the other and not kept. */
export class AdviceCollector {
  readonly #advice = new Map<string, Advice & { readonly sessions: string[] }>();

  add(id: string, { verdict, verdicts }: JudgedSession): void {
    if (verdict === null || verdict.outcome === 'deliver') return;
    for (const { partner, moment, outcome, checks } of verdicts) {
      if (moment !== verdict.moment || outcome === 'deliver') continue;
      const check = decisiveCheck(checks, outcome);
      if (check === undefined || check.remedy === null) continue;
      const key = JSON.stringify([partner, outcome, check.remedy]);
      const known = this.#advice.get(key);
      if (known) known.sessions.push(id);
      else {
        const { evidence, remedy } = check;
        this.#advice.set(key, { partner, outcome, remedy, evidence, sessions: [id] });
      }
    }
  }

  advice(): readonly Advice[] {
    return [...this.#advice.values()].sort((left, right) => rank(right) - rank(left));
  }
}

/** Mail that does not arrive comes before mail that arrives unprotected, and both before what is not known. */
function rank({ outcome, sessions }: Advice): number {
  const weight = outcome === 'defer' || outcome === 'reject' ? 2 : outcome === 'deliver-in-plaintext' ? 1 : 0;
  return weight * 1e9 + sessions.length;
}

function decisiveCheck(checks: readonly Check[], outcome: Outcome): Check | undefined {
  const failed = checks.find(({ status }) => status === 'failed');
  if (failed !== undefined) return failed;
  return checks.find(({ status }) => status === (outcome === 'unknown' ? 'unknown' : 'warning'));
}
