/** One server name, several certificates: nodes that differ, or a change over time. */
import type { Session } from '../contract/analysis.ts';
import type { Pool } from '../contract/verdict.ts';
import { greetingName } from './observe-session.ts';

type Variant = Pool['variants'][number];

interface Group {
  readonly serverName: string;
  readonly variants: Map<string, Variant>;
}

/** Collects sessions in any order; memory grows with distinct names and chains. */
export class PoolFinder {
  readonly #groups = new Map<string, Group>();

  /** `commonName` is that of the certificate presented first. */
  add(session: Session, commonName: string | null): void {
    const { chain } = session.certificates.server;
    if (chain.length === 0) return;
    const names = [session.tls?.serverName ?? null, greetingName(session.smtp), commonName].filter(
      (name) => name !== null,
    );
    const keys = new Set(names.map((name) => name.toLowerCase()));
    if (keys.size === 0) keys.add(session.server.address);
    for (const key of keys) this.#addTo(key, session);
  }

  /** The names with more than one variant, each set of variants once. */
  pools(): readonly Pool[] {
    const pools: Pool[] = [];
    const seen = new Set<string>();
    for (const { serverName, variants } of this.#groups.values()) {
      if (variants.size < 2) continue;
      const identity = JSON.stringify([...variants.entries()].map(([key, { sessions }]) => [key, sessions]));
      if (seen.has(identity)) continue;
      seen.add(identity);
      const list = [...variants.values()];
      pools.push({ serverName, variants: list, message: message(serverName, list) });
    }
    return pools;
  }

  #addTo(serverName: string, session: Session): void {
    let group = this.#groups.get(serverName);
    if (!group) {
      group = { serverName, variants: new Map() };
      this.#groups.set(serverName, group);
    }
    const { chain } = session.certificates.server;
    const key = chain.map(({ sha256 }) => sha256).join(' ');
    const known = group.variants.get(key);
    const { address } = session.server;
    const time = session.startedAt;
    group.variants.set(
      key,
      known
        ? {
            ...known,
            addresses: known.addresses.includes(address) ? known.addresses : [...known.addresses, address],
            sessions: known.sessions + 1,
            firstSeen: earlier(known.firstSeen, time),
            lastSeen: later(known.lastSeen, time),
          }
        : {
            chain: chain.map(({ sha256 }) => sha256),
            subject: chain[0].subject,
            addresses: [address],
            sessions: 1,
            firstSession: session.id,
            firstSeen: time,
            lastSeen: time,
          },
    );
  }
}

/** ISO times of the same length sort as text; those of other lengths differ in the digits behind the second only. */
function earlier(left: string | null, right: string | null): string | null {
  if (left === null || right === null) return left ?? right;
  return left <= right ? left : right;
}

function later(left: string | null, right: string | null): string | null {
  return earlier(left, right) === left ? right : left;
}

function message(serverName: string, variants: readonly Variant[]): string {
  const leaves = new Set(variants.map(({ chain }) => chain[0]));
  const what =
    leaves.size > 1
      ? `${leaves.size} different certificates`
      : `one certificate with ${variants.length} different chains`;
  const addresses = variants.map(({ addresses: list }) => new Set(list));
  const shared = [...addresses[0]].some((address) => addresses.every((set) => set.has(address)));
  const overlapping = variants.some((one, index) => variants.slice(index + 1).some((other) => overlaps(one, other)));
  const how = shared
    ? overlapping
      ? 'in turn, from the same address'
      : 'one after the other, from the same address'
    : 'from different addresses';
  return `${serverName} presents ${what}, ${how}.`;
}

function overlaps(one: Variant, other: Variant): boolean {
  if (one.firstSeen === null || one.lastSeen === null || other.firstSeen === null || other.lastSeen === null)
    return false;
  return one.firstSeen <= other.lastSeen && other.firstSeen <= one.lastSeen;
}
