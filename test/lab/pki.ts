/**
 * The lab's certificates, made with openssl from one table. `npx tsx test/lab/pki.ts` makes them in
 * `test/lab/pki` unless all are there; `--new` makes them anew (and then all captures have to be made anew too).
 *
 * Serial numbers, names and dates are fixed; keys are random. Keys lie in `pki/TEST-keys`; git keeps only those that
 * the tests themselves use (see `pki/.gitignore`), all of them worthless outside of this lab.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from './processes.ts';

const PKI = fileURLToPath(new URL('pki/', import.meta.url));

type KeyType = 'rsa2048' | 'rsa4096' | 'rsa-pss' | 'p256' | 'p384' | 'ed25519' | 'ed448';

interface Specification {
  /** In the order of encoding, the country first. */
  readonly subject: string;
  readonly issuer?: string;
  readonly key?: KeyType;
  readonly digest?: 'sha1' | 'sha256' | 'sha384';
  /** YYYYMMDDHHMMSSZ */
  readonly from: string;
  readonly until: string;
  readonly serial: string;
  readonly authority?: { readonly pathLength?: number };
  readonly names?: readonly string[];
  readonly usages?: string;
}

const TEST_ORGANISATION = (organisation: string, name: string) => `/C=US/O=${organisation}/CN=${name}`;
const BOTH_SIDES = 'serverAuth,clientAuth';
const MODERN = { from: '20240101000000Z', until: '20331231235959Z' } as const;
const THEN = { from: '20140115000000Z', until: '20160115235959Z' } as const;

/** The five names of the certificate that EOP presented in September 2014. */
const EOP_NAMES = [
  '*.mail.eo.outlook.com',
  '*.mail.protection.outlook.com',
  'mail.protection.outlook.com',
  'outlook.com',
  'mail.messaging.microsoft.com',
] as const;

const partner = (serial: string, name: string, more: Partial<Specification> = {}): Specification => ({
  subject: TEST_ORGANISATION('TEST Lab', name),
  issuer: 'partner-issuing',
  serial,
  names: [`DNS:${name}`],
  usages: BOTH_SIDES,
  ...MODERN,
  ...more,
});

const link = (index: number): Specification => ({
  subject: TEST_ORGANISATION('TEST Long Chain', `TEST Long Chain CA ${index}`),
  issuer: index === 1 ? 'partner-root' : `link-${index - 1}`,
  from: '20120101000000Z',
  until: '20351231235959Z',
  serial: `51${index.toString().padStart(2, '0')}`,
  authority: {},
});

const CERTIFICATES: Readonly<Record<string, Specification>> = {
  baltimore: {
    subject: '/C=IE/O=TEST Baltimore/OU=CyberTrust/CN=TEST Baltimore CyberTrust Root',
    digest: 'sha1',
    from: '20000512184600Z',
    until: '20250512235900Z',
    serial: '020000B9',
    authority: { pathLength: 3 },
  },
  'it-ssl-sha2': {
    subject: '/C=US/ST=Washington/L=Redmond/O=TEST Microsoft Corporation/OU=Microsoft IT/CN=TEST Microsoft IT SSL SHA2',
    issuer: 'baltimore',
    from: '20131219200732Z',
    until: '20171219200655Z',
    serial: '07274442',
    authority: { pathLength: 0 },
  },
  eop: {
    subject:
      '/C=US/ST=WA/L=Redmond/O=Microsoft/OU=Forefront Online Protection for Exchange/CN=mail.protection.outlook.com',
    issuer: 'it-ssl-sha2',
    from: '20140407192421Z',
    until: '20160406192421Z',
    serial: '4D57A3C10001',
    names: EOP_NAMES.map((name) => `DNS:${name}`),
    usages: BOTH_SIDES,
  },
  'partner-root': {
    subject: '/C=US/O=TEST Partner Trust/CN=TEST Contoso Fabrikam Partner Root',
    from: '20100101000000Z',
    until: '20391231235959Z',
    serial: '1001',
    authority: {},
  },
  'partner-issuing': {
    subject: '/C=US/O=TEST Partner Trust/CN=TEST Contoso Fabrikam Issuing CA 1',
    issuer: 'partner-root',
    from: '20120101000000Z',
    until: '20351231235959Z',
    serial: '2001',
    authority: { pathLength: 0 },
  },
  'contoso-2014': {
    ...partner('3001', 'mail.contoso.com', THEN),
    subject: '/C=US/ST=WA/L=Redmond/O=Contoso/CN=mail.contoso.com',
  },
  'fabrikam-2014': {
    ...partner('3002', 'mail.fabrikam.com', THEN),
    subject: '/C=US/ST=WA/L=Seattle/O=Fabrikam/CN=mail.fabrikam.com',
  },
  'woodgrove-2014': { ...partner('3003', 'mail.woodgrovebank.example', THEN), usages: 'serverAuth' },
  'northwind-2014': partner('3004', 'mail.northwind.example', THEN),
  'fourthcoffee-2014': partner('3005', 'mx.fourthcoffee.example', THEN),
  'proseware-2014': {
    subject: '/CN=exchange.proseware.example',
    ...THEN,
    serial: '0A',
    names: ['DNS:exchange.proseware.example', 'DNS:exchange'],
    usages: 'serverAuth',
  },
  contoso: partner('4001', 'mail.contoso.com'),
  fabrikam: partner('4002', 'mail.fabrikam.com'),
  northwind: partner('4003', 'mail.northwind.example'),
  p256: partner('4004', 'ec.northwind.example', { key: 'p256' }),
  p384: partner('4005', 'ec384.northwind.example', { key: 'p384', digest: 'sha384' }),
  ed25519: partner('4006', 'ed25519.northwind.example', { key: 'ed25519' }),
  ed448: partner('4007', 'ed448.northwind.example', { key: 'ed448' }),
  'rsa-pss': partner('4008', 'pss.northwind.example', { key: 'rsa-pss' }),
  expired: partner('4009', 'old.northwind.example', { from: '20140101000000Z', until: '20151231235959Z' }),
  'self-signed': { ...partner('400A', 'exchange.northwind.example'), subject: '/CN=exchange' },
  'wrong-name': partner('400B', 'mail.tailspintoys.example'),
  wildcard: partner('400C', '*.northwind.example'),
  idn: partner('400D', 'xn--bcher-kva.example', {
    subject: '/C=DE/O=TEST B\u00fccher/CN=b\u00fccher.example',
    names: ['DNS:xn--bcher-kva.example', 'DNS:mail.xn--bcher-kva.example', 'email:postmaster@xn--bcher-kva.example'],
  }),
  'many-names': partner('400E', 'many.northwind.example', {
    names: [
      ...Array.from({ length: 250 }, (_, i) => `DNS:host${i + 1}.many.northwind.example`),
      'IP:192.0.2.25',
      'IP:2001:db8::25',
    ],
  }),
  'untrusted-root': {
    subject: '/O=TEST Nobody/CN=TEST Root Nobody Knows',
    key: 'p256',
    from: '20100101000000Z',
    until: '20391231235959Z',
    serial: '01',
    authority: {},
  },
  untrusted: partner('02', 'mail.contoso.com', { issuer: 'untrusted-root', key: 'p256' }),
  ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`link-${i + 1}`, link(i + 1)])),
  'long-chain': partner('4010', 'deep.northwind.example', { issuer: 'link-9' }),
};

const SELF_SIGNED = new Set(['self-signed']);

/** What a server or client sends: certificates in the order of sending. The first one's key goes with it. */
const CHAINS: Readonly<Record<string, readonly string[]>> = {
  eop: ['eop', 'it-ssl-sha2'],
  'contoso-2014': ['contoso-2014', 'partner-issuing'],
  'fabrikam-2014': ['fabrikam-2014', 'partner-issuing'],
  'woodgrove-2014': ['woodgrove-2014', 'partner-issuing'],
  'northwind-2014': ['northwind-2014', 'partner-issuing'],
  'fourthcoffee-2014': ['fourthcoffee-2014', 'partner-issuing'],
  'proseware-2014': ['proseware-2014'],
  contoso: ['contoso', 'partner-issuing'],
  fabrikam: ['fabrikam', 'partner-issuing'],
  northwind: ['northwind', 'partner-issuing'],
  p256: ['p256', 'partner-issuing'],
  p384: ['p384', 'partner-issuing'],
  ed25519: ['ed25519', 'partner-issuing'],
  ed448: ['ed448', 'partner-issuing'],
  'rsa-pss': ['rsa-pss', 'partner-issuing'],
  expired: ['expired', 'partner-issuing'],
  'self-signed': ['self-signed'],
  'wrong-name': ['wrong-name', 'partner-issuing'],
  wildcard: ['wildcard', 'partner-issuing'],
  idn: ['idn', 'partner-issuing'],
  'many-names': ['many-names', 'partner-issuing'],
  untrusted: ['untrusted'],
  'long-chain': ['long-chain', 9, 8, 7, 6, 5, 4, 3, 2, 1].map((part) =>
    typeof part === 'number' ? `link-${part}` : part,
  ),
  'missing-intermediate': ['northwind'],
  'wrong-order': [
    'long-chain',
    'link-7',
    'link-9',
    'link-8',
    'link-6',
    'link-5',
    'link-4',
    'link-3',
    'link-2',
    'link-1',
  ],
  'surplus-certificates': ['northwind', 'partner-issuing', 'it-ssl-sha2', 'fabrikam', 'northwind'],
  'root-included': ['northwind', 'partner-issuing', 'partner-root'],
};

export const certificateFile = (name: string) => join(PKI, `${name}.crt.pem`);
export const keyFile = (chain: string) => join(PKI, 'TEST-keys', `${CHAINS[chain]?.[0] ?? chain}.key.pem`);
export const chainFile = (chain: string) => join(PKI, `${chain}.chain.pem`);
/** The root certificates of the lab in one file, for clients that verify. */
export const ROOTS = join(PKI, 'roots.pem');

/** SHA-256 of the certificate's DER, in lower-case hex. */
function fingerprint(name: string): string {
  return new X509Certificate(readFileSync(certificateFile(name))).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** SHA-256 of each certificate of a chain, in the order of sending. */
export function chainFingerprints(chain: string): string[] {
  const parts = CHAINS[chain];
  if (parts === undefined) throw new Error(`no chain called ${chain}`);
  return parts.map(fingerprint);
}

const KEY_OPTIONS: Readonly<Record<KeyType, readonly string[]>> = {
  rsa2048: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  rsa4096: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:4096'],
  'rsa-pss': ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048'],
  p256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ed25519: ['-algorithm', 'ED25519'],
  ed448: ['-algorithm', 'ED448'],
};

function makeCertificate(name: string, specification: Specification, directory: string): void {
  const key = join(PKI, 'TEST-keys', `${name}.key.pem`);
  must('openssl', ['genpkey', ...KEY_OPTIONS[specification.key ?? 'rsa2048'], '-out', key]);
  writeFileSync(
    key,
    `TEST KEY of the StartTrace test lab (${name}): public, for tests only.\n${readFileSync(key, 'utf8')}`,
  );
  const request = join(directory, `${name}.csr`);
  must('openssl', ['req', '-new', '-utf8', '-key', key, '-subj', specification.subject, '-out', request]);
  const selfSigned = SELF_SIGNED.has(name) || specification.issuer === undefined;
  const extensions =
    specification.authority === undefined
      ? [
          'basicConstraints=critical,CA:FALSE',
          'keyUsage=critical,digitalSignature,keyEncipherment',
          `extendedKeyUsage=${specification.usages ?? BOTH_SIDES}`,
          'subjectAltName=@names',
        ]
      : [
          `basicConstraints=critical,CA:TRUE${specification.authority.pathLength === undefined ? '' : `,pathlen:${specification.authority.pathLength}`}`,
          'keyUsage=critical,keyCertSign,cRLSign',
        ];
  // A name without commas or spaces may stand in a section of its own: lists of 250 names exceed openssl's line.
  const names = (specification.names ?? []).map((entry, index) => {
    const [type, ...value] = entry.split(':');
    return `${type}.${index} = ${value.join(':')}`;
  });
  const configuration = join(directory, `${name}.cnf`);
  writeFileSync(join(directory, `${name}.serial`), `${specification.serial}\n`);
  writeFileSync(join(directory, `${name}.index`), '');
  writeFileSync(
    configuration,
    [
      '[ca]',
      'default_ca=lab',
      '[lab]',
      `database=${join(directory, `${name}.index`)}`,
      `serial=${join(directory, `${name}.serial`)}`,
      `new_certs_dir=${directory}`,
      'policy=anything',
      'string_mask=utf8only',
      'email_in_dn=yes',
      'preserve=yes',
      '[anything]',
      ...[
        'countryName',
        'stateOrProvinceName',
        'localityName',
        'organizationName',
        'organizationalUnitName',
        'commonName',
      ].map((attribute) => `${attribute}=optional`),
      '[extensions]',
      ...extensions,
      'subjectKeyIdentifier=hash',
      ...(selfSigned ? [] : ['authorityKeyIdentifier=keyid:always']),
      '[names]',
      ...names,
      '',
    ].join('\n'),
  );
  const output = join(directory, `${name}.pem`);
  must('openssl', [
    'ca',
    '-batch',
    '-config',
    configuration,
    '-in',
    request,
    '-out',
    output,
    '-notext',
    '-utf8',
    '-preserveDN',
    '-startdate',
    specification.from,
    '-enddate',
    specification.until,
    '-md',
    specification.key === 'ed25519' && selfSigned ? 'default' : (specification.digest ?? 'sha256'),
    '-extensions',
    'extensions',
    ...(selfSigned
      ? ['-selfsign', '-keyfile', key]
      : [
          '-cert',
          certificateFile(specification.issuer as string),
          '-keyfile',
          join(PKI, 'TEST-keys', `${specification.issuer}.key.pem`),
        ]),
  ]);
  writeFileSync(certificateFile(name), readFileSync(output));
}

/** A response "good" for a certificate, signed by its issuer, as a server staples it. */
export function makeOcspResponse(name: string, output: string): void {
  const { issuer, serial } = CERTIFICATES[name];
  if (issuer === undefined) throw new Error(`${name} has no issuer`);
  const index = `${output}.index`;
  writeFileSync(index, `V\t331231235959Z\t\t${serial}\tunknown\t/CN=${name}\n`);
  const request = `${output}.request`;
  const authority = ['-issuer', certificateFile(issuer)];
  must('openssl', ['ocsp', ...authority, '-cert', certificateFile(name), '-no_nonce', '-reqout', request]);
  must('openssl', [
    'ocsp',
    '-index',
    index,
    '-CA',
    certificateFile(issuer),
    '-rsigner',
    certificateFile(issuer),
    '-rkey',
    join(PKI, 'TEST-keys', `${issuer}.key.pem`),
    '-reqin',
    request,
    '-respout',
    output,
    '-ndays',
    '3650',
  ]);
}

const hasAllOf = (names: readonly string[]) =>
  names.every((name) => existsSync(certificateFile(name)) && existsSync(join(PKI, 'TEST-keys', `${name}.key.pem`)));

/** Whether every certificate is there with its key: a clone of the repository holds only some keys. */
export const isPkiComplete = () => hasAllOf(Object.keys(CERTIFICATES));

/** Makes all certificates with new keys, unless all are there already. */
export function makePki(anew: boolean): void {
  if (isPkiComplete() && !anew) return;
  mkdirSync(join(PKI, 'TEST-keys'), { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), 'starttrace-pki-'));
  try {
    for (const [name, specification] of Object.entries(CERTIFICATES)) {
      console.log(`certificate ${name}`);
      makeCertificate(name, specification, directory);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  for (const [chain, parts] of Object.entries(CHAINS)) {
    writeFileSync(chainFile(chain), parts.map((part) => readFileSync(certificateFile(part), 'utf8')).join(''));
  }
  writeFileSync(
    ROOTS,
    ['baltimore', 'partner-root'].map((name) => readFileSync(certificateFile(name), 'utf8')).join(''),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makePki(process.argv.includes('--new'));
