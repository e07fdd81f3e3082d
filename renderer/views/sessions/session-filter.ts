/** Which sessions the table shows. Pure: one pass over the index, whatever the number of conditions. */
import type { SessionRow } from '../../../shared/contract/operations.ts';
import { GRADES, type JudgedIndex, NO_CERTIFICATE, NO_TLS, type SessionIndex, TLS_FAILED } from './session-index.ts';

export const FACETS = ['failed', 'no-tls', 'no-certificate', 'expiring'] as const;
export type Facet = (typeof FACETS)[number];

export interface SessionFilter {
  /** Words that all must occur, in any of the row's texts. */
  readonly text: string;
  /** All must hold. */
  readonly facets: readonly Facet[];
  readonly partner: string | null;
  readonly server: string | null;
  /** Milliseconds since 1970, both ends included. */
  readonly between: TimeRange | null;
}

export interface TimeRange {
  readonly from: number;
  readonly until: number;
}

export const NO_FILTER: SessionFilter = { text: '', facets: [], partner: null, server: null, between: null };

export function isFiltering({ text, facets, partner, server, between }: SessionFilter): boolean {
  return text.trim() !== '' || facets.length > 0 || partner !== null || server !== null || between !== null;
}

/** A certificate that is over, or will be within this time. */
const EXPIRES_WITHIN = 30 * 24 * 60 * 60 * 1000;

const BAD = GRADES.indexOf('bad');

const BITS: Readonly<Record<Facet, number>> = { failed: 1, 'no-tls': 2, 'no-certificate': 4, expiring: 8 };

/**
 * The facets of each row as bits, with how many rows have each. `moment` is the time that certificates are looked at,
 * in milliseconds since 1970; null: when each session began.
 */
export function facetsOf(index: SessionIndex, judged: JudgedIndex, moment: number | null): FacetIndex {
  const bits = new Uint8Array(index.length);
  const counts: Record<Facet, number> = { failed: 0, 'no-tls': 0, 'no-certificate': 0, expiring: 0 };
  for (let at = 0; at < index.length; at++) {
    const facts = index.facts[at];
    let row = 0;
    if (judged.grade[at] === BAD || facts & TLS_FAILED) {
      row |= BITS.failed;
      counts.failed++;
    }
    if (facts & NO_TLS) {
      row |= BITS['no-tls'];
      counts['no-tls']++;
    }
    if (facts & NO_CERTIFICATE) {
      row |= BITS['no-certificate'];
      counts['no-certificate']++;
    }
    if (index.notAfter[at] - (moment ?? index.startedAt[at]) <= EXPIRES_WITHIN) {
      row |= BITS.expiring;
      counts.expiring++;
    }
    bits[at] = row;
  }
  return { bits, counts };
}

export interface FacetIndex {
  readonly bits: Uint8Array;
  readonly counts: Readonly<Record<Facet, number>>;
}

/** The rows that the filter lets through, as positions in `order`'s order. */
export function filterSessions(
  order: Uint32Array,
  index: SessionIndex,
  judged: JudgedIndex,
  facets: FacetIndex,
  texts: SearchTexts,
  filter: SessionFilter,
): Uint32Array {
  if (!isFiltering(filter)) return order;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = filter.facets.reduce((bits, facet) => bits | BITS[facet], 0);
  const partner = filter.partner === null ? null : judged.partners.indexOf(filter.partner);
  const server = filter.server === null ? null : index.servers.indexOf(filter.server);
  // What is not in the run is in no row.
  if (partner === -1 || server === -1) return new Uint32Array(0);
  const { between } = filter;
  const passed = new Uint32Array(order.length);
  let count = 0;
  for (let place = 0; place < order.length; place++) {
    const at = order[place];
    if ((facets.bits[at] & wanted) !== wanted) continue;
    if (partner !== null && judged.partner[at] !== partner) continue;
    if (server !== null && index.server[at] !== server) continue;
    if (between !== null && !(index.startedAt[at] >= between.from && index.startedAt[at] <= between.until)) continue;
    if (words.length > 0 && !texts.hasAll(at, words)) continue;
    passed[count++] = at;
  }
  return passed.slice(0, count);
}

/** The texts of rows in lower case, put together when they are first searched. */
export class SearchTexts {
  readonly #index: SessionIndex;
  readonly #judged: JudgedIndex;
  readonly #texts: string[] = [];

  constructor(index: SessionIndex, judged: JudgedIndex) {
    this.#index = index;
    this.#judged = judged;
  }

  hasAll(at: number, words: readonly string[]): boolean {
    this.#texts[at] ??= textOf(this.#index.rows[at], this.#judged.rows[at]?.root, this.#judged.rows[at]?.partner);
    const text = this.#texts[at];
    for (const word of words) if (!text.includes(word)) return false;
    return true;
  }
}

function textOf(row: SessionRow, root: string | null | undefined, partner: string | null | undefined): string {
  const { id, client, server, name, service, starttls, tls, certificate, clientCertificate } = row;
  const texts = [id, client, server, name, service, starttls, tls, certificate, clientCertificate, root, partner];
  return texts.join('\n').toLowerCase();
}
