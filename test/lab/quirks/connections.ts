/** How the bytes travel: segments, resets, many connections at once. */
import { openssl, ScriptedClient } from '../clients.ts';
import { alert, plain, tls } from '../sessions.ts';
import { chainServer, greeted, NAME, type Quirk, TLS12 } from './quirk.ts';

export const CONNECTIONS: readonly Quirk[] = [
  ...[
    [536, '10.99.0.41:25'],
    [88, '10.99.0.42:25'],
  ].map(
    ([bytes, server]): Quirk => ({
      file: `small-mss-${bytes}.pcap`,
      did: `The client advertises a maximum segment size of ${bytes}`,
      tools: ['postfix', 'openssl s_client', 'tcpdump'],
      sessions: [tls({ server: `${server}`, version: 'TLS 1.2', serverName: NAME, serverChain: 'northwind' })],
      act: async (d) => {
        await openssl(d, `${server}`, { serverName: NAME, arguments: TLS12 });
        return undefined;
      },
    }),
  ),
  {
    file: 'replies-in-single-bytes.pcap',
    did: 'A greeting of two lines, then every byte of the replies to EHLO and STARTTLS in a segment of its own',
    tools: ['peers.ts', 'scripted client', 'tcpdump'],
    sessions: [tls({ server: '10.99.0.73:25', version: 'TLS 1.2', serverChain: 'northwind' })],
    act: async () => {
      const client = await greeted('10.99.0.73');
      await client.say('STARTTLS\r\n', 220);
      await client.beginTls();
      await client.say('QUIT\r\n', 221);
      await client.close();
      return undefined;
    },
  },
  {
    file: 'reset-after-client-hello.pcap',
    did: 'The server resets the connection at the ClientHello',
    tools: ['peers.ts', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.71:25',
        version: null,
        serverName: NAME,
        outcome: 'incomplete',
        visibility: { server: 'cut', client: 'cut' },
      }),
    ],
    problems: ['connection reset after the ClientHello'],
    act: async (d) => {
      await openssl(d, '10.99.0.71:25', { serverName: NAME, arguments: TLS12 });
      return undefined;
    },
  },
  {
    file: 'end-inside-certificate.pcap',
    did: 'The server ends the connection inside its Certificate message',
    tools: ['peers.ts', 'postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.72:25',
        version: 'TLS 1.2',
        serverName: NAME,
        outcome: 'failed',
        serverChain: 'northwind',
        visibility: { server: 'cut', client: 'cut' },
        alerts: [alert('client', 'decode_error')],
        note: 'the chain is what would have been sent; about 900 bytes of it were',
      }),
    ],
    problems: ['connection ended inside the Certificate message'],
    act: async (d) => {
      await openssl(d, '10.99.0.72:25', { serverName: NAME, arguments: TLS12 });
      return undefined;
    },
  },
  {
    file: 'certificate-is-noise.pcap',
    did: 'The Certificate message holds bytes that are no certificate',
    tools: ['peers.ts', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.74:25',
        version: 'TLS 1.2',
        outcome: 'failed',
        visibility: { server: 'visible', client: 'cut' },
        alerts: [alert('client', 'bad_certificate')],
        note: 'one entry that cannot be read as a certificate; "malformed" is as right as "visible" with an unreadable certificate',
      }),
    ],
    problems: ['a certificate that cannot be decoded'],
    act: async (d) => {
      await openssl(d, '10.99.0.74:25', { arguments: [...TLS12, '-cipher', 'ECDHE-RSA-AES256-GCM-SHA384'] });
      return undefined;
    },
  },
  {
    file: 'ipv6.pcap',
    did: 'TLS 1.2 over IPv6',
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        client: 'fd99::1',
        server: '[fd99::10]:25',
        version: 'TLS 1.2',
        serverName: NAME,
        serverChain: 'northwind',
      }),
    ],
    act: async (d) => {
      await openssl(d, '[fd99::10]:25', { serverName: NAME, arguments: TLS12 });
      return undefined;
    },
  },
  {
    file: 'many-interleaved-sessions.pcap.gz',
    did: '50 sessions at once: 25 with TLS 1.2 and a small certificate, 25 that quit after EHLO',
    tools: ['postfix', 'scripted client', 'tcpdump'],
    sessions: Array.from({ length: 50 }, (_, i) =>
      i % 2 === 0
        ? tls({
            server: chainServer('untrusted'),
            version: 'TLS 1.2',
            serverChain: 'untrusted',
            serverName: `host${i}.northwind.example`,
          })
        : plain({ server: chainServer('untrusted'), starttls: 'not-requested' }),
    ),
    act: async () => {
      const [host] = chainServer('untrusted').split(':');
      const clients: ScriptedClient[] = [];
      for (let i = 0; i < 50; i++) clients.push(await ScriptedClient.open(host, 25));
      const each = async (action: (client: ScriptedClient, index: number) => Promise<void>) => {
        await Promise.all(clients.map(action));
      };
      await each((client) => client.reply(220));
      await each((client) => client.say('EHLO mail.contoso.com\r\n', 250));
      await each(async (client, i) => {
        if (i % 2 === 0) await client.say('STARTTLS\r\n', 220);
      });
      await each(async (client, i) => {
        if (i % 2 === 0)
          await client.beginTls({
            servername: `host${i}.northwind.example`,
            sigalgs: 'ECDSA+SHA256',
            ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384',
          });
      });
      await each((client) => client.say('QUIT\r\n', 221));
      await each((client) => client.close());
      return undefined;
    },
  },
];
