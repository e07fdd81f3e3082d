/** Handshakes that one side ends with an alert. */
import { gnutls, openssl } from '../clients.ts';
import { ROOTS } from '../pki.ts';
import { alert, tls } from '../sessions.ts';
import { chainServer, DECRYPTED, ENCRYPTED, OLD_CIPHERS, type Quirk, TLS12, TLS13 } from './quirk.ts';

export const ALERTS: readonly Quirk[] = [
  ...(['unknown_ca', 'certificate_expired'] as const).map(
    (description): Quirk => ({
      file: `client-alert-${description.replaceAll('_', '-')}.pcap`,
      did: `The client verifies and ends the handshake with ${description}, TLS 1.2`,
      tools: ['postfix', 'openssl s_client', 'tcpdump'],
      sessions: [
        tls({
          server: chainServer(description === 'unknown_ca' ? 'untrusted' : 'expired'),
          version: 'TLS 1.2',
          serverChain: description === 'unknown_ca' ? 'untrusted' : 'expired',
          outcome: 'failed',
          alerts: [alert('client', description)],
        }),
      ],
      act: async (d) => {
        await openssl(d, chainServer(description === 'unknown_ca' ? 'untrusted' : 'expired'), {
          arguments: [...TLS12, '-verify_return_error', '-verify', '5', '-CAfile', ROOTS],
        });
        return undefined;
      },
    }),
  ),
  {
    file: 'client-alert-plaintext-tls-1.3.pcap',
    did: 'The client (OpenSSL) ends a TLS 1.3 handshake with unknown_ca before its own keys are in use: the alert is in plaintext; key log kept',
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: chainServer('untrusted'),
        version: 'TLS 1.3',
        serverChain: 'untrusted',
        outcome: 'failed',
        visibility: ENCRYPTED,
        visibilityWithKeys: DECRYPTED,
        alerts: [alert('client', 'unknown_ca')],
        alertsWithKeys: [alert('client', 'unknown_ca')],
      }),
    ],
    act: (d) =>
      openssl(d, chainServer('untrusted'), {
        arguments: [...TLS13, '-verify_return_error', '-verify', '5', '-CAfile', ROOTS],
      }),
  },
  {
    file: 'client-alert-encrypted-tls-1.3.pcap',
    did: 'The client (GnuTLS) ends TLS 1.3 with an encrypted alert because it does not trust the certificate; key log kept',
    tools: ['postfix', 'gnutls-cli', 'tcpdump'],
    sessions: [
      tls({
        server: chainServer('untrusted'),
        version: 'TLS 1.3',
        serverChain: 'untrusted',
        outcome: 'failed',
        visibility: ENCRYPTED,
        visibilityWithKeys: DECRYPTED,
        alertsWithKeys: [alert('client', 'bad_certificate')],
        note: 'without keys the alert cannot be read',
      }),
    ],
    act: (d) =>
      gnutls(d, chainServer('untrusted').split(':')[0], 25, ['--disable-sni', `--x509cafile=${ROOTS}`], false),
  },
  {
    file: 'server-alert-client-certificate-missing.pcap',
    did: 'The server (OpenSSL) requires a certificate, gets an empty list and sends handshake_failure, TLS 1.2',
    tools: ['verifying-server.py', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.75:25',
        version: 'TLS 1.2',
        serverChain: 'northwind',
        outcome: 'failed',
        visibility: { server: 'visible', client: 'empty' },
        alerts: [alert('server', 'handshake_failure')],
      }),
    ],
    act: async (d) => {
      await openssl(d, '10.99.0.75:25', { arguments: TLS12 });
      return undefined;
    },
  },
  {
    file: 'server-alert-client-certificate-untrusted.pcap',
    did: 'The server (OpenSSL) does not know the root of the client\u2019s certificate and sends unknown_ca, TLS 1.2',
    tools: ['verifying-server.py', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.75:25',
        version: 'TLS 1.2',
        serverChain: 'northwind',
        clientChain: 'untrusted',
        outcome: 'failed',
        alerts: [alert('server', 'unknown_ca')],
      }),
    ],
    act: async (d) => {
      await openssl(d, '10.99.0.75:25', { arguments: TLS12, certificate: 'untrusted' });
      return undefined;
    },
  },
  {
    file: 'server-alert-certificate-required-tls-1.3.pcap',
    did: 'The server (OpenSSL) requires a certificate and sends certificate_required inside TLS 1.3; key log kept',
    tools: ['verifying-server.py', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.76:25',
        version: 'TLS 1.3',
        serverChain: 'northwind',
        outcome: 'failed',
        visibility: ENCRYPTED,
        visibilityWithKeys: { server: 'decrypted', client: 'empty' },
        alertsWithKeys: [alert('server', 'certificate_required')],
        note: 'without keys the alert cannot be read',
      }),
    ],
    act: (d) => openssl(d, '10.99.0.76:25', { arguments: TLS13 }),
  },
  {
    file: 'server-alert-unrecognized-name.pcap',
    did: 'The server does not serve the name that the client asks for: unrecognized_name',
    tools: ['verifying-server.py', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.77:25',
        version: null,
        serverName: 'mail.fabrikam.com',
        outcome: 'failed',
        visibility: { server: 'cut', client: 'cut' },
        alerts: [alert('server', 'unrecognized_name')],
      }),
    ],
    act: async (d) => {
      await openssl(d, '10.99.0.77:25', { arguments: TLS12, serverName: 'mail.fabrikam.com' });
      return undefined;
    },
  },
  {
    file: 'server-alert-handshake-failure.pcap',
    did: 'No cipher suite in common: handshake_failure',
    tools: ['verifying-server.py', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.78:25',
        version: null,
        outcome: 'failed',
        visibility: { server: 'cut', client: 'cut' },
        alerts: [alert('server', 'handshake_failure')],
      }),
    ],
    act: async (d) => {
      await openssl(d, '10.99.0.78:25', { arguments: [...TLS12, '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256'] });
      return undefined;
    },
  },
  {
    file: 'server-alert-protocol-version.pcap',
    did: 'The client knows only TLS 1.0, the server only TLS 1.2: protocol_version',
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.39:25',
        version: null,
        outcome: 'failed',
        visibility: { server: 'cut', client: 'cut' },
        alerts: [alert('server', 'protocol_version')],
      }),
    ],
    act: async (d) => {
      await openssl(d, '10.99.0.39:25', { arguments: ['-tls1', ...OLD_CIPHERS] });
      return undefined;
    },
  },
];
