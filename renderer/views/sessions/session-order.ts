/** The order of the table. Pure: each column becomes one number for each row, and numbers sort without comparisons in the language. */
import type { JudgedRow, SessionRow } from '../../../shared/contract/operations.ts';
import type { JudgedIndex, SessionIndex } from './session-index.ts';

export const COLUMNS = ['time', 'ends', 'name', 'starttls', 'tls', 'certificate', 'path', 'verdict'] as const;
export type ColumnId = (typeof COLUMNS)[number];

export interface Sorting {
  readonly column: ColumnId;
  readonly descending: boolean;
}

/** The rows as the capture has them, or by a column; equal rows stay in the order of their beginning. */
export function orderSessions(ranks: ColumnRanks, sorting: Sorting | null): Uint32Array {
  const { length } = ranks;
  const order = new Uint32Array(length);
  if (sorting === null) {
    for (let at = 0; at < length; at++) order[at] = at;
    return order;
  }
  const ranked = ranks.of(sorting.column);
  const last = sorting.descending ? maximum(ranked) : 0;
  const keys = new Float64Array(length);
  // A rank and a position in one number: both are below 2^26, and the product below 2^53.
  for (let at = 0; at < length; at++) keys[at] = (sorting.descending ? last - ranked[at] : ranked[at]) * length + at;
  keys.sort();
  for (let place = 0; place < length; place++) order[place] = keys[place] % length;
  return order;
}

/** For each row the place of its value among a column's values, worked out when it is first sorted by. What is missing comes last. */
export class ColumnRanks {
  readonly length: number;
  readonly #index: SessionIndex;
  readonly #judged: JudgedIndex;
  readonly #ranks = new Map<ColumnId, Uint32Array>();

  constructor(index: SessionIndex, judged: JudgedIndex) {
    this.length = index.length;
    this.#index = index;
    this.#judged = judged;
  }

  of(column: ColumnId): Uint32Array {
    const known = this.#ranks.get(column);
    if (known !== undefined) return known;
    const ranks = ranksOf(this.#index, this.#judged, column);
    this.#ranks.set(column, ranks);
    return ranks;
  }
}

function ranksOf(index: SessionIndex, judged: JudgedIndex, column: ColumnId): Uint32Array {
  switch (column) {
    case 'time':
      return numberRanks(index.startedAt);
    case 'ends':
      return addressRanks(index);
    case 'name':
      return textRanks(index.rows, (row) => row.name);
    case 'starttls':
      return textRanks(index.rows, (row) => row.starttls);
    case 'tls':
      return textRanks(index.rows, (row) => row.tls);
    case 'certificate':
      return textRanks(index.rows, (row) => row.certificate);
    case 'path':
      return textRanks(index.rows, (_, at) => pathText(judged.rows[at]));
    case 'verdict':
      // The worst first: who sorts by verdict looks for what fails.
      return Uint32Array.from(judged.grade, (grade, at) => (3 - grade) * 8 + outcomeRank(judged.rows[at]));
  }
}

const OUTCOMES = ['reject', 'defer', 'deliver-in-plaintext', 'unknown', 'deliver'] as const;

function outcomeRank(row: JudgedRow | undefined): number {
  return row === undefined || row.outcome === null ? OUTCOMES.length : OUTCOMES.indexOf(row.outcome);
}

function pathText(row: JudgedRow | undefined): string | null {
  return row === undefined || row.path === null ? null : `${row.path} ${row.root ?? ''}`;
}

function textRanks(rows: readonly SessionRow[], read: (row: SessionRow, at: number) => string | null): Uint32Array {
  const seen = new Map<string, number>();
  const numbers = new Int32Array(rows.length);
  for (let at = 0; at < rows.length; at++) {
    const text = read(rows[at], at);
    if (text === null) {
      numbers[at] = -1;
      continue;
    }
    let number = seen.get(text);
    if (number === undefined) {
      number = seen.size;
      seen.set(text, number);
    }
    numbers[at] = number;
  }
  const sorted = [...seen.keys()].map((text) => ({ key: text.toLowerCase(), text }));
  sorted.sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
  const ranks = new Uint32Array(seen.size);
  for (let rank = 0; rank < sorted.length; rank++) ranks[seen.get(sorted[rank].text) ?? 0] = rank;
  return Uint32Array.from(numbers, (number) => (number < 0 ? seen.size : ranks[number]));
}

function numberRanks(values: Float64Array): Uint32Array {
  // Numbers that are none come last.
  const sorted = values.slice().sort();
  let distinct = 0;
  for (const value of sorted) {
    if (Number.isNaN(value)) break;
    if (distinct === 0 || value !== sorted[distinct - 1]) sorted[distinct++] = value;
  }
  const ranks = new Uint32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    ranks[at] = Number.isNaN(values[at]) ? distinct : placeOf(values[at], sorted, distinct);
  }
  return ranks;
}

/** By halving: cheaper than a map of as many numbers. */
function placeOf(value: number, sorted: Float64Array, length: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By the client, then by the server, both by the value of their addresses. */
function addressRanks({ rows, servers, server }: SessionIndex): Uint32Array {
  const clients = numberRanks(addressKeys(rows.map(({ client }) => client)));
  const places = numberRanks(addressKeys(servers));
  const both = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at++) both[at] = clients[at] * servers.length + places[server[at]];
  return numberRanks(both);
}

/** Addresses of more digits than a number holds come behind all others. */
const BEHIND = 2 ** 49;

/** `10.99.0.9:25` before `10.99.0.10:25`: address and port as one number; IPv6 behind IPv4, in the order of its text. */
function addressKeys(addresses: readonly string[]): Float64Array {
  const keys = new Float64Array(addresses.length);
  for (let at = 0; at < keys.length; at++) keys[at] = ipv4Key(addresses[at]);
  const others = [...new Set(addresses.filter((_, at) => Number.isNaN(keys[at])))].sort();
  const places = new Map(others.map((address, place) => [address, BEHIND + place]));
  for (let at = 0; at < keys.length; at++) {
    if (Number.isNaN(keys[at])) keys[at] = places.get(addresses[at]) ?? BEHIND;
  }
  return keys;
}

function ipv4Key(address: string): number {
  let key = 0;
  let part = 0;
  let parts = 0;
  for (let at = 0; at < address.length; at++) {
    const code = address.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) part = part * 10 + code - 0x30;
    else if (code === 0x2e || code === 0x3a) {
      key = key * 256 + part;
      part = 0;
      parts++;
    } else return Number.NaN;
  }
  return parts === 4 ? key * 65_536 + part : Number.NaN;
}

function maximum(values: Uint32Array): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}
