/** The text of a file that PowerShell wrote: `>` writes UTF-16 in Windows PowerShell, UTF-8 since version 6. */
import { decodeLenient } from '../../bytes/text.ts';

/** Decodes by the byte order mark; without one, by the zeros that UTF-16 has in every other byte; else as UTF-8. */
export function pastedText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes, 2, 0);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes, 2, 1);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return decodeLenient(bytes, 3);
  if (bytes.length >= 4 && bytes[0] !== 0 && bytes[1] === 0 && bytes[3] === 0) return utf16(bytes, 0, 0);
  if (bytes.length >= 4 && bytes[0] === 0 && bytes[1] !== 0 && bytes[2] === 0) return utf16(bytes, 0, 1);
  return decodeLenient(bytes);
}

/** `high`: which byte of the two is the high one. Lone surrogates stay what they are: they are shown, never obeyed. */
function utf16(bytes: Uint8Array, start: number, high: 0 | 1): string {
  const pieces: string[] = [];
  let units: number[] = [];
  for (let at = start; at + 1 < bytes.length; at += 2) {
    units.push(high === 1 ? (bytes[at] << 8) | bytes[at + 1] : (bytes[at + 1] << 8) | bytes[at]);
    if (units.length === 4096) {
      pieces.push(String.fromCharCode(...units));
      units = [];
    }
  }
  pieces.push(String.fromCharCode(...units));
  return pieces.join('');
}
