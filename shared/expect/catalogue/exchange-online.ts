/** What Exchange Online Protection, later Exchange Online, has presented on port 25. Data, each fact with its source. */
import type { CatalogueEntry } from './schema.ts';

const PROVIDER = 'Exchange Online Protection';
const NAME = 'mail.protection.outlook.com';
const MX = '{domain-with-dashes}.mail.protection.outlook.com';
const SENDING_HOSTS = ['*.outbound.protection.outlook.com'];
const RECOGNIZED_BY = [NAME, `*.${NAME}`];

const FIELD_NOTE = 'https://blogs.technet.microsoft.com/eopfieldnotes/2014/06/06/tls-connectors-and-you/';
const USES_TLS =
  'https://learn.microsoft.com/en-us/microsoft-365/compliance/exchange-online-uses-tls-to-secure-email-connections';
const TRUST_G2 =
  'https://techcommunity.microsoft.com/blog/exchange/trust-digicert-global-root-g2-certificate-authority-to-avoid-exchange-online-ema/4488311';
const MC1048624 = 'https://mc.merill.net/message/MC1048624';

const OBSERVED_HOSTS = {
  says: 'Hosts below outbound.protection.outlook.com send the mail.',
  where: 'observed: Received fields of public mail from August 2021 on',
};

export const EXCHANGE_ONLINE: readonly CatalogueEntry[] = [
  {
    id: 'eop-2014',
    title: 'Exchange Online Protection, era 2014: Baltimore CyberTrust Root',
    provider: PROVIDER,
    // The field note of this day lists the names; when the era began is not documented.
    from: null,
    until: '2018-09-03',
    commonNames: [NAME],
    names: [
      '*.mail.eo.outlook.com',
      '*.mail.protection.outlook.com',
      NAME,
      'outlook.com',
      'mail.messaging.microsoft.com',
    ],
    subject:
      'CN=mail.protection.outlook.com,OU=Forefront Online Protection for Exchange,O=Microsoft,L=Redmond,ST=WA,C=US',
    root: {
      title: 'Baltimore CyberTrust Root',
      sha256: '16af57a9f676b0ab126095aa5ebadef22ab31119d644ac95cd4b93dbf3f26aeb',
    },
    issuer: null,
    mx: MX,
    sendingHosts: SENDING_HOSTS,
    addresses: null,
    recognizedBy: RECOGNIZED_BY,
    documented: ['commonNames', 'names', 'root', 'until'],
    sources: [
      { says: 'The common name, the five names, and Baltimore CyberTrust Root, on 2014-09-03.', where: FIELD_NOTE },
      { says: 'Baltimore CyberTrust Root until 2018-09-03.', where: USES_TLS },
      { says: 'The subject.', where: 'observed: logs of mail servers of that time' },
      OBSERVED_HOSTS,
    ],
  },
  {
    id: 'eop-2018',
    title: 'Exchange Online Protection, era 2018: GlobalSign Root CA - R1',
    provider: PROVIDER,
    from: '2018-09-03',
    until: null,
    commonNames: [NAME],
    names: null,
    subject: null,
    root: {
      title: 'GlobalSign Root CA (R1)',
      sha256: 'ebd41040e4bb3ec742c9e381d31ef2a41a48b6685c96e7cef3c1df6cd4331c99',
    },
    issuer: null,
    mx: MX,
    sendingHosts: SENDING_HOSTS,
    addresses: null,
    recognizedBy: RECOGNIZED_BY,
    documented: ['commonNames', 'root', 'from'],
    sources: [
      { says: 'GlobalSign Root CA - R1 and the certificate name, from 2018-09-03.', where: USES_TLS },
      { says: 'When it ended is not documented.', where: 'the next era was observed in August 2021' },
      OBSERVED_HOSTS,
    ],
  },
  {
    id: 'eop-2021',
    title: 'Exchange Online Protection, era 2021: DigiCert Global Root CA',
    provider: PROVIDER,
    from: '2021-08-16',
    until: '2026-03-22',
    commonNames: [NAME],
    names: null,
    subject: null,
    root: {
      title: 'DigiCert Global Root CA',
      sha256: '4348a0e9444c78cb265e058d5e8944b4d84f9662bd26db257f8934a443c70161',
    },
    issuer: 'DigiCert Cloud Services CA-1',
    mx: MX,
    sendingHosts: SENDING_HOSTS,
    addresses: null,
    recognizedBy: RECOGNIZED_BY,
    documented: ['commonNames'],
    sources: [
      {
        says: 'The common name, issued by DigiCert Cloud Services CA-1, under DigiCert Global Root CA. The first day is the first sighting.',
        where: 'observed: Received fields of public mail from 2021-08-16 on',
      },
      {
        says: 'Its last day is the day by which the next root had to be trusted; certificates change over gradually.',
        where: TRUST_G2,
      },
    ],
  },
  {
    id: 'eop-2026',
    title: 'Exchange Online, era 2026: DigiCert Global Root G2',
    provider: PROVIDER,
    from: '2026-03-22',
    until: null,
    commonNames: [NAME],
    names: null,
    subject: null,
    root: {
      title: 'DigiCert Global Root G2',
      sha256: 'cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f',
    },
    issuer: null,
    mx: MX,
    sendingHosts: SENDING_HOSTS,
    addresses: null,
    recognizedBy: RECOGNIZED_BY,
    documented: ['root', 'from'],
    sources: [
      {
        says: 'Who exchanges mail with Exchange Online had to trust DigiCert Global Root G2 before 2026-03-22 (first announced for 2026-04-30). Certificates change over gradually: the older root was still seen in April 2026.',
        where: TRUST_G2,
      },
      { says: 'The common name of the eras before.', where: 'assumed: no change of the name was announced' },
    ],
  },
  {
    id: 'mx.microsoft',
    title: 'Exchange Online, domains added after 2026-07-01: hosts below mx.microsoft',
    provider: PROVIDER,
    from: '2026-07-01',
    until: null,
    commonNames: null,
    names: null,
    subject: null,
    root: {
      title: 'DigiCert Global Root G2',
      sha256: 'cb3ccbb76031e5e0138f8dd39a23f9de47ffc35e43c1144cea27d46a5ab1cb5f',
    },
    issuer: null,
    // The label between is Microsoft's to choose: only the service's own answer tells the name.
    mx: null,
    sendingHosts: SENDING_HOSTS,
    addresses: null,
    recognizedBy: ['mx.microsoft', '*.mx.microsoft'],
    documented: ['from'],
    sources: [
      {
        says: 'Hosts of domains that are added after 2026-07-01 have names below mx.microsoft; which one, only the service tells (serviceConfigurationRecords).',
        where: MC1048624,
      },
      { says: 'The root of the era 2026.', where: 'assumed: no other root was announced' },
    ],
  },
];
