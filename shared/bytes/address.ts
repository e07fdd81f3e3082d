/** Dotted decimal of the four bytes at `at`. */
export function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/**
 * The canonical text of the sixteen bytes at `at` (RFC 5952): lower case, no leading zeros, the longest run of at
 * least two zero groups (the first of equals) as `::`, IPv4-mapped addresses with their dotted tail.
 */
export function formatIpv6(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push((bytes[at + 2 * i] << 8) | bytes[at + 2 * i + 1]);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpv4(bytes, at + 12)}`;
  }
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) {
      bestStart = i;
      bestLength = length;
    }
    i += Math.max(length, 1);
  }
  const part = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return bestStart < 0 ? part(0, 8) : `${part(0, bestStart)}::${part(bestStart + bestLength, 8)}`;
}

/**
 * The 4 or 16 octets of an address as people write it (RFC 4291 section 2.2 for IPv6, without zone or brackets), or
 * null. Dotted decimal needs four numbers without leading zeros, which some systems would read as octal.
 */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1);
  if (!parts || parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith('0')))) return null;
  return Uint8Array.from(parts, Number);
}

/** The longest text of an IPv6 address, with a dotted tail. */
const LONGEST_IPV6 = 45;

function parseIpv6(text: string): Uint8Array | null {
  if (text.length > LONGEST_IPV6) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  // A dotted tail stands at the very end.
  const [head, tail] = halves.map((half, index) => groupOctets(half, index === halves.length - 1));
  if (head === null || tail === null) return null;
  if (tail === undefined) return head.length === 16 ? Uint8Array.from(head) : null;
  // `::` stands for at least one group.
  if (head.length + tail.length > 14) return null;
  return Uint8Array.from([...head, ...Array<number>(16 - head.length - tail.length).fill(0), ...tail]);
}

function groupOctets(text: string, atEnd: boolean): number[] | null {
  if (text === '') return [];
  const octets: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      octets.push(value >> 8, value & 0xff);
      continue;
    }
    const dotted = atEnd && index === groups.length - 1 ? parseIpv4(group) : null;
    if (dotted === null) return null;
    octets.push(...dotted);
  }
  return octets;
}
