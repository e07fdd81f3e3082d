import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../shared/bytes/hex.ts';
import { LIMITS } from '../../../shared/bytes/limits.ts';
import {
  KeyLogReader,
  type KeyLogSummary,
  readKeyLinesInText,
  readKeyLog,
} from '../../../shared/tls/decryption/key-log.ts';
import { type SecretLabel, SecretStore } from '../../../shared/tls/decryption/secret-store.ts';

const RANDOM = 'a1'.repeat(32);
const MASTER = 'b2'.repeat(48);
const SECRET = 'c3'.repeat(32);
const LONG_SECRET = 'd4'.repeat(48);

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function read(
  text: string,
  store = new SecretStore(),
): { readonly store: SecretStore; readonly summary: KeyLogSummary } {
  return { store, summary: readKeyLog(Buffer.from(text, 'latin1'), store, store.addSource()) };
}

function secretOf(store: SecretStore, label: SecretLabel, random = RANDOM): readonly string[] {
  return store.find('client-random', bytes(random), label).map((secret) => toHex(secret));
}

describe('the lines of a key log (RFC 9850)', () => {
  it.each<[string, SecretLabel, string]>([
    ['CLIENT_RANDOM', 'master-secret', MASTER],
    ['CLIENT_EARLY_TRAFFIC_SECRET', 'client-early-traffic-secret', SECRET],
    ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'client-handshake-traffic-secret', SECRET],
    ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 'server-handshake-traffic-secret', LONG_SECRET],
    ['CLIENT_TRAFFIC_SECRET_0', 'client-traffic-secret-0', LONG_SECRET],
    ['SERVER_TRAFFIC_SECRET_0', 'server-traffic-secret-0', SECRET],
    ['PMS_CLIENT_RANDOM', 'pre-master-secret', MASTER],
  ])('%s', (label, kind, secret) => {
    const { store, summary } = read(`${label} ${RANDOM} ${secret}\n`);
    expect(summary).toMatchObject({ lines: 1, secrets: 1, junk: 0 });
    expect(secretOf(store, kind)).toEqual([secret]);
    expect(secretOf(store, kind, 'ff'.repeat(32))).toEqual([]);
  });

  it('RSA names a session by the encrypted pre-master secret, and Session-ID by that', () => {
    const { store, summary } = read(`RSA e164f7fa1f5abe7f ${MASTER}\nRSA Session-ID:${RANDOM} Master-Key:${MASTER}\n`);
    expect(summary).toMatchObject({ secrets: 2, junk: 0 });
    expect(store.find('encrypted-pre-master', bytes('e164f7fa1f5abe7f'), 'pre-master-secret')).toHaveLength(1);
    expect(store.find('session-id', bytes(RANDOM), 'master-secret')).toHaveLength(1);
    expect(store.find('client-random', bytes(RANDOM), 'master-secret')).toHaveLength(0);
  });

  it('takes LF, CR LF and CR, comments, empty lines, a byte order mark, upper and lower case, a last line without end', () => {
    const upper = MASTER.toUpperCase();
    const lines = ['# SSL/TLS secrets log file', '', '   ', `CLIENT_RANDOM ${RANDOM.toUpperCase()} ${upper}`];
    for (const end of ['\n', '\r\n', '\r']) {
      for (const mark of ['', '\u00ef\u00bb\u00bf']) {
        const { store, summary } = read(mark + lines.join(end));
        expect(summary).toMatchObject({ lines: 4, secrets: 1, junk: 0, junkLines: [] });
        expect(secretOf(store, 'master-secret')).toEqual([MASTER]);
      }
    }
  });

  it('counts what it has no use for apart from what makes no sense, and names the lines of that', () => {
    const { summary } = read(
      [
        `EXPORTER_SECRET ${RANDOM} ${SECRET}`,
        `EARLY_EXPORTER_SECRET ${RANDOM} ${SECRET}`,
        `ECH_SECRET ${RANDOM} ${SECRET}`,
        `ECH_CONFIG ${RANDOM} fe0d003b`,
        `CLIENT_TRAFFIC_SECRET_1 ${RANDOM} ${SECRET}`,
        'Dear reader,',
        `CLIENT_RANDOM ${RANDOM.slice(2)} ${MASTER}`,
        `CLIENT_RANDOM ${RANDOM} ${MASTER.slice(2)}`,
        `CLIENT_RANDOM ${RANDOM} ${MASTER}0`,
        `CLIENT_RANDOM ${RANDOM}`,
        `CLIENT_TRAFFIC_SECRET_0 ${RANDOM} ${SECRET}00`,
        `UNHEARD_OF ${RANDOM} ${SECRET}`,
        `CLIENT_RANDOM ${RANDOM} ${MASTER} and more`,
        'x'.repeat(LIMITS.keyLogLineBytes + 1),
      ].join('\n'),
    );
    expect(summary).toMatchObject({ lines: 14, secrets: 0, unneeded: 5, junk: 9 });
    expect(summary.junkLines).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  it('reads the same from pieces of any size', () => {
    const text = `# a\r\nCLIENT_RANDOM ${RANDOM} ${MASTER}\r\n\r\nnonsense\rSERVER_TRAFFIC_SECRET_0 ${RANDOM} ${SECRET}\n\n`;
    const whole = read(text).summary;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (sizes) => {
        const store = new SecretStore();
        const reader = new KeyLogReader(store, store.addSource());
        const source = Buffer.from(text);
        let at = 0;
        for (const size of sizes) {
          reader.push(source, Math.min(at, source.length), Math.min(at + size, source.length));
          at += size;
        }
        reader.push(source, Math.min(at, source.length));
        expect(reader.end()).toEqual(whole);
        expect(secretOf(store, 'master-secret')).toEqual([MASTER]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('several sources', () => {
  it('are merged; repeated lines count once, contradictions are all kept', () => {
    const store = new SecretStore();
    const other = 'e5'.repeat(48);
    const first = read(`CLIENT_RANDOM ${RANDOM} ${MASTER}\nCLIENT_RANDOM ${RANDOM} ${MASTER}\n`, store).summary;
    const second = read(`CLIENT_RANDOM ${RANDOM} ${MASTER}\nCLIENT_RANDOM ${RANDOM} ${other}\n`, store).summary;
    expect([first.secrets, first.duplicates, first.conflicts]).toEqual([1, 1, 0]);
    expect([second.secrets, second.duplicates, second.conflicts]).toEqual([1, 1, 1]);
    expect(secretOf(store, 'master-secret')).toEqual([MASTER, other]);
  });

  it('keep no more contradictions than would be tried', () => {
    const lines = Array.from({ length: 10 }, (_, i) => `CLIENT_RANDOM ${RANDOM} ${`0${i}`.repeat(48)}`);
    const { store, summary } = read(lines.join('\n'));
    expect(secretOf(store, 'master-secret')).toHaveLength(LIMITS.keyLogAlternatives);
    expect(summary.leftOut).toBe(10 - LIMITS.keyLogAlternatives);
  });

  it('are each told how many of their sessions were met', () => {
    const store = new SecretStore();
    const [one, two] = [store.addSource(), store.addSource()];
    const third = '77'.repeat(32);
    readKeyLog(Buffer.from(`CLIENT_RANDOM ${RANDOM} ${MASTER}\nCLIENT_RANDOM ${third} ${MASTER}\n`), store, one);
    readKeyLog(Buffer.from(`CLIENT_TRAFFIC_SECRET_0 ${'88'.repeat(32)} ${SECRET}\n`), store, two);
    expect([store.usageOf(one), store.usageOf(two)]).toEqual([
      { sessions: 2, usedSessions: 0 },
      { sessions: 1, usedSessions: 0 },
    ]);
    secretOf(store, 'master-secret');
    secretOf(store, 'server-traffic-secret-0');
    secretOf(store, 'master-secret', '99'.repeat(32));
    expect([store.usageOf(one), store.usageOf(two)]).toEqual([
      { sessions: 2, usedSessions: 1 },
      { sessions: 1, usedSessions: 0 },
    ]);
  });

  it('of many sessions keep all their secrets apart', () => {
    const store = new SecretStore();
    const source = store.addSource();
    const name = (i: number) => bytes(i.toString(16).padStart(64, '0'));
    const secret = (i: number, label: number) => bytes((i * 8 + label).toString(16).padStart(label > 2 ? 96 : 64, '5'));
    const labels: readonly SecretLabel[] = [
      'client-handshake-traffic-secret',
      'server-handshake-traffic-secret',
      'client-traffic-secret-0',
      'server-traffic-secret-0',
    ];
    // Interleaved, over several chunks of memory.
    for (const [n, label] of labels.entries()) {
      for (let i = 0; i < 8_000; i++) store.add(source, 'client-random', name(i), label, secret(i, n));
    }
    for (let i = 0; i < 8_000; i += 37) {
      for (const [n, label] of labels.entries()) {
        expect(store.find('client-random', name(i), label).map((found) => toHex(found))).toEqual([toHex(secret(i, n))]);
      }
    }
    expect(store.count).toBe(32_000);
  });
});

describe('key lines in text that somebody wrote', () => {
  it('are found wherever they stand, and nothing else is counted', () => {
    const store = new SecretStore();
    const text = `Captured on mx1. Keys: CLIENT_RANDOM ${RANDOM} ${MASTER}, and then
      "SERVER_TRAFFIC_SECRET_0 ${RANDOM} ${SECRET}" (CLIENT_RANDOM was long) XCLIENT_RANDOM ${'99'.repeat(32)} ${MASTER}`;
    expect(readKeyLinesInText(text, store, store.addSource())).toBe(2);
    expect(secretOf(store, 'master-secret')).toEqual([MASTER]);
    expect(secretOf(store, 'server-traffic-secret-0')).toEqual([SECRET]);
    expect(secretOf(store, 'master-secret', '99'.repeat(32))).toEqual([]);
  });

  it('are looked for in time that grows with the text', () => {
    const store = new SecretStore();
    for (const piece of ['CLIENT_RANDOM ', 'a1', 'A', `CLIENT_RANDOM ${RANDOM} `, 'CLIENT_RANDOM\t\t\t\t', ' ']) {
      expect(readKeyLinesInText(piece.repeat(200_000 / piece.length), store, 0)).toBe(0);
    }
  });
});

describe('mutated key logs', () => {
  const lines = [`CLIENT_RANDOM ${RANDOM} ${MASTER}`, `RSA e164f7fa1f5abe7f ${MASTER}`, `ECH_CONFIG ${RANDOM} fe0d`];

  it('never throw, and every line is counted once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...lines), { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 12 }),
        (chosen, edits) => {
          const text = Buffer.from(`${chosen.join('\n')}\n`);
          for (const [position, value] of edits) text[position % text.length] = value;
          const store = new SecretStore();
          const summary = readKeyLog(text, store, store.addSource());
          const { secrets, duplicates, unneeded, junk, leftOut } = summary;
          expect(secrets + duplicates + unneeded + junk + leftOut).toBeLessThanOrEqual(summary.lines);
          readKeyLinesInText(text.toString('latin1'), store, 0);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        const store = new SecretStore();
        expect(readKeyLog(noise, store, store.addSource()).secrets).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
