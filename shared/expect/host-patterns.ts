/** Addresses, ranges and host names as expectation files write them. */
import { parseAddress } from '../bytes/address.ts';
import type { ObservedHost } from './observation.ts';

export type HostPattern =
  /** All addresses from `low` to `high`, which have the same number of octets. */
  | { readonly kind: 'range'; readonly low: Uint8Array; readonly high: Uint8Array }
  /** A host name in lower case. */
  | { readonly kind: 'name'; readonly name: string }
  /** All names below `suffix`, which begins with its dot. */
  | { readonly kind: 'below'; readonly suffix: string };

const NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_-]{1,63}){0,40}\.?$/i;

/**
 * Reads an address, a range (`10.0.0.0/24`, or `10.0.0.1-10.0.0.9` as Exchange writes it), a host name, or `*.name` for
 * all names below; else null.
 */
export function readHostPattern(text: string): HostPattern | null {
  const range = readRange(text);
  if (range !== null) return range;
  // Numbers alone are an address that somebody mistyped, not a host.
  if (!NAME.test(text) || /^[\d.-]+$/.test(text)) return null;
  const name = normal(text);
  return name.startsWith('*.') ? { kind: 'below', suffix: name.slice(1) } : { kind: 'name', name };
}

function readRange(text: string): HostPattern | null {
  const [first, last, ...more] = text.split('-').map((part) => parseAddress(part.trim()));
  if (first && last && more.length === 0) {
    return first.length === last.length && compare(first, last) <= 0 ? { kind: 'range', low: first, high: last } : null;
  }
  const slash = text.lastIndexOf('/');
  const base = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (base === null) return null;
  if (slash < 0) return { kind: 'range', low: base, high: base };
  const prefix = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > base.length * 8) return null;
  const mask = base.map((_, index) => (0xff00 >> Math.min(8, Math.max(0, Number(prefix) - index * 8))) & 0xff);
  return {
    kind: 'range',
    low: base.map((octet, index) => octet & mask[index]),
    high: base.map((octet, index) => octet | (~mask[index] & 0xff)),
  };
}

/** Whether the host is one that the pattern means: by its address, or by a name that it goes by. Says what matched. */
function matchHost(pattern: HostPattern, host: ObservedHost): string | null {
  switch (pattern.kind) {
    case 'range':
      return host.address !== null && inRange(pattern, host.address) ? host.address : null;
    case 'name':
      return host.names.find((name) => normal(name) === pattern.name) ?? null;
    case 'below':
      return host.names.find((name) => normal(name).endsWith(pattern.suffix)) ?? null;
  }
}

/** The first of the patterns that matches; patterns that cannot be read match nothing. */
export function matchAnyHost(
  patterns: readonly string[],
  host: ObservedHost,
): { readonly pattern: string; readonly by: string } | null {
  for (const { text, pattern } of patternsOf(patterns)) {
    const by = matchHost(pattern, host);
    if (by !== null) return { pattern: text, by };
  }
  return null;
}

interface ReadPattern {
  readonly text: string;
  readonly pattern: HostPattern;
}

/** Lists are asked about for every session: each is read once, and remembered as long as it lives. */
const READ = new WeakMap<readonly string[], readonly ReadPattern[]>();

function patternsOf(patterns: readonly string[]): readonly ReadPattern[] {
  const known = READ.get(patterns);
  if (known) return known;
  const read = patterns.flatMap((text) => {
    const pattern = readHostPattern(text);
    return pattern === null ? [] : [{ text, pattern }];
  });
  READ.set(patterns, read);
  return read;
}

/** Whether `name` is `domain` or lies below it. */
export function isInDomain(name: string, domain: string): boolean {
  const inner = normal(name);
  const outer = normal(domain).replace(/^\*\./, '');
  return inner === outer || inner.endsWith(`.${outer}`);
}

function normal(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function inRange({ low, high }: { readonly low: Uint8Array; readonly high: Uint8Array }, address: string): boolean {
  const bytes = parseAddress(address);
  return bytes !== null && bytes.length === low.length && compare(low, bytes) <= 0 && compare(bytes, high) <= 0;
}

function compare(left: Uint8Array, right: Uint8Array): number {
  const at = left.findIndex((octet, index) => octet !== right[index]);
  return at < 0 ? 0 : left[at] - right[at];
}
