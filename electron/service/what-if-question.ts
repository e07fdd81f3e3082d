/** What a move to another provider does to each partner: from words to what `whatIf` needs. */
import { calendarTime, formatCalendarTime } from '../../shared/bytes/calendar.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { WhatIf } from '../../shared/contract/what-if.ts';
import type { CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import { catalogueEntry } from '../../shared/expect/catalogue.ts';
import { closestWord } from '../../shared/expect/closest-word.ts';
import type { Expectations } from '../../shared/expect/expectations.ts';
import { judgePartner } from '../../shared/expect/judge-partner.ts';
import { allDomains } from '../../shared/expect/what-if/concerned.ts';
import { type TrustView, whatIf } from '../../shared/expect/what-if.ts';
import { resolveTrust } from '../files/trust-stores.ts';
import { trustSpecification } from './judge-captures.ts';
import { DEFAULT_TRUST } from './judge-request.ts';
import { trustViewOf } from './trust-view.ts';

export interface WhatIfQuestion {
  readonly expectations: Expectations;
  /** The expectations' name: trust policies that they name as files stand beside it. */
  readonly file: string;
  readonly entry: CatalogueEntry;
  readonly only: string | null;
  readonly direction: WhatIf['direction'];
  /** Null: what the expectations name, else the roots that Mozilla trusts, as `analyze` has it. */
  readonly trust: string | null;
  /** Seconds since 1970; null: now, or the last second of an era that is over. */
  readonly at: number | null;
}

/** The question cannot be answered: said in one sentence, with the next step. */
export class WhatIfError extends Error {
  override readonly name = 'WhatIfError';
}

/** The entry of that name, or a WhatIfError that names those that there are. */
export function whatIfEntry(id: string, entries: readonly CatalogueEntry[]): CatalogueEntry {
  const entry = catalogueEntry(id, entries);
  if (entry === null) throw new WhatIfError(unknownEntry(id, entries));
  return entry;
}

/**
 * Answers, with problems of trust policies that leave enough to go by. Rejects with a WhatIfError, or with a TrustError
 * where there is no such policy.
 */
export async function answerWhatIf(
  question: WhatIfQuestion,
): Promise<{ readonly answer: WhatIf; readonly problems: readonly Problem[] }> {
  const { expectations, entry, only, direction } = question;
  const at = question.at ?? momentOf(entry, Math.floor(Date.now() / 1000));
  const { problems, ...views } = await trustViews(question, at);
  const asOf = `${formatCalendarTime(calendarTime(at))}Z`;
  const answer = whatIf({ expectations, entry, only, direction, ...views, asOf, judge: judgePartner });
  if (answer.partners.length === 0) throw new WhatIfError(nobody(question));
  return { answer, problems };
}

/** Roots of an era that is over are judged while it lasted: nobody moves there any more, so the question is of then. */
function momentOf({ until }: CatalogueEntry, now: number): number {
  // A date without a time is its first second in UTC (ECMA-262 section 21.4.1.32).
  const end = until === null ? null : Date.parse(until) / 1000 - 1;
  return end === null || end > now ? now : end;
}

interface Views {
  readonly trust: TrustView;
  readonly partnerTrust: ReadonlyMap<string, TrustView>;
  readonly problems: readonly Problem[];
}

async function trustViews({ expectations, file, trust }: WhatIfQuestion, at: number): Promise<Views> {
  const problems: Problem[] = [];
  const view = async (name: string): Promise<TrustView> => {
    const resolved = await resolveTrust(name);
    problems.push(...resolved.problems);
    return trustViewOf(resolved.policy, at);
  };
  const inFile = expectations.trust === undefined ? null : trustSpecification(expectations.trust, file);
  const partnerTrust = new Map<string, TrustView>();
  for (const { trust: name } of expectations.partners) {
    if (name === undefined || partnerTrust.has(name)) continue;
    partnerTrust.set(name, await view(trustSpecification(name, file)));
  }
  return { trust: await view(trust ?? inFile ?? DEFAULT_TRUST), partnerTrust, problems };
}

function unknownEntry(given: string, entries: readonly CatalogueEntry[]): string {
  const ids = [...new Set(entries.map(({ id }) => id))];
  const meant = closestWord(given, ids);
  return `The catalogue has no entry "${given}"${meant === null ? '' : `; is ${meant} meant?`} There are ${ids.join(', ')}.`;
}

function nobody({ expectations: { partners }, only, direction }: WhatIfQuestion): string {
  const which = direction === 'both' ? 'expectation' : `expectation of that direction (${direction})`;
  if (only === null) return `There is no ${which} in the file.`;
  const domains = allDomains(partners).slice(0, 20);
  const named = domains.length === 0 ? 'It names no domains.' : `It names ${domains.join(', ')}.`;
  return `No ${which} in the file concerns ${only}. ${named}`;
}
