import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksLikeClientHello, looksLikeSsl2ClientHello, looksLikeTlsRecord } from '../../shared/tls/detect.ts';
import { CLIENT_HELLO, SERVER_HELLO } from './rfc8448.ts';
import { allFixtures, bytesOf, concat, record } from './support.ts';

const likeness = (bytes: Uint8Array) => looksLikeClientHello(bytes, 0, bytes.length);
const ssl2Likeness = (bytes: Uint8Array) => looksLikeSsl2ClientHello(bytes, 0, bytes.length);
const text = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0));

describe('looksLikeClientHello', () => {
  it('yes for real ones, and never no on the way there', () => {
    for (const { client } of allFixtures()) {
      expect(likeness(client)).toBe('yes');
      for (let size = 0; size < client.length; size++) {
        expect(likeness(client.subarray(0, size))).toBe(size >= 44 ? 'yes' : 'maybe');
      }
    }
  });

  it('yes for a hello over records of one byte', () => {
    expect(likeness(record(22, CLIENT_HELLO.subarray(0, 1)))).toBe('yes');
  });

  it('no for what a server sends first', () => {
    expect(likeness(record(22, SERVER_HELLO))).toBe('no');
    for (const { server } of allFixtures()) expect(likeness(server)).toBe('no');
  });

  it.each([
    ['an SMTP command', text('EHLO mail.contoso.example\r\n')],
    ['a record that is too long', concat(bytesOf('160301ffff'), CLIENT_HELLO)],
    ['a version that does not exist', record(22, CLIENT_HELLO, 0x0309)],
    ['an alert', record(21, Uint8Array.of(2, 40))],
    ['a hello that is too short', record(22, bytesOf('01000010 0303 00000000'))],
  ])('no for %s', (_name, bytes) => {
    expect(likeness(bytes)).toBe('no');
  });

  it('no for nearly anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 44, maxLength: 80 }), (bytes) => {
        expect(likeness(bytes)).toBe('no');
        expect(ssl2Likeness(bytes)).toBe('no');
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('looksLikeSsl2ClientHello', () => {
  const hello = concat(bytesOf('802b 01 0301 0012 0000 0010'), new Uint8Array(18), new Uint8Array(16));

  it('yes when all lengths add up, never no on the way there', () => {
    expect(ssl2Likeness(hello)).toBe('yes');
    for (let size = 0; size < 11; size++) expect(ssl2Likeness(hello.subarray(0, size))).toBe('maybe');
  });

  it.each([1, 2, 3, 6, 8, 10])('no when byte %d is off by one', (at) => {
    const wrong = hello.slice();
    wrong[at] += 1;
    expect(ssl2Likeness(wrong)).toBe('no');
  });
});

describe('looksLikeTlsRecord', () => {
  it('any type and version, five bytes decide', () => {
    expect(looksLikeTlsRecord(bytesOf('1503010002'), 0, 5)).toBe('yes');
    expect(looksLikeTlsRecord(bytesOf('150301'), 0, 3)).toBe('maybe');
    expect(looksLikeTlsRecord(bytesOf('1903010002'), 0, 5)).toBe('no');
    expect(looksLikeTlsRecord(bytesOf('1703040002'), 0, 5)).toBe('yes');
    expect(looksLikeTlsRecord(text('220 '), 0, 4)).toBe('no');
  });
});
