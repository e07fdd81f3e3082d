import { LIMITS } from '../bytes/limits.ts';
import { decodeLenient } from '../bytes/text.ts';

/** A whole reply (RFC 5321 section 4.2): one code, one or more lines of text. */
export interface SmtpReply {
  readonly code: number;
  readonly lines: readonly string[];
  /** Bytes are missing in front: the first lines of the reply may be. */
  readonly isPartial: boolean;
}

export interface ReplyLine {
  readonly code: number;
  /** A hyphen follows the code: another line of the same reply comes. */
  readonly continues: boolean;
  readonly text: string;
}

/** One line of a reply without its line end, or null when it is none. */
export function parseReplyLine(bytes: Uint8Array, start: number, end: number): ReplyLine | null {
  if (end - start < 3) return null;
  const code = replyCode(bytes, start);
  if (code < 0) return null;
  const separator = end - start > 3 ? bytes[start + 3] : 0x20;
  // Some servers put a tab there; nobody puts anything else.
  if (separator !== 0x20 && separator !== 0x2d && separator !== 0x09) return null;
  const textEnd = Math.min(end, start + 4 + LIMITS.smtpTextCharacters);
  const text = decodeLenient(bytes, Math.min(start + 4, textEnd), textEnd).trimEnd();
  return { code, continues: separator === 0x2d, text };
}

/** The three digits at `at` as a number from 200 to 599, or -1 (RFC 5321 section 4.2.1). */
export function replyCode(bytes: Uint8Array, at: number): number {
  const a = bytes[at] - 0x30;
  const b = bytes[at + 1] - 0x30;
  const c = bytes[at + 2] - 0x30;
  return a >= 2 && a <= 5 && b >= 0 && b <= 5 && c >= 0 && c <= 9 ? a * 100 + b * 10 + c : -1;
}

/** Joins lines to replies. */
export class ReplyAssembler {
  #code = -1;
  #lines: string[] = [];
  #isPartial = false;

  /** Takes a line; returns the reply it completes, or null while more lines are to come. */
  add(line: ReplyLine): SmtpReply | null {
    if (line.code !== this.#code) this.#lines = [];
    this.#code = line.code;
    if (this.#lines.length < LIMITS.smtpReplyLines) this.#lines.push(line.text);
    if (line.continues) return null;
    const reply = { code: line.code, lines: this.#lines, isPartial: this.#isPartial };
    this.#code = -1;
    this.#lines = [];
    this.#isPartial = false;
    return reply;
  }

  /** Bytes are missing: what was collected is no whole reply, and what comes may be the rest of one. */
  hole(): void {
    this.#code = -1;
    this.#lines = [];
    this.#isPartial = true;
  }
}

/** Codes that are given in AUTH only (RFC 4954 sections 4 and 6). */
const AUTH_CODES: ReadonlySet<number> = new Set([235, 334, 432, 534, 535, 538]);

export function isAuthCode(code: number): boolean {
  return AUTH_CODES.has(code);
}

/** A command was not understood, and many servers quote it (RFC 5321 section 4.2.2). */
export function isSyntaxError(code: number): boolean {
  return code >= 500 && code <= 504;
}

/** The reply with nothing left of its text but the enhanced status code (RFC 3463). */
export function withoutText(reply: SmtpReply): SmtpReply {
  const status = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/.exec(reply.lines[0]);
  return { ...reply, lines: [`${status ? `${status[0]} ` : ''}(text not kept)`] };
}

/** The reply as a timeline shows it: the first line, and how many follow. */
export function describeReply(reply: SmtpReply): string {
  const [first, ...others] = reply.lines;
  const more = others.length === 0 ? '' : ` (and ${others.length} more line${others.length === 1 ? '' : 's'})`;
  return `${reply.code} ${first}`.trimEnd() + more;
}
