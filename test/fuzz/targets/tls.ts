import { looksLikeClientHello, looksLikeSsl2ClientHello, looksLikeTlsRecord } from '../../../shared/tls/detect.ts';
import type { HandshakeContext } from '../../../shared/tls/handshake.ts';
import { parseHandshake } from '../../../shared/tls/handshake.ts';
import type { HandshakeMessage } from '../../../shared/tls/handshake-message.ts';
import { ja3, ja3s } from '../../../shared/tls/ja3.ts';
import { ja4 } from '../../../shared/tls/ja4.ts';
import { TlsRecordStream } from '../../../shared/tls/record-stream.ts';
import { allFixtures } from '../../tls/support.ts';

const CONTEXTS: readonly HandshakeContext[] = [
  { version: null, cipherSuite: null },
  { version: 0x0303, cipherSuite: 0xc030 },
  { version: 0x0304, cipherSuite: 0x1301 },
];

/** Reads a message in every way there is, and fails when a view reaches beyond what arrived. */
function readMessage(message: HandshakeMessage): void {
  let end = 0;
  for (const range of message.missing) {
    if (range.start < end || range.end <= range.start) throw new Error('missing ranges are out of order');
    end = range.end;
  }
  if (end > message.length || message.body.length > message.length) throw new Error('more than the message declares');
  for (const context of CONTEXTS) {
    const parsed = parseHandshake(message, context);
    if (parsed.kind !== 'done') continue;
    const { value } = parsed;
    if (value.kind === 'client-hello') {
      ja3(value);
      ja4(value);
    } else if (value.kind === 'server-hello' || value.kind === 'hello-retry-request') {
      ja3s(value);
    } else if (value.kind === 'certificate') {
      for (const entry of value.entries) {
        if (entry.kind === 'certificate' && entry.offset + entry.der.length > message.length) {
          throw new Error('a certificate reaches beyond its message');
        }
      }
    }
  }
}

/**
 * Feeds arbitrary bytes to everything in shared/tls. The first byte chooses how the rest is split, where bytes are
 * lost, and whether the direction begins in its midst.
 */
export const target = {
  name: 'tls',
  seeds(): Uint8Array[] {
    return allFixtures()
      .flatMap((fixture) => [fixture.client, fixture.server])
      .map((bytes) => Uint8Array.from([0, ...bytes]));
  },
  run(input: Uint8Array): void {
    if (input.length === 0) return;
    const choice = input[0];
    looksLikeClientHello(input, 1, input.length);
    looksLikeSsl2ClientHello(input, 1, input.length);
    looksLikeTlsRecord(input, 1, input.length);
    const stream = new TlsRecordStream(
      {
        handshake: readMessage,
        changeCipherSpec: () => undefined,
        alert: () => undefined,
        encrypted: () => undefined,
        damage: () => undefined,
      },
      { midStream: (choice & 1) !== 0 },
    );
    const step = (choice & 2) !== 0 ? 1 + (choice >> 4) * 7 : input.length;
    const lostPiece = (choice & 4) !== 0 ? 2 + (choice >> 5) : -1;
    for (let at = 1, piece = 0; at < input.length; at += step, piece++) {
      const end = Math.min(input.length, at + step);
      if (piece === lostPiece) stream.hole(end - at);
      else stream.push(input, at, end);
    }
    stream.end();
  },
};
