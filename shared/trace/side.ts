import type { Side } from '../contract/analysis.ts';
import { replyCode } from '../smtp/reply.ts';

const CLIENT_WORD = /^(?:EHLO|HELO|LHLO|MAIL|RCPT|DATA|BDAT|QUIT|RSET|NOOP|STARTTLS|AUTH|X-ANONYMOUSTLS|PROXY) ?/i;

/** Who speaks, by the first bytes captured of a direction; null when they do not tell. */
export function guessSide(bytes: Uint8Array, start: number, end: number): Side | null {
  if (end - start >= 4) {
    const separator = bytes[start + 3];
    if (replyCode(bytes, start) >= 0 && (separator === 0x20 || separator === 0x2d)) return 'server';
  }
  if (end - start >= 6 && bytes[start] === 0x16 && bytes[start + 1] === 3) {
    // HandshakeType: client_hello, client_key_exchange and certificate_verify come from clients only.
    const type = bytes[start + 5];
    if (type === 1 || type === 16 || type === 15) return 'client';
    if (type === 2 || type === 12 || type === 14) return 'server';
  }
  let text = '';
  for (let at = start; at < end && at < start + 16; at++) text += String.fromCharCode(bytes[at]);
  return CLIENT_WORD.test(text) ? 'client' : null;
}
