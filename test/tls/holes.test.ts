import { describe, expect, it } from 'vitest';
import { toHex } from '../../shared/bytes/hex.ts';
import { parseHandshake } from '../../shared/tls/handshake.ts';
import { CLIENT_HELLO, SERVER_HELLO } from './rfc8448.ts';
import {
  allFixtures,
  bytesOf,
  certificatesOf,
  concat,
  expectKind,
  loadFixture,
  message,
  NO_CONTEXT,
  readPieces,
  record,
  withHole,
} from './support.ts';

describe('a hole at every position of every real direction', () => {
  for (const fixture of allFixtures()) {
    it(`${fixture.name}: no throw, and nothing that was not sent`, () => {
      for (const [bytes, certificates] of [
        [fixture.server, fixture.serverCertificates],
        [fixture.client, fixture.clientCertificates],
      ] as const) {
        const sent = readPieces([bytes]);
        expect(certificatesOf(sent.messages)).toEqual(certificates);
        const sentMessages = new Set(sent.messages.map((found) => toHex(found.bytes)));
        const sentCertificates = new Set(certificates);
        for (const size of [1, 64, 1460]) {
          for (let start = 0; start < bytes.length; start += size === 1 ? 1 : 5) {
            const { messages } = readPieces(withHole(bytes, start, size));
            for (const found of messages) {
              if (found.missing.length === 0) expect(sentMessages.has(toHex(found.bytes))).toBe(true);
              const parsed = parseHandshake(found, NO_CONTEXT);
              if (parsed.kind === 'malformed') expect(parsed.problem.code).toMatch(/-lost$/);
            }
            expect(certificatesOf(messages).every((der) => sentCertificates.has(der))).toBe(true);
          }
        }
      }
    });
  }
});

describe('what a hole leaves', () => {
  const { server, serverCertificates } = loadFixture('tls12-ecdhe-rsa');
  const [leaf, issuer] = serverCertificates;
  const startOf = (der: string) => toHex(server).indexOf(der) / 2;
  const certificatesAround = (start: number, size: number) =>
    certificatesOf(readPieces(withHole(server, start, size)).messages);

  it('inside the first certificate: the second is whole, the first named lost with its size', () => {
    const { messages, problems } = readPieces(withHole(server, startOf(leaf) + 100, 200));
    expect(problems).toEqual([]);
    const found = messages.find((candidate) => candidate.type === 11);
    if (found === undefined) throw new Error('no Certificate message');
    expect(found.missing).toHaveLength(1);
    expect(found.missing[0].end - found.missing[0].start).toBe(200);
    const { entries } = expectKind(found, 'certificate');
    expect(entries[0]).toEqual({ kind: 'lost', length: leaf.length / 2 });
    expect(certificatesOf([found])).toEqual([issuer]);
  });

  it('inside the second certificate: the first is whole', () => {
    expect(certificatesAround(startOf(issuer) + 5, 10)).toEqual([leaf]);
  });

  it('over the length field of the first certificate: the second is found by its shape', () => {
    expect(certificatesAround(startOf(leaf) - 2, 1)).toEqual([issuer]);
  });

  it('over the length of the list: the certificates are framed by the message', () => {
    expect(certificatesAround(startOf(leaf) - 5, 1)).toEqual([leaf, issuer]);
  });

  it('over the end of one certificate and the length field of the next: both are lost', () => {
    expect(certificatesAround(startOf(issuer) - 30, 29)).toEqual([]);
  });

  it('over the length field of the second certificate: the first is whole', () => {
    expect(certificatesAround(startOf(issuer) - 3, 2)).toEqual([leaf]);
  });

  it('all messages behind it are read', () => {
    expect(readPieces(withHole(server, startOf(leaf) + 100, 200)).outline).toEqual(
      readPieces([server]).outline.map((event) => (event === 'handshake 11' ? 'handshake 11 missing' : event)),
    );
  });

  it('the end of the capture inside a certificate: those before it are whole', () => {
    const { messages, outline } = readPieces([server.subarray(0, startOf(issuer) + 40)]);
    expect(outline.slice(-2)).toEqual(['damage tls-handshake-incomplete', 'handshake 11 missing']);
    expect(certificatesOf(messages)).toEqual([leaf]);
  });

  it('ServerHello behind a short snap length: its start is lost data, not a wrong answer', () => {
    const { messages } = readPieces(withHole(server, 40, 20));
    const parsed = parseHandshake(messages[0], NO_CONTEXT);
    expect(parsed).toMatchObject({ kind: 'malformed', problem: { code: 'tls-server-hello-lost' } });
  });

  it('ServerHello of TLS 1.3 whose extensions are lost: the cipher suite tells the version', () => {
    const { messages } = readPieces(withHole(record(22, SERVER_HELLO), 5 + 46, 40));
    expect(expectKind(messages[0], 'server-hello')).toMatchObject({ legacyVersion: 0x0303, version: 0x0304 });
  });

  it('ClientHello with a hole in one extension: the others are there', () => {
    // The hole covers the key of key_share.
    const { messages } = readPieces(withHole(record(22, CLIENT_HELLO), 5 + 115, 10));
    const hello = expectKind(messages[0], 'client-hello');
    expect(hello.serverName).toBe('server');
    expect(hello.supportedVersions).toEqual([0x0304]);
    expect(hello.keyShareGroups).toBeNull();
    expect(hello.problems.map((problem) => problem.code)).toEqual(['tls-extension-lost']);
  });
});

describe('resynchronisation', () => {
  const application = (size: number) => record(23, new Uint8Array(size).fill(0xa5));

  it('behind a hole that covers record headers, at the start of the next segment', () => {
    const { outline, problems } = readPieces([application(50), 300, application(70), application(80)]);
    expect(outline).toEqual(['encrypted 23 50', 'damage tls-records-lost', 'encrypted 23 70', 'encrypted 23 80']);
    expect(problems[0].message).toContain('300 missing bytes');
  });

  it('in the midst of ciphertext: only a chain of two headers counts', () => {
    const tail = new Uint8Array(40).fill(0xa5);
    expect(readPieces([application(50), 300, concat(tail, application(70), application(80))]).outline).toEqual([
      'encrypted 23 50',
      'damage tls-records-lost',
      'encrypted 23 70',
      'encrypted 23 80',
    ]);
  });

  it('a last record that ends with the direction counts', () => {
    const tail = new Uint8Array(40).fill(0xa5);
    expect(readPieces([application(50), 300, concat(tail, application(70))]).outline.at(-1)).toBe('encrypted 23 70');
  });

  it('a header in ciphertext that leads nowhere is passed over', () => {
    const lure = concat(new Uint8Array(9), bytesOf('1703030030'), new Uint8Array(20).fill(0xa5));
    expect(readPieces([application(50), 300, concat(lure, application(70), application(80))]).outline.slice(2)).toEqual(
      ['encrypted 23 70', 'encrypted 23 80'],
    );
  });

  it('a handshake record that begins in the midst of a message is skipped, the next whole one read', () => {
    const rest = new Uint8Array(120).fill(0x77);
    const flight = concat(record(22, rest), record(22, message(14, new Uint8Array(0))));
    expect(readPieces([record(22, SERVER_HELLO), 500, flight]).outline).toEqual([
      'handshake 2',
      'damage tls-records-lost',
      'handshake 14',
    ]);
  });

  it('a lost message header inside a record: the next record is read', () => {
    const flight = concat(
      record(22, concat(SERVER_HELLO, message(11, bytesOf('000000')))),
      record(22, message(14, new Uint8Array(0))),
    );
    expect(readPieces(withHole(flight, 5 + SERVER_HELLO.length + 1, 2)).outline).toEqual([
      'handshake 2',
      'damage tls-handshake-lost',
      'handshake 14',
    ]);
  });

  it('a connection whose start was not captured', () => {
    const bytes = concat(new Uint8Array(33), record(22, CLIENT_HELLO), application(30));
    const { outline, problems } = readPieces([bytes], { midStream: true });
    expect(outline).toEqual(['damage tls-mid-stream', 'handshake 1', 'encrypted 23 30']);
    expect(problems[0].message).toContain('33 were passed over');
    expect(readPieces([application(30)], { midStream: true }).outline).toEqual(['encrypted 23 30']);
  });

  it('every suffix of a real direction ends synchronised', () => {
    const { server } = loadFixture('tls13');
    const all = readPieces([server]).outline;
    for (let start = 0; start < server.length - 250 - 5 - 24; start++) {
      const { outline } = readPieces([server.subarray(start)], { midStream: true });
      expect(outline.at(-1)).toBe(all.at(-1));
    }
  });
});
