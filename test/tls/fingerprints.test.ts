import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ClientHello, parseClientHello } from '../../shared/tls/client-hello.ts';
import { ja3, ja3s, ja3sText, ja3Text } from '../../shared/tls/ja3.ts';
import { ja4 } from '../../shared/tls/ja4.ts';
import { parseServerHello } from '../../shared/tls/server-hello.ts';
import { CLIENT_HELLO, SERVER_HELLO } from './rfc8448.ts';
import { bytesOf, concat } from './support.ts';

const u16 = (...values: number[]) => Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
const vector = (bytes: Uint8Array) => concat(u16(bytes.length), bytes);

interface Parts {
  readonly suites: readonly string[];
  /** Type and extension_data, as hex. */
  readonly extensions: readonly (readonly [string, string])[];
}

function hello({ suites, extensions }: Parts): ClientHello {
  const list = concat(...extensions.map(([type, data]) => concat(bytesOf(type), vector(bytesOf(data)))));
  const body = concat(
    bytesOf('0303'),
    new Uint8Array(32),
    bytesOf('00'),
    vector(bytesOf(suites.join(''))),
    bytesOf('0100'),
    vector(list),
  );
  const parsed = parseClientHello(body);
  if (parsed.kind !== 'done') throw new Error('not parsed');
  return parsed.value;
}

/** The example of FoxIO's technical details of JA4: Chrome, with GREASE and in an order of its own. */
const CHROME: Parts = {
  suites: '9a9a,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035'.split(','),
  extensions: [
    ['2a2a', ''],
    ['001b', '020002'],
    ['0000', '0009 00 0006 736572766572'],
    ['0033', '0006 001d 0002 aabb'],
    ['0010', '000c 02 6832 08 687474702f312e31'],
    ['4469', '0003026832'],
    ['0017', ''],
    ['002d', '0101'],
    ['000d', '0010 0403 0804 0401 0503 0805 0501 0806 0601'],
    ['0005', '0100000000'],
    ['0023', ''],
    ['0012', ''],
    ['002b', '06 8a8a 0304 0303'],
    ['ff01', '00'],
    ['000b', '0100'],
    ['000a', '0008 3a3a 001d 0017 0018'],
    ['0015', '000000'],
    ['fafa', '00'],
  ],
};

describe('JA4 (FoxIO, technical details)', () => {
  it('the published example', () => {
    expect(ja4(hello(CHROME))).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  it('the order of suites and extensions does not count, that of signature algorithms does', () => {
    const shuffled = { suites: [...CHROME.suites].reverse(), extensions: [...CHROME.extensions].reverse() };
    expect(ja4(hello(shuffled))).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
    const signatures = CHROME.extensions.map(([type, data]): readonly [string, string] =>
      type === '000d' ? [type, '0010 0804 0403 0401 0503 0805 0501 0806 0601'] : [type, data],
    );
    expect(ja4(hello({ ...CHROME, extensions: signatures }))).not.toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  it('no extensions: zeros; no signature algorithms: no underscore', () => {
    expect(ja4(hello({ suites: ['002f'], extensions: [] }))).toMatch(/^t12i010000_[0-9a-f]{12}_000000000000$/);
    const hash = createHash('sha256').update('0017').digest('hex').slice(0, 12);
    expect(ja4(hello({ suites: ['002f'], extensions: [['0017', '']] }))).toMatch(new RegExp(`_${hash}$`));
  });

  it('a protocol that does not begin and end with letters or digits stands as hex', () => {
    const odd = hello({ suites: ['002f'], extensions: [['0010', '0004 03 abcdef']] });
    expect(ja4(odd)?.slice(0, 10)).toBe('t12i0101af');
  });
});

describe('JA3', () => {
  it('decimal fields in the order sent, without GREASE', () => {
    expect(ja3Text(hello(CHROME))).toBe(
      '771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,' +
        '27-0-51-16-17513-23-45-13-5-35-18-43-65281-11-10-21,29-23-24,0',
    );
  });

  it('empty fields stay (Salesforce, ja3: 769,4-5-10-9-100-98-3-6-19-18-99,,,)', () => {
    const bare = hello({
      suites: '0004,0005,000a,0009,0064,0062,0003,0006,0013,0012,0063'.split(','),
      extensions: [],
    });
    const old = { ...bare, legacyVersion: 769 };
    expect(ja3Text(old)).toBe('769,4-5-10-9-100-98-3-6-19-18-99,,,');
    expect(ja3(old)).toBe('de350869b8c85de67a350c8d186f11e6');
  });

  it('JA3S', () => {
    const parsed = parseServerHello(SERVER_HELLO.subarray(4));
    if (parsed.kind !== 'done') throw new Error('not parsed');
    expect(ja3sText(parsed.value)).toBe('771,4865,51-43');
    expect(ja3s(parsed.value)).toBe(createHash('md5').update('771,4865,51-43').digest('hex'));
  });

  it('the hello of RFC 8448 has both', () => {
    const parsed = parseClientHello(CLIENT_HELLO.subarray(4));
    if (parsed.kind !== 'done') throw new Error('not parsed');
    expect(ja3Text(parsed.value)).toBe(
      '771,4865-4867-4866,0-65281-10-35-51-43-13-45-28,29-23-24-25-256-257-258-259-260,',
    );
    expect(ja4(parsed.value)?.slice(0, 10)).toBe('t13d030900');
  });
});
