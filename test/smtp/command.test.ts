import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { describeCommand, parseCommand } from '../../shared/smtp/command.ts';
import { latin1 } from '../support/talk.ts';

const parse = (text: string, lenient = true) => parseCommand(latin1(text), 0, text.length, lenient);

describe('commands (RFC 5321 section 4.1.1, verbs in any case)', () => {
  it.each([
    ['EHLO mail.contoso.com', { kind: 'hello', verb: 'EHLO', name: 'mail.contoso.com' }],
    ['ehlo [192.0.2.1]', { kind: 'hello', verb: 'EHLO', name: '[192.0.2.1]' }],
    ['HeLo x', { kind: 'hello', verb: 'HELO', name: 'x' }],
    ['LHLO x', { kind: 'hello', verb: 'LHLO', name: 'x' }],
    ['EHLO', { kind: 'hello', verb: 'EHLO', name: '' }],
    ['StartTLS', { kind: 'upgrade', verb: 'STARTTLS' }],
    ['STARTTLS  ', { kind: 'upgrade', verb: 'STARTTLS' }],
    ['X-ANONYMOUSTLS', { kind: 'upgrade', verb: 'X-ANONYMOUSTLS' }],
    ['MAIL FROM:<a@b.example> SIZE=1000 BODY=8BITMIME', { kind: 'mail', verb: 'MAIL', path: 'a@b.example' }],
    ['mail from: <a@b.example>', { kind: 'mail', verb: 'MAIL', path: 'a@b.example' }],
    ['MAIL FROM:<>', { kind: 'mail', verb: 'MAIL', path: '' }],
    ['MAIL FROM:a@b.example SIZE=1', { kind: 'mail', verb: 'MAIL', path: 'a@b.example' }],
    ['RCPT TO:<"a b"@c.example> NOTIFY=NEVER', { kind: 'rcpt', verb: 'RCPT', path: '"a b"@c.example' }],
    ['DATA', { kind: 'data', verb: 'DATA' }],
    ['BDAT 1000', { kind: 'bdat', verb: 'BDAT', size: 1000, last: false }],
    ['bdat 0 last', { kind: 'bdat', verb: 'BDAT', size: 0, last: true }],
    ['XEXCH50 1024 2', { kind: 'xexch50', verb: 'XEXCH50', size: 1024 }],
    ['QUIT', { kind: 'other', verb: 'QUIT' }],
    ['noop anything at all', { kind: 'other', verb: 'NOOP' }],
  ])('%s', (text, command) => expect(parse(text)).toEqual(command));

  it.each([
    'STARTTLS now',
    'DATA x',
    'MAIL',
    'MAIL FROM',
    'BDAT',
    'BDAT x',
    'BDAT -1',
    'XEXCH50',
    'EHLOX y',
    '',
    ' EHLO x',
  ])('not taken for one: %j', (text) => expect(parse(text).kind).toBe('unrecognized'));

  it('a path without angle brackets counts only where the line is sure to be a command', () => {
    expect(parse('Mail from: Bob').kind).toBe('mail');
    expect(parse('Mail from: Bob', false).kind).toBe('unrecognized');
    expect(parse('MAIL FROM:<bob@example>', false).kind).toBe('mail');
  });

  it.each([
    ['XXXX', true],
    ['XXXXXXXA', true],
    ['XXXXXXXX', true],
    ['XXX', false],
    ['XXXXXXXA mx', false],
    ['XEXCH', false],
  ])('masked by a middlebox: %s is %s', (text, masked) =>
    expect(parse(text)).toMatchObject({ kind: 'unrecognized', masked }),
  );
});

describe('AUTH (RFC 4954)', () => {
  it.each([
    ['AUTH PLAIN AGFsaWNlAHNlY3JldA==', 'AUTH PLAIN (credentials not kept)'],
    ['auth login', 'AUTH LOGIN (credentials not kept)'],
    ['X-EXPS GSSAPI', 'X-EXPS GSSAPI (credentials not kept)'],
    ['AUTH', 'AUTH (credentials not kept)'],
    ['AUTH c2VjcmV0', 'AUTH (credentials not kept)'],
    ['AUTH PLAINc2VjcmV0', 'AUTH (credentials not kept)'],
    ['AUTH:c2VjcmV0', 'AUTH (credentials not kept)'],
  ])('%s', (text, words) => expect(describeCommand(parse(text))).toBe(words));
});

describe('any line at all', () => {
  it('gives no more than the cap of text, and never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'EHLO ', 'MAIL FROM:<', 'RCPT TO:', 'AUTH ', 'BDAT ', 'XXXX', 'NOOP '),
        fc.uint8Array({ maxLength: 4_000 }),
        (verb, rest) => {
          const bytes = Uint8Array.from([...latin1(verb), ...rest]);
          const words = describeCommand(parseCommand(bytes, 0, bytes.length));
          expect(words.length).toBeLessThanOrEqual(LIMITS.smtpTextCharacters + 60);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a verb that is no command leaves nothing of its line', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9+/=]{10,60}$/), (secret) => {
        for (const line of [secret, `NOOP ${secret}`, `VRFY ${secret}`, `AUTH PLAIN ${secret}`, `XCLIENT ${secret}`]) {
          expect(describeCommand(parse(line)).toLowerCase()).not.toContain(secret);
        }
      }),
    );
  });
});
