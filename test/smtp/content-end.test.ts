import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentEnd } from '../../shared/smtp/content-end.ts';
import { latin1 } from '../support/talk.ts';

/** Where the content ends in the pieces joined, and its length; -1 when it does not end. */
function endOf(pieces: readonly (Uint8Array | number)[]): { readonly at: number; readonly byteLength: number } {
  const end = new ContentEnd();
  let before = 0;
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      end.hole(piece);
      before += piece;
      continue;
    }
    const at = end.read(piece, 0, piece.length);
    if (at >= 0) return { at: before + at, byteLength: end.byteLength };
    before += piece.length;
  }
  return { at: -1, byteLength: end.byteLength };
}

describe('the end of content (RFC 5321 section 4.1.1.4)', () => {
  it.each([
    ['.\r\n', 3, 0],
    ['a\r\n.\r\nQUIT', 6, 3],
    ['a\r\n..\r\n.\r\n', 10, 7],
    ['a\r\n.\r\r\n.\r\n', 10, 7],
    ['\r\r\n.\r\n', 6, 3],
  ])('%j ends at %d', (text, at, byteLength) => expect(endOf([latin1(text)])).toEqual({ at, byteLength }));

  it.each(['a\n.\nQUIT\r\n', 'a\r\n.\nQUIT', 'a\n.\r\nQUIT', 'a.\r\n', 'a\r\n. \r\n', '..\r\n'])(
    '%j does not end it',
    (text) => expect(endOf([latin1(text)])).toEqual({ at: -1, byteLength: text.length }),
  );

  it('is found however the stream is split', () => {
    const text = latin1('Subject: x\r\n\r\n.\r.\r\n..\r\nbody\r\n.\r\nQUIT\r\n');
    const whole = endOf([text]);
    expect(whole).toEqual({ at: 32, byteLength: 29 });
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 })), (unordered) => {
        const cuts = unordered.sort((a, b) => a - b);
        expect(endOf([0, ...cuts].map((from, i) => text.subarray(from, cuts[i] ?? text.length)))).toEqual(whole);
      }),
    );
  });

  it('a hole is counted, and ends no line', () => {
    expect(endOf([latin1('abc\r\n'), 10, latin1('.\r\nx\r\n.\r\n')])).toEqual({ at: 24, byteLength: 21 });
  });
});
