/** PEM, the textual encoding of RFC 7468, as tools and people really write it. */
import { LIMITS } from '../bytes/limits.ts';
import type { Problem } from '../bytes/problem.ts';
import { decodeLatin1 } from '../bytes/text.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';

export interface PemBlock {
  /** What stands behind BEGIN: `CERTIFICATE`. */
  readonly label: string;
  /** The decoded octets; up to the defect where there is a problem. */
  readonly der: Uint8Array;
  /** The line of BEGIN, counted from 1. */
  readonly line: number;
  readonly problem: Problem | null;
}

export interface PemReading {
  readonly blocks: readonly PemBlock[];
  /** What concerns the text as a whole: it is too large, or has too many blocks. */
  readonly problem: Problem | null;
}

const BEGIN = /^-----BEGIN ([ -,.-~]{0,64})-----$/;
const END = /^-----END ([ -,.-~]{0,64})-----$/;

/** A header of RFC 1421, as encrypted keys have them, or the empty line behind it; no line of base64 has a colon. */
const HEADER = /[ \t]*(?:[A-Za-z0-9-]{1,64}:[^\r\n]*)?(?:\r\n|\r|\n)/y;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

interface OpenBlock {
  readonly label: string;
  readonly line: number;
  /** Where the line of BEGIN starts, and where the line behind it does. */
  readonly start: number;
  readonly bodyStart: number;
}

/**
 * Reads all blocks of a text in order. Any line ends, text before, between and after blocks ("Bag Attributes"), headers
 * inside of blocks, white space around lines, byte order marks and UTF-16 (as PowerShell writes files) are taken.
 * `offset` of a problem is a character of the text.
 */
export function readPem(input: string | Uint8Array): PemReading {
  if (input.length > LIMITS.pemBytes) {
    const message = `The PEM text has ${input.length} bytes; more than ${LIMITS.pemBytes} are not read.`;
    return { blocks: [], problem: { code: 'pem-too-large', message, offset: LIMITS.pemBytes } };
  }
  const text = typeof input === 'string' ? input : decodeText(input);
  const blocks: PemBlock[] = [];
  let open: OpenBlock | null = null;
  const close = (end: number, problem: Problem | null): void => {
    if (open !== null) blocks.push(decodeBlock(text, open, end, problem));
    open = null;
  };
  let line = 0;
  for (let start = 0, next = 0; start < text.length; start = next) {
    line++;
    const end = lineEnd(text, start);
    next = text.charCodeAt(end) === CARRIAGE_RETURN && text.charCodeAt(end + 1) === LINE_FEED ? end + 2 : end + 1;
    const content = text.slice(start, end).trim();
    if (!content.startsWith('-----')) continue;

    const begin = BEGIN.exec(content);
    if (begin !== null) {
      close(start, { code: 'pem-unterminated', message: 'Another block begins before this one ends.', offset: start });
      if (blocks.length === LIMITS.pemBlocks) {
        const message = `The text has more than ${LIMITS.pemBlocks} PEM blocks; the rest is not read.`;
        return { blocks, problem: { code: 'pem-too-many-blocks', message, offset: start } };
      }
      open = { label: begin[1], line, start, bodyStart: next };
      continue;
    }
    const label = END.exec(content)?.[1];
    if (open === null || label === undefined) continue;
    if (label === open.label) {
      close(start, null);
    } else {
      const message = `BEGIN says ${open.label}, END says ${label}.`;
      close(start, { code: 'pem-label-mismatch', message, offset: start });
    }
  }
  const message = 'The text ends before the block does.';
  close(text.length, { code: 'pem-unterminated', message, offset: text.length });
  return { blocks, problem: null };
}

/** Where the line that holds `start` ends: at LF, at CR, or with the text. */
function lineEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LINE_FEED || code === CARRIAGE_RETURN) return at;
  }
  return text.length;
}

function decodeBlock(text: string, block: OpenBlock, end: number, problem: Problem | null): PemBlock {
  const { label, line, start } = block;
  let bodyStart = block.bodyStart;
  HEADER.lastIndex = bodyStart;
  while (HEADER.test(text) && HEADER.lastIndex <= end) bodyStart = HEADER.lastIndex;
  const { bytes, defect } = decodeBase64(text.slice(bodyStart, end));
  const message = `The base64 of the block in line ${line} is damaged: ${defect}.`;
  const damage = defect === null ? null : { code: 'pem-base64', message, offset: start };
  return { label, der: bytes, line, problem: problem ?? damage };
}

/** PEM is ASCII, so that only the width of the characters matters. */
function decodeText(bytes: Uint8Array): string {
  const bigEndian = bytes[0] === 0xfe && bytes[1] === 0xff;
  const littleEndian = bytes[0] === 0xff && bytes[1] === 0xfe;
  if (!bigEndian && !littleEndian) {
    const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    return decodeLatin1(bytes, marked ? 3 : 0);
  }
  const narrow = new Uint8Array((bytes.length - 2) >> 1);
  for (let i = 0; i < narrow.length; i++) {
    const high = bytes[2 + 2 * i + (bigEndian ? 0 : 1)];
    const low = bytes[2 + 2 * i + (bigEndian ? 1 : 0)];
    // No character past Latin-1 can stand inside of a block; 0xff is none of base64 either.
    narrow[i] = high === 0 ? low : 0xff;
  }
  return decodeLatin1(narrow);
}

/** One block of PEM with lines of 64 characters and a final newline (RFC 7468 section 2). */
export function writePem(der: Uint8Array, label = 'CERTIFICATE'): string {
  const body = encodeBase64(der).replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${body}${body === '' ? '' : '\n'}-----END ${label}-----\n`;
}
