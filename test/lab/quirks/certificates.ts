/** What servers and clients present. */
import { gnutls, openssl, swaks } from '../clients.ts';
import { alert, tls } from '../sessions.ts';
import { chainServer, DECRYPTED, ENCRYPTED, NAME, type Quirk, TLS12, TLS13 } from './quirk.ts';

const chainQuirk = (chain: string, words: string): Quirk => ({
  file: `chain-${chain}.pcap`,
  did: `Postfix presents ${words}; openssl s_client, TLS 1.2`,
  tools: ['postfix', 'openssl s_client', 'tcpdump'],
  sessions: [tls({ server: chainServer(chain), version: 'TLS 1.2', serverChain: chain, serverName: NAME })],
  act: async (d) => {
    await openssl(d, chainServer(chain), { serverName: NAME, arguments: TLS12 });
    return undefined;
  },
});

/** A session with a chain of the client's, for either version. */
const clientCertificate = (file: string, name: string, args: readonly string[], did: string, alone = false): Quirk => {
  const seen =
    name === 'TLS 1.3'
      ? ({ server: 'decrypted', client: 'decrypted' } as const)
      : ({ server: 'visible', client: 'visible' } as const);
  const truth = tls({
    server: '10.99.0.31:25',
    version: name,
    serverName: NAME,
    serverChain: 'northwind',
    clientChain: 'contoso',
    ...(name === 'TLS 1.3' ? { visibility: ENCRYPTED } : {}),
    visibilityWithKeys: seen,
  });
  return {
    file,
    did,
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [alone ? { ...truth, clientChain: truth.clientChain.slice(0, 1) } : truth],
    act: (d) => openssl(d, '10.99.0.31:25', { serverName: NAME, certificate: 'contoso', alone, arguments: args }),
  };
};

export const CERTIFICATES: readonly Quirk[] = [
  clientCertificate(
    'client-certificate-chain.pcapng',
    'TLS 1.2',
    TLS12,
    'Contoso sends its certificate with the intermediate, TLS 1.2',
  ),
  clientCertificate(
    'client-certificate-alone.pcap',
    'TLS 1.2',
    TLS12,
    'Contoso sends its certificate without the intermediate, TLS 1.2',
    true,
  ),
  clientCertificate(
    'client-certificate-tls-1.3.pcap',
    'TLS 1.3',
    TLS13,
    'Contoso sends its certificate, TLS 1.3, key log kept',
  ),
  {
    file: 'client-certificate-empty.pcap',
    did: 'The server asks for a certificate and the client sends an empty list, TLS 1.2',
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.31:25',
        version: 'TLS 1.2',
        serverName: NAME,
        serverChain: 'northwind',
        visibility: { server: 'visible', client: 'empty' },
      }),
    ],
    act: async (d) => {
      await openssl(d, '10.99.0.31:25', { serverName: NAME, arguments: TLS12 });
      return undefined;
    },
  },
  {
    file: 'client-certificate-empty-tls-1.3.pcap',
    did: 'The server asks for a certificate and the client sends an empty list, TLS 1.3, key log kept',
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.31:25',
        version: 'TLS 1.3',
        serverName: NAME,
        serverChain: 'northwind',
        visibility: ENCRYPTED,
        visibilityWithKeys: { server: 'decrypted', client: 'empty' },
      }),
    ],
    act: (d) => openssl(d, '10.99.0.31:25', { serverName: NAME, arguments: TLS13 }),
  },
  {
    file: 'client-certificate-required-421.pcap',
    did: 'Postfix requires a certificate, gets none, completes the handshake and answers 421 inside TLS 1.2; key log kept',
    tools: ['postfix', 'openssl s_client', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.32:25',
        version: 'TLS 1.2',
        serverChain: 'fabrikam',
        visibility: { server: 'visible', client: 'empty' },
        visibilityWithKeys: { server: 'visible', client: 'empty' },
      }),
    ],
    act: (d) => openssl(d, '10.99.0.32:25', { arguments: TLS12, input: 'EHLO mail.contoso.com\r\nQUIT\r\n' }),
  },
  {
    file: 'client-without-server-name-gnutls.pcap',
    did: 'gnutls-cli without server name, TLS 1.3, key log kept',
    tools: ['postfix', 'gnutls-cli', 'tcpdump'],
    sessions: [
      tls({
        server: '10.99.0.30:25',
        version: 'TLS 1.3',
        serverChain: 'northwind',
        visibility: ENCRYPTED,
        visibilityWithKeys: DECRYPTED,
        alertsWithKeys: [alert('client', 'close_notify', 'warning')],
      }),
    ],
    act: (d) => gnutls(d, '10.99.0.30', 25, ['--disable-sni']),
  },
  {
    file: 'server-name-international.pcap',
    did: 'gnutls-cli names xn--bcher-kva.example, the certificate has the same in UTF-8 and as an A-label, TLS 1.2',
    tools: ['postfix', 'gnutls-cli', 'tcpdump'],
    sessions: [
      tls({ server: chainServer('idn'), version: 'TLS 1.2', serverName: 'xn--bcher-kva.example', serverChain: 'idn' }),
    ],
    act: async (d) => {
      await gnutls(d, chainServer('idn').split(':')[0], 25, [
        '--sni-hostname=xn--bcher-kva.example',
        '--priority=NORMAL:-VERS-ALL:+VERS-TLS1.2',
      ]);
      return undefined;
    },
  },
  {
    file: 'mail-delivered-swaks.pcap',
    did: 'swaks delivers a mail inside TLS 1.2',
    tools: ['postfix', 'swaks', 'tcpdump'],
    sessions: [tls({ server: '10.99.0.39:25', version: 'TLS 1.2', serverChain: 'northwind' })],
    act: async () => {
      await swaks('10.99.0.39', ['-tls']);
      return undefined;
    },
  },
  ...[
    ['p256', 'a P-256 key'],
    ['p384', 'a P-384 key and SHA-384'],
    ['rsa-pss', 'an RSA-PSS key'],
    ['ed25519', 'an Ed25519 key'],
    ['ed448', 'an Ed448 key'],
    ['expired', 'a certificate that expired in 2015'],
    ['self-signed', 'a self-signed certificate like that of a new Exchange server'],
    ['wrong-name', 'another host\u2019s certificate'],
    ['wildcard', '*.northwind.example'],
    ['many-names', '250 DNS names and two IP addresses'],
    ['untrusted', 'a certificate of an unknown root that claims mail.contoso.com'],
    ['long-chain', 'ten certificates'],
    ['missing-intermediate', 'its certificate without the intermediate'],
    ['wrong-order', 'a chain in the wrong order'],
    ['surplus-certificates', 'unrelated certificates and its own one twice'],
    ['root-included', 'the chain with the root'],
    ['eop', 'the certificate of EOP, expired now'],
  ].map(([chain, words]) => chainQuirk(chain, words)),
];
