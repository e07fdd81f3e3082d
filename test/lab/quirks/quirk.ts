/** What a capture of real programs is made of, and the servers that all of them talk to. */
import { ScriptedClient } from '../clients.ts';
import { ROOTS } from '../pki.ts';
import { chainFiles, type Listener } from '../postfix.ts';
import type { SessionTruth } from '../truth.ts';

export interface Quirk {
  readonly file: string;
  readonly did: string;
  readonly tools: readonly string[];
  readonly sessions: readonly SessionTruth[];
  /** Gives the key log, if the peers kept one and it belongs beside the capture. */
  readonly act: (directory: string) => Promise<string | undefined>;
  readonly secrets?: readonly string[];
  readonly problems?: readonly string[];
}

export const TLS12 = ['-tls1_2'];
export const TLS13 = ['-tls1_3'];
export const OLD_CIPHERS = ['-cipher', 'ALL:!aNULL:@SECLEVEL=0'];
export const ENCRYPTED = { server: 'encrypted', client: 'encrypted' } as const;
export const DECRYPTED = { server: 'decrypted', client: 'not-requested' } as const;
export const NAME = 'mail.northwind.example';

/** Chains that one Postfix presents from 10.99.0.80 on. */
const CHAIN_SERVERS = [
  'p256',
  'p384',
  'ed25519',
  'ed448',
  'rsa-pss',
  'expired',
  'self-signed',
  'wrong-name',
  'wildcard',
  'idn',
  'many-names',
  'untrusted',
  'long-chain',
  'missing-intermediate',
  'wrong-order',
  'surplus-certificates',
  'root-included',
  'fabrikam',
  'eop',
];
/** Where Postfix presents this chain. */
export const chainServer = (chain: string) => `10.99.0.${80 + CHAIN_SERVERS.indexOf(chain)}:25`;

/** The addresses of the one Postfix that serves nearly all captures. */
export function listeners(): Listener[] {
  const server = (at: string, more: Record<string, string> = {}, chain = 'northwind'): Listener => ({
    at,
    settings: { smtpd_tls_security_level: 'may', smtpd_tls_chain_files: chainFiles(chain), ...more },
  });
  return [
    server('10.99.0.30:25'),
    server('10.99.0.31:25', { smtpd_tls_ask_ccert: 'yes', smtpd_tls_CAfile: ROOTS }),
    server(
      '10.99.0.32:25',
      { smtpd_tls_security_level: 'encrypt', smtpd_tls_req_ccert: 'yes', smtpd_tls_CAfile: ROOTS },
      'fabrikam',
    ),
    { at: '10.99.0.33:25', settings: {} },
    {
      at: '10.99.0.34:25',
      settings: {
        smtpd_tls_security_level: 'may',
        smtpd_tls_cert_file: '/nonexistent/server.pem',
        smtpd_tls_key_file: '/nonexistent/server.pem',
      },
    },
    server('10.99.0.35:465', { smtpd_tls_wrappermode: 'yes', smtpd_tls_security_level: 'encrypt' }),
    server('10.99.0.36:25', {
      tls_ssl_options: 'NO_TICKET',
      smtpd_tls_protocols: 'TLSv1.2',
    }),
    server('10.99.0.37:2525'),
    server('10.99.0.37:10025'),
    server('10.99.0.39:25', { smtpd_tls_protocols: 'TLSv1.2' }),
    server('10.99.0.40:25', { tls_eecdh_auto_curves: 'secp384r1' }),
    server('10.99.0.41:25'),
    server('10.99.0.42:25'),
    server('10.99.0.43:25', { smtpd_upstream_proxy_protocol: 'haproxy' }),
    { at: '10.99.0.44:25', settings: { smtpd_tls_security_level: 'may', smtpd_tls_cert_file: 'none' } },
    server('[fd99::10]:25'),
    ...CHAIN_SERVERS.map((chain) => server(chainServer(chain), {}, chain)),
  ];
}

/** Opens a plaintext dialogue up to the reply to EHLO. */
export async function greeted(host: string, port = 25, hello = 'EHLO mail.contoso.com'): Promise<ScriptedClient> {
  const client = await ScriptedClient.open(host, port);
  await client.reply(220);
  await client.say(`${hello}\r\n`, 250);
  return client;
}
