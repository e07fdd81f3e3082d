import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { ClientReader } from '../../shared/smtp/client-reader.ts';
import { describeCommand } from '../../shared/smtp/command.ts';
import { describeProxyHeader } from '../../shared/smtp/proxy-header.ts';
import { describeReply } from '../../shared/smtp/reply.ts';
import { ServerReader } from '../../shared/smtp/server-reader.ts';
import { latin1 } from '../support/talk.ts';
import { loadFixture } from '../tls/support.ts';

type Piece = string | Uint8Array | number | ((reader: ClientReader) => void);

interface Reading {
  readonly events: string[];
  /** Bytes handed on to TLS, as Latin-1; null when TLS did not begin. */
  readonly tls: string | null;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** What a client's pieces tell: numbers are holes, functions what the server says in between. */
function readClient(pieces: readonly Piece[], isMail = true): Reading {
  const events: string[] = [];
  const reader = new ClientReader(
    {
      proxyHeader: (header) => events.push(describeProxyHeader(header)),
      command: (command) => events.push(describeCommand(command)),
      content: (verb, length, complete) => events.push(`${verb} content ${length}${complete ? '' : ' or more'}`),
    },
    { isMail: () => isMail, isCommandTime: () => true },
  );
  let tls: string | null = null;
  for (const piece of pieces) {
    if (typeof piece === 'function') piece(reader);
    else if (typeof piece === 'number') reader.hole(piece);
    else {
      const bytes = typeof piece === 'string' ? latin1(piece) : piece;
      if (tls !== null) tls += text(bytes);
      else {
        const at = reader.push(bytes, 0, bytes.length);
        if (at >= 0) tls = text(reader.tlsPrefix) + text(bytes.subarray(at));
      }
    }
  }
  if (tls === null) reader.finish();
  return { events, tls };
}

function readServer(pieces: readonly (string | Uint8Array | number)[], isMail = true, isTlsDue = false): Reading {
  const events: string[] = [];
  const reader = new ServerReader(
    {
      reply: (reply) => events.push(describeReply(reply)),
      noReply: (length, first) => events.push(`no reply, ${length} bytes${first ? ', first' : ''}`),
    },
    () => isMail,
    () => isTlsDue,
  );
  let tls: string | null = null;
  for (const piece of pieces) {
    if (typeof piece === 'number') reader.hole();
    else {
      const bytes = typeof piece === 'string' ? latin1(piece) : piece;
      if (tls !== null) tls += text(bytes);
      else {
        const at = reader.push(bytes, 0, bytes.length);
        if (at >= 0) tls = text(reader.tlsPrefix) + text(bytes.subarray(at));
      }
    }
  }
  return { events, tls };
}

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const sorted = [...cuts].sort((a, b) => a - b);
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i] ?? bytes.length));
}

const cutsOf = (length: number) => fc.uniqueArray(fc.integer({ min: 1, max: length - 1 }), { maxLength: 40 });
const HELLO = loadFixture('tls12-ecdhe-rsa').client.subarray(0, 200);
const ANSWER = loadFixture('tls12-ecdhe-rsa').server.subarray(0, 200);

describe('what a client sends', () => {
  const dialogue = `PROXY TCP4 192.0.2.7 192.0.2.8 1 25\r\nEHLO a\nauth login\r\nc2VjcmV0\r\nc2VjcmV0\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 5\r\nab\r\ncDATA\r\nx\r\n.\nQUIT\r\n.\r\nXXXX\r\nRSET\r\nstarttls\r\n`;
  const told = [
    'PROXY protocol 1: 192.0.2.7:1 to 192.0.2.8:25',
    'EHLO a',
    'AUTH LOGIN (credentials not kept)',
    'MAIL FROM:<a@b>',
    'RCPT TO:<c@d>',
    'BDAT 5',
    'BDAT content 5',
    'DATA',
    'DATA content 11',
    'a command masked with X by a middlebox (4 bytes)',
    'RSET',
    'STARTTLS',
  ];

  it('is told in order, credentials and content left out', () => {
    expect(readClient([dialogue])).toEqual({ events: told, tls: null });
  });

  it('is the same however it is split, and TLS begins at the same byte', () => {
    const bytes = Uint8Array.from([...latin1(dialogue), ...HELLO]);
    const pieces = (cuts: readonly number[]) => readClient(cut(bytes, cuts));
    expect(pieces([])).toEqual({ events: told, tls: text(HELLO) });
    fc.assert(
      fc.property(cutsOf(bytes.length), (cuts) => {
        expect(pieces(cuts)).toEqual(pieces([]));
      }),
    );
    expect(pieces(Array.from({ length: bytes.length - 1 }, (_, i) => i + 1))).toEqual(pieces([]));
  });

  it('a line longer than the cap is one unrecognized line', () => {
    const line = `${'x'.repeat(LIMITS.smtpLineBytes + 10)}\n`;
    expect(readClient([`EHLO a\r\n${line}QUIT\r\n`]).events).toEqual([
      'EHLO a',
      `unrecognized line (${LIMITS.smtpLineBytes + 10} bytes, not kept)`,
      'QUIT',
    ]);
  });

  it('content goes on to the end of the stream where its end is missing', () => {
    expect(readClient(['DATA\r\nMAIL FROM:<x>\r\n']).events).toEqual(['DATA', 'DATA content 15 or more']);
    expect(readClient(['BDAT 100\r\nabc']).events).toEqual(['BDAT 100', 'BDAT content 3 or more']);
  });

  it('BDAT of nothing has no content', () => {
    expect(readClient(['BDAT 0 LAST\r\nQUIT\r\n']).events).toEqual(['BDAT 0 LAST', 'QUIT']);
  });

  it('an SSL 2.0 ClientHello begins TLS too, and UTF-8 text does not', () => {
    const hello = '\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10';
    expect(readClient(['STARTTLS\r\n', hello]).tls).toBe(hello);
    expect(readClient(['STARTTLS\r\n', hello.slice(0, 3), hello.slice(3)]).tls).toBe(hello);
    expect(readClient(['STARTTLS\r\n', '\xc3\xa4\xc3\xb6 x\r\n']).tls).toBe(null);
  });
});

describe('a hole in what the client sends', () => {
  it('in a line: what is left of the line is no command', () => {
    expect(readClient(['EHLO a\r\nMAIL FR', 10, 'OM:<a>\r\nRCPT TO:<b@c>\r\n']).events).toEqual([
      'EHLO a',
      'RCPT TO:<b@c>',
    ]);
  });

  it('lines that are no commands say nothing until one is', () => {
    const behind = 'Subject: x\r\nMail from: Bob\r\n\r\n.\r\nQUIT\r\nfoo\r\n';
    expect(readClient([0, behind]).events).toEqual(['QUIT', 'unrecognized line (3 bytes, not kept)']);
  });

  it('in credentials: they go on until a command that cannot be one', () => {
    expect(readClient(['AUTH LOGIN\r\nabc', 5, 'def\r\nQUIT\r\nMAIL FROM:<a@b>\r\n']).events).toEqual([
      'AUTH LOGIN (credentials not kept)',
      'MAIL FROM:<a@b>',
    ]);
  });

  it('in content: it goes on to its end', () => {
    expect(readClient(['DATA\r\na', 7, 'EHLO b\r\n.\r\nQUIT\r\n']).events).toEqual(['DATA', 'DATA content 16', 'QUIT']);
  });

  it('over the end of a chunk: what follows may be anything', () => {
    expect(readClient(['BDAT 10\r\nab', 20, 'c\r\nRSET\r\n']).events).toEqual(['BDAT 10', 'RSET']);
    expect(readClient(['BDAT 10\r\nab', 8, 'RSET\r\n']).events).toEqual(['BDAT 10', 'BDAT content 10', 'RSET']);
  });

  it('binary data directly behind it is TLS where this is SMTP, and only there', () => {
    const data = HELLO.subarray(50, 150);
    expect(readClient(['EHLO a\r\n', 9, data]).tls).toBe(text(data));
    expect(readClient(['EHLO a\r\n', 9, data], false).tls).toBe(null);
    expect(readClient(['EHLO a\r\n', 9, 'Subject: x\r\n', data]).tls).toBe(null);
  });
});

describe('what the server says meanwhile', () => {
  it('354 behind a hole: content follows, whatever it looks like', () => {
    const asked = (reader: ClientReader) => reader.contentExpected();
    expect(readClient([5, asked, 'EHLO x\r\n.\r\nQUIT\r\n']).events).toEqual(['DATA content 8', 'QUIT']);
    expect(readClient(['EHLO a\r\n', asked, 'EHLO x\r\n']).events).toEqual(['EHLO a', 'EHLO x']);
  });

  it('334 behind a hole: credentials follow', () => {
    const asked = (reader: ClientReader) => reader.credentialsExpected();
    expect(readClient([5, asked, 'QUIT\r\nMAIL FROM:<a>\r\n']).events).toEqual(['MAIL FROM:<a>']);
  });

  it('a refusal counts for the content that it refuses, as long as none came', () => {
    const refuse = (reader: ClientReader) => reader.backToCommands(reader.section);
    const refuseEarlier = (reader: ClientReader) => reader.backToCommands(reader.section - 1);
    expect(readClient(['DATA\r\n', refuse, 'RSET\r\n']).events).toEqual(['DATA', 'RSET']);
    expect(readClient(['DATA\r\nx\r\n', refuse, 'RSET\r\n']).events).toEqual(['DATA', 'DATA content 9 or more']);
    expect(readClient(['DATA\r\n', refuseEarlier, 'RSET\r\n']).events).toEqual(['DATA', 'DATA content 6 or more']);
    expect(readClient(['AUTH LOGIN\r\nx\r\n', refuse, 'RSET\r\n']).events.at(-1)).toBe('RSET');
    expect(readClient(['XEXCH50 9 2\r\n', refuse, 'RSET\r\n']).events.at(-1)).toBe('RSET');
  });

  it('XEXCH50 whose answer was not captured: letters are a command, anything else its data', () => {
    const accept = (reader: ClientReader) => reader.contentAccepted(reader.section);
    expect(readClient(['XEXCH50 4 2\r\n', 'RSET\r\n']).events).toEqual(['XEXCH50 4', 'RSET']);
    expect(readClient(['XEXCH50 4 2\r\n', '\x1c\0\0\0RSET\r\n']).events).toEqual([
      'XEXCH50 4',
      'XEXCH50 content 4',
      'RSET',
    ]);
    expect(readClient(['XEXCH50 4 2\r\n', accept, 'RSETQUIT\r\n']).events).toEqual([
      'XEXCH50 4',
      'XEXCH50 content 4',
      'QUIT',
    ]);
  });
});

describe('what a server sends', () => {
  const dialogue = '220 mx ESMTP\n250-mx\r\n250-SIZE\r\n250 STARTTLS\r\n220 go\r\n';
  const told = ['220 mx ESMTP', '250 mx (and 2 more lines)', '220 go'];

  it('is the same however it is split, and TLS begins at the same byte', () => {
    const bytes = Uint8Array.from([...latin1(dialogue), ...ANSWER]);
    expect(readServer([bytes])).toEqual({ events: told, tls: text(ANSWER) });
    fc.assert(
      fc.property(cutsOf(bytes.length), (cuts) => {
        expect(readServer(cut(bytes, cuts))).toEqual({ events: told, tls: text(ANSWER) });
      }),
    );
  });

  it('lines that are no replies are counted, the first as such', () => {
    expect(readServer(['* OK IMAP4\r\n220 x\r\nwhat\r\n']).events).toEqual([
      'no reply, 10 bytes, first',
      '220 x',
      'no reply, 4 bytes',
    ]);
  });

  it("an HTTP proxy's answer is passed over up to its empty line", () => {
    expect(readServer(['HTTP/1.1 200 ok\r\nVia: x\r\n\r\n220 mx\r\n']).events).toEqual(['220 mx']);
    expect(readServer(['HTTP/1.1 403 no\r\n']).events).toEqual(['no reply, 15 bytes, first']);
  });

  it('a hole in a reply: the rest of the line is dropped, and the reply is no reply of one line more', () => {
    expect(readServer(['250-mx\r\n250-SI', 5, 'ZE\r\n250-PIPELINING\r\n250 HELP\r\n']).events).toEqual([
      '250 PIPELINING (and 1 more line)',
    ]);
  });

  it('binary data behind a hole is TLS, text is not', () => {
    const key = ANSWER.subarray(120, 200);
    expect(readServer(['220 mx\r\n', 9, key]).tls).toBe(text(key));
    expect(readServer(['220 mx\r\n', 9, 'Some Authority Ltd']).tls).toBe(null);
  });

  it('text behind a hole is TLS where the client has begun it, unless it is a reply', () => {
    expect(readServer(['220 go\r\n', 9, 'Some Authority Ltd'], true, true).tls).toBe('Some Authority Ltd');
    expect(readServer(['220 go\r\n', 9, '454 no TLS\r\n'], true, true).events).toEqual(['220 go', '454 no TLS']);
  });
});

describe('hostile bytes', () => {
  it('readers take anything in any split, and hand out what they were given', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .constantFrom('EHLO ', '\r\n', 'AUTH ', 'DATA\r\n', 'BDAT 3\r\n', '250-', '220 ', '\x16\x03\x01', '\x80')
        .map(latin1),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, fc.nat(300)), { maxLength: 20 }), fc.boolean(), (pieces, flag) => {
        for (const { tls } of [readClient(pieces, flag), readServer(pieces, flag, flag)]) {
          if (tls === null) continue;
          const all = pieces.map((piece) => (typeof piece === 'number' ? '' : text(piece))).join('');
          expect(all.endsWith(tls)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
