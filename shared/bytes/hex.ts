const DIGITS = '0123456789abcdef';

/** Lower-case hex without separators of `bytes[start, end)`. */
export function toHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    text += DIGITS[byte >> 4] + DIGITS[byte & 15];
  }
  return text;
}

/** A 16-bit code point as registries print it: `0xc030`. */
export function codeToHex(code: number, digits = 4): string {
  return `0x${code.toString(16).padStart(digits, '0')}`;
}
