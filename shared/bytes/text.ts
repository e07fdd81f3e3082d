/** Each byte as the code point of the same value: loses nothing, and never fails. */
export function decodeLatin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  let text = '';
  for (let at = start; at < end; at += 4096) {
    // A spread would walk the bytes with an iterator: five times as slow.
    const piece: string = Reflect.apply(String.fromCharCode, null, bytes.subarray(at, Math.min(end, at + 4096)));
    text += piece;
  }
  return text;
}

/**
 * Strict UTF-8 (RFC 3629): shortest form only, no surrogates, at most U+10FFFF. Null when the bytes are not that.
 */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string | null {
  let at = start;
  while (at < end && bytes[at] < 0x80) at++;
  let text = decodeLatin1(bytes, start, at);
  while (at < end) {
    const lead = bytes[at];
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      at += 1;
      continue;
    }
    const length =
      lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 0;
    if (length === 0 || at + length > end) return null;
    let code = lead & (0xff >> (length + 1));
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i];
      if ((next & 0xc0) !== 0x80) return null;
      code = (code << 6) | (next & 0x3f);
    }
    if (length === 3 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff))) return null;
    if (length === 4 && (code < 0x10000 || code > 0x10ffff)) return null;
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}

/** Text off the wire whose encoding nobody declares: UTF-8 where it is that, else Latin-1. */
export function decodeLenient(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return decodeUtf8(bytes, start, end) ?? decodeLatin1(bytes, start, end);
}
