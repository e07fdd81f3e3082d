/** Versions, cipher suites, resumption. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openssl } from '../clients.ts';
import { alert, tls } from '../sessions.ts';
import { DECRYPTED, ENCRYPTED, NAME, OLD_CIPHERS, type Quirk, TLS12, TLS13 } from './quirk.ts';

const version = (file: string, name: string, server: string, args: readonly string[]): Quirk => ({
  file,
  did: `STARTTLS with ${name}, key log kept`,
  tools: ['openssl s_client', 'tcpdump'],
  sessions: [
    tls({
      server,
      version: name,
      serverChain: 'northwind',
      serverName: NAME,
      ...(name === 'TLS 1.3'
        ? { visibility: ENCRYPTED, visibilityWithKeys: DECRYPTED }
        : { visibilityWithKeys: { server: 'visible', client: 'not-requested' } }),
      // Python's server closes without close_notify, and OpenSSL 3 complains of that.
      ...(server.startsWith('10.99.0.79') ? { alertsWithKeys: [alert('client', 'decode_error')] } : {}),
    }),
  ],
  act: (d) => openssl(d, server, { serverName: NAME, arguments: args }),
});

export const VERSIONS: readonly Quirk[] = [
  version('tls-1.0.pcap', 'TLS 1.0', '10.99.0.79:25', ['-tls1', ...OLD_CIPHERS]),
  version('tls-1.1.pcap', 'TLS 1.1', '10.99.0.79:25', ['-tls1_1', ...OLD_CIPHERS]),
  version('tls-1.2.pcap', 'TLS 1.2', '10.99.0.30:25', TLS12),
  version('tls-1.2-rsa-key-exchange.pcap', 'TLS 1.2', '10.99.0.30:25', [...TLS12, '-cipher', 'AES256-SHA256']),
  version('tls-1.2-cbc-encrypt-then-mac.pcap', 'TLS 1.2', '10.99.0.30:25', [
    ...TLS12,
    '-cipher',
    'ECDHE-RSA-AES256-SHA384',
  ]),
  version('tls-1.2-chacha20.pcap', 'TLS 1.2', '10.99.0.30:25', [...TLS12, '-cipher', 'ECDHE-RSA-CHACHA20-POLY1305']),
  version('tls-1.3.pcap', 'TLS 1.3', '10.99.0.30:25', TLS13),
  version('tls-1.3-aes128.pcap', 'TLS 1.3', '10.99.0.30:25', [...TLS13, '-ciphersuites', 'TLS_AES_128_GCM_SHA256']),
  version('tls-1.3-chacha20.pcap', 'TLS 1.3', '10.99.0.30:25', [
    ...TLS13,
    '-ciphersuites',
    'TLS_CHACHA20_POLY1305_SHA256',
  ]),
  {
    ...version('hello-retry-request.pcap', 'TLS 1.3', '10.99.0.40:25', [...TLS13, '-groups', 'X25519:P-384']),
    did: 'TLS 1.3 where the server wants another group: HelloRetryRequest, a second ClientHello; key log kept',
  },
  ...(
    [
      ['session-id', '10.99.0.36:25', TLS12],
      ['session-ticket', '10.99.0.39:25', TLS12],
      ['psk', '10.99.0.30:25', TLS13],
    ] as const
  ).map(
    ([kind, server, args]): Quirk => ({
      file: `resumption-${kind}.pcap`,
      did: `Two connections, the second resumes the first by ${kind}; key log kept`,
      tools: ['postfix', 'openssl s_client', 'tcpdump'],
      sessions: [
        tls({
          server,
          version: kind === 'psk' ? 'TLS 1.3' : 'TLS 1.2',
          serverName: NAME,
          serverChain: 'northwind',
          ...(kind === 'psk' ? { visibility: ENCRYPTED, visibilityWithKeys: DECRYPTED } : {}),
        }),
        tls({
          server,
          version: kind === 'psk' ? 'TLS 1.3' : 'TLS 1.2',
          serverName: NAME,
          resumed: true,
          visibility: { server: 'resumed', client: 'resumed' },
        }),
      ],
      act: async (d) => {
        const session = join(d, 'session.pem');
        rmSync(session, { force: true });
        const first = await openssl(d, server, {
          serverName: NAME,
          arguments: [...args, '-sess_out', session],
          input: 'EHLO mail.contoso.com\r\nQUIT\r\n',
        });
        return first + (await openssl(d, server, { serverName: NAME, arguments: [...args, '-sess_in', session] }));
      },
    }),
  ),
  {
    file: 'stapled-ocsp-and-alpn.pcap',
    did: 'The server staples an OCSP response and picks the application protocol "smtp", TLS 1.2',
    tools: ['peers.ts before openssl s_server', 'openssl ocsp', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.68:25',
        version: 'TLS 1.2',
        serverName: NAME,
        serverChain: 'northwind',
        note: 'stapledOcsp is true, applicationProtocol is "smtp"',
      }),
    ],
    act: async (d) => {
      await openssl(d, '10.99.0.68:25', {
        serverName: NAME,
        arguments: [...TLS12, '-status', '-alpn', 'smtp', '-no_ign_eof'],
      });
      return undefined;
    },
  },
  {
    file: 'anonymous-cipher-suite.pcap',
    did: 'A server without a certificate and a client that takes ADH, TLS 1.2',
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.44:25',
        version: 'TLS 1.2',
        visibility: { server: 'anonymous', client: 'not-requested' },
      }),
    ],
    act: async (d) => {
      await openssl(d, '10.99.0.44:25', { arguments: [...TLS12, '-cipher', 'aNULL:@SECLEVEL=0'] });
      return undefined;
    },
  },
];
