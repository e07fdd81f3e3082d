import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { createReader, detect } from '../../shared/capture/detect.ts';
import { READ_END, READ_MORE, READ_PACKET, READ_SEEK } from '../../shared/capture/reader.ts';
import { CaptureWindow } from '../../shared/capture/window.ts';
import { readInSteps, readWhole } from '../support/capture-reading.ts';
import {
  BIG,
  block,
  enhancedPacket,
  interfaceDescription,
  LITTLE,
  netmonFile,
  pattern,
  pcapFile,
  sectionHeader,
  simplePacket,
  snoopFile,
} from '../support/capture-writers.ts';
import { concat } from '../support/octets.ts';

const RECORDS = Array.from({ length: 8 }, (_, i) => ({
  seconds: 1_400_000_000 + i,
  fraction: i,
  data: pattern(20 + i, i),
}));
const SEEDS: readonly [string, Uint8Array][] = [
  ['pcap', pcapFile({}, RECORDS)],
  ['pcap, big-endian, version 2.2', pcapFile({ fields: BIG, version: [2, 2] }, RECORDS)],
  ['pcap, patched', pcapFile({ magic: 0xa1b2cd34 }, RECORDS)],
  [
    'pcapng',
    concat(
      sectionHeader(),
      interfaceDescription({ resolution: 9 }),
      ...RECORDS.map((record) => enhancedPacket({ data: record.data })),
      block(10, concat(LITTLE.u32(0x544c534b), LITTLE.u32(4), pattern(4))),
      sectionHeader(BIG),
      interfaceDescription({ fields: BIG }),
      enhancedPacket({ fields: BIG }),
      simplePacket(pattern(9), 9, BIG),
    ),
  ],
  ['netmon', netmonFile({ version: [2, 3], hole: 3 }, RECORDS)],
  ['snoop', snoopFile(4, RECORDS)],
];

const mutation = fc.record({
  at: fc.nat(),
  byte: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 })),
  count: fc.constantFrom(1, 1, 2, 4),
});

describe.each(SEEDS)('mutated %s', (_, seed) => {
  it('packets stay inside of the file, the reader ends, and pieces agree with the whole', () => {
    fc.assert(
      fc.property(
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.integer({ min: 1, max: 200 }),
        (mutations, cut, step) => {
          // The first four bytes stay, so that the reader under test is the one that reads.
          const bytes = seed.slice(0, cut % 3 === 0 ? 4 + (cut % (seed.length - 4)) : seed.length);
          for (const { at, byte, count } of mutations) {
            const from = 4 + (at % Math.max(1, bytes.length - 4));
            bytes.fill(byte, from, from + count);
          }
          if (detect(bytes).kind !== 'capture') return;
          const whole = readWhole(bytes);
          for (const packet of whole.packets) expect(packet.data.length / 2).toBeLessThanOrEqual(LIMITS.packetBytes);
          for (const problem of whole.reader.problems) expect(problem.message).not.toMatch(/undefined|NaN/);
          const pieces = readInSteps(bytes, step);
          expect(pieces.packets).toEqual(whole.packets);
          expect(pieces.reader.problems).toEqual(whole.reader.problems);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('views stay inside of the window', () => {
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 4 }), (mutations) => {
        const bytes = seed.slice();
        for (const { at, byte, count } of mutations)
          bytes.fill(byte, 4 + (at % (bytes.length - 8)), 4 + (at % (bytes.length - 8)) + count);
        const detected = detect(bytes);
        if (detected.kind !== 'capture') return;
        const reader = createReader(detected.format, new CaptureWindow(bytes, true));
        for (let answer = reader.next(); answer !== READ_END; answer = reader.next()) {
          expect([READ_MORE, READ_SEEK]).not.toContain(answer);
          if (answer !== READ_PACKET) continue;
          expect(reader.offset).toBeGreaterThan(0);
          expect(reader.capturedLength).toBeGreaterThanOrEqual(0);
          expect(reader.offset + reader.capturedLength).toBeLessThanOrEqual(bytes.length);
          expect(Number.isSafeInteger(reader.timeFraction())).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('arbitrary bytes', () => {
  it('detect names something, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const detected = detect(bytes);
        if (detected.kind === 'foreign') expect(detected.problem.message.length).toBeGreaterThan(20);
      }),
    );
  });
});
