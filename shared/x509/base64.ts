/** Base64 (RFC 4648 section 4), read and written without help from the platform. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const VALUES: Int8Array = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

const EQUALS_SIGN = 0x3d;

export interface Base64Reading {
  /** The octets up to the end or to the first defect. */
  readonly bytes: Uint8Array;
  /** What ended the reading too soon, or null. */
  readonly defect: string | null;
}

/**
 * Decodes base64, skipping white space. Padding may be missing (many tools leave it out), but what is there must be
 * right; bits left over must be zero.
 */
export function decodeBase64(text: string): Base64Reading {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let held = 0;
  let bits = 0;
  let padding = 0;
  let characters = 0;
  const end = (defect: string | null): Base64Reading => ({ bytes: bytes.slice(0, length), defect });
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) continue;
    if (code === EQUALS_SIGN) {
      padding++;
      continue;
    }
    const value = code < 128 ? VALUES[code] : -1;
    if (value < 0) return end(`a character that is not base64 stands at position ${at}`);
    if (padding > 0) return end(`data follows the padding at position ${at}`);
    characters++;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (held >> bits) & 0xff;
    }
  }
  if (characters % 4 === 1) return end('a lone character is left over');
  if ((held & ((1 << bits) - 1)) !== 0) return end('the bits that are left over are not zero');
  if (padding > 0 && (characters + padding) % 4 !== 0)
    return end('the padding does not fill up the last four characters');
  if (padding > 2) return end('there is too much padding');
  return end(null);
}

/** Encodes octets with padding, in one line. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET[group >> 18] + ALPHABET[(group >> 12) & 63];
    text += at + 1 < bytes.length ? ALPHABET[(group >> 6) & 63] : '=';
    text += at + 2 < bytes.length ? ALPHABET[group & 63] : '=';
  }
  return text;
}
