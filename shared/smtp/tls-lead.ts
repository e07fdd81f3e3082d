/**
 * Tells TLS from text at the start of a line, by the first bytes of a record: a content type from 20 to 24 and the
 * major version 3, or a ClientHello in SSL 2.0's framing. No SMTP line begins like that.
 */
export function startsTls(bytes: Uint8Array, start: number, end: number): 'yes' | 'no' | 'maybe' {
  if (start >= end) return 'maybe';
  const first = bytes[start];
  if (first >= 0x14 && first <= 0x18) {
    if (start + 1 >= end) return 'maybe';
    return bytes[start + 1] === 3 ? 'yes' : 'no';
  }
  if (first >= 0x80) {
    if (start + 2 < end && bytes[start + 2] !== 1) return 'no';
    if (start + 3 >= end) return 'maybe';
    return bytes[start + 3] === 3 || bytes[start + 3] === 0 ? 'yes' : 'no';
  }
  return 'no';
}

/** True when the bytes are no text: what follows a hole in an encrypted stream looks like that. */
export function looksBinary(bytes: Uint8Array, start: number, end: number): boolean {
  let odd = 0;
  const until = Math.min(end, start + 32);
  for (let at = start; at < until; at++) {
    const byte = bytes[at];
    if (byte >= 0x80 || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) odd++;
  }
  return odd * 5 > until - start;
}
