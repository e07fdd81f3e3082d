import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerDocument } from '../../shared/x509/der.ts';
import { readTime } from '../../shared/x509/time.ts';
import { generalizedTime, octetString, utcTime } from '../support/der.ts';

function read(der: Uint8Array): {
  readonly iso: string;
  readonly notes: readonly string[];
  readonly failure: string | null;
} {
  const document = new DerDocument(der);
  const { iso, epochSeconds } = readTime(document.reader(), 'notBefore');
  if (document.failure === null) expect(new Date(epochSeconds * 1_000).toISOString()).toBe(iso.replace('Z', '.000Z'));
  return {
    iso,
    notes: document.encodingProblems.items.map((problem) => problem.code),
    failure: document.failure?.code ?? null,
  };
}

describe('UTCTime (RFC 5280 section 4.1.2.5.1)', () => {
  it.each([
    ['500101000000Z', '1950-01-01T00:00:00Z'],
    ['991231235959Z', '1999-12-31T23:59:59Z'],
    ['000229120000Z', '2000-02-29T12:00:00Z'],
    ['491231235959Z', '2049-12-31T23:59:59Z'],
    ['250512235900Z', '2025-05-12T23:59:00Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(read(utcTime(text))).toEqual({ iso, notes: [], failure: null });
  });

  it.each([
    ['1401010203Z', '2014-01-01T02:03:00Z'],
    ['140101020304+0130', '2014-01-01T00:33:04Z'],
    ['140101020304-0800', '2014-01-01T10:03:04Z'],
    ['131231233000-0100', '2014-01-01T00:30:00Z'],
    ['140101020304', '2014-01-01T02:03:04Z'],
  ])('reads the older form %s as %s, and notes it', (text, iso) => {
    expect(read(utcTime(text))).toEqual({ iso, notes: ['time-form'], failure: null });
  });

  it.each([
    '141301000000Z',
    '140001000000Z',
    '140100000000Z',
    '140431000000Z',
    '150229000000Z',
    '140101240000Z',
    '140101006000Z',
    '140101000060Z',
  ])('takes %s, which names no instant, for damage', (text) => {
    expect(read(utcTime(text)).failure).toBe('time-out-of-range');
  });

  it.each(['', 'Z', '14010100000Z', '20140101000000Z', '140101000000z', ' 40101000000Z', '140101000000Z\0'])(
    'takes %j for damage',
    (text) => {
      expect(read(utcTime(text)).failure).toBe('time-malformed');
    },
  );
});

describe('GeneralizedTime (RFC 5280 section 4.1.2.5.2)', () => {
  it.each([
    ['20500101000000Z', '2050-01-01T00:00:00Z', []],
    ['99991231235959Z', '9999-12-31T23:59:59Z', []],
    ['20491231235959Z', '2049-12-31T23:59:59Z', ['time-type']],
    ['00000101000000Z', '0000-01-01T00:00:00Z', ['time-type']],
    ['20510101000000.5Z', '2051-01-01T00:00:00Z', ['time-form']],
    ['205101010000Z', '2051-01-01T00:00:00Z', ['time-form']],
  ])('reads %s as %s', (text, iso, notes) => {
    expect(read(generalizedTime(text))).toEqual({ iso, notes, failure: null });
  });

  it('refuses offsets that lead out of the years 0 to 9999', () => {
    expect(read(generalizedTime('99991231235959-0100')).failure).toBe('time-out-of-range');
    expect(read(generalizedTime('00000101000000+0100')).failure).toBe('time-out-of-range');
  });

  it('refuses a fraction without end', () => {
    expect(read(generalizedTime(`20510101000000.${'0'.repeat(100_000)}Z`)).failure).toBe('time-malformed');
  });
});

it('is one of the two types and no other', () => {
  expect(read(octetString()).failure).toBe('unexpected-tag');
});

it('agrees with the platform on every instant of ten thousand years', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }), (epochSeconds) => {
      const iso = new Date(epochSeconds * 1_000).toISOString().replace('.000Z', 'Z');
      const { failure, iso: result } = read(generalizedTime(iso.replace(/[-:T]/g, '')));
      expect(failure).toBeNull();
      expect(result).toBe(iso);
    }),
    { numRuns: 2_000 },
  );
});
