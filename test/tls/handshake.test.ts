import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeLatin1 } from '../../shared/bytes/text.ts';
import { parseCertificateMessage } from '../../shared/tls/certificate-message.ts';
import { parseCertificateRequest } from '../../shared/tls/certificate-request.ts';
import { parseClientHello } from '../../shared/tls/client-hello.ts';
import { ja3 } from '../../shared/tls/ja3.ts';
import { ja4 } from '../../shared/tls/ja4.ts';
import { parseServerKeyExchange } from '../../shared/tls/key-exchange.ts';
import { parseServerHello } from '../../shared/tls/server-hello.ts';
import { CLIENT_HELLO, SERVER_HELLO, TRANSCRIPT_HASH } from './rfc8448.ts';
import { bytesOf, concat, expectKind, loadFixture, message, NO_CONTEXT, readPieces, record } from './support.ts';

const body = (bytes: Uint8Array) => bytes.subarray(4);

function messagesOf(name: string, side: 'client' | 'server') {
  return readPieces([loadFixture(name)[side]]).messages;
}

function messageOf(name: string, side: 'client' | 'server', type: number) {
  const found = messagesOf(name, side).find((candidate) => candidate.type === type);
  if (found === undefined) throw new Error(`no message of type ${type}`);
  return found;
}

/** A ClientHello with these extensions, as hex. */
function helloWith(extensions: string): Uint8Array {
  const list = bytesOf(extensions);
  const prefix = concat(bytesOf('0303'), new Uint8Array(32), bytesOf('00 0002 1301 0100'));
  return concat(prefix, Uint8Array.of(list.length >> 8, list.length & 0xff), list);
}

function parsedHello(extensions: string) {
  const parsed = parseClientHello(helloWith(extensions));
  if (parsed.kind !== 'done') throw new Error('not parsed');
  return parsed.value;
}

describe('RFC 8448 section 3', () => {
  it('the transcript hash over messages from the record stream', () => {
    const client = readPieces([record(22, CLIENT_HELLO, 0x0301)]).messages[0];
    const server = readPieces([record(22, SERVER_HELLO)]).messages[0];
    expect(createHash('sha256').update(client.bytes).update(server.bytes).digest('hex')).toBe(TRANSCRIPT_HASH);
    expect(client.recordVersion).toBe(0x0301);
  });

  it('ClientHello', () => {
    const parsed = parseClientHello(body(CLIENT_HELLO));
    expect(parsed).toMatchObject({
      kind: 'done',
      end: 192,
      value: {
        legacyVersion: 0x0303,
        cipherSuites: [0x1301, 0x1303, 0x1302],
        compressionMethods: [0],
        serverName: 'server',
        supportedVersions: [0x0304],
        supportedGroups: [0x1d, 0x17, 0x18, 0x19, 0x100, 0x101, 0x102, 0x103, 0x104],
        keyShareGroups: [0x1d],
        pskKeyExchangeModes: [1],
        sessionTicketLength: 0,
        renegotiationInfo: true,
        applicationProtocols: null,
        problems: [],
      },
    });
  });

  it('ServerHello: the version is that of supported_versions', () => {
    expect(parseServerHello(body(SERVER_HELLO))).toMatchObject({
      kind: 'done',
      value: {
        kind: 'server-hello',
        legacyVersion: 0x0303,
        version: 0x0304,
        cipherSuite: 0x1301,
        keyShareGroup: 0x1d,
        selectedPsk: null,
        downgradeMarker: null,
        problems: [],
      },
    });
  });
});

describe('messages of openssl', () => {
  it('ClientHello and ServerHello of TLS 1.2', () => {
    const client = expectKind(messageOf('tls12-ecdhe-rsa', 'client', 1), 'client-hello');
    expect(client).toMatchObject({
      legacyVersion: 0x0303,
      serverName: 'mail.fabrikam.example',
      applicationProtocols: ['smtp', 'http/1.1'],
      statusRequest: true,
      extendedMasterSecret: true,
      encryptThenMac: true,
      supportedVersions: null,
      problems: [],
    });
    const server = expectKind(messageOf('tls12-ecdhe-rsa', 'server', 2), 'server-hello');
    expect(server).toMatchObject({
      version: 0x0303,
      cipherSuite: 0xc030,
      applicationProtocol: 'smtp',
      statusRequest: true,
      sessionTicket: true,
      extendedMasterSecret: true,
      renegotiationInfo: true,
      problems: [],
    });
  });

  it('a stapled response is kept as bytes', () => {
    const { ocspResponse } = expectKind(messageOf('tls12-ecdhe-rsa', 'server', 22), 'certificate-status');
    if (ocspResponse === null) throw new Error('no response');
    expect(ocspResponse[0]).toBe(0x30);
    expect(ocspResponse.length).toBe(4 + ((ocspResponse[2] << 8) | ocspResponse[3]));
  });

  it.each([NO_CONTEXT, { version: 0x0303, cipherSuite: 0xc030 }])('ServerKeyExchange: ECDHE (%o)', (context) => {
    const exchange = expectKind(messageOf('tls12-ecdhe-rsa', 'server', 12), 'server-key-exchange', context);
    expect(exchange).toMatchObject({ form: 'ecdhe', namedGroup: 0x1d, signatureScheme: 0x0804, problems: [] });
    expect(exchange.publicKey).toHaveLength(32);
    expect(exchange.parameters).toHaveLength(36);
    expect(exchange.signature).toHaveLength(256);
  });

  it.each([NO_CONTEXT, { version: 0x0303, cipherSuite: 0x0067 }])('ServerKeyExchange: DHE (%o)', (context) => {
    const exchange = expectKind(messageOf('tls12-dhe', 'server', 12), 'server-key-exchange', context);
    expect(exchange).toMatchObject({ form: 'dhe', namedGroup: null, primeBits: 2048, problems: [] });
    expect(exchange.signature).toHaveLength(256);
  });

  it('ServerKeyExchange of an anonymous exchange has no signature', () => {
    const exchange = expectKind(messageOf('tls12-anonymous', 'server', 12), 'server-key-exchange', {
      version: 0x0303,
      cipherSuite: 0x006c,
    });
    expect(exchange).toMatchObject({ form: 'dhe', signature: null, signatureScheme: null, problems: [] });
  });

  it.each([null, 0x0303])('CertificateRequest names the authorities (version %s)', (version) => {
    const found = messageOf('tls12-client-certificate', 'server', 13);
    const request = expectKind(found, 'certificate-request', { version, cipherSuite: null });
    expect(request.layout).toBe('tls12');
    expect(request.certificateTypes).toEqual([1, 2, 64]);
    expect(request.signatureAlgorithms).toContain(0x0403);
    expect(request.authorities.map((name) => decodeLatin1(name).includes('Test Root'))).toEqual([true]);
  });

  it('an empty client certificate is an empty list, not a malformed one', () => {
    expect(expectKind(messageOf('tls12-no-client-certificate', 'client', 11), 'certificate').entries).toEqual([]);
  });

  it('CertificateVerify', () => {
    const verify = expectKind(messageOf('tls12-client-certificate', 'client', 15), 'certificate-verify');
    expect(verify.signatureScheme).toBe(0x0403);
  });

  it('NewSessionTicket of TLS 1.2', () => {
    const ticket = expectKind(messageOf('tls12-ecdhe-rsa', 'server', 4), 'new-session-ticket');
    expect(ticket.lifetimeSeconds).toBe(7200);
    expect(ticket.ticket.length).toBeGreaterThan(100);
  });

  it('resumption: the client sends its ticket', () => {
    const hello = expectKind(messageOf('tls12-resumed', 'client', 1), 'client-hello');
    expect(hello.sessionTicketLength).toBeGreaterThan(100);
  });
});

describe('one malformed extension does not lose the hello', () => {
  it.each([
    ['a server name longer than its list', '0000 0005 0003 00 0009', 'tls-extension-malformed'],
    ['bytes behind the list', '0010 0005 0002 01 41 ff', 'tls-extension-malformed'],
    ['a type that comes twice', '0017 0000 0017 0000', 'tls-duplicate-extension'],
    ['an extension longer than the list', '0017 0000 0023 0900', 'tls-extensions-malformed'],
  ])('%s', (_name, extensions, code) => {
    const hello = parsedHello(extensions);
    expect(hello.cipherSuites).toEqual([0x1301]);
    expect(hello.problems.map((problem) => problem.code)).toEqual([code]);
    expect(hello.extensions.length).toBeGreaterThan(0);
  });

  it('a hello without extensions (SSL 3.0), and one with bytes behind them', () => {
    const bare = helloWith('').subarray(0, -2);
    expect(parseClientHello(bare)).toMatchObject({ kind: 'done', value: { extensions: [], problems: [] } });
    const trailing = parseClientHello(concat(helloWith(''), bytesOf('00')));
    expect(trailing).toMatchObject({ kind: 'done', value: { problems: [{ code: 'tls-trailing-bytes' }] } });
  });

  it('a hello without a whole random is malformed', () => {
    const parsed = parseClientHello(helloWith('').subarray(0, 33));
    expect(parsed).toMatchObject({ kind: 'malformed', problem: { code: 'tls-client-hello-malformed' } });
  });

  it.each([
    ['a session id that is too long', 34, 0x40, []],
    ['cipher suites that are longer than the hello', 35, 0x09, []],
    ['an odd length of cipher suites', 36, 0x01, []],
  ])('%s: version and random are kept, and there is no fingerprint', (_name, at, value, suites) => {
    const bytes = helloWith('0017 0000');
    bytes[at] = value;
    const parsed = parseClientHello(bytes);
    if (parsed.kind !== 'done') throw new Error('not parsed');
    expect(parsed.value).toMatchObject({ legacyVersion: 0x0303, cipherSuites: suites, isWhole: false });
    expect(parsed.value.problems.map((problem) => problem.code)).toContain('tls-client-hello-malformed');
    expect([ja3(parsed.value), ja4(parsed.value)]).toEqual([null, null]);
  });

  it('the parsed hello owns its bytes', () => {
    const bytes = helloWith('0010 0005 0003 02 6832');
    const parsed = parseClientHello(bytes);
    bytes.fill(0);
    expect(parsed).toMatchObject({ kind: 'done', value: { applicationProtocols: ['h2'] } });
    if (parsed.kind === 'done') expect(parsed.value.extensions[0].bytes).toEqual(bytesOf('0003026832'));
  });
});

describe('versions of ServerHello', () => {
  const random = new Uint8Array(32).fill(7);

  it('early drafts of TLS 1.3 have neither session id nor compression', () => {
    const hello = concat(bytesOf('7f12'), random, bytesOf('1301 000e 0028 000a 001d 0006 010203040506'));
    expect(parseServerHello(hello)).toMatchObject({
      kind: 'done',
      value: { version: 0x7f12, cipherSuite: 0x1301, keyShareGroup: 0x1d, problems: [] },
    });
  });

  it('the marker against downgrades (RFC 8446 section 4.1.3)', () => {
    const marked = random.slice();
    marked.set(bytesOf('444f574e47524401'), 24);
    expect(parseServerHello(concat(bytesOf('0303'), marked, bytesOf('00 c02f 00')))).toMatchObject({
      value: { downgradeMarker: 'to-tls12' },
    });
  });

  it('TLCP', () => {
    expect(parseServerHello(concat(bytesOf('0101'), random, bytesOf('00 e013 00')))).toMatchObject({
      value: { version: 0x0101, cipherSuite: 0xe013 },
    });
  });
});

describe('Certificate', () => {
  const first = bytesOf('3082000401020304');
  const second = bytesOf('308200020506');
  const u24 = (size: number) => Uint8Array.of(size >> 16, (size >> 8) & 0xff, size & 0xff);
  const entry = (der: Uint8Array, extensions = '') => concat(u24(der.length), der, bytesOf(extensions));
  const list = (...entries: Uint8Array[]) => concat(u24(concat(...entries).length), ...entries);

  it('the layout of TLS 1.3 shows in its lengths, and its entries carry stapled responses', () => {
    const response = '0005 0007 01 000003 aabbcc';
    const bytes = concat(bytesOf('00'), list(entry(first, `000b ${response}`), entry(second, '0000')));
    const parsed = parseCertificateMessage(bytes);
    expect(parsed).toMatchObject({
      kind: 'done',
      value: {
        layout: 'tls13',
        entries: [
          { kind: 'certificate', der: first, offset: 7, ocspResponse: bytesOf('aabbcc') },
          { kind: 'certificate', der: second, ocspResponse: null },
        ],
        problems: [],
      },
    });
  });

  it('a bad second certificate still shows the first', () => {
    const bytes = list(entry(first), bytesOf('0000ff 3082'));
    expect(parseCertificateMessage(bytes)).toMatchObject({
      value: { entries: [{ kind: 'certificate', der: first }, { kind: 'malformed' }] },
    });
  });

  it('a certificate without bytes, and one behind it', () => {
    expect(parseCertificateMessage(list(entry(new Uint8Array(0)), entry(second)))).toMatchObject({
      value: { entries: [{ kind: 'malformed' }, { kind: 'certificate', der: second }] },
    });
  });

  it('a list that is shorter than the message is named and read', () => {
    const bytes = list(entry(first), entry(second));
    bytes[2] -= 1;
    expect(parseCertificateMessage(bytes)).toMatchObject({
      value: {
        entries: [{ kind: 'certificate' }, { kind: 'certificate' }],
        problems: [{ code: 'tls-certificate-list-length' }],
      },
    });
  });

  it('lengths that mean nothing are malformed', () => {
    expect(parseCertificateMessage(bytesOf('ffffff00'))).toMatchObject({ kind: 'malformed' });
    expect(parseCertificateMessage(new Uint8Array(0))).toMatchObject({ kind: 'malformed' });
  });

  it('no more than the limit of certificates', () => {
    const bytes = list(...Array.from({ length: 70 }, () => entry(second)));
    const parsed = parseCertificateMessage(bytes);
    if (parsed.kind !== 'done') throw new Error('not parsed');
    expect(parsed.value.entries).toHaveLength(64);
    expect(parsed.value.problems[0].code).toBe('tls-too-many-certificates');
  });
});

describe('CertificateRequest', () => {
  it('before TLS 1.2 it has no signature algorithms', () => {
    expect(parseCertificateRequest(bytesOf('02 01 40 0006 0004 30023100'), 11, [], 0x0301)).toMatchObject({
      value: {
        layout: 'tls11',
        certificateTypes: [1, 64],
        signatureAlgorithms: null,
        authorities: [bytesOf('30023100')],
      },
    });
  });

  it('of TLS 1.3: everything is an extension', () => {
    const request = bytesOf('00 0012 000d 0004 0002 0403 002f 0006 0004 0002 3000');
    expect(parseCertificateRequest(request, request.length, [], 0x0304)).toMatchObject({
      value: { layout: 'tls13', signatureAlgorithms: [0x0403], authorities: [bytesOf('3000')], problems: [] },
    });
  });
});

describe('ServerKeyExchange of other methods', () => {
  const read = (hex: string, suite: number, version = 0x0303) => {
    const bytes = bytesOf(hex);
    return parseServerKeyExchange(bytes, bytes.length, [], suite, version);
  };

  it('PSK: a hint alone', () => {
    expect(read('0003 616263', 0x00ae)).toMatchObject({ value: { form: 'psk', pskIdentityHint: bytesOf('616263') } });
  });

  it('ECDHE_PSK: hint, then curve', () => {
    expect(read('0000 03 0017 02 0401', 0xc035)).toMatchObject({ value: { form: 'ecdhe', namedGroup: 0x17 } });
  });

  it('TLS 1.0: a signature without its scheme', () => {
    expect(read('03 0017 02 0401 0003 aabbcc', 0xc013, 0x0301)).toMatchObject({
      value: { signatureScheme: null, signature: bytesOf('aabbcc'), problems: [] },
    });
  });

  it('what does not fit is unknown, with a problem', () => {
    expect(read('01 02', 0xc013)).toMatchObject({ value: { form: 'unknown', problems: [{}] } });
  });
});

describe('messages of TLS 1.3 that decryption will uncover', () => {
  const context = { version: 0x0304, cipherSuite: 0x1301 };
  const read = (type: number, hex: string) => readPieces([record(22, message(type, bytesOf(hex)))]).messages[0];

  it('EncryptedExtensions, NewSessionTicket, KeyUpdate, CompressedCertificate, EndOfEarlyData', () => {
    expect(expectKind(read(8, '0009 0010 0005 0003 02 6832'), 'encrypted-extensions', context)).toMatchObject({
      applicationProtocol: 'h2',
    });
    expect(expectKind(read(4, '00001c20 01020304 01 00 0002 abcd 0000'), 'new-session-ticket', context)).toMatchObject({
      lifetimeSeconds: 7200,
      ticket: bytesOf('abcd'),
    });
    expect(expectKind(read(24, '01'), 'key-update', context).updateRequested).toBe(true);
    expect(expectKind(read(25, '0002 000400 000003 aabbcc'), 'compressed-certificate', context)).toMatchObject({
      algorithm: 2,
      uncompressedLength: 1024,
      compressed: bytesOf('aabbcc'),
    });
    expect(expectKind(read(5, ''), 'end-of-early-data', context).type).toBe(5);
  });

  it('an unknown type is kept', () => {
    expect(expectKind(read(99, 'aabb'), 'unknown').body).toEqual(bytesOf('aabb'));
  });
});
