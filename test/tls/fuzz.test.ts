import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../shared/bytes/hex.ts';
import { target } from '../fuzz/targets/tls.ts';
import { allFixtures, bytesOf, certificatesOf, concat, type Piece, readPieces, record } from './support.ts';

const seeds = target.seeds();

describe('mutated input never throws', () => {
  it('bytes replaced, cut out and repeated in real directions', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.nat(255),
        fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'repeat'), fc.nat(30)), {
          minLength: 1,
          maxLength: 6,
        }),
        (seed, choice, edits) => {
          let bytes: Uint8Array = seed.slice();
          for (const [position, value, edit, size] of edits) {
            const at = 1 + (position % Math.max(1, bytes.length - 1));
            if (edit === 'set') bytes[at] = value;
            else if (edit === 'cut') bytes = concat(bytes.subarray(0, at), bytes.subarray(at + size));
            else bytes = concat(bytes.subarray(0, at + size), bytes.subarray(at));
          }
          bytes[0] = choice;
          target.run(bytes);
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => target.run(bytes)),
      { numRuns: 4000 },
    );
  });

  it('several holes in one direction yield only certificates that were sent', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...allFixtures().filter((fixture) => fixture.serverCertificates.length > 0)),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 300 })), { maxLength: 8 }),
        (fixture, steps) => {
          const pieces: Piece[] = [];
          let at = 0;
          for (const [take, lose] of steps) {
            if (at + take + lose >= fixture.server.length) break;
            pieces.push(fixture.server.subarray(at, at + take), lose);
            at += take + lose;
          }
          pieces.push(fixture.server.subarray(at));
          const sent = new Set(fixture.serverCertificates);
          expect(certificatesOf(readPieces(pieces).messages).every((der) => sent.has(der))).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('hostile input costs no more than its size', () => {
  it('a message of 1 MiB full of almost-certificates behind a lost length field', () => {
    const lure = bytesOf('000007 3082 0003 aabbcc');
    const body = new Uint8Array(1024 * 1024 - 64);
    for (let at = 8; at + lure.length < body.length; at += lure.length) body.set(lure, at);
    body.set(bytesOf('0fffbd'), 0);
    const header = Uint8Array.of(11, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff);
    const bytes = concat(header, body);
    const pieces: Piece[] = [];
    for (let at = 0; at < bytes.length; at += 16_384) {
      const whole = record(22, bytes.subarray(at, at + 16_384));
      if (at === 0) pieces.push(whole.subarray(0, 12), 4, whole.subarray(16));
      else pieces.push(whole);
    }
    const { messages } = readPieces(pieces);
    expect(messages).toHaveLength(1);
    expect(certificatesOf(messages)).toEqual([]);
  });

  it('a direction of nothing but lures for the search', () => {
    const lures = concat(...Array.from({ length: 20_000 }, () => bytesOf('1703034000')));
    const { messages } = readPieces([bytesOf('00'), lures, 7, lures]);
    expect(messages).toEqual([]);
  });

  it('records and garbage in turn do not nest', () => {
    const unit = concat(record(21, Uint8Array.of(1, 0)), bytesOf('00112233445566778899'));
    const { outline } = readPieces([concat(...Array.from({ length: 20_000 }, () => unit))]);
    expect(outline.filter((event) => event === 'alert 1 0')).toHaveLength(20_000);
  });

  it('many holes in one message are merged, not collected', () => {
    const pieces: Piece[] = [record(22, new Uint8Array(16_384)).subarray(0, 5), bytesOf('0b003ffc')];
    for (let at = 4; at < 16_384; at += 2) pieces.push(1, Uint8Array.of(0x55));
    const { messages } = readPieces(pieces);
    expect(messages).toHaveLength(1);
    expect(messages[0].missing).toHaveLength(64);
    const last = messages[0].missing[63];
    expect(last.end).toBe(16_379);
    expect(toHex(messages[0].body.subarray(last.start, last.end))).toMatch(/^0+$/);
  });
});
