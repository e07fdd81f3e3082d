/** What was observed of each partner: one pass over the judged rows of a run. */
import type { ExpectationsCheck, JudgedRow, SessionRow } from '../../../shared/contract/operations.ts';
import type { Outcome } from '../../../shared/contract/verdict.ts';

export interface ObservedPartner {
  readonly sessions: number;
  /** The worst first; `first` is the id of the first session with that outcome. */
  readonly outcomes: readonly ObservedOutcome[];
}

export interface ObservedOutcome {
  readonly outcome: Outcome;
  readonly sessions: number;
  readonly first: string;
}

export interface Observed {
  /** By the partner's name. A session counts for the partner whose verdict decided. */
  readonly partners: ReadonlyMap<string, ObservedPartner>;
  /** Sessions that belong to no partner. */
  readonly others: { readonly sessions: number; readonly first: string } | null;
}

/** Mail that does not arrive, what cannot be told, mail that arrives unprotected, mail as it should be. */
const WORST_FIRST: readonly Outcome[] = ['reject', 'defer', 'unknown', 'deliver-in-plaintext', 'deliver'];

export function observePartners(rows: readonly SessionRow[], judged: readonly JudgedRow[]): Observed {
  const partners = new Map<string, Map<Outcome, { sessions: number; first: string }>>();
  let others: { sessions: number; first: string } | null = null;
  const length = Math.min(rows.length, judged.length);
  for (let at = 0; at < length; at++) {
    const { id } = rows[at];
    const { partner, outcome } = judged[at];
    if (partner === null) {
      others ??= { sessions: 0, first: id };
      others.sessions++;
      continue;
    }
    let outcomes = partners.get(partner);
    if (outcomes === undefined) {
      outcomes = new Map();
      partners.set(partner, outcomes);
    }
    const counted = outcomes.get(outcome ?? 'unknown');
    if (counted) counted.sessions++;
    else outcomes.set(outcome ?? 'unknown', { sessions: 1, first: id });
  }
  return { partners: new Map([...partners].map(([name, outcomes]) => [name, observed(outcomes)])), others };
}

function observed(
  counted: ReadonlyMap<Outcome, { readonly sessions: number; readonly first: string }>,
): ObservedPartner {
  const outcomes = WORST_FIRST.flatMap((outcome) => {
    const one = counted.get(outcome);
    return one === undefined ? [] : [{ outcome, ...one }];
  });
  return { sessions: outcomes.reduce((sum, { sessions }) => sum + sessions, 0), outcomes };
}

type Partners = NonNullable<ExpectationsCheck['partners']>;

/** The answer in one sentence: whose mail fails. */
export function partnersHeadline(partners: Partners, { partners: seen }: Observed): string {
  const names = [...new Set(partners.map(({ name }) => name))];
  const worst = (name: string): Outcome | undefined => seen.get(name)?.outcomes[0]?.outcome;
  const failing = names.filter((name) => worst(name) === 'defer' || worst(name) === 'reject');
  if (failing.length > 0)
    return `Mail fails for ${failing.length} of ${partnersText(names.length)}: ${listed(failing)}.`;
  const met = names.filter((name) => worst(name) !== undefined);
  if (met.length === 0) {
    return names.length === 1
      ? 'No session of this capture belongs to the partner of this file.'
      : `No session of this capture belongs to one of the ${names.length} partners of this file.`;
  }
  const unknown = met.filter((name) => worst(name) === 'unknown');
  if (unknown.length > 0) return `What becomes of the mail cannot be told for ${listed(unknown)}.`;
  const plain = met.filter((name) => worst(name) === 'deliver-in-plaintext');
  if (plain.length > 0) return `All mail is delivered; for ${listed(plain)} some of it in plaintext.`;
  return met.length === 1
    ? `Mail is delivered for ${met[0]}.`
    : `Mail is delivered for all ${met.length} partners seen.`;
}

const NAMED = 3;

function listed(names: readonly string[]): string {
  const shown = names.length > NAMED + 1 ? names.slice(0, NAMED) : names;
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  if (parts.length === 1) return parts[0];
  // Names may have commas of their own.
  if (parts.some((part) => part.includes(','))) return parts.join('; ');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function partnersText(count: number): string {
  return count === 1 ? '1 partner' : `${count} partners`;
}
