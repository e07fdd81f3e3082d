import type { TcpSegment } from '../net/segment.ts';
import { replyCode } from '../smtp/reply.ts';

/**
 * SMTP, submission and its implicit-TLS variant (RFC 8314), and the alternate that providers offer where 25 is
 * blocked. On other ports a session is found by what is said.
 */
const MAIL_PORTS: ReadonlySet<number> = new Set([25, 465, 587, 2525]);

export function isMailPort(port: number): boolean {
  return MAIL_PORTS.has(port);
}

const PROXY_1 = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20];
const PROXY_2 = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d];
/** First four bytes of the commands that open a dialogue, upper case; CONNECT asks an HTTP proxy for one. */
const OPENING_COMMANDS = ['EHLO', 'HELO', 'LHLO', 'CONN'].map(word);
/** Of those that a capture from the middle may begin with. */
const LATER_COMMANDS = ['MAIL', 'RCPT', 'STAR', 'BDAT', 'X-AN', 'X-EX'].map(word);

/**
 * Whether the first bytes of a segment are what an SMTP dialogue looks like. `opening`: they are the first that this
 * side sends, so only a greeting, a PROXY header or a hello counts; otherwise the capture may have begun later.
 * Without allocation: it runs for the first packets of every flow.
 */
export function looksLikeMail(segment: TcpSegment, opening: boolean): boolean {
  const { buffer, payload, capturedPayload } = segment;
  if (capturedPayload === 0) return false;
  const first = buffer[payload];
  if (capturedPayload < 4) {
    // A first segment of a few bytes: enough when it is the beginning of something that counts.
    return opening && (first === 0x32 || first === 0x35 || first === 0x50 || isOneOf('EeHhLlC', first));
  }
  if (first >= 0x32 && first <= 0x35) {
    const code = replyCode(buffer, payload);
    const separator = buffer[payload + 3];
    if (separator !== 0x20 && separator !== 0x2d) return false;
    return opening ? code === 220 || code === 421 || code === 554 : code === 220 || code === 250 || code === 354;
  }
  if (matches(buffer, payload, capturedPayload, PROXY_1) || matches(buffer, payload, capturedPayload, PROXY_2)) {
    return opening;
  }
  const upper =
    ((first & 0xdf) << 24) |
    ((buffer[payload + 1] & 0xdf) << 16) |
    ((buffer[payload + 2] & 0xdf) << 8) |
    (buffer[payload + 3] & 0xdf);
  return OPENING_COMMANDS.includes(upper) || (!opening && LATER_COMMANDS.includes(upper));
}

function matches(buffer: Uint8Array, at: number, length: number, pattern: readonly number[]): boolean {
  if (buffer[at] !== pattern[0]) return false;
  for (let i = 1; i < pattern.length && i < length; i++) if (buffer[at + i] !== pattern[i]) return false;
  return true;
}

function isOneOf(characters: string, byte: number): boolean {
  return characters.includes(String.fromCharCode(byte));
}

/** Four characters as one integer, with the bit cleared that tells lower case (it also folds digits and hyphens alike). */
function word(text: string): number {
  let value = 0;
  for (let i = 0; i < 4; i++) value = (value << 8) | (text.charCodeAt(i) & 0xdf);
  return value;
}
