/** The plaintext dialogue up to STARTTLS, and what goes wrong there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openssl, ScriptedClient, swaks } from '../clients.ts';
import { plain, tls } from '../sessions.ts';
import { greeted, NAME, type Quirk, TLS12 } from './quirk.ts';

function proxyV2(): Buffer {
  const header = Buffer.alloc(28);
  header.write('\r\n\r\n\0\r\nQUIT\n', 0, 'latin1');
  header[12] = 0x21;
  header[13] = 0x11;
  header.writeUInt16BE(12, 14);
  header.set([198, 51, 100, 7, 10, 99, 0, 43], 16);
  header.writeUInt16BE(51_234, 24);
  header.writeUInt16BE(25, 26);
  return header;
}

export const STARTTLS: readonly Quirk[] = [
  {
    file: 'starttls-454.pcap',
    did: 'Postfix without a usable key answers 454 to STARTTLS; swaks then delivers in plaintext',
    tools: ['postfix', 'swaks', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.34:25', starttls: 'refused', note: 'reply 454' })],
    act: async () => {
      await swaks('10.99.0.34', ['-tlso']);
      return undefined;
    },
  },
  {
    file: 'starttls-502.pcap',
    did: 'The server offers STARTTLS and answers 502',
    tools: ['peers.ts', 'swaks', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.61:25', starttls: 'refused', note: 'reply 502' })],
    act: async () => {
      await swaks('10.99.0.61', ['-tls']);
      return undefined;
    },
  },
  {
    file: 'starttls-not-offered.pcap',
    did: 'No STARTTLS in the reply to EHLO; swaks delivers in plaintext',
    tools: ['postfix', 'swaks', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.33:25', starttls: 'not-offered' })],
    act: async () => {
      await swaks('10.99.0.33', ['--body', 'In the clear.']);
      return undefined;
    },
  },
  {
    file: 'starttls-not-requested.pcap',
    did: 'STARTTLS is offered and the client does not use it',
    tools: ['postfix', 'swaks', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.30:25', starttls: 'not-requested' })],
    act: async () => {
      await swaks('10.99.0.30', ['--body', 'In the clear.']);
      return undefined;
    },
  },
  {
    file: 'starttls-helo-only.pcap',
    did: 'An old client says HELO, so nothing is offered',
    tools: ['postfix', 'swaks', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.30:25', starttls: 'not-offered', note: 'HELO has no extensions' })],
    act: async () => {
      await swaks('10.99.0.30', ['--protocol', 'SMTP']);
      return undefined;
    },
  },
  {
    file: 'starttls-masked.pcap',
    did: 'A middlebox has overwritten STARTTLS with XXXXXXXA and the greeting with asterisks',
    tools: ['peers.ts', 'swaks', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.60:25', starttls: 'masked' })],
    act: async () => {
      await swaks('10.99.0.60', ['-tlso']);
      return undefined;
    },
  },
  {
    file: 'starttls-unanswered.pcap',
    did: 'The server never answers STARTTLS and closes',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.69:25', starttls: 'unanswered' })],
    act: async () => {
      const client = await greeted('10.99.0.69');
      client.send('STARTTLS\r\n');
      await sleep(600);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'x-anonymoustls.pcap',
    did: 'Exchange to Exchange: X-ANONYMOUSTLS, then TLS 1.2 with a self-signed certificate',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [
      tls({ server: '10.99.0.62:25', upgrade: 'X-ANONYMOUSTLS', version: 'TLS 1.2', serverChain: 'self-signed' }),
    ],
    act: async () => {
      const client = await greeted('10.99.0.62', 25, 'EHLO exchange.contoso.com');
      await client.say('X-ANONYMOUSTLS\r\n', 220);
      await client.beginTls();
      await client.say('EHLO exchange.contoso.com\r\n', 250);
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'injection-by-client.pcap',
    did: 'STARTTLS and RSET in one segment, then the ClientHello; Postfix drops the RSET',
    tools: ['postfix', 'scripted client', 'tcpdump'],
    sessions: [tls({ server: '10.99.0.39:25', version: 'TLS 1.2', serverChain: 'northwind' })],
    problems: [
      'the client sent plaintext (RSET) behind STARTTLS before the ClientHello: injection attempt, RFC 3207 section 4',
    ],
    act: async () => {
      const client = await greeted('10.99.0.39');
      await client.say('STARTTLS\r\nRSET\r\n', 220);
      await client.beginTls();
      await client.say('EHLO mail.contoso.com\r\n', 250);
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'injection-by-server.pcap',
    did: 'Behind the 220, in the same segment, lies a second reply in plaintext; then TLS begins',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [tls({ server: '10.99.0.63:25', version: 'TLS 1.2', serverChain: 'northwind' })],
    problems: ['plaintext reply of the server behind the 220 to STARTTLS: injection'],
    act: async () => {
      const client = await greeted('10.99.0.63');
      await client.say('STARTTLS\r\n', 220);
      await client.beginTls();
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'plaintext-after-220.pcap',
    did: 'Both go on in plaintext after the 220 to STARTTLS',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [
      {
        ...plain({ server: '10.99.0.64:25', starttls: 'accepted', note: 'TLS never begins' }),
        upgrade: 'STARTTLS',
      },
    ],
    problems: ['plaintext after STARTTLS was accepted'],
    act: async () => {
      const client = await greeted('10.99.0.64');
      await client.say('STARTTLS\r\n', 220);
      await client.say('EHLO mail.contoso.com\r\n', 250);
      await client.say('MAIL FROM:<alice@contoso.com>\r\n', 250);
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  ...(['421', '554'] as const).map(
    (code): Quirk => ({
      file: `greeting-${code}.pcap`,
      did: `The server greets with ${code}`,
      tools: ['peers.ts', 'scripted client', 'tcpdump'],
      sessions: [plain({ server: code === '421' ? '10.99.0.65:25' : '10.99.0.66:25', starttls: 'not-seen' })],
      act: async () => {
        const client = await ScriptedClient.open(code === '421' ? '10.99.0.65' : '10.99.0.66', 25);
        await client.reply(Number(code));
        client.send('QUIT\r\n');
        await sleep(100);
        await client.close();
        return undefined;
      },
    }),
  ),
  {
    file: 'no-banner.pcap',
    did: 'The server accepts the connection and says nothing; the client gives up',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [plain({ server: '10.99.0.67:25', starttls: 'not-seen' })],
    act: async () => {
      const client = await ScriptedClient.open('10.99.0.67', 25);
      await sleep(700);
      await client.close();
      return undefined;
    },
  },
  ...([1, 2] as const).map(
    (number): Quirk => ({
      file: `proxy-header-v${number}.pcap`,
      did: `A load balancer puts a PROXY protocol header of version ${number} (client 198.51.100.7) before the dialogue`,
      tools: ['postfix', 'scripted client', 'tcpdump'],
      sessions: [
        tls({
          server: '10.99.0.43:25',
          version: 'TLS 1.2',
          serverChain: 'northwind',
          note: 'the header names 198.51.100.7:51234; the addresses of the packets are those of the session',
        }),
      ],
      act: async () => {
        const client = await ScriptedClient.open('10.99.0.43', 25);
        await client.say(number === 1 ? 'PROXY TCP4 198.51.100.7 10.99.0.43 51234 25\r\n' : proxyV2(), 220);
        await client.say('EHLO mail.contoso.com\r\n', 250);
        await client.say('STARTTLS\r\n', 220);
        await client.beginTls();
        await client.say('QUIT\r\n', 221);
        await client.close();
        return undefined;
      },
    }),
  ),
  {
    file: 'implicit-tls-465.pcap',
    did: 'TLS from the first byte on port 465, TLS 1.2, key log kept',
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.35:465',
        service: 'smtps',
        version: 'TLS 1.2',
        serverName: NAME,
        serverChain: 'northwind',
        visibilityWithKeys: { server: 'visible', client: 'not-requested' },
      }),
    ],
    act: (d) => openssl(d, '10.99.0.35:465', { starttls: false, serverName: NAME, arguments: TLS12 }),
  },
  ...[2525, 10025].map(
    (port): Quirk => ({
      file: `starttls-port-${port}.pcap`,
      did: `STARTTLS on port ${port}`,
      tools: ['postfix', 'openssl s_client', 'tcpdump'],
      sessions: [tls({ server: `10.99.0.37:${port}`, version: 'TLS 1.2', serverName: NAME, serverChain: 'northwind' })],
      act: async (d) => {
        await openssl(d, `10.99.0.37:${port}`, { serverName: NAME, arguments: TLS12 });
        return undefined;
      },
    }),
  ),
];
