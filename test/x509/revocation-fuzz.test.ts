import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { readPkcs7 } from '../../shared/x509/pkcs7.ts';
import { readCertificateList } from '../../shared/x509/revocation/certificate-list.ts';
import { readOcspResponse } from '../../shared/x509/revocation/ocsp-response.ts';
import { readTimestamp } from '../../shared/x509/revocation/timestamps.ts';
import { mutate } from '../fuzz/mutate.ts';
import { target } from '../fuzz/targets/revocation.ts';
import { Chance } from '../support/planted.ts';

const seeds = target.seeds();

it('each seed is what it is meant to be', () => {
  expect(readCertificateList(seeds[0])).toMatchObject({
    kind: 'list',
    list: { extensionProblems: [], encodingProblems: [] },
  });
  expect(readOcspResponse(seeds[1])).toMatchObject({ kind: 'response', response: { responses: { length: 3 } } });
  expect(readPkcs7(seeds[2])).toMatchObject({
    kind: 'certificates',
    certificates: { length: 1 },
    lists: { length: 1 },
  });
  expect(readTimestamp(seeds[3]).kind).toBe('timestamp');
  for (const seed of seeds) target.run(seed);
});

it('holds its invariants on mutated input', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
      const chance = new Chance(seed);
      for (let i = 0; i < 10; i++) target.run(mutate(seeds, chance));
    }),
    { numRuns: 200 },
  );
});

it('holds its invariants when one bit of any octet is turned', () => {
  for (const seed of seeds) {
    for (let at = 0; at < seed.length; at++) {
      for (const change of [0x01, 0x20, 0x80]) {
        const input = seed.slice();
        input[at] ^= change;
        target.run(input);
      }
    }
  }
});

it('takes every truncation for damage', () => {
  for (const [reader, seed] of [
    [readCertificateList, seeds[0]],
    [readOcspResponse, seeds[1]],
    [readPkcs7, seeds[2]],
  ] as const) {
    for (let length = 0; length < seed.length; length++)
      expect(reader(seed.subarray(0, length)).kind).toBe('unreadable');
  }
});

it('reads no more than its caps allow', () => {
  const huge = new Uint8Array(LIMITS.revocationListBytes + 1);
  expect(readCertificateList(huge)).toMatchObject({ problem: { code: 'revocation-list-too-large' } });
  expect(readPkcs7(huge)).toMatchObject({ problem: { code: 'pkcs7-too-large' } });
});
