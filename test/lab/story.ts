/**
 * The story: Contoso pins mail.fabrikam.com, Fabrikam has moved its MX to Exchange Online Protection, and mail to
 * Fabrikam stays in Contoso's queue. Twelve sessions of a quarter of an hour on 3 September 2014, by real Postfix.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { capture } from './capture.ts';
import type { Lab } from './lab.ts';
import { ROOTS } from './pki.ts';
import { chainFiles, openPostfix } from './postfix.ts';
import { connections, type Packet, readPcap, shift } from './rewrite.ts';
import { plain, tls } from './sessions.ts';
import type { SessionTruth } from './truth.ts';
import { simplePcapng } from './write.ts';

const STORY = 'contoso-to-fabrikam-via-eop.pcapng';

const BEGINNING = Date.UTC(2014, 8, 3, 10, 0, 0);

interface Scene {
  /** Seconds after ten o'clock at which the session begins. */
  readonly second: number;
  readonly comment: string;
  readonly truth: SessionTruth;
}

const mail = (to: string, subject: string) =>
  `From: alice@contoso.com\nTo: ${to}\nSubject: ${subject}\n\nHello from Contoso.\n`;

const eopAttempt = (second: number, count: string): Scene => ({
  second,
  comment: `Contoso delivers to Fabrikam (${count} attempt): Contoso requires mail.fabrikam.com, EOP presents its own certificate`,
  truth: tls({ server: '10.99.0.10:25', serverChain: 'eop', clientChain: 'contoso-2014', version: 'TLS 1.2' }),
});

const SCENES: readonly Scene[] = [
  eopAttempt(4, 'first'),
  {
    second: 41,
    comment: 'Contoso delivers to Northwind, TLS 1.2',
    truth: tls({ server: '10.99.0.20:25', serverChain: 'northwind-2014', version: 'TLS 1.2' }),
  },
  {
    second: 90,
    comment: 'Contoso delivers to Tailspin Toys, which offers no STARTTLS',
    truth: plain({ server: '10.99.0.21:25', starttls: 'not-offered' }),
  },
  {
    second: 132,
    comment: 'Contoso delivers to Woodgrove Bank, whose certificate has the required name',
    truth: tls({
      server: '10.99.0.22:25',
      serverChain: 'woodgrove-2014',
      version: 'TLS 1.2',
      serverName: 'mail.woodgrovebank.example',
    }),
  },
  {
    second: 200,
    comment: 'Contoso to Adventure Works, which answers 454 to STARTTLS',
    truth: plain({ server: '10.99.0.23:25', starttls: 'refused' }),
  },
  eopAttempt(306, 'second'),
  {
    second: 400,
    comment: 'EOP delivers to Contoso for Fabrikam; Contoso asks for a certificate and gets that of EOP',
    truth: tls({
      client: '10.99.0.10',
      server: '10.99.0.1:25',
      serverChain: 'contoso-2014',
      clientChain: 'eop',
      version: 'TLS 1.2',
    }),
  },
  {
    second: 482,
    comment: 'Contoso delivers to Lucerne Publishing with an anonymous cipher suite',
    truth: tls({
      server: '10.99.0.24:25',
      version: 'TLS 1.2',
      visibility: { server: 'anonymous', client: 'not-requested' },
      note: 'ADH or AECDH: no certificate was sent',
    }),
  },
  {
    second: 570,
    comment: 'Contoso delivers to Northwind again, in the resumed session',
    truth: tls({
      server: '10.99.0.20:25',
      version: 'TLS 1.2',
      resumed: true,
      visibility: { server: 'resumed', client: 'resumed' },
    }),
  },
  {
    second: 660,
    comment: 'Contoso delivers to Fourth Coffee, TLS 1.3 (an anachronism: TLS 1.3 is of 2018)',
    truth: tls({
      server: '10.99.0.25:25',
      serverChain: 'fourthcoffee-2014',
      version: 'TLS 1.3',
      serverName: 'mx.fourthcoffee.example',
      visibility: { server: 'encrypted', client: 'encrypted' },
    }),
  },
  eopAttempt(740, 'third'),
  {
    second: 840,
    comment: 'Contoso delivers to Proseware, whose Exchange server presents a self-signed certificate',
    truth: tls({ server: '10.99.0.26:25', serverChain: 'proseware-2014', version: 'TLS 1.2' }),
  },
];

const contosoSettings = (directory: string) => ({
  myhostname: 'mail.contoso.com',
  default_transport: 'smtp',
  transport_maps: `texthash:${directory}/etc/transport`,
  smtp_bind_address: '10.99.0.1',
  inet_protocols: 'ipv4',
  smtp_tls_security_level: 'may',
  smtp_tls_protocols: 'TLSv1.2',
  smtp_tls_mandatory_protocols: '>=TLSv1.2',
  smtp_tls_chain_files: chainFiles('contoso-2014'),
  smtp_tls_CAfile: ROOTS,
  smtp_tls_policy_maps: `texthash:${directory}/etc/policy`,
  smtp_tls_session_cache_database: 'btree:$data_directory/sent-sessions',
  smtp_connection_cache_on_demand: 'no',
});

const TRANSPORT = `
fabrikam.com              smtp:[fabrikam-com.mail.protection.outlook.com]
northwind.example         smtp:[mail.northwind.example]
tailspintoys.example      smtp:[mail.tailspintoys.example]
woodgrovebank.example     smtp:[mail.woodgrovebank.example]
adventure-works.example   smtp:[mx.adventure-works.example]
lucernepublishing.example smtp:[mail.lucernepublishing.example]
fourthcoffee.example      smtp:[mx.fourthcoffee.example]
proseware.example         smtp:[exchange.proseware.example]
contoso.com               discard:
`;

const POLICY = `
[fabrikam-com.mail.protection.outlook.com] secure match=mail.fabrikam.com protocols=TLSv1.2
[mail.woodgrovebank.example] secure match=nexthop servername=hostname protocols=TLSv1.2
[mail.northwind.example] may exclude=aNULL protocols=TLSv1.2
[exchange.proseware.example] may exclude=aNULL protocols=TLSv1.2
[mx.fourthcoffee.example] may protocols=TLSv1.3 servername=hostname
`;

export async function makeStory(lab: Lab): Promise<void> {
  const timeShift = Math.floor((BEGINNING - Date.now()) / 1000);
  const serverTls = (chain: string, more: Record<string, string> = {}) => ({
    smtpd_tls_security_level: 'may',
    smtpd_tls_chain_files: chainFiles(chain),
    ...more,
  });
  const partners = await openPostfix({
    directory: join(lab.directory, 'story-partners'),
    namespace: lab.server,
    timeShift,
    main: {
      myhostname: 'mail.protection.outlook.com',
      transport_maps: `texthash:${join(lab.directory, 'story-partners')}/etc/transport`,
      smtp_bind_address: '10.99.0.10',
      inet_protocols: 'ipv4',
      smtp_tls_security_level: 'encrypt',
      smtp_tls_mandatory_protocols: 'TLSv1.2',
      smtp_tls_chain_files: chainFiles('eop'),
      smtp_tls_CAfile: ROOTS,
    },
    tables: { transport: 'contoso.com smtp:[mail.contoso.com]\n' },
    listeners: [
      {
        at: '10.99.0.10:25',
        settings: serverTls('eop', {
          myhostname: 'CO1FFO11FD042.mail.protection.outlook.com',
          smtpd_banner: '$myhostname Microsoft ESMTP MAIL Service ready',
          smtpd_tls_ask_ccert: 'yes',
          smtpd_tls_CAfile: ROOTS,
          tls_ssl_options: 'NO_TICKET',
        }),
      },
      { at: '10.99.0.20:25', settings: serverTls('northwind-2014', { myhostname: 'mail.northwind.example' }) },
      { at: '10.99.0.21:25', settings: { myhostname: 'mail.tailspintoys.example' } },
      { at: '10.99.0.22:25', settings: serverTls('woodgrove-2014', { myhostname: 'mail.woodgrovebank.example' }) },
      {
        at: '10.99.0.23:25',
        settings: {
          myhostname: 'mx.adventure-works.example',
          smtpd_tls_security_level: 'may',
          smtpd_tls_cert_file: '/nonexistent/server.pem',
          smtpd_tls_key_file: '/nonexistent/server.pem',
        },
      },
      {
        at: '10.99.0.24:25',
        settings: {
          myhostname: 'mail.lucernepublishing.example',
          smtpd_tls_security_level: 'may',
          smtpd_tls_cert_file: 'none',
        },
      },
      { at: '10.99.0.25:25', settings: serverTls('fourthcoffee-2014', { myhostname: 'mx.fourthcoffee.example' }) },
      { at: '10.99.0.26:25', settings: serverTls('proseware-2014', { myhostname: 'exchange.proseware.example' }) },
    ],
  });
  const contosoDirectory = join(lab.directory, 'story-contoso');
  const contoso = await openPostfix({
    directory: contosoDirectory,
    timeShift,
    main: contosoSettings(contosoDirectory),
    tables: { transport: TRANSPORT, policy: POLICY },
    listeners: [
      {
        at: '10.99.0.1:25',
        settings: {
          smtpd_tls_security_level: 'may',
          smtpd_tls_chain_files: chainFiles('contoso-2014'),
          smtpd_tls_ask_ccert: 'yes',
          smtpd_tls_CAfile: ROOTS,
        },
      },
    ],
  });
  const raw = join(lab.directory, 'story.pcap');
  try {
    await capture(raw, async () => {
      const delivers = async (to: string, subject: string, times = 1) => {
        await contoso.send('alice@contoso.com', to, mail(to, subject));
        await contoso.logged(`to=<${to}>`, times);
        await sleep(300);
      };
      await delivers('bob@fabrikam.com', 'Contract');
      await delivers('orders@northwind.example', 'Order 4711');
      await delivers('info@tailspintoys.example', 'Catalogue');
      await delivers('desk@woodgrovebank.example', 'Statement');
      await delivers('tours@adventure-works.example', 'Booking');
      await contoso.flush();
      await contoso.logged('to=<bob@fabrikam.com>', 2);
      await sleep(300);
      await partners.send(
        'bob@fabrikam.com',
        'alice@contoso.com',
        'From: bob@fabrikam.com\nSubject: Where is it?\n\nNothing came.\n',
      );
      await partners.logged('to=<alice@contoso.com>');
      await sleep(300);
      await delivers('editor@lucernepublishing.example', 'Manuscript');
      await delivers('sales@northwind.example', 'Order 4712');
      await delivers('beans@fourthcoffee.example', 'Beans');
      await contoso.flush();
      await contoso.logged('to=<bob@fabrikam.com>', 3);
      await sleep(300);
      await delivers('it@proseware.example', 'Printer');
    });
  } finally {
    await contoso.close();
    await partners.close();
    lab.keepLog('story-contoso', contoso.log());
    lab.keepLog('story-partners', partners.log());
  }
  const flows = connections(readPcap(readFileSync(raw)));
  if (flows.length !== SCENES.length)
    throw new Error(`the story has ${flows.length} connections, not ${SCENES.length}`);
  const packets: Packet[] = flows.flatMap((flow, index) => {
    const { second, comment } = SCENES[index];
    const beginning = BigInt(BEGINNING + second * 1000 + 137 * (index + 1)) * 1_000_000n + 204_518n;
    const moved = shift(flow, beginning - flow[0].at);
    return [{ ...moved[0], comment }, ...moved.slice(1)];
  });
  const file = simplePcapng(
    packets,
    'Captured at Contoso\u2019s mail server: mail to Fabrikam stays in the queue since Fabrikam moved its MX to EOP.',
  );
  lab.save({
    file: STORY,
    content: file,
    packets: packets.length,
    did: 'Contoso (Postfix, client certificate, policy "secure" for mail.fabrikam.com) delivers to Fabrikam through EOP three times, sees the wrong name after the handshake, quits and defers; eight more deliveries to other partners and one from EOP. Each connection moved as a whole to 2014-09-03 10:00Z and after.',
    tools: ['postfix 3.7', 'tcpdump', 'rewrite.ts'],
    sessions: SCENES.map(({ truth }) => truth),
  });
}
