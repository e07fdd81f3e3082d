import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeCommand } from '../../shared/smtp/command.ts';
import { SmtpDialogue, type SmtpSide } from '../../shared/smtp/dialogue.ts';
import { describeReply } from '../../shared/smtp/reply.ts';
import { latin1 } from '../support/talk.ts';
import { loadFixture } from '../tls/support.ts';

const { client: HELLO, server: ANSWER } = loadFixture('tls12-ecdhe-rsa');

/** A side's bytes, or so many missing ones, and when the packet was captured (by default: in the order told). */
type Step = readonly [side: SmtpSide, what: string | Uint8Array | number, at?: number];

interface Told {
  readonly dialogue: SmtpDialogue<number>;
  readonly events: readonly string[];
}

function told(steps: readonly Step[], isMailPort = true): Told {
  const events: string[] = [];
  const dialogue = new SmtpDialogue<number>(
    {
      proxyHeader: () => events.push('proxy header'),
      command: (command) => events.push(`C ${describeCommand(command)}`),
      reply: (reply, role) => events.push(`S ${role === 'reply' ? '' : `${role} `}${describeReply(reply)}`),
      content: (verb) => events.push(`${verb} content`),
      injection: (side, summary) => events.push(`injection by ${side}: ${summary}`),
      plaintextAnswer: (reply) => events.push(`plaintext answer ${describeReply(reply)}`),
    },
    { follows: (reply, command) => reply > command, isMailPort, isServerBehind: () => false },
  );
  const inTls = new Set<SmtpSide>();
  steps.forEach(([side, what, at], index) => {
    if (inTls.has(side)) return;
    if (typeof what === 'number') {
      dialogue.hole(side, what);
      return;
    }
    const bytes = typeof what === 'string' ? latin1(what) : what;
    if (dialogue.push(side, bytes, 0, bytes.length, at ?? 10 * index) >= 0) inTls.add(side);
  });
  dialogue.finish(10 * steps.length);
  return { dialogue, events };
}

const GREETING: Step = ['server', '220 mx ESMTP\r\n'];
const EHLO: Step = ['client', 'EHLO client.example\r\n'];
const OFFER: Step = ['server', '250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n'];
const NO_OFFER: Step = ['server', '250-mx\r\n250-PIPELINING\r\n250 SIZE\r\n'];
const STARTTLS: Step = ['client', 'STARTTLS\r\n'];
const GO: Step = ['server', '220 2.0.0 go ahead\r\n'];
const CLIENT_TLS: Step = ['client', HELLO];
const SERVER_TLS: Step = ['server', ANSWER];

describe('the fate of STARTTLS (RFC 3207)', () => {
  it.each<[string, readonly Step[], string, number | null]>([
    ['accepted', [GREETING, EHLO, OFFER, STARTTLS, GO, CLIENT_TLS, SERVER_TLS], 'accepted', 220],
    ['accepted, and nothing followed', [GREETING, EHLO, OFFER, STARTTLS, GO], 'accepted', 220],
    ['refused with 454', [GREETING, EHLO, OFFER, STARTTLS, ['server', '454 4.7.0 not now\r\n']], 'refused', 454],
    ['refused with 502', [GREETING, EHLO, OFFER, STARTTLS, ['server', '502 5.5.1 no\r\n']], 'refused', 502],
    ['unanswered', [GREETING, EHLO, OFFER, STARTTLS], 'unanswered', null],
    ['not offered', [GREETING, EHLO, NO_OFFER, ['client', 'MAIL FROM:<a@b>\r\n']], 'not-offered', null],
    ['not offered to HELO', [GREETING, ['client', 'HELO a\r\n'], ['server', '250 mx\r\n']], 'not-offered', null],
    ['offer masked by a middlebox', [GREETING, EHLO, ['server', '250-mx\r\n250 XXXXXXXA\r\n']], 'masked', null],
    ['command masked', [GREETING, EHLO, NO_OFFER, ['client', 'XXXXXXXX\r\n']], 'masked', null],
    ['offered and not requested', [GREETING, EHLO, OFFER, ['client', 'QUIT\r\n']], 'not-requested', null],
    ['offered in lower case', [GREETING, EHLO, ['server', '250-mx\r\n250 starttls\r\n']], 'not-requested', null],
    ['not reached: the greeting refuses', [['server', '554 5.7.1 go away\r\n']], 'not-seen', null],
    ['not reached: nothing after the greeting', [GREETING, EHLO], 'not-seen', null],
    [
      'refused, then accepted',
      [GREETING, EHLO, OFFER, STARTTLS, ['server', '454 later\r\n'], ['client', 'starttls\r\n'], GO],
      'accepted',
      220,
    ],
    ['a server that lost the command', [GREETING, EHLO, OFFER, ['client', 5], GO, SERVER_TLS], 'accepted', 220],
    ['the 220 lost, and TLS began', [GREETING, EHLO, OFFER, STARTTLS, ['server', 20], CLIENT_TLS], 'accepted', null],
    ['only the server, from the start', [GREETING, OFFER, GO, SERVER_TLS], 'accepted', 220],
    ['only the server, from its 220 on', [['server', 0], GO, SERVER_TLS], 'accepted', 220],
    ['only the server, which offered it', [GREETING, OFFER], 'not-requested', null],
    ['only the client', [EHLO, STARTTLS, CLIENT_TLS], 'accepted', null],
    ['only the client, which got no further', [EHLO, STARTTLS], 'unanswered', null],
  ])('%s', (_, steps, state, replyCode) => {
    const { dialogue } = told(steps);
    expect(dialogue.startTlsState()).toBe(state);
    expect(dialogue.upgrade?.replyCode ?? null).toBe(replyCode);
  });

  it('of which a part of the offer was lost: nobody knows', () => {
    const steps: Step[] = [
      GREETING,
      EHLO,
      ['server', '250-mx\r\n250-PIPEL'],
      ['server', 30],
      ['server', '\r\n250 SIZE\r\n'],
    ];
    expect(told(steps).dialogue.startTlsState()).toBe('not-seen');
    const offered: Step[] = [GREETING, EHLO, ['server', 30], ['server', '250-STARTTLS\r\n250 SIZE\r\n']];
    expect(told(offered).dialogue.startTlsState()).toBe('not-requested');
    expect(told(offered).dialogue.extensions).toEqual(['STARTTLS', 'SIZE']);
  });

  it('X-ANONYMOUSTLS is another verb for it, also where only the server was captured', () => {
    const offer: Step = ['server', '250-mx\r\n250-SIZE\r\n250 X-ANONYMOUSTLS\r\n'];
    expect(told([GREETING, EHLO, offer, ['client', 'X-AnonymousTLS\r\n'], GO]).dialogue.upgrade).toMatchObject({
      verb: 'X-ANONYMOUSTLS',
      captured: true,
    });
    expect(told([GREETING, offer, GO, SERVER_TLS]).dialogue.upgrade).toMatchObject({
      verb: 'X-ANONYMOUSTLS',
      captured: false,
    });
  });

  it('a capture that begins at the 220 of STARTTLS takes it for no greeting', () => {
    expect(told([['server', 0], GO, SERVER_TLS]).dialogue.greeting).toBe(null);
    expect(told([GREETING]).dialogue.greeting?.lines).toEqual(['mx ESMTP']);
  });
});

describe('plaintext between the 220 and TLS (RFC 3207 section 6)', () => {
  it('commands pipelined behind STARTTLS by the client', () => {
    const { events } = told([
      GREETING,
      EHLO,
      OFFER,
      ['client', 'STARTTLS\r\nRSET\r\nMAIL FROM:<x@y>\r\n'],
      GO,
      CLIENT_TLS,
    ]);
    expect(events).toContain('injection by client: 2 commands were sent in plaintext behind STARTTLS');
  });

  it('a second reply of the server', () => {
    const { events } = told([GREETING, EHLO, OFFER, STARTTLS, ['server', '220 go\r\n250 injected\r\n'], CLIENT_TLS]);
    expect(events).toContain('injection by server: 250 in plaintext behind the 220 that agreed to TLS');
  });

  it('commands behind a STARTTLS that was refused are no injection', () => {
    const { events } = told([
      GREETING,
      EHLO,
      OFFER,
      STARTTLS,
      ['server', '454 no\r\n'],
      ['client', 'MAIL FROM:<a@b>\r\n'],
    ]);
    expect(events.join()).not.toContain('injection');
  });

  it('the server goes on in plaintext behind the ClientHello', () => {
    const { events } = told([GREETING, EHLO, OFFER, STARTTLS, GO, CLIENT_TLS, ['server', '454 4.7.0 no TLS\r\n']]);
    expect(events).toContain('plaintext answer 454 4.7.0 no TLS');
    expect(events.join()).not.toContain('injection');
  });
});

describe('replies and commands', () => {
  it('pipelined commands get their replies in order (RFC 2920)', () => {
    const { events, dialogue } = told([
      GREETING,
      EHLO,
      OFFER,
      ['client', 'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n'],
      ['server', '250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n'],
      ['client', 'x\r\n.\r\nSTARTTLS\r\n'],
      ['server', '250 queued\r\n454 not now\r\n'],
    ]);
    expect(events).toContain('DATA content');
    expect(dialogue.envelopes).toEqual([{ mailFrom: 'a@b', rcptTo: ['c@d', 'e@f'] }]);
    expect(dialogue.upgrade?.replyCode).toBe(454);
  });

  it('replies read before the commands they answer, which stood behind a hole', () => {
    const { dialogue } = told([
      ['server', '220 mx ESMTP\r\n', 10],
      ['server', '250-mx\r\n250 STARTTLS\r\n', 30],
      ['server', '502 no\r\n', 50],
      ['client', 7],
      ['client', 'EHLO a\r\n', 20],
      ['client', 'STARTTLS\r\n', 40],
    ]);
    expect(dialogue.extensions).toEqual(['STARTTLS']);
    expect(dialogue.startTlsState()).toBe('refused');
  });

  it('replies of which some were lost: a code that answers one command only finds it', () => {
    const { dialogue } = told([GREETING, EHLO, ['server', 40], STARTTLS, GO]);
    expect(dialogue.startTlsState()).toBe('accepted');
  });

  it('every hello counts, the last one names the client', () => {
    const { dialogue } = told([GREETING, EHLO, OFFER, ['client', 'EHLO other\r\n'], NO_OFFER]);
    expect(dialogue.clientName).toBe('other');
    expect(dialogue.extensions).toEqual(['PIPELINING', 'SIZE']);
  });

  it('credentials end with the reply to AUTH, whatever it is', () => {
    for (const verdict of ['235 ok', '535 no', '501 cancelled']) {
      const { events } = told([
        GREETING,
        EHLO,
        OFFER,
        ['client', 'AUTH LOGIN\r\n'],
        ['server', '334 x\r\n'],
        ['client', 'YWJj\r\n'],
        ['server', `${verdict}\r\n`],
        ['client', 'RSET\r\n'],
      ]);
      expect(events.at(-1)).toBe('C RSET');
      expect(events).toContain('S challenge 334 (text not kept)');
    }
  });

  it('the text of an answer that may quote credentials is dropped, that of a refused STARTTLS is kept', () => {
    const { events } = told([
      GREETING,
      EHLO,
      OFFER,
      STARTTLS,
      ['server', '502 5.5.1 no TLS here\r\n'],
      ['client', 'AUTH x\r\n'],
      ['server', '500 5.5.2 AUTH x?\r\n'],
    ]);
    expect(events).toContain('S 502 5.5.1 no TLS here');
    expect(events).toContain('S 500 5.5.2 (text not kept)');
  });
});

describe('what is SMTP at all', () => {
  it.each<[string, readonly Step[], string]>([
    ['SMTP', [GREETING, EHLO], 'smtp'],
    [
      'FTP',
      [
        ['server', '220 ftp ready\r\n'],
        ['client', 'USER x\r\n'],
      ],
      'not-smtp',
    ],
    [
      'FTP that begins TLS',
      [['server', '220 ftp ready\r\n'], ['client', 'AUTH TLS\r\n'], ['server', '234 ok\r\n'], CLIENT_TLS],
      'none',
    ],
    ['POP3', [['server', '+OK ready\r\n']], 'not-smtp'],
    [
      'IMAP',
      [
        ['server', '* OK ready\r\n'],
        ['client', 'a1 STARTTLS\r\n'],
      ],
      'not-smtp',
    ],
    [
      'IRC',
      [
        ['client', 'STARTTLS\r\n'],
        ['server', ':irc 670 x :go\r\n'],
      ],
      'not-smtp',
    ],
    [
      'HTTP',
      [
        ['client', 'GET / HTTP/1.1\r\n'],
        ['server', 'HTTP/1.1 200 OK\r\n'],
      ],
      'not-smtp',
    ],
  ])('%s', (_, steps, evidence) => expect(told(steps, false).dialogue.evidence).toBe(evidence));
});

describe('split and mixed bytes', () => {
  it('a dialogue says the same in any segments', () => {
    const script: readonly Step[] = [GREETING, EHLO, OFFER, STARTTLS, GO, CLIENT_TLS, SERVER_TLS];
    const whole = told(script).events;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }), (sizes) => {
        let piece = 0;
        const steps = script.flatMap(([side, what], step) => {
          const bytes = typeof what === 'string' ? latin1(what) : (what as Uint8Array).subarray(0, 300);
          const pieces: Step[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = sizes[piece++ % sizes.length];
            pieces.push([side, bytes.subarray(at, at + size), step]);
            at += size;
          }
          return pieces;
        });
        expect(told(steps).events).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });
});
