import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  difference,
  indent,
  lineCount,
  newLine,
  offsetOf,
  outdent,
  type TextEdit,
} from '../../../renderer/views/expectations/text-edits.ts';

/** `|` marks both ends of the selection, or the caret. */
function marked(text: string): { text: string; start: number; end: number } {
  const start = text.indexOf('|');
  const last = text.lastIndexOf('|');
  return { text: text.replaceAll('|', ''), start, end: last === start ? start : last - 1 };
}

function done(before: string, edit: (text: string, start: number, end: number) => TextEdit | null): string | null {
  const { text, start, end } = marked(before);
  const change = edit(text, start, end);
  if (change === null) return null;
  const after = text.slice(0, change.from) + change.insert + text.slice(change.to);
  const [from, to] = change.select;
  return from === to
    ? `${after.slice(0, from)}|${after.slice(from)}`
    : `${after.slice(0, from)}|${after.slice(from, to)}|${after.slice(to)}`;
}

describe('Tab', () => {
  it('goes to the next stop of two columns', () => {
    expect(done('|name', indent)).toBe('  |name');
    expect(done(' |name', indent)).toBe('  |name');
    expect(done('a:\n  b|', indent)).toBe('a:\n  b |');
  });

  it('takes the place of a selection within a line', () => {
    expect(done('a|bc|d', indent)).toBe('a |d');
  });

  it('moves every selected line that is not empty', () => {
    expect(done('|- a\n\n  b|\nc', indent)).toBe('  |- a\n\n    b|\nc');
  });

  it('leaves the line alone before whose first character the selection ends', () => {
    expect(done('|a\nb\n|c', indent)).toBe('  |a\n  b\n|c');
  });
});

describe('Shift+Tab', () => {
  it('takes one step away, wherever the caret is', () => {
    expect(done('    na|me', outdent)).toBe('  na|me');
    expect(done('|  name', outdent)).toBe('|name');
    expect(done('\tname|', outdent)).toBe('name|');
  });

  it('does nothing where there is nothing to take away', () => {
    expect(done('name|', outdent)).toBeNull();
  });

  it('undoes what Tab did to several lines', () => {
    const before = '|- a\n  b|\n';
    const after = done(before, indent);
    expect(after === null ? null : done(after, outdent)).toBe(before);
  });
});

describe('Enter', () => {
  it('begins the line where the last one does', () => {
    expect(done('    kind: pinned|', newLine)).toBe('    kind: pinned\n    |');
  });

  it('goes behind the dash of a list', () => {
    expect(done('  - name: A|', newLine)).toBe('  - name: A\n    |');
  });

  it('goes one step in after a key without a value', () => {
    expect(done('    connector:|', newLine)).toBe('    connector:\n      |');
  });

  it('breaks a line in two', () => {
    expect(done('  a: |b', newLine)).toBe('  a: \n    |b');
  });
});

describe('difference', () => {
  it('is the smallest edit that leads from one text to the other', () => {
    expect(difference('abcd', 'abXd')).toEqual({ from: 2, to: 3, insert: 'X', select: [2, 3] });
    expect(difference('aa', 'aaa')).toMatchObject({ from: 2, to: 2, insert: 'a' });
  });

  it('always leads there', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const { from, to, insert } = difference(before, after);
        expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
      }),
    );
  });
});

describe('places in the text', () => {
  it('counts lines and columns from 1', () => {
    expect(offsetOf('ab\ncd\n', 2, 2)).toBe(4);
    expect(offsetOf('ab\ncd\n', 1, 1)).toBe(0);
    expect(offsetOf('ab\ncd\n', 3, 1)).toBe(6);
  });

  it('goes as near as the text goes', () => {
    expect(offsetOf('ab\ncd', 1, 99)).toBe(2);
    expect(offsetOf('ab\ncd', 99, 1)).toBe(3);
  });

  it('counts the last line also where it is empty', () => {
    expect(lineCount('')).toBe(1);
    expect(lineCount('a\nb\n')).toBe(3);
  });
});
