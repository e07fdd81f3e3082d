import { describe, expect, it } from 'vitest';
import { TlsSearch } from '../../shared/trace/tls-search.ts';
import { concat } from '../support/octets.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

/** A TLS 1.2 ClientHello in one record: version, random, no session, one suite, no compression. */
function clientHello(): Uint8Array {
  const body = concat(Uint8Array.of(3, 3), new Uint8Array(32).fill(7), Uint8Array.of(0, 0, 2, 0xc0, 0x30, 1, 0));
  const message = concat(Uint8Array.of(1, 0), u16(body.length), body);
  return concat(Uint8Array.of(0x16, 3, 1), u16(message.length), message);
}

const look = (segment: Uint8Array) => new TlsSearch().look(0, segment, 0, segment.length);

describe('TLS that begins inside another protocol', () => {
  it('is found where the ClientHello stands behind a command in the same segment', () => {
    const command = ascii('AUTH TLS\r\n');
    expect(look(concat(command, clientHello()))).toMatchObject({
      kind: 'found',
      sender: 'client',
      offset: command.length,
    });
  });

  it('is not found in packets of a protocol that puts its own header before each piece (OpenVPN over TCP)', () => {
    const packet = concat(Uint8Array.of(0x20), new Uint8Array(8).fill(9), new Uint8Array(5), clientHello());
    expect(look(concat(u16(packet.length), packet))).toEqual({ kind: 'searching' });
  });
});
