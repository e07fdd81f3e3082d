import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TlsRecordStream } from '../../shared/tls/record-stream.ts';
import { CLIENT_HELLO, SERVER_HELLO } from './rfc8448.ts';
import {
  allFixtures,
  bytesOf,
  concat,
  expectKind,
  loadFixture,
  message,
  type Piece,
  Recorder,
  readPieces,
  record,
} from './support.ts';

const DONE = message(14, new Uint8Array(0));
const CHANGE_CIPHER_SPEC = record(20, Uint8Array.of(1));

describe('real connections of openssl', () => {
  it.each([
    ['tls12-ecdhe-rsa', ['2', '11', '22', '12', '14', '4'], ['1', '16']],
    ['tls12-client-certificate', ['2', '11', '12', '13', '14', '4'], ['1', '11', '16', '15']],
    ['tls12-no-client-certificate', ['2', '11', '12', '13', '14', '4'], ['1', '11', '16']],
    ['tls12-fragmented', ['2', '11', '12', '14', '4'], ['1', '16']],
    ['tls12-anonymous', ['2', '12', '14', '4'], ['1', '16']],
    ['tls12-resumed', ['2'], ['1']],
    ['tls10-rsa', ['2', '11', '14', '4'], ['1', '16']],
  ])('%s: messages, then ChangeCipherSpec, then only ciphertext', (name, server, client) => {
    const fixture = loadFixture(name);
    for (const [bytes, types] of [
      [fixture.server, server],
      [fixture.client, client],
    ] as const) {
      const { outline, problems } = readPieces([bytes]);
      expect(problems).toEqual([]);
      expect(outline.slice(0, types.length + 1)).toEqual([
        ...types.map((type) => `handshake ${type}`),
        'change-cipher-spec',
      ]);
      const rest = outline.slice(types.length + 1);
      expect(rest.length).toBeGreaterThan(0);
      expect(rest.every((event) => event.startsWith('encrypted'))).toBe(true);
    }
  });

  it('TLS 1.3 after HelloRetryRequest: hellos behind a ChangeCipherSpec are still plaintext', () => {
    const fixture = loadFixture('tls13-hello-retry');
    expect(readPieces([fixture.client]).outline.slice(0, 3)).toEqual([
      'handshake 1',
      'change-cipher-spec',
      'handshake 1',
    ]);
    const server = readPieces([fixture.server]);
    expect(server.outline.slice(0, 3)).toEqual(['handshake 2', 'change-cipher-spec', 'handshake 2']);
    expect(expectKind(server.messages[0], 'hello-retry-request').keyShareGroup).toBe(24);
    expect(expectKind(server.messages[1], 'server-hello').keyShareGroup).toBe(24);
  });

  it('a fatal alert in plaintext', () => {
    expect(readPieces([loadFixture('tls12-alert').client]).outline.at(-1)).toBe('alert 2 48');
  });
});

describe('any split of the same bytes gives the same events', () => {
  it('one byte at a time, over all fixtures', () => {
    for (const fixture of allFixtures()) {
      for (const bytes of [fixture.client, fixture.server]) {
        const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
        expect(readPieces(single).events).toEqual(readPieces([bytes]).events);
      }
    }
  });

  const directions = allFixtures().flatMap((fixture) => [fixture.client, fixture.server]);
  const stretch = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...directions) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    { weight: 1, arbitrary: fc.constant(bytesOf('353530204e6f207375636820757365720d0a')) },
    { weight: 2, arbitrary: fc.constantFrom(CHANGE_CIPHER_SPEC, record(22, DONE), record(23, new Uint8Array(90))) },
  );

  it('with holes, garbage and starts in the midst of a record', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(stretch, fc.nat(), fc.nat(), fc.option(fc.integer({ min: 1, max: 3000 }))), { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (stretches, steps, midStream) => {
          const pieces: Piece[] = [];
          for (const [bytes, from, size, hole] of stretches) {
            const start = bytes.length === 0 ? 0 : from % bytes.length;
            pieces.push(bytes.subarray(start, start + (size % (bytes.length - start + 1))));
            if (hole !== null) pieces.push(hole);
          }
          // Runs without a hole between them are one run: split it, or do not.
          const runs: Piece[] = [];
          for (const piece of pieces) {
            const last = runs.at(-1);
            if (typeof piece !== 'number' && last !== undefined && typeof last !== 'number') {
              runs[runs.length - 1] = concat(last, piece);
            } else {
              runs.push(piece);
            }
          }
          let turn = 0;
          const split = runs.flatMap((run): Piece[] => {
            if (typeof run === 'number') return [run];
            const parts: Uint8Array[] = [];
            for (let at = 0; at < run.length; ) {
              const step = steps[turn++ % steps.length];
              parts.push(run.subarray(at, at + step));
              at += step;
            }
            return parts;
          });
          expect(readPieces(split, { midStream }).events).toEqual(readPieces(runs, { midStream }).events);
        },
      ),
      { numRuns: 1500 },
    );
  });
});

describe('RFC 8446 section 5.1: messages and records need not match', () => {
  it('many messages in one record', () => {
    const flight = record(22, concat(SERVER_HELLO, DONE, DONE));
    expect(readPieces([flight]).outline).toEqual(['handshake 2', 'handshake 14', 'handshake 14']);
  });

  it('one message over records of one byte, with empty records and a warning between them', () => {
    const parts = Array.from(CLIENT_HELLO, (byte, i) =>
      i === 50
        ? concat(record(22, new Uint8Array(0)), record(21, Uint8Array.of(1, 112)), record(22, Uint8Array.of(byte)))
        : record(22, Uint8Array.of(byte)),
    );
    const { outline, messages, problems } = readPieces(parts);
    expect(outline).toEqual(['alert 1 112', 'handshake 1']);
    expect(messages[0].bytes).toEqual(CLIENT_HELLO);
    expect(problems).toEqual([]);
  });

  it('an alert over two records, and two alerts in one', () => {
    expect(readPieces([record(21, Uint8Array.of(2)), record(21, Uint8Array.of(40))]).outline).toEqual(['alert 2 40']);
    expect(readPieces([record(21, Uint8Array.of(1, 90, 1, 0))]).outline).toEqual(['alert 1 90', 'alert 1 0']);
  });

  it('a message that ChangeCipherSpec interrupts is delivered as far as it came', () => {
    const { outline, messages } = readPieces([record(22, SERVER_HELLO.subarray(0, 60)), CHANGE_CIPHER_SPEC]);
    expect(outline).toEqual(['damage tls-handshake-incomplete', 'handshake 2 missing', 'change-cipher-spec']);
    expect(messages[0]).toMatchObject({ truncated: true, length: 86, missing: [{ start: 56, end: 86 }] });
  });
});

describe('ciphertext', () => {
  it('after ChangeCipherSpec, alerts longer than two bytes are encrypted (RFC 5246 section 6.2.3)', () => {
    expect(readPieces([CHANGE_CIPHER_SPEC, record(21, new Uint8Array(26))]).outline).toEqual([
      'change-cipher-spec',
      'encrypted 21 26',
    ]);
  });

  it('an alert of two bytes after ChangeCipherSpec is plaintext: TLS 1.3 sends one before its keys are in use', () => {
    expect(readPieces([CHANGE_CIPHER_SPEC, record(21, Uint8Array.of(2, 47))]).outline[1]).toBe('alert 2 47');
  });

  it('a GCM nonce of zeros is no HelloRequest', () => {
    expect(readPieces([CHANGE_CIPHER_SPEC, record(22, new Uint8Array(40))]).outline[1]).toBe('encrypted 22 40');
  });

  it('setEncrypted: even what looks like a hello is ciphertext', () => {
    const recorder = new Recorder();
    const stream = new TlsRecordStream(recorder);
    stream.setEncrypted();
    const bytes = record(22, CLIENT_HELLO);
    stream.push(bytes, 0, bytes.length);
    expect(recorder.outline).toEqual(['encrypted 22 196']);
  });

  it('heartbeats in plaintext are counted apart (RFC 6520)', () => {
    expect(readPieces([record(24, bytesOf('014000'))]).outline).toEqual(['heartbeat 3']);
  });

  it('fragments reach a sink that asks for them, piece by piece, losses included', () => {
    const body = Uint8Array.from({ length: 100 }, (_, i) => i);
    const bytes = record(23, body);
    const seen: (number | string)[] = [];
    const recorder = new Recorder();
    const stream = new TlsRecordStream(
      Object.assign(recorder, {
        fragment: (from: Uint8Array, start: number, end: number) => seen.push(...from.subarray(start, end)),
        fragmentLost: (size: number) => seen.push(`lost ${size}`),
      }),
    );
    stream.push(bytes, 0, 20);
    stream.push(bytes, 20, 45);
    stream.hole(30);
    stream.push(bytes, 75, 105);
    stream.end();
    expect(seen).toEqual([...body.subarray(0, 40), 'lost 30', ...body.subarray(70)]);
    expect(recorder.problems).toEqual([]);
  });
});

describe('limits', () => {
  it('a record longer than 2^14 + 2048 is no record', () => {
    const { outline } = readPieces([bytesOf('160303ffff'), new Uint8Array(100), CHANGE_CIPHER_SPEC]);
    expect(outline).toEqual(['damage tls-record-oversized', 'damage tls-bytes-skipped', 'change-cipher-spec']);
  });

  it('a message that claims 16 MiB costs nothing, and the next plausible one is read', () => {
    const { outline } = readPieces([record(22, bytesOf('0bffffff0000')), record(22, CLIENT_HELLO)]);
    expect(outline).toEqual(['damage tls-handshake-oversized', 'handshake 1']);
  });

  it('views of what was pushed: a message whole in one piece is not copied', () => {
    const bytes = record(22, CLIENT_HELLO);
    let buffer: ArrayBufferLike | null = null;
    const stream = new TlsRecordStream(
      Object.assign(new Recorder(), {
        handshake: (found: { bytes: Uint8Array }) => {
          buffer = found.bytes.buffer;
        },
      }),
    );
    stream.push(bytes, 0, bytes.length);
    expect(buffer).toBe(bytes.buffer);
  });
});

describe('plain text where TLS is expected', () => {
  it('is quoted, printable, up to the end of its line', () => {
    const { problems } = readPieces([bytesOf('3435342054 4c53 206e6f74 1b5b 202e 0d0a 5155 4954 0d0a')]);
    expect(problems[0]).toEqual({
      code: 'not-tls',
      message: 'Where a TLS record must begin stands "454 TLS not\\x1b[ .\\r\\n".',
      offset: 0,
    });
    expect(problems[1].code).toBe('tls-bytes-skipped');
  });

  it('is quoted also when it is shorter than a record header', () => {
    expect(readPieces([bytesOf('4f4b')]).outline[0]).toBe('damage not-tls');
  });

  it('a record behind it is found', () => {
    const text = bytesOf('3232302052656164790d0a');
    expect(readPieces([text, record(22, CLIENT_HELLO)]).outline).toEqual([
      'damage not-tls',
      'damage tls-bytes-skipped',
      'handshake 1',
    ]);
  });

  it('after the close of TLS it is found where it begins', () => {
    const { outline, problems } = readPieces([record(22, CLIENT_HELLO), bytesOf('514849540d0a')]);
    expect(outline.slice(0, 2)).toEqual(['handshake 1', 'damage not-tls']);
    expect(problems[0].offset).toBe(CLIENT_HELLO.length + 5);
  });
});

describe('hellos in the format of SSL 2.0 (RFC 5246 appendix E.2)', () => {
  const suites = bytesOf('00002f 000035 00000a 010080');
  const challenge = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
  const hello = concat(bytesOf('01 0301 000c 0000 0010'), suites, challenge);
  const bytes = concat(Uint8Array.of(0x80, hello.length), hello);

  it('is a ClientHello, and TLS records follow', () => {
    const { outline, messages } = readPieces([bytes, CHANGE_CIPHER_SPEC]);
    expect(outline).toEqual(['handshake 1', 'change-cipher-spec']);
    const parsed = expectKind(messages[0], 'client-hello');
    expect(parsed).toMatchObject({ format: 'ssl2', legacyVersion: 0x0301, cipherSuites: [0x2f, 0x35, 0x0a, 0x010080] });
    expect([...parsed.random]).toEqual([...new Uint8Array(16), ...challenge]);
  });

  it('of a client that knows only SSL 2.0: what follows is not read', () => {
    const old = bytes.slice();
    old[3] = 0;
    old[4] = 2;
    expect(readPieces([old, bytesOf('8123020100800000')]).outline).toEqual(['handshake 1']);
  });

  it('SERVER-HELLO yields its certificate', () => {
    const body = concat(bytesOf('04 00 01 0002 0004 0003 0010'), bytesOf('30020500 010080'), challenge);
    const { messages } = readPieces([concat(Uint8Array.of(0x80, body.length), body), new Uint8Array(40)]);
    const parsed = expectKind(messages[0], 'ssl2-server-hello');
    expect(parsed).toMatchObject({ version: 2, sessionIdHit: false, certificateType: 1, cipherKinds: [0x010080] });
    expect(parsed.certificate).toEqual(bytesOf('30020500'));
  });
});
