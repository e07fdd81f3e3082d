/** Joins byte arrays. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function uint32Little(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}

/** Four bytes of dotted decimal, or sixteen of IPv6 text (with at most one `::`). */
export function addressBytes(address: string): Uint8Array {
  if (!address.includes(':')) return Uint8Array.from(address.split('.').map(Number));
  const [left, right] = address.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const zeros = right === undefined ? [] : Array(8 - left.length - right.length).fill('0');
  return concat(...[...left, ...zeros, ...(right ?? [])].map((group) => uint16(Number.parseInt(group, 16))));
}
