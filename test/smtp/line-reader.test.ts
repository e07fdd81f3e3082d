import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { decodeLatin1 } from '../../shared/bytes/text.ts';
import { LineReader } from '../../shared/smtp/line-reader.ts';
import { latin1 } from '../support/talk.ts';

/** The lines of these pieces; an overlong one as its length in parentheses. */
function linesOf(pieces: readonly Uint8Array[]): string[] {
  const reader = new LineReader();
  const lines: string[] = [];
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const next = reader.read(piece, at, piece.length);
      if (next < 0) break;
      lines.push(reader.overlong ? `(${reader.byteLength})` : decodeLatin1(reader.bytes, reader.start, reader.end));
      at = next;
    }
  }
  return lines;
}

const cut = (bytes: Uint8Array, cuts: readonly number[]) =>
  [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length));

describe('lines', () => {
  it('end with CRLF or with a bare LF', () => {
    expect(linesOf([latin1('EHLO a\r\nQUIT\n\n\r\nrest')])).toEqual(['EHLO a', 'QUIT', '', '']);
  });

  it('a CR that stands elsewhere belongs to the line', () => {
    expect(linesOf([latin1('a\rb\r\r\nc\n')])).toEqual(['a\rb\r', 'c']);
  });

  it('are the same however the stream is split', () => {
    const text = latin1('220 mx\r\nEHLO a\n\r\n\nX\r\nlast\r\n');
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 })), (cuts) => {
        expect(
          linesOf(
            cut(
              text,
              cuts.sort((a, b) => a - b),
            ),
          ),
        ).toEqual(['220 mx', 'EHLO a', '', '', 'X', 'last']);
      }),
    );
  });

  it('longer than the cap are dropped as a whole, however they are split', () => {
    const at = (length: number) => latin1(`${'x'.repeat(length)}\nnext\n`);
    expect(linesOf([at(LIMITS.smtpLineBytes)])[0]).toHaveLength(LIMITS.smtpLineBytes);
    for (const length of [LIMITS.smtpLineBytes + 1, 3 * LIMITS.smtpLineBytes]) {
      for (const cuts of [[], [1], [LIMITS.smtpLineBytes], [100, LIMITS.smtpLineBytes + 1]]) {
        expect(linesOf(cut(at(length), cuts))).toEqual([`(${length})`, 'next']);
      }
    }
  });

  it('forgets an unfinished line on demand', () => {
    const reader = new LineReader();
    expect(reader.read(latin1('abc'), 0, 3)).toBe(-1);
    expect(reader.partial).toBe(true);
    reader.reset();
    expect(reader.partial).toBe(false);
    reader.read(latin1('d\n'), 0, 2);
    expect(decodeLatin1(reader.bytes, reader.start, reader.end)).toBe('d');
  });
});
