/** Joins octet strings into a new one. */
export function joinOctets(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** The octets of ASCII text: a label of a key derivation. */
export function asciiOctets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Writes a number below 2^53 as eight octets, most significant first. */
export function writeUint64(target: Uint8Array, at: number, value: number): void {
  for (let i = at + 7, rest = value; i >= at; i--) {
    target[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
