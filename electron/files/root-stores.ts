/** The roots that Node and the operating system carry, as trust policies. */
import { stat } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { calendarTime, formatCalendarTime } from '../../shared/bytes/calendar.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import { ProblemList } from '../../shared/bytes/problem-list.ts';
import { DEFAULT_RULES, isAuthority, plainAnchor, type TrustPolicy } from '../../shared/expect/trust-policy.ts';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import { type CertificateFile, readCertificateBytes, readCertificateFile } from './certificate-files.ts';
import { readCertificateFolder } from './certificate-folder.ts';
import { systemReason } from './input-error.ts';
import type { TrustHost } from './trust-host.ts';

export interface StorePolicy {
  readonly policy: TrustPolicy;
  readonly problems: readonly Problem[];
}

/** Release notes of Node.js that name the list of Mozilla's (NSS) which came with it. */
const NODE_ROOTS: ReadonlyMap<string, { readonly nss: string; readonly released: string }> = new Map([
  ['20.19.3', { nss: '3.108', released: '2025-06-23' }],
  ['20.19.6', { nss: '3.114', released: '2025-11-25' }],
  ['20.20.1', { nss: '3.119', released: '2026-03-05' }],
  ['20.20.2', { nss: '3.119', released: '2026-03-24' }],
  ['22.20.0', { nss: '3.114', released: '2025-09-24' }],
  ['24.21.0', { nss: '3.126', released: '2026-09-08' }],
]);

let mozilla: StorePolicy | null = null;

/** The roots that Mozilla trusts for servers, as this version of Node carries them. */
export function mozillaPolicy(): StorePolicy {
  mozilla ??= nodePolicy(process.versions.node, rootCertificates);
  return mozilla;
}

function nodePolicy(version: string, roots: readonly string[]): StorePolicy {
  const { certificates, problems } = readCertificateBytes(Buffer.from(roots.join('\n')), `Node.js ${version}`);
  const known = NODE_ROOTS.get(version);
  const source = `Node.js ${version}${known === undefined ? '' : `, with the list of NSS ${known.nss}`}`;
  const policy: TrustPolicy = {
    name: 'mozilla',
    title: 'The roots that Mozilla trusts for servers',
    issued: known?.released ?? youngest(certificates),
    source,
    description: `What Node.js carries, of whatever system it runs on. ${
      known === undefined
        ? 'The day is that of the youngest root: the list is of that day or later.'
        : 'The day is that on which this Node.js was released.'
    } Mozilla distrusts some roots for certificates that are issued after a certain day; Node.js does not carry those days.`,
    anchors: certificates.map((certificate) => plainAnchor(certificate, source)),
    intermediates: [],
    rules: DEFAULT_RULES,
  };
  return { policy, problems };
}

function youngest(certificates: readonly X509Certificate[]): string | null {
  const days = certificates.map(({ notBefore }) => notBefore.iso.slice(0, 10)).sort();
  return days.at(-1) ?? null;
}

/** Where distributions of Linux and the BSDs put the roots in one file: the first that is there counts. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/share/certs/ca-root-nss.crt',
];
const FOLDERS = ['/etc/ssl/certs', '/etc/pki/tls/certs', '/system/etc/security/cacerts'];

const KEYCHAINS = [
  '/System/Library/Keychains/SystemRootCertificates.keychain',
  '/Library/Keychains/System.keychain',
] as const;

/** Root is what the machine trusts; AuthRoot what Microsoft's program has brought so far. */
const WINDOWS_SCRIPT = [
  "$ErrorActionPreference = 'Stop'",
  'Get-ChildItem Cert:\\LocalMachine\\Root, Cert:\\LocalMachine\\AuthRoot | ForEach-Object {',
  "'-----BEGIN CERTIFICATE-----'",
  "[Convert]::ToBase64String($_.RawData, 'InsertLineBreaks')",
  "'-----END CERTIFICATE-----' }",
].join('\n');

interface FoundStore extends Pick<CertificateFile, 'certificates' | 'problems'> {
  readonly source: string;
  readonly issued: string | null;
  readonly description: string;
}

/** The roots that the operating system trusts, or why they cannot be had: one sentence with the next step. */
export async function systemPolicy(host: TrustHost): Promise<StorePolicy | string> {
  const found = await systemStore(host);
  if (typeof found === 'string') return found;
  const problems = new ProblemList();
  for (const problem of found.problems) problems.add(problem);
  const roots = new Map<string, X509Certificate>();
  for (const certificate of found.certificates) {
    if (isAuthority(certificate)) roots.set(certificate.sha256, certificate);
    else problems.add(notAnAuthority(found.source, certificate));
  }
  if (roots.size === 0) return `There is no root in ${found.source}: use --trust mozilla, or a file of roots.`;
  const policy: TrustPolicy = {
    name: 'system',
    title: 'The roots that this machine trusts',
    issued: found.issued,
    source: found.source,
    description: found.description,
    anchors: [...roots.values()].map((certificate) => plainAnchor(certificate, found.source)),
    intermediates: [],
    rules: DEFAULT_RULES,
  };
  return { policy, problems: problems.items };
}

export function notAnAuthority(place: string, { subject, sha256 }: X509Certificate): Problem {
  const message = `${place}: ${subject.text || sha256} is no certificate authority, and is left out.`;
  return { code: 'trust-not-an-authority', message };
}

function systemStore(host: TrustHost): Promise<FoundStore | string> {
  switch (host.platform) {
    case 'darwin':
      return programStore(
        host,
        'the keychains of macOS',
        '/usr/bin/security',
        ['find-certificate', '-a', '-p', ...KEYCHAINS],
        "Apple's roots and those that an administrator added. Settings that distrust one of them are not read.",
      );
    case 'win32':
      return programStore(
        host,
        'the stores Root and AuthRoot of Windows',
        'powershell.exe',
        ['-NoProfile', '-NonInteractive', '-Command', WINDOWS_SCRIPT],
        'What stands in the stores of the machine. Windows fetches further roots of its list when they are first needed.',
      );
    default:
      return fileStore(host);
  }
}

async function programStore(
  host: TrustHost,
  source: string,
  program: string,
  args: readonly string[],
  description: string,
): Promise<FoundStore | string> {
  try {
    const output = await host.run(program, args);
    return { ...readCertificateBytes(Buffer.from(output), source), source, issued: dayOf(host.now), description };
  } catch (error) {
    return `Reading ${source} failed (${program}: ${systemReason(error)}): use --trust mozilla, or a file of roots.`;
  }
}

const FILE_DESCRIPTION =
  "What the system's administration trusts. The day is that of the last change of the file or folder.";

/** SSL_CERT_FILE and SSL_CERT_DIR stand in front, as OpenSSL has it. */
async function fileStore({ environment }: TrustHost): Promise<FoundStore | string> {
  const { SSL_CERT_FILE: ownFile, SSL_CERT_DIR: ownFolder } = environment;
  const own = Boolean(ownFile) || Boolean(ownFolder);
  for (const path of own ? [ownFile] : BUNDLES) {
    const day = path ? await changedOn(path) : null;
    if (!path || day === null) continue;
    return { ...(await readCertificateFile(path)), source: path, issued: day, description: FILE_DESCRIPTION };
  }
  for (const path of own ? [ownFolder] : FOLDERS) {
    const day = path ? await changedOn(path) : null;
    if (!path || day === null) continue;
    return { ...(await readCertificateFolder(path)), source: path, issued: day, description: FILE_DESCRIPTION };
  }
  return own
    ? 'What SSL_CERT_FILE or SSL_CERT_DIR names is not there: correct or unset it.'
    : 'This system has no list of roots where it is usually kept: install ca-certificates, or use --trust mozilla.';
}

/** Null: there is nothing. */
async function changedOn(path: string): Promise<string | null> {
  try {
    return dayOf((await stat(path)).mtimeMs / 1000);
  } catch {
    // The next place is tried; when there is none, that is said.
    return null;
  }
}

function dayOf(seconds: number): string {
  return formatCalendarTime(calendarTime(Math.floor(seconds))).slice(0, 10);
}
