import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeProxyHeader, readProxyHeader } from '../../shared/smtp/proxy-header.ts';
import { addressBytes, concat, uint16 } from '../support/octets.ts';
import { latin1 } from '../support/talk.ts';

const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);

function version2(command: number, family: number, body: Uint8Array): Uint8Array {
  return concat(SIGNATURE, Uint8Array.of(0x20 | command, (family << 4) | 1), uint16(body.length), body);
}

const ADDRESSES4 = concat(addressBytes('192.0.2.7'), addressBytes('198.51.100.25'), uint16(50_123), uint16(25));
const ADDRESSES6 = concat(addressBytes('2001:db8::7'), addressBytes('2001:db8::25'), uint16(50_123), uint16(25));

const HEADERS: readonly [string, Uint8Array, string][] = [
  [
    'version 1, IPv4',
    latin1('PROXY TCP4 192.0.2.7 198.51.100.25 50123 25\r\n'),
    'PROXY protocol 1: 192.0.2.7:50123 to 198.51.100.25:25',
  ],
  [
    'version 1, IPv6',
    latin1('PROXY TCP6 2001:db8::7 2001:db8::25 50123 25\r\n'),
    'PROXY protocol 1: 2001:db8::7:50123 to 2001:db8::25:25',
  ],
  ['version 1, unknown', latin1('PROXY UNKNOWN\r\n'), 'PROXY protocol 1, no addresses'],
  ['version 1, unknown with addresses', latin1('PROXY UNKNOWN ::1 ::1 1 2\r\n'), 'PROXY protocol 1, no addresses'],
  ['version 2, IPv4', version2(1, 1, ADDRESSES4), 'PROXY protocol 2: 192.0.2.7:50123 to 198.51.100.25:25'],
  [
    'version 2, IPv6 and extensions',
    version2(1, 2, concat(ADDRESSES6, Uint8Array.of(3, 0, 4, 1, 2, 3, 4))),
    'PROXY protocol 2: 2001:db8::7:50123 to 2001:db8::25:25',
  ],
  ['version 2, health check', version2(0, 0, new Uint8Array(0)), 'PROXY protocol 2, no addresses'],
  ['version 2, Unix sockets', version2(1, 3, new Uint8Array(216)), 'PROXY protocol 2, no addresses'],
  [
    'CONNECT',
    latin1('CONNECT mx.example:25 HTTP/1.1\r\nHost: x\r\n\r\n'),
    'CONNECT mx.example:25, through an HTTP proxy',
  ],
  ['CONNECT with bare line feeds', latin1('CONNECT a:25 HTTP/1.0\nX: y\n\n'), 'CONNECT a:25, through an HTTP proxy'],
  ['CONNECT with credentials', latin1('CONNECT u:p@a:25 HTTP/1.0\r\n\r\n'), 'CONNECT a:25, through an HTTP proxy'],
];

describe('headers in front of a dialogue', () => {
  it.each(HEADERS)('%s', (_, bytes, words) => {
    const reading = readProxyHeader(concat(bytes, latin1('EHLO x\r\n')));
    if (reading.kind !== 'header') throw new Error(reading.kind);
    expect(describeProxyHeader(reading.header)).toBe(words);
    expect(reading.end).toBe(bytes.length);
  });

  it.each(HEADERS)('%s: any beginning of it asks for more', (_, bytes) => {
    for (let length = 1; length < bytes.length; length++) {
      // CONNECT's empty line may be a bare line feed, so that the one before the last is enough.
      const { kind } = readProxyHeader(bytes.subarray(0, length));
      expect(kind).toBe('need-more');
    }
  });

  it.each(['EHLO x\r\n', 'P', 'PR0XY', 'PROXY TCP4 x\r\n', `PROXY ${'x'.repeat(200)}`, 'CONNECT x\r\n\r\n'])(
    '%j is none, or not yet',
    (text) => expect(readProxyHeader(latin1(text)).kind).toBe(text === 'P' ? 'need-more' : 'none'),
  );

  it('a version 2 header that declares too much is none', () => {
    const header = version2(1, 1, ADDRESSES4);
    header.set(uint16(60_000), 14);
    expect(readProxyHeader(header).kind).toBe('none');
  });

  it('whatever the bytes, it ends inside of them', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...HEADERS.map(([, bytes]) => bytes)),
        fc.nat(),
        fc.nat(255),
        fc.uint8Array(),
        (seed, at, byte, tail) => {
          const bytes = concat(seed, tail);
          bytes[at % bytes.length] = byte;
          const reading = readProxyHeader(bytes);
          if (reading.kind === 'header') expect(reading.end).toBeLessThanOrEqual(bytes.length);
        },
      ),
    );
  });
});
