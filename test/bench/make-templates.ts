/**
 * Records real TLS handshakes between `openssl s_client` and `openssl s_server` over loopback and keeps them as small
 * template files. Run by hand when a template is to change (`npx tsx test/bench/make-templates.ts`); the output is
 * committed, so that a benchmark run needs no OpenSSL and generates the same bytes everywhere.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HandshakeTemplate, TemplateCertificate } from './templates.ts';
import { TEMPLATE_FOLDER } from './templates.ts';

/** How long the wire must be silent before a handshake counts as over. */
const QUIET_MILLISECONDS = 400;

interface Recipe {
  readonly name: string;
  readonly use: HandshakeTemplate['use'];
  readonly version: HandshakeTemplate['version'];
  readonly chain: readonly string[];
  readonly serverOptions?: readonly string[];
  readonly clientOptions?: readonly string[];
  readonly clientChain?: readonly string[];
}

const REQUEST_CLIENT_CERTIFICATE = ['-verify', '4'];

const RECIPES: readonly Recipe[] = [
  { name: 'mail-rsa-intermediate', use: 'mail', version: 'TLS 1.2', chain: ['rsa-leaf', 'rsa-issuer'] },
  { name: 'mail-rsa-with-root', use: 'mail', version: 'TLS 1.2', chain: ['rsa-leaf', 'rsa-issuer', 'rsa-root'] },
  { name: 'mail-rsa-missing-intermediate', use: 'mail', version: 'TLS 1.2', chain: ['rsa-lone'] },
  { name: 'mail-rsa-self-signed', use: 'mail', version: 'TLS 1.2', chain: ['self-signed'] },
  { name: 'mail-ec-p256', use: 'mail', version: 'TLS 1.2', chain: ['ec256-leaf', 'ec-issuer'] },
  { name: 'mail-ec-p384-with-root', use: 'mail', version: 'TLS 1.2', chain: ['ec384-leaf', 'ec-issuer', 'ec-root'] },
  { name: 'mail-ec-under-rsa', use: 'mail', version: 'TLS 1.2', chain: ['ec-crossed', 'rsa-issuer'] },
  { name: 'mail-rsa4096', use: 'mail', version: 'TLS 1.2', chain: ['rsa4096-leaf', 'rsa-issuer'] },
  { name: 'mail-rsa3072', use: 'mail', version: 'TLS 1.2', chain: ['rsa3072-leaf', 'rsa-issuer', 'rsa-root'] },
  { name: 'mail-many-names', use: 'mail', version: 'TLS 1.2', chain: ['many-names', 'rsa-issuer', 'rsa-root'] },
  {
    name: 'mail-static-rsa-key-exchange',
    use: 'mail',
    version: 'TLS 1.2',
    chain: ['rsa-old', 'rsa-issuer'],
    clientOptions: ['-cipher', 'AES128-SHA'],
  },
  {
    name: 'mail-dhe',
    use: 'mail',
    version: 'TLS 1.2',
    chain: ['rsa-leaf', 'rsa-issuer'],
    serverOptions: ['-no_ticket'],
    clientOptions: ['-cipher', 'DHE-RSA-AES256-GCM-SHA384'],
  },
  {
    name: 'mail-chacha',
    use: 'mail',
    version: 'TLS 1.2',
    chain: ['ec256-leaf', 'ec-issuer'],
    clientOptions: ['-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  },
  {
    name: 'mail-client-rsa',
    use: 'mail',
    version: 'TLS 1.2',
    chain: ['rsa-leaf', 'rsa-issuer'],
    serverOptions: REQUEST_CLIENT_CERTIFICATE,
    clientChain: ['rsa-client', 'rsa-issuer'],
  },
  {
    name: 'mail-client-ec',
    use: 'mail',
    version: 'TLS 1.2',
    chain: ['ec256-leaf', 'ec-issuer'],
    serverOptions: REQUEST_CLIENT_CERTIFICATE,
    clientChain: ['ec-client', 'ec-issuer'],
  },
  {
    name: 'mail-client-empty',
    use: 'mail',
    version: 'TLS 1.2',
    chain: ['rsa-leaf', 'rsa-issuer'],
    serverOptions: REQUEST_CLIENT_CERTIFICATE,
  },
  { name: 'mail-tls13-rsa', use: 'mail', version: 'TLS 1.3', chain: ['rsa-leaf', 'rsa-issuer'] },
  { name: 'mail-tls13-ec', use: 'mail', version: 'TLS 1.3', chain: ['ec256-leaf', 'ec-issuer'] },
  { name: 'mail-tls13-many-names', use: 'mail', version: 'TLS 1.3', chain: ['many-names', 'rsa-issuer'] },
  {
    name: 'mail-tls13-hello-retry',
    use: 'mail',
    version: 'TLS 1.3',
    chain: ['rsa-leaf', 'rsa-issuer'],
    serverOptions: ['-groups', 'P-384'],
    clientOptions: ['-groups', 'X25519:P-384'],
  },
  {
    name: 'mail-tls13-client',
    use: 'mail',
    version: 'TLS 1.3',
    chain: ['rsa-leaf', 'rsa-issuer'],
    serverOptions: REQUEST_CLIENT_CERTIFICATE,
    clientChain: ['rsa-client', 'rsa-issuer'],
  },
  { name: 'web-rsa', use: 'web', version: 'TLS 1.2', chain: ['web-rsa', 'rsa-issuer'] },
  { name: 'web-ec', use: 'web', version: 'TLS 1.2', chain: ['web-ec', 'ec-issuer'] },
  { name: 'web-many-names', use: 'web', version: 'TLS 1.2', chain: ['many-names', 'rsa-issuer', 'rsa-root'] },
  { name: 'web-tls13-rsa', use: 'web', version: 'TLS 1.3', chain: ['web-rsa', 'rsa-issuer'] },
  { name: 'web-tls13-ec', use: 'web', version: 'TLS 1.3', chain: ['web-ec', 'ec-issuer'] },
];

interface CertificateRecipe {
  readonly name: string;
  readonly subject: string;
  readonly key: string;
  readonly issuer: string | null;
  readonly authority: boolean;
  readonly dnsNames: readonly string[];
}

const authority = (name: string, key: string, issuer: string | null): CertificateRecipe => ({
  name,
  subject: `/C=DE/O=Benchmark Trust Services/CN=Benchmark ${name}`,
  key,
  issuer,
  authority: true,
  dnsNames: [],
});

const leaf = (name: string, key: string, issuer: string | null, dnsNames: readonly string[]): CertificateRecipe => ({
  name,
  subject: `/C=US/ST=Washington/L=Redmond/O=Benchmark Corporation/CN=${dnsNames[0]}`,
  key,
  issuer,
  authority: false,
  dnsNames,
});

const MANY_NAMES = Array.from({ length: 36 }, (_, index) => `*.mail${index}.protection.example.com`);

const CERTIFICATES: readonly CertificateRecipe[] = [
  authority('rsa-root', 'rsa:2048', null),
  authority('rsa-issuer', 'rsa:2048', 'rsa-root'),
  authority('ec-root', 'ec:P-384', null),
  authority('ec-issuer', 'ec:P-256', 'ec-root'),
  leaf('rsa-leaf', 'rsa:2048', 'rsa-issuer', ['mail.fabrikam.example', 'smtp.fabrikam.example']),
  leaf('rsa-old', 'rsa:2048', 'rsa-issuer', ['relay.tailspin.example']),
  leaf('rsa-lone', 'rsa:2048', 'rsa-issuer', ['mx.adatum.example']),
  leaf('self-signed', 'rsa:2048', null, ['localhost.localdomain']),
  leaf('rsa3072-leaf', 'rsa:3072', 'rsa-issuer', ['mx1.woodgrove.example', 'mx2.woodgrove.example']),
  leaf('rsa4096-leaf', 'rsa:4096', 'rsa-issuer', ['mx.northwind.example']),
  leaf('many-names', 'rsa:2048', 'rsa-issuer', ['mail.protection.example.com', ...MANY_NAMES]),
  leaf('ec256-leaf', 'ec:P-256', 'ec-issuer', ['mx.contoso.example', '*.contoso.example']),
  leaf('ec384-leaf', 'ec:P-384', 'ec-issuer', ['mx.wingtip.example']),
  leaf('ec-crossed', 'ec:P-256', 'rsa-issuer', ['inbound.proseware.example']),
  leaf('rsa-client', 'rsa:2048', 'rsa-issuer', ['outbound.litware.example']),
  leaf('ec-client', 'ec:P-256', 'ec-issuer', ['outbound.lucerne.example']),
  leaf('web-rsa', 'rsa:2048', 'rsa-issuer', ['www.relecloud.example', 'cdn.relecloud.example']),
  leaf('web-ec', 'ec:P-256', 'ec-issuer', ['www.fourthcoffee.example']),
];

function openssl(folder: string, ...options: readonly string[]): void {
  const result = spawnSync('openssl', options, { cwd: folder, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`openssl ${options.join(' ')}: ${result.stderr}`);
}

function makeCertificate(folder: string, recipe: CertificateRecipe): void {
  const [type, parameter] = recipe.key.split(':');
  const keyOption = type === 'rsa' ? `rsa_keygen_bits:${parameter}` : `ec_paramgen_curve:${parameter}`;
  openssl(
    folder,
    'genpkey',
    '-algorithm',
    type === 'rsa' ? 'RSA' : 'EC',
    '-pkeyopt',
    keyOption,
    '-out',
    `${recipe.name}.key`,
  );
  const extensions = recipe.authority
    ? ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
    : [
        'basicConstraints=critical,CA:FALSE',
        'keyUsage=critical,digitalSignature,keyEncipherment',
        'extendedKeyUsage=serverAuth,clientAuth',
        `subjectAltName=${recipe.dnsNames.map((name) => `DNS:${name}`).join(',')}`,
        'certificatePolicies=2.23.140.1.2.2',
      ];
  const signer = recipe.issuer === null ? [] : ['-CA', `${recipe.issuer}.pem`, '-CAkey', `${recipe.issuer}.key`];
  openssl(
    folder,
    ...['req', '-x509', '-new', '-sha256', '-days', '825', '-subj', recipe.subject, '-key', `${recipe.name}.key`],
    // A fixed length, so that the generator can write another serial number over it.
    ...['-set_serial', `0x4${createHash('sha256').update(recipe.name).digest('hex').slice(0, 31)}`],
    ...extensions.flatMap((extension) => ['-addext', extension]),
    ...[...signer, '-out', `${recipe.name}.pem`],
  );
}

interface Flight {
  readonly from: 'client' | 'server';
  data: Buffer;
}

/** Runs one handshake through a recording relay and gives the bytes of each flight in order. */
async function record(folder: string, recipe: Recipe): Promise<readonly Flight[]> {
  const serverFlag = recipe.version === 'TLS 1.2' ? '-tls1_2' : '-tls1_3';
  const chainFile = (name: string, chain: readonly string[]): string => {
    const file = `${recipe.name}-${name}.pem`;
    const pem = chain.map((certificate) => readFileSync(join(folder, `${certificate}.pem`), 'utf8')).join('');
    writeFileSync(join(folder, file), pem);
    return file;
  };
  const identity = (name: string, chain: readonly string[]): readonly string[] => [
    ...['-cert', `${chain[0]}.pem`, '-key', `${chain[0]}.key`],
    ...(chain.length > 1 ? ['-cert_chain', chainFile(name, chain.slice(1))] : []),
  ];
  const server = spawn(
    'openssl',
    [
      's_server',
      '-accept',
      '127.0.0.1:0',
      serverFlag,
      ...identity('server', recipe.chain),
      ...(recipe.serverOptions ?? []),
    ],
    { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const serverPort = await new Promise<number>((resolve, reject) => {
    let seen = '';
    server.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      const port = /ACCEPT [^\n]*:(\d+)\n/.exec(seen)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    server.on('exit', () => reject(new Error(`s_server ended: ${seen}`)));
  });

  const flights: Flight[] = [];
  const relay = createServer();
  const recorded = new Promise<void>((resolve, reject) => {
    relay.on('connection', (inbound) => {
      const outbound = connect(serverPort, '127.0.0.1');
      const quiet = setTimeout(() => {
        inbound.destroy();
        outbound.destroy();
        resolve();
      }, QUIET_MILLISECONDS * 3);
      const keep = (from: Flight['from'], data: Buffer): void => {
        quiet.refresh();
        const last = flights.at(-1);
        if (last?.from === from) last.data = Buffer.concat([last.data, data]);
        else flights.push({ from, data });
      };
      inbound.on('data', (data: Buffer) => {
        keep('client', data);
        outbound.write(data);
      });
      outbound.on('data', (data: Buffer) => {
        keep('server', data);
        inbound.write(data);
      });
      inbound.on('error', reject);
      outbound.on('error', reject);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const relayAddress = relay.address();
  if (relayAddress === null || typeof relayAddress === 'string') throw new Error('the relay has no port');
  const client = spawn(
    'openssl',
    [
      ...['s_client', '-connect', `127.0.0.1:${relayAddress.port}`, serverFlag, '-quiet'],
      ...(recipe.clientChain === undefined ? [] : identity('client', recipe.clientChain)),
      ...(recipe.use === 'web' ? ['-servername', 'www.relecloud.example', '-alpn', 'h2,http/1.1'] : []),
      ...(recipe.clientOptions ?? []),
    ],
    { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  await recorded;
  client.kill();
  server.kill();
  relay.close();
  return flights;
}

/** Finds the certificates that pass in the clear, so that the generator can renumber them and knows their digests. */
function locate(folder: string, recipe: Recipe, flights: readonly Flight[]): readonly TemplateCertificate[] {
  if (recipe.version === 'TLS 1.3') return [];
  const presented: readonly (readonly ['client' | 'server', readonly string[]])[] = [
    ['server', recipe.chain],
    ['client', recipe.clientChain ?? []],
  ];
  return presented.flatMap(([from, chain]) =>
    chain.map((name, position) => {
      const certificate = new X509Certificate(readFileSync(join(folder, `${name}.pem`)));
      const flight = flights.findIndex((each) => each.from === from && each.data.includes(certificate.raw));
      if (flight < 0) throw new Error(`${recipe.name}: ${name} is not on the wire`);
      const offset = flights[flight].data.indexOf(certificate.raw);
      const serial = Buffer.from(certificate.serialNumber, 'hex');
      return {
        from,
        flight,
        offset,
        length: certificate.raw.length,
        // Only the leaf differs from partner to partner; issuers are shared as they are in life.
        serialNumber:
          position === 0 ? { offset: offset + certificate.raw.indexOf(serial), length: serial.length } : null,
      };
    }),
  );
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'starttrace-templates-'));
  for (const recipe of CERTIFICATES) makeCertificate(folder, recipe);
  let total = 0;
  for (const recipe of RECIPES) {
    const flights = await record(folder, recipe);
    if (flights.length < 3) throw new Error(`${recipe.name}: the handshake did not complete`);
    const template: HandshakeTemplate = {
      name: recipe.name,
      use: recipe.use,
      version: recipe.version,
      flights: flights.map((flight) => ({ from: flight.from, data: flight.data.toString('base64') })),
      certificates: locate(folder, recipe, flights),
    };
    const text = `${JSON.stringify(template, null, 2)}\n`;
    writeFileSync(join(TEMPLATE_FOLDER, `${recipe.name}.json`), text);
    total += text.length;
    console.log(`${recipe.name}: ${flights.map((flight) => `${flight.from} ${flight.data.length}`).join(', ')}`);
  }
  rmSync(folder, { recursive: true });
  console.log(`${RECIPES.length} templates, ${total} bytes`);
}

await main();
