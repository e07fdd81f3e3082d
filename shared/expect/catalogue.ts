/** The catalogue of what mail providers presented, by date: who is behind a certificate, and which pins are of the past. */
import { EXCHANGE_ONLINE } from './catalogue/exchange-online.ts';
import type { CatalogueEntry } from './catalogue/schema.ts';
import type { Connector } from './expectations.ts';

/** What comes with the application. A user's entries are put in front of it. */
export const CATALOGUE: readonly CatalogueEntry[] = EXCHANGE_ONLINE;

/** The entry of that id; the first one counts, so that a user's entry replaces one of ours. */
export function catalogueEntry(id: string, entries: readonly CatalogueEntry[] = CATALOGUE): CatalogueEntry | null {
  const wanted = id.toLowerCase();
  return entries.find((entry) => entry.id === wanted) ?? null;
}

/** The names of a certificate. */
export interface CertificateNames {
  readonly commonNames: readonly string[];
  readonly dnsNames: readonly string[];
}

/** What else is known of the certificate: it decides between eras with the same names. */
export interface Circumstances {
  /** When it was presented: ISO 8601, or null. */
  readonly at: string | null;
  /** SHA-256 of the root that its path leads to, in lower-case hex, or null. */
  readonly rootSha256: string | null;
}

export interface RecognizedEntry {
  readonly entry: CatalogueEntry;
  /** `exact`: the set of names is the documented one. `partial`: one of the names is the provider's, the set is not. */
  readonly match: 'exact' | 'partial';
  /** Documented names that the certificate lacks, and names that it has beside them; empty without a documented list. */
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
}

/**
 * Whose certificate this is, by its names alone: that is no proof. Sets are compared without regard to case and order.
 * Of several eras, the one whose set matches comes first, then the one with the root, then the one of the date, then
 * the latest that had begun.
 */
export function recognize(
  names: CertificateNames,
  entries: readonly CatalogueEntry[] = CATALOGUE,
  circumstances: Circumstances = { at: null, rootSha256: null },
): RecognizedEntry | null {
  const dnsNames = normalSet(names.dnsNames);
  const commonNames = normalSet(names.commonNames);
  let best: { readonly found: RecognizedEntry; readonly rank: Rank } | null = null;
  for (const entry of entries) {
    const found = compare(entry, dnsNames, commonNames);
    if (found === null) continue;
    const rank = rankOf(found, circumstances);
    if (best === null || isBetter(rank, best.rank)) best = { found, rank };
  }
  return best?.found ?? null;
}

function compare(
  entry: CatalogueEntry,
  dnsNames: ReadonlySet<string>,
  commonNames: ReadonlySet<string>,
): RecognizedEntry | null {
  const documented = entry.names === null ? null : normalSet(entry.names);
  const missing = documented === null ? [] : [...documented].filter((name) => !dnsNames.has(name));
  const surplus = documented === null ? [] : [...dnsNames].filter((name) => !documented.has(name));
  if (documented !== null && missing.length === 0 && surplus.length === 0) {
    return { entry, match: 'exact', missing, surplus };
  }
  const byCommonName = (entry.commonNames ?? []).some((name) => commonNames.has(normal(name)));
  const byName = entry.recognizedBy.some((pattern) =>
    [...dnsNames, ...commonNames].some((name) => covers(normal(pattern), name)),
  );
  return byCommonName || byName ? { entry, match: 'partial', missing, surplus } : null;
}

/** Compared from left to right; the larger is the better. */
type Rank = readonly (number | string)[];

function rankOf({ entry, match }: RecognizedEntry, { at, rootSha256 }: Circumstances): Rank {
  const hasRoot = rootSha256 !== null && entry.root?.sha256 === rootSha256.toLowerCase();
  const begun = at === null || entry.from === null || entry.from <= at;
  const notEnded = at === null || entry.until === null || at < entry.until;
  return [match === 'exact' ? 1 : 0, hasRoot ? 1 : 0, begun && notEnded ? 1 : 0, begun ? 1 : 0, entry.from ?? ''];
}

function isBetter(rank: Rank, than: Rank): boolean {
  const at = rank.findIndex((value, index) => value !== than[index]);
  return at >= 0 && rank[at] > than[at];
}

/** What a connector insists on. */
export interface Pins {
  /** Names of which one must be in the certificate, or all. */
  readonly names: readonly string[];
  /** The complete set of names, or null. */
  readonly exactly: readonly string[] | null;
  /** SHA-256 of the root in lower-case hex, or null. */
  readonly rootSha256: string | null;
}

export function pinsOf(connector: Connector): Pins {
  const none: Pins = { names: [], exactly: null, rootSha256: null };
  switch (connector.kind) {
    case 'exchange-online-outbound':
      return { ...none, names: present([connector.tlsDomain]) };
    case 'exchange-online-inbound':
      return { ...none, names: present([connector.tlsSenderCertificateName]) };
    case 'exchange-server-send':
      return { ...none, names: present([connector.tlsDomain]) };
    case 'exchange-server-receive':
      return { ...none, names: (connector.tlsDomainCapabilities ?? []).map(({ domain }) => domain) };
    case 'pinned': {
      const { names, commonName, root } = connector;
      return {
        names: [...present([commonName]), ...(names !== undefined && 'includes' in names ? names.includes : [])],
        exactly: names !== undefined && 'exactly' in names ? names.exactly : null,
        rootSha256: root === undefined ? null : root.slice('sha256:'.length).toLowerCase(),
      };
    }
    case 'opportunistic':
      return none;
  }
}

export interface StalePin {
  readonly pin: 'name' | 'names' | 'root';
  readonly value: string;
  /** The era that the pin is from; null: it is of the partner's own host, from before the provider. */
  readonly era: CatalogueEntry | null;
  /** One sentence: what is stale, and what answers now. */
  readonly message: string;
}

/**
 * Which pins are of the past, now that `current` answers: a root or a set of an earlier era of the same provider, or a
 * name of the partner's own host. A pin that fits neither is wrong perhaps, but not stale.
 */
export function staleness(
  pins: Pins,
  current: CatalogueEntry,
  entries: readonly CatalogueEntry[] = CATALOGUE,
): readonly StalePin[] {
  const earlier = entries.filter(
    (entry) => entry.provider === current.provider && entry !== current && (entry.from ?? '') < (current.from ?? ''),
  );
  const stale: StalePin[] = [];
  for (const value of pins.names) {
    if (isNameOf(value, current)) continue;
    const era = earlier.find((entry) => isNameOf(value, entry)) ?? null;
    stale.push({ pin: 'name', value, era, message: staleMessage(`The name ${value}`, era, current) });
  }
  if (pins.exactly !== null) {
    const value = pins.exactly.join(', ');
    const set = normalSet(pins.exactly);
    const isCurrent = current.names !== null ? sameSet(set, normalSet(current.names)) : hasNameOf(set, current);
    const era = earlier.find((entry) => entry.names !== null && sameSet(set, normalSet(entry.names))) ?? null;
    if (era !== null && !(current.names !== null && isCurrent)) {
      stale.push({ pin: 'names', value, era, message: staleMessage('The set of names', era, current) });
    } else if (!isCurrent && !hasNameOf(set, current)) {
      stale.push({
        pin: 'names',
        value,
        era: null,
        message: staleMessage(`The set of names (${value})`, null, current),
      });
    }
  }
  if (pins.rootSha256 !== null && pins.rootSha256 !== current.root?.sha256) {
    const era = earlier.find((entry) => entry.root?.sha256 === pins.rootSha256) ?? null;
    if (era !== null) {
      const message = staleMessage(`The root ${era.root?.title ?? pins.rootSha256}`, era, current);
      stale.push({ pin: 'root', value: pins.rootSha256, era, message });
    }
  }
  return stale;
}

function staleMessage(what: string, era: CatalogueEntry | null, current: CatalogueEntry): string {
  if (era === null) return `${what} is stale: ${current.provider} answers now (${current.id}), and does not have it.`;
  const end = era.until === null ? '' : `, until ${era.until}`;
  return `${what} is stale: it belongs to ${era.id}${end}, and ${current.id} answers now.`;
}

/** Whether a certificate or a setting with this name belongs to the provider. */
export function isNameOf(name: string, entry: CatalogueEntry): boolean {
  const wanted = normal(name);
  const own = [...(entry.commonNames ?? []), ...(entry.names ?? [])].map(normal);
  return own.includes(wanted) || entry.recognizedBy.some((pattern) => covers(normal(pattern), wanted));
}

function hasNameOf(names: ReadonlySet<string>, entry: CatalogueEntry): boolean {
  return [...names].some((name) => isNameOf(name, entry));
}

/** The provider's host for a mail domain, or null when that cannot be told. */
export function mxHost(entry: CatalogueEntry, domain: string): string | null {
  const ascii = domain.toLowerCase().replace(/\.$/, '');
  return entry.mx?.replaceAll('{domain-with-dashes}', ascii.replaceAll('.', '-')).replaceAll('{domain}', ascii) ?? null;
}

/** The pages that an entry rests on, for reports. */
export function sourceOf(entry: CatalogueEntry): string {
  return entry.sources[0].where;
}

function covers(pattern: string, name: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}

function normalSet(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(normal));
}

function normal(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function sameSet(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && [...left].every((name) => right.has(name));
}

function present(values: readonly (string | null | undefined)[]): readonly string[] {
  return values.filter((value) => typeof value === 'string');
}
