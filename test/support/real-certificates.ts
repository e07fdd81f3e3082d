/** Certificates that real issuers and test suites made, for comparing readers. None of them is kept in the project. */
import { execFileSync } from 'node:child_process';
import { X509Certificate as NodeCertificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { gunzipSync } from 'node:zlib';

const SHARED = join(import.meta.dirname, '../../../shared');

export const hasSharedCertificates = existsSync(join(SHARED, 'x509/limbo.json.gz'));
export const hasCorpusAndTshark = existsSync(join(SHARED, 'corpus/truth.json')) && runs('tshark');
export const hasOpenssl = runs('openssl');

function runs(program: string): boolean {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    // tshark knows only the option.
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }
}

/** The roots that Node carries: always there. */
export function nodeRoots(): Uint8Array[] {
  return rootCertificates.map((pem) => new Uint8Array(new NodeCertificate(pem).raw));
}

/** Every distinct certificate of the x509-limbo suite, of the laboratory's PKI, and the Baltimore root. */
export function sharedCertificates(): Uint8Array[] {
  const texts = readdirSync(join(SHARED, 'lab/pki')).map((file) =>
    readFileSync(join(SHARED, 'lab/pki', file), 'latin1'),
  );
  texts.push(readFileSync(join(SHARED, 'x509/baltimore-cybertrust-root.pem'), 'latin1'));
  const suite = JSON.parse(gunzipSync(readFileSync(join(SHARED, 'x509/limbo.json.gz'))).toString()) as {
    readonly testcases: readonly {
      readonly trusted_certs: readonly string[];
      readonly untrusted_intermediates: readonly string[];
      readonly peer_certificate: string;
    }[];
  };
  for (const { trusted_certs, untrusted_intermediates, peer_certificate } of suite.testcases) {
    texts.push(...trusted_certs, ...untrusted_intermediates, peer_certificate);
  }
  return distinct(texts.flatMap(certificatesOfPem));
}

/** Node's own base64, so that our PEM reader is not its own witness. */
function certificatesOfPem(text: string): Uint8Array[] {
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END/g);
  return [...blocks].map(([, body]) => new Uint8Array(Buffer.from(body, 'base64')));
}

/** Larger captures take tshark too long. */
const LARGEST_CAPTURE = 1_000_000;

/**
 * Certificates that tshark takes out of captures: of as many as `captures` says, those with the most fingerprints not
 * met in one before.
 */
export function corpusCertificates(captures: number): Uint8Array[] {
  const truth = JSON.parse(readFileSync(join(SHARED, 'corpus/truth.json'), 'utf8')) as {
    readonly files: Readonly<Record<string, unknown>>;
  };
  const candidates = Object.entries(truth.files)
    .map(([file, facts]) => ({ path: join(SHARED, 'corpus', file), fingerprints: new Set(fingerprintsOf(facts)) }))
    .filter(({ path }) => existsSync(path) && statSync(path).size < LARGEST_CAPTURE)
    .sort((left, right) => right.fingerprints.size - left.fingerprints.size);
  const met = new Set<string>();
  const chosen = candidates.filter(({ fingerprints }) => {
    const fresh = [...fingerprints].filter((fingerprint) => !met.has(fingerprint));
    for (const fingerprint of fresh) met.add(fingerprint);
    return fresh.length > 0;
  });
  const found = chosen.slice(0, captures).flatMap(({ path }) => {
    const fields = ['-r', path, '-T', 'fields', '-e', 'tls.handshake.certificate'];
    const output = execFileSync('tshark', fields, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const values = output.split(/[\s,]+/).filter((value) => value !== '');
    return values.map((value) => new Uint8Array(Buffer.from(value.replaceAll(':', ''), 'hex')));
  });
  return distinct(found);
}

/** The SHA-256 of every certificate that the record of a capture names, wherever it stands. */
function fingerprintsOf(facts: unknown): string[] {
  return [...JSON.stringify(facts).matchAll(/"sha256":"([0-9a-f]{64})"/g)].map(([, fingerprint]) => fingerprint);
}

function distinct(certificates: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(certificates.map((der) => [Buffer.from(der).toString('base64'), der])).values()];
}
