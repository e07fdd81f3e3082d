import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, cutToFit, wrap } from '../../electron/cli/layout.ts';
import { naturalWidth, table } from '../../electron/cli/table.ts';

const words = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', '…', '郵', '\u0301', '📧'), maxLength: 200 });

describe('columns of a terminal', () => {
  it.each([
    ['mail.example', 12],
    ['→ – …', 5],
    ['郵便', 4],
    ['📧', 2],
    ['e\u0301', 1],
  ])('%s takes %i', (text, columns) => expect(columnsOf(text)).toBe(columns));
});

describe('wrap', () => {
  it('breaks behind spaces and commas', () => {
    expect(wrap('CN=mail.example,O=A long organisation,C=US', 24)).toEqual([
      'CN=mail.example,O=A long',
      'organisation,C=US',
    ]);
  });

  it('breaks a word only when it is longer than a line', () => {
    expect(wrap(`short ${'x'.repeat(45)} end`, 20)).toEqual(['short', 'x'.repeat(20), 'x'.repeat(20), 'xxxxx end']);
  });

  it('leaves everything in one line where there is no terminal', () => {
    expect(wrap('word '.repeat(100), null)).toEqual(['word '.repeat(100)]);
  });

  it('loses nothing but spaces, and no line is too long', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 60 }), (text, columns) => {
        const lines = wrap(text, columns);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        if (columnsOf(text) > columns) for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('takes a word of a million characters', () => {
    expect(wrap('x'.repeat(1_000_000), 100)).toHaveLength(10_000);
  });
});

describe('cutToFit', () => {
  it('takes from the middle, because names differ at both ends', () => {
    expect(cutToFit('mail.protection.outlook.com', 18)).toBe('mail.protec…ok.com');
  });

  it('never is wider', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 60 }), (text, columns) => {
        expect(columnsOf(cutToFit(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });
});

describe('table', () => {
  const columns = [
    { title: 'ID' },
    { title: 'NAME', least: 8 },
    { title: 'OTHER', least: 5, optional: 1 },
    { title: 'LAST', optional: 2 },
  ];

  it('never is wider than the terminal, whatever is in it', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '郵', '-', ' '), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 5 }),
        fc.integer({ min: 1, max: 100 }),
        (rows, width) => {
          const { head, body, omitted } = table(columns, rows, width);
          for (const line of [head, ...body]) expect(columnsOf(line)).toBeLessThanOrEqual(width);
          expect(body).toHaveLength(rows.length);
          if (naturalWidth(columns, rows) <= width) expect(omitted).toEqual([]);
        },
      ),
    );
  });

  it('leaves out the column that is least needed first', () => {
    const rows = [['s1', 'mail.protection.example', 'something', 'more']];
    expect(table(columns, rows, 21).omitted).toEqual(['LAST']);
    expect(table(columns, rows, 14).omitted).toEqual(['OTHER', 'LAST']);
    expect(table(columns, rows, 14).body).toEqual(['s1  mail.p…ple']);
  });
});
