/** Credentials and mails in plaintext: what may never be shown or taken for the dialogue. */
import { swaks } from '../clients.ts';
import { plain, tls } from '../sessions.ts';
import { greeted, type Quirk } from './quirk.ts';

const SECRET = (what: string) => `TEST-SECRET-${what}`;
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64');

const message = (subject: string, ...lines: string[]) =>
  [`From: alice@contoso.com`, 'To: orders@northwind.example', `Subject: ${subject}`, '', ...lines, ''].join('\n');

export const CONTENT: readonly Quirk[] = [
  {
    file: 'auth-plain-cleartext.pcap',
    did: 'AUTH PLAIN with initial response in plaintext, STARTTLS offered and not used',
    tools: ['peers.ts', 'swaks', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.70:25', starttls: 'not-requested' })],
    secrets: [SECRET('plain'), base64(`\0alice\0${SECRET('plain')}`)],
    act: async () => {
      await swaks('10.99.0.70', ['--auth', 'PLAIN', '--auth-user', 'alice', '--auth-password', SECRET('plain')]);
      return undefined;
    },
  },
  {
    file: 'auth-login-cleartext.pcap',
    did: 'AUTH LOGIN as a dialogue, once with an initial response, and AUTH PLAIN without one, in plaintext',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.70:25', starttls: 'not-requested' })],
    secrets: ['login', 'login-2', 'plain-dialogue']
      .map(SECRET)
      .flatMap((secret) => [secret, base64(secret.endsWith('dialogue') ? `\0alice\0${secret}` : secret)]),
    act: async () => {
      const client = await greeted('10.99.0.70');
      await client.say('AUTH LOGIN\r\n', 334);
      await client.say(`${base64('alice')}\r\n`, 334);
      await client.say(`${base64(SECRET('login'))}\r\n`, 235);
      await client.say(`auth login ${base64('alice')}\r\n`, 334);
      await client.say(`${base64(SECRET('login-2'))}\r\n`, 235);
      await client.say('AUTH PLAIN\r\n', 334);
      await client.say(`${base64(`\0alice\0${SECRET('plain-dialogue')}`)}\r\n`, 235);
      await client.say('MAIL FROM:<alice@contoso.com> AUTH=<>\r\n', 250);
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'auth-x-exps-cleartext.pcap',
    did: 'Exchange\u2019s X-EXPS with an initial response and one more round, in plaintext',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.70:25', starttls: 'not-requested' })],
    secrets: ['exps-first', 'exps-second'].flatMap((what) => [SECRET(what), base64(`NTLMSSP\0${SECRET(what)}`)]),
    act: async () => {
      const client = await greeted('10.99.0.70', 25, 'EHLO exchange.contoso.com');
      await client.say(`X-EXPS NTLM ${base64(`NTLMSSP\0${SECRET('exps-first')}`)}\r\n`, 334);
      await client.say(`${base64(`NTLMSSP\0${SECRET('exps-second')}`)}\r\n`, 235);
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'auth-after-starttls-offer-then-upgrade.pcap',
    did: 'AUTH PLAIN in plaintext first, then STARTTLS all the same, TLS 1.2',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [tls({ server: '10.99.0.62:25', version: 'TLS 1.2', serverChain: 'self-signed' })],
    secrets: [SECRET('before-upgrade'), base64(`\0alice\0${SECRET('before-upgrade')}`)],
    act: async () => {
      const client = await greeted('10.99.0.62');
      await client.say(`AUTH PLAIN ${base64(`\0alice\0${SECRET('before-upgrade')}`)}\r\n`, 500);
      await client.say('STARTTLS\r\n', 220);
      await client.beginTls();
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'content-with-starttls-words.pcap',
    did: 'A mail in plaintext whose lines look like the dialogue: STARTTLS, 250-STARTTLS, 220, a dot-stuffed line',
    tools: ['postfix', 'scripted client', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.33:25', starttls: 'not-offered' })],
    secrets: [SECRET('content-1'), SECRET('content-2')],
    act: async () => {
      const client = await greeted('10.99.0.33');
      await client.say('MAIL FROM:<alice@contoso.com>\r\n', 250);
      await client.say('RCPT TO:<orders@northwind.example>\r\n', 250);
      await client.say('DATA\r\n', 354);
      const body = message(
        'Words',
        'EHLO mail.contoso.com',
        '250-STARTTLS',
        'STARTTLS',
        '220 2.0.0 Ready to start TLS',
        SECRET('content-1'),
        '..',
        'AUTH PLAIN AGFsaWNl',
        SECRET('content-2'),
        '.',
      );
      client.send(body.replaceAll('\n', '\r\n'));
      await client.reply(250);
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'content-bdat.pcap',
    did: 'A mail in plaintext in two BDAT chunks, the first ending inside a line that looks like STARTTLS',
    tools: ['postfix', 'scripted client', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.30:25', starttls: 'not-requested' })],
    secrets: [SECRET('chunk-1'), SECRET('chunk-2')],
    act: async () => {
      const client = await greeted('10.99.0.30');
      await client.say('MAIL FROM:<alice@contoso.com>\r\n', 250);
      await client.say('RCPT TO:<orders@northwind.example>\r\n', 250);
      const first = message('Chunks', SECRET('chunk-1'), 'QUIT', 'START').slice(0, -1).replaceAll('\n', '\r\n');
      await client.say(`BDAT ${first.length}\r\n${first}`, 250);
      const second = `TLS\r\n${SECRET('chunk-2')}\r\n`;
      await client.say(`BDAT ${second.length} LAST\r\n${second}`, 250);
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'pipelined-envelope.pcap',
    did: 'MAIL, two RCPT and DATA in one segment in plaintext, a tiny mail, then RSET and a second envelope',
    tools: ['postfix', 'scripted client', 'tcpdump'],
    sessions: [
      plain({
        server: '10.99.0.33:25',
        starttls: 'not-offered',
        note: 'two envelopes: alice@contoso.com to two recipients, and quarantine@messaging.microsoft.com to testdl@contoso.com',
      }),
    ],
    secrets: [SECRET('pipelined')],
    act: async () => {
      const client = await greeted('10.99.0.33');
      await client.say(
        'MAIL FROM:<alice@contoso.com>\r\nRCPT TO:<orders@northwind.example>\r\nRCPT TO:<sales@northwind.example>\r\nDATA\r\n',
        354,
      );
      await client.say(`${message('Two', SECRET('pipelined')).replaceAll('\n', '\r\n')}.\r\n`, 250);
      await client.say('RSET\r\n', 250);
      await client.say(
        'MAIL FROM:<quarantine@messaging.microsoft.com>\r\nRCPT TO:<testdl@contoso.com>\r\nDATA\r\n',
        354,
      );
      await client.say(`${message('Spam Notification', 'Release to Inbox').replaceAll('\n', '\r\n')}.\r\n`, 250);
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
];
