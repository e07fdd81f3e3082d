/**
 * The rows of a run as columns of numbers, so that 100,000 of them are filtered, sorted and drawn in one pass each.
 * Pure: no clock, no page.
 */
import type { JudgedRow, SessionRow } from '../../../shared/contract/operations.ts';
import type { Outcome } from '../../../shared/contract/verdict.ts';

/** What a session comes to, the best first: a greater number is drawn over a smaller one. */
export const GRADES = ['good', 'unknown', 'warning', 'bad'] as const;
export type Grade = (typeof GRADES)[number];

/** Bits of `SessionIndex.facts`. */
export const NO_TLS = 1;
export const NO_CERTIFICATE = 2;
export const TLS_FAILED = 4;
/** The first facts alone say that the session is suspicious, before it is judged. */
const STARTTLS_DENIED = 8;

/** The session did not tell when it began, or its certificate when it ends. */
const NO_TIME = Number.NaN;

export interface SessionIndex {
  readonly rows: readonly SessionRow[];
  readonly length: number;
  /** Milliseconds since 1970, or NO_TIME. */
  readonly startedAt: Float64Array;
  readonly notAfter: Float64Array;
  readonly facts: Uint8Array;
  /** Index into `servers`. */
  readonly server: Int32Array;
  readonly servers: readonly string[];
  readonly sessionsOfServer: readonly number[];
  /** Earliest and latest beginning; NO_TIME without any. */
  readonly firstAt: number;
  readonly lastAt: number;
}

const EMPTY: SessionIndex = {
  rows: [],
  length: 0,
  startedAt: new Float64Array(0),
  notAfter: new Float64Array(0),
  facts: new Uint8Array(0),
  server: new Int32Array(0),
  servers: [],
  sessionsOfServer: [],
  firstAt: NO_TIME,
  lastAt: NO_TIME,
};

/** The index of `rows`; only rows that `previous` does not have yet are read. */
export function indexSessions(rows: readonly SessionRow[], previous: SessionIndex | null = null): SessionIndex {
  const known = previous !== null && continues(previous.rows, rows) ? previous : EMPTY;
  if (known.length === rows.length && known.length > 0) return { ...known, rows };
  const { length } = rows;
  const startedAt = grown(new Float64Array(length), known.startedAt);
  const notAfter = grown(new Float64Array(length), known.notAfter);
  const facts = grown(new Uint8Array(length), known.facts);
  const server = grown(new Int32Array(length), known.server);
  const servers = [...known.servers];
  const sessionsOfServer = [...known.sessionsOfServer];
  const numbers = new Map(servers.map((name, number) => [name, number]));
  let { firstAt, lastAt } = known;
  for (let at = known.length; at < length; at++) {
    const row = rows[at];
    const began = timeOf(row.startedAt);
    startedAt[at] = began;
    notAfter[at] = timeOf(row.notAfter);
    facts[at] = factsOf(row);
    if (!(began >= firstAt)) firstAt = Number.isNaN(began) ? firstAt : began;
    if (!(began <= lastAt)) lastAt = Number.isNaN(began) ? lastAt : began;
    let number = numbers.get(row.server);
    if (number === undefined) {
      number = servers.length;
      numbers.set(row.server, number);
      servers.push(row.server);
      sessionsOfServer.push(0);
    }
    server[at] = number;
    sessionsOfServer[number]++;
  }
  return { rows, length, startedAt, notAfter, facts, server, servers, sessionsOfServer, firstAt, lastAt };
}

/** What judging says of each row, as numbers. */
export interface JudgedIndex {
  readonly rows: readonly JudgedRow[];
  /** Index into `GRADES`. */
  readonly grade: Uint8Array;
  /** Index into `partners`, or -1. */
  readonly partner: Int32Array;
  readonly partners: readonly string[];
  readonly sessionsOfPartner: readonly number[];
}

/** Before anything is judged, the facts alone grade a session. */
export function indexJudged(index: SessionIndex, judged: readonly JudgedRow[] | null): JudgedIndex {
  const rows = judged ?? [];
  const grade = new Uint8Array(index.length);
  const partner = new Int32Array(index.length).fill(-1);
  const partners: string[] = [];
  const sessionsOfPartner: number[] = [];
  const numbers = new Map<string, number>();
  for (let at = 0; at < index.length; at++) {
    const row = rows[at];
    grade[at] = gradeOf(index.facts[at], row);
    const name = row?.partner ?? null;
    if (name === null) continue;
    let number = numbers.get(name);
    if (number === undefined) {
      number = partners.length;
      numbers.set(name, number);
      partners.push(name);
      sessionsOfPartner.push(0);
    }
    partner[at] = number;
    sessionsOfPartner[number]++;
  }
  return { rows, grade, partner, partners, sessionsOfPartner };
}

const OUTCOME_GRADES: Readonly<Record<Outcome, number>> = {
  deliver: 0,
  unknown: 1,
  'deliver-in-plaintext': 2,
  defer: 3,
  reject: 3,
};

function gradeOf(facts: number, judged: JudgedRow | undefined): number {
  if (judged !== undefined && judged.outcome !== null) return OUTCOME_GRADES[judged.outcome];
  if (facts & TLS_FAILED) return 3;
  if (facts & (NO_TLS | STARTTLS_DENIED)) return 2;
  if (judged?.path === 'invalid') return 2;
  return facts & NO_CERTIFICATE ? 1 : 0;
}

function factsOf(row: SessionRow): number {
  let facts = 0;
  if (row.tls === null && row.tlsOutcome === null) facts |= NO_TLS;
  if (row.certificate === null && row.visibility !== 'visible' && row.visibility !== 'decrypted')
    facts |= NO_CERTIFICATE;
  if (row.tlsOutcome === 'failed') facts |= TLS_FAILED;
  if (row.starttls === 'refused' || row.starttls === 'masked') facts |= STARTTLS_DENIED;
  return facts;
}

function timeOf(text: string | null): number {
  return text === null ? NO_TIME : Date.parse(text);
}

function continues(before: readonly SessionRow[], after: readonly SessionRow[]): boolean {
  const { length } = before;
  return length > 0 && length <= after.length && before[0] === after[0] && before[length - 1] === after[length - 1];
}

function grown<T extends Float64Array | Int32Array | Uint8Array>(target: T, known: T): T {
  target.set(known);
  return target;
}
