import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { DerDocument, type DerReader, TAG } from '../../shared/x509/der.ts';
import {
  integerToHex,
  readBitString,
  readBoolean,
  readCount,
  readInteger,
  readNamedBits,
  readObjectIdentifier,
} from '../../shared/x509/der-values.ts';
import { bitString, boolean, bytes, element, hex, integer, oid, oidContent, sequence } from '../support/der.ts';

interface Outcome<T> {
  readonly value: T;
  readonly failure: string | null;
  readonly notes: readonly string[];
}

function reading<T>(der: Uint8Array, read: (reader: DerReader) => T): Outcome<T> {
  const document = new DerDocument(der);
  const value = read(document.reader());
  const notes = document.encodingProblems.items.map((problem) => problem.code);
  return { value, failure: document.failure?.code ?? null, notes };
}

const firstContent = (der: Uint8Array): Outcome<string> =>
  reading(der, (reader) => Buffer.from(reader.document.content(reader.next('element'))).toString('hex'));

describe('identifier and length octets (X.690 section 8.1)', () => {
  it('reads short and long definite lengths', () => {
    expect(firstContent(hex('0402beef'))).toEqual({ value: 'beef', failure: null, notes: [] });
    const long = new Uint8Array(300).fill(7);
    expect(firstContent(element(4, long))).toEqual({ value: '07'.repeat(300), failure: null, notes: [] });
  });

  it.each(['048102beef', '04820002beef', '0489000000000000000002beef'])(
    'notes the length that is not in its shortest form in %s, and reads on',
    (der) => {
      expect(firstContent(hex(der))).toEqual({ value: 'beef', failure: null, notes: ['length-not-minimal'] });
    },
  );

  it.each([
    ['', 'truncated'],
    ['04', 'truncated'],
    ['0482', 'truncated'],
    ['048201', 'truncated'],
    ['0403beef', 'length-beyond-parent'],
    ['0484ffffffff', 'length-beyond-parent'],
    ['04ffbeef', 'reserved-length'],
    ['0480beef0000', 'primitive-indefinite'],
    ['0000', 'unexpected-end-of-contents'],
    ['1f', 'truncated'],
    ['1f81', 'truncated'],
    ['1f81818181810100', 'tag-too-large'],
  ])('takes %s for damage: %s', (der, code) => {
    expect(firstContent(hex(der)).failure).toBe(code);
  });

  it('steps over a tag number of two octets', () => {
    expect(firstContent(hex('bf810002beef'))).toEqual({ value: 'beef', failure: null, notes: [] });
  });

  it('never lets an element reach past its parent, though the buffer goes on', () => {
    const { failure } = reading(hex('30030402beefff'), (reader) => reader.sequence('parent').next('child'));
    expect(failure).toBe('length-beyond-parent');
  });

  it('remembers only the first damage and ends every loop behind it', () => {
    const document = new DerDocument(hex('0204'));
    const reader = document.reader();
    reader.next('first');
    reader.expect(TAG.sequence, 'second');
    expect(document.failure).toEqual({ code: 'length-beyond-parent', message: expect.any(String), offset: 0 });
    expect(reader.more).toBe(false);
    expect(reader.list('items', (items) => items.next('item'))).toEqual([]);
  });
});

describe('indefinite lengths (X.690 section 8.1.3.6)', () => {
  it('finds the end past nested indefinite and definite elements, and notes each once', () => {
    const inner = bytes(hex('3080'), integer(5), hex('0000'));
    const outer = bytes(hex('3080'), inner, hex('04020000'), hex('0000'));
    const outcome = reading(outer, (reader) => {
      const sequenceReader = reader.sequence('outer');
      const number = sequenceReader.sequence('inner').next('number');
      sequenceReader.next('string');
      sequenceReader.finish('outer');
      return [reader.document.content(number)[0], reader.more];
    });
    expect(outcome).toEqual({ value: [5, false], failure: null, notes: ['indefinite-length', 'indefinite-length'] });
  });

  it.each(['3080020105', '308002010500', '30800201050001', '3080020105008100'])('takes %s for damage', (der) => {
    expect(reading(hex(der), (reader) => reader.sequence('outer')).failure).not.toBeNull();
  });

  it(`gives up at ${LIMITS.derDepth} levels`, () => {
    const deep = (levels: number): Uint8Array => hex('3080'.repeat(levels) + '0000'.repeat(levels));
    expect(reading(deep(LIMITS.derDepth), (reader) => reader.next('deep')).failure).toBeNull();
    expect(reading(deep(LIMITS.derDepth + 1), (reader) => reader.next('deep')).failure).toBe('nesting-too-deep');
  });

  it('stays linear when every level is opened in turn', () => {
    const levels = LIMITS.derDepth;
    const filling = element(4, new Uint8Array(0));
    const der = bytes(
      hex('3080'.repeat(levels)),
      ...Array.from({ length: 50_000 }, () => filling),
      hex('0000'.repeat(levels)),
    );
    let opened = 0;
    const { failure } = reading(der, (reader) => {
      let current = reader;
      for (; current.nextTag === TAG.sequence; opened++) current = current.sequence('level');
    });
    expect(failure).toBeNull();
    expect(opened).toBe(levels);
  });
});

describe('nesting and list caps', () => {
  it(`refuses to enter more than ${LIMITS.derDepth} levels`, () => {
    let der: Uint8Array = integer(1);
    for (let i = 0; i <= LIMITS.derDepth; i++) der = sequence(der);
    const { failure } = reading(der, (reader) => {
      let current = reader;
      while (current.nextTag === TAG.sequence) current = current.sequence('level');
    });
    expect(failure).toBe('nesting-too-deep');
  });

  it(`refuses lists of more than ${LIMITS.derElements} elements`, () => {
    const list = (count: number): Outcome<number> => {
      const items = new Uint8Array(count * 2).map((_, i) => (i % 2 === 0 ? 5 : 0));
      return reading(sequence(items), (reader) => reader.sequence('l').list('list', (l) => l.next('item')).length);
    };
    expect(list(LIMITS.derElements)).toEqual({ value: LIMITS.derElements, failure: null, notes: [] });
    expect(list(LIMITS.derElements + 1).failure).toBe('too-many-elements');
  });
});

describe('BOOLEAN (X.690 sections 8.2, 11.1)', () => {
  const readIt = (der: Uint8Array): Outcome<boolean> =>
    reading(der, (reader) => readBoolean(reader.document, reader.next('flag'), 'flag'));

  it('is false as 0x00 and true as 0xff', () => {
    expect(readIt(boolean(false))).toEqual({ value: false, failure: null, notes: [] });
    expect(readIt(boolean(true))).toEqual({ value: true, failure: null, notes: [] });
  });

  it('is true as any other octet, which DER forbids', () => {
    expect(readIt(hex('010101'))).toEqual({ value: true, failure: null, notes: ['boolean-not-der'] });
  });

  it('is one octet long', () => {
    expect(readIt(hex('0100')).failure).toBe('boolean-length');
    expect(readIt(hex('01020000')).failure).toBe('boolean-length');
  });
});

describe('INTEGER (X.690 section 8.3)', () => {
  const hexOf = (der: Uint8Array): Outcome<string> =>
    reading(der, (reader) => integerToHex(readInteger(reader.document, reader.next('number'), 'number')));

  it.each([
    [0n, '00'],
    [1n, '01'],
    [127n, '7f'],
    [128n, '80'],
    [256n, '0100'],
    [-1n, '-01'],
    [-128n, '-80'],
    [-129n, '-81'],
    [-256n, '-0100'],
    [0x020000b9n, '020000b9'],
    [(1n << 160n) - 1n, 'ff'.repeat(20)],
  ])('prints %s as OpenSSL does: %s', (value, text) => {
    expect(hexOf(integer(value))).toEqual({ value: text, failure: null, notes: [] });
  });

  it.each(['02020001', '0202ff80', '0203000001'])('notes that %s is not in its shortest form', (der) => {
    expect(hexOf(hex(der)).notes).toEqual(['integer-not-minimal']);
  });

  it('has at least one octet', () => {
    expect(hexOf(hex('0200')).failure).toBe('integer-empty');
  });

  it('counts up to 2^53 - 1, and no further', () => {
    const count = (value: bigint): Outcome<number> =>
      reading(integer(value), (reader) => readCount(reader.document, reader.next('count'), 'count'));
    expect(count(2n ** 53n - 1n).value).toBe(Number.MAX_SAFE_INTEGER);
    expect(count(2n ** 64n).value).toBe(Number.MAX_SAFE_INTEGER);
    expect(count(-1n).failure).toBe('integer-negative');
  });
});

describe('BIT STRING (X.690 sections 8.6, 11.2)', () => {
  const readIt = (der: Uint8Array): Outcome<number> =>
    reading(der, (reader) => readBitString(reader.document, reader.next('bits'), 'bits').unusedBits);

  it('has zero in its unused bits', () => {
    expect(readIt(bitString(hex('a0'), 5))).toEqual({ value: 5, failure: null, notes: [] });
    expect(readIt(bitString(hex('a1'), 5)).notes).toEqual(['bit-string-padding']);
  });

  it.each(['0300', '030101', '030208ff'])('takes the count of unused bits in %s for damage', (der) => {
    expect(readIt(hex(der)).failure).toBe('bit-string-malformed');
  });

  it('names the bits that are set, and notes trailing zero bits', () => {
    const named = (der: Uint8Array): Outcome<readonly string[]> =>
      reading(der, (reader) => readNamedBits(reader.document, reader.next('bits'), ['a', 'b', 'c'], 'bits'));
    expect(named(bitString(hex('a0'), 5))).toEqual({ value: ['a', 'c'], failure: null, notes: [] });
    expect(named(bitString(hex('a0'), 4))).toEqual({
      value: ['a', 'c'],
      failure: null,
      notes: ['named-bits-trailing-zero'],
    });
    expect(named(bitString(hex('')))).toEqual({ value: [], failure: null, notes: [] });
    expect(named(bitString(hex('1f'))).value).toEqual([]);
  });
});

describe('OBJECT IDENTIFIER (X.690 section 8.19)', () => {
  const text = (der: Uint8Array): Outcome<string> =>
    reading(der, (reader) => readObjectIdentifier(reader.document, reader.next('oid'), 'oid'));

  it.each(['2.5.4.3', '1.2.840.113549.1.1.11', '0.9.2342.19200300.100.1.25', '2.999.3', '1.39.127', '2.39', '0.0'])(
    'reads %s',
    (dotted) => {
      expect(text(oid(dotted))).toEqual({ value: dotted, failure: null, notes: [] });
    },
  );

  it('reads arcs past 2^53 without loss: a UUID under 2.25, and a giant second arc', () => {
    const uuid = '2.25.329800735698586629295641978511506172918';
    expect(text(oid(uuid)).value).toBe(uuid);
    const giant = `2.${2n ** 70n}.1`;
    expect(text(oid(giant)).value).toBe(giant);
  });

  it.each(['0600', '060180', '06028001', '0603550480', '060455048001'])('takes %s for damage', (der) => {
    expect(text(hex(der)).failure).toBe('object-identifier-malformed');
  });

  it(`reads at most ${LIMITS.objectIdentifierBytes} octets`, () => {
    const long = (length: number): Uint8Array =>
      element(6, new Uint8Array(length).fill(0xff, 0, length - 1).fill(1, length - 1));
    expect(text(long(LIMITS.objectIdentifierBytes)).failure).toBeNull();
    expect(text(long(LIMITS.objectIdentifierBytes + 1)).failure).toBe('object-identifier-too-long');
    expect(oidContent('2.5.29.17')).toEqual(hex('551d11'));
  });
});
