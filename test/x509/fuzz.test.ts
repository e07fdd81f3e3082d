import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../shared/x509/certificate.ts';
import { target } from '../fuzz/targets/certificate.ts';
import { bytes, certificate, element, explicit, extension, name, sequence, set } from '../support/der.ts';
import { read } from '../support/readings.ts';
import { richCertificate } from '../support/rich-certificate.ts';

const seeds = target.seeds();

/** Octets changed, inserted, removed or doubled, at places given as fractions of the length. */
const mutation = fc.record({
  kind: fc.constantFrom('set', 'insert', 'remove', 'double', 'increment'),
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  octet: fc.oneof(
    fc.constantFrom(0x00, 0x01, 0x30, 0x31, 0x80, 0x81, 0x84, 0xa0, 0xff),
    fc.integer({ min: 0, max: 255 }),
  ),
  length: fc.integer({ min: 1, max: 16 }),
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(input: Uint8Array, { kind, place, octet, length }: Mutation): Uint8Array {
  const at = Math.floor(place * input.length);
  const [head, rest] = [input.subarray(0, at), input.subarray(at)];
  switch (kind) {
    case 'set':
      return bytes(head, octet, rest.subarray(1));
    case 'increment':
      return bytes(head, ((rest[0] ?? 0) + 1) & 0xff, rest.subarray(1));
    case 'insert':
      return bytes(head, octet, rest);
    case 'remove':
      return bytes(head, rest.subarray(length));
    case 'double':
      return bytes(head, rest.subarray(0, length), rest);
    default:
      throw new Error(`no such mutation: ${kind}`);
  }
}

it('holds its invariants on its seeds', () => {
  expect(read(seeds[0]).encodingProblems).toEqual([]);
  expect(read(seeds[0]).extensionProblems).toEqual([]);
  expect(Object.values(read(seeds[0]).known).map(({ kind }) => kind)).toEqual(Array(17).fill('present'));
  for (const seed of seeds) target.run(seed);
});

it('holds its invariants on mutated certificates', () => {
  fc.assert(
    fc.property(fc.nat(seeds.length - 1), fc.array(mutation, { minLength: 1, maxLength: 4 }), (index, mutations) => {
      target.run(mutations.reduce(mutate, seeds[index]));
    }),
    { numRuns: 3_000 },
  );
});

it('holds its invariants when one bit of any octet of the richest certificate is turned', () => {
  const seed = richCertificate();
  for (let at = 0; at < seed.length; at++) {
    for (const change of [0x01, 0x80]) {
      const input = seed.slice();
      input[at] ^= change;
      target.run(input);
    }
  }
});

it('takes every truncation of real certificates for damage', () => {
  for (const seed of seeds.slice(0, 7)) {
    for (let length = 0; length < seed.length; length++) {
      const input = seed.subarray(0, length);
      expect(readCertificate(input).kind).toBe('unreadable');
      if (length % 16 === 0) target.run(input);
    }
  }
});

it('holds its invariants on any octets', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), target.run), { numRuns: 500 });
});

describe('structured DER in every place', () => {
  const tag = fc.constantFrom(
    1,
    2,
    3,
    4,
    5,
    6,
    12,
    19,
    22,
    23,
    24,
    30,
    0x30,
    0x31,
    0x80,
    0x82,
    0x86,
    0x87,
    0x88,
    0xa0,
    0xa1,
    0xa4,
  );
  const { tree } = fc.letrec<{ tree: Uint8Array; leaf: Uint8Array; node: Uint8Array }>((tie) => ({
    tree: fc.oneof({ maxDepth: 6 }, tie('leaf'), tie('node')),
    leaf: fc.tuple(tag, fc.uint8Array({ maxLength: 8 })).map(([type, content]) => element(type, content)),
    node: fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa1, 0xa2, 0xa4), fc.array(tie('tree'), { maxLength: 4 }))
      .map(([type, items]) => element(type, ...items)),
  }));
  const oids = read(richCertificate()).extensions.map(({ oid }) => oid);

  it('as the certificate, its names, its times, its key and its algorithms', () => {
    fc.assert(
      fc.property(tree, (der) => {
        target.run(der);
        target.run(certificate({ subject: der }));
        target.run(certificate({ subject: name(der) }));
        target.run(certificate({ subject: sequence(set(der, der)) }));
        target.run(certificate({ notBefore: der }));
        target.run(certificate({ publicKey: der }));
        target.run(certificate({ signature: der, signatureAlgorithm: der }));
        target.run(certificate({ tail: [explicit(3, der)] }));
      }),
      { numRuns: 150 },
    );
  });

  it.each(oids)('as the value of %s', (oid) => {
    fc.assert(
      fc.property(tree, (der) => {
        target.run(certificate({ extensions: [extension(oid, der), extension(oid, sequence(der))] }));
        target.run(certificate({ extensions: [extension(oid, sequence(sequence(der)))] }));
      }),
      { numRuns: 60 },
    );
  });
});
