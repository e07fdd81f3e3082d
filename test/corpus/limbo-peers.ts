/**
 * x509-limbo as StartTrace, OpenSSL, Node and node-forge judge it: prints the table in docs/path-validation.md.
 * `npx tsx test/corpus/limbo-peers.ts`, with the suite beside the project and openssl in the path.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { hasLimbo, judgeCase, type LimboCase, limboCases, suiteOf, timeOf } from './limbo-suite.ts';

interface Peer {
  readonly name: string;
  readonly accepts: (limboCase: LimboCase) => Promise<boolean>;
}

const folder = mkdtempSync(join(tmpdir(), 'limbo-'));

function opensslAccepts(limboCase: LimboCase): boolean {
  const file = (name: string, pems: readonly string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, pems.join('\n'));
    return path;
  };
  const { trusted_certs, untrusted_intermediates, peer_certificate, crls, max_chain_depth, validation_kind } =
    limboCase;
  const name = limboCase.expected_peer_name;
  const mailbox = limboCase.expected_peer_names?.find(({ kind }) => kind === 'RFC822');
  const options = [
    ['-x509_strict', '-partial_chain', '-no-CAfile', '-no-CApath', '-no-CAstore'],
    ['-attime', String(Math.floor(timeOf(limboCase)))],
    ['-purpose', validation_kind === 'SERVER' ? 'sslserver' : 'sslclient'],
    ['-trusted', file('roots.pem', trusted_certs)],
    untrusted_intermediates.length > 0 ? ['-untrusted', file('intermediates.pem', untrusted_intermediates)] : [],
    name === null ? [] : [name.kind === 'IP' ? '-verify_ip' : '-verify_hostname', name.value],
    mailbox === undefined ? [] : ['-verify_email', mailbox.value],
    max_chain_depth === null ? [] : ['-verify_depth', String(max_chain_depth)],
    crls.length > 0 ? ['-crl_check', '-CRLfile', file('crls.pem', crls)] : [],
    [file('target.pem', [peer_certificate])],
  ];
  return spawnSync('openssl', ['verify', ...options.flat()], { timeout: 60_000 }).status === 0;
}

/** What a program does that builds the chain itself with what Node's X509Certificate offers. */
function nodeAccepts(limboCase: LimboCase): boolean {
  const at = timeOf(limboCase) * 1000;
  const target = new X509Certificate(limboCase.peer_certificate);
  const anchors = limboCase.trusted_certs.map((pem) => new X509Certificate(pem));
  const others = limboCase.untrusted_intermediates.map((pem) => new X509Certificate(pem));
  const inTime = (one: X509Certificate): boolean => Date.parse(one.validFrom) <= at && at <= Date.parse(one.validTo);
  const issued = (issuer: X509Certificate, one: X509Certificate): boolean =>
    issuer.ca && one.checkIssued(issuer) && one.verify(issuer.publicKey);
  // Without a budget, cross-signed certificates would keep it busy for ever.
  let steps = 1000;
  const climbs = (one: X509Certificate, depth: number): boolean => {
    if (!inTime(one) || depth > 10 || steps-- <= 0) return false;
    if (anchors.some((anchor) => inTime(anchor) && issued(anchor, one))) return true;
    return others.some((other) => other !== one && issued(other, one) && climbs(other, depth + 1));
  };
  const name = limboCase.expected_peer_name?.value ?? '';
  const mailbox = limboCase.expected_peer_names?.[0]?.value;
  if (mailbox !== undefined && target.checkEmail(mailbox) === undefined) return false;
  const matches = isIP(name) > 0 ? target.checkIP(name) : target.checkHost(name, { subject: 'never' });
  return climbs(target, 0) && (name === '' || matches !== undefined);
}

function forgeAccepts(limboCase: LimboCase): boolean {
  const { pki } = forge;
  const store = pki.createCaStore(limboCase.trusted_certs.map((pem) => pki.certificateFromPem(pem)));
  const chain = [limboCase.peer_certificate, ...limboCase.untrusted_intermediates].map((pem) =>
    pki.certificateFromPem(pem),
  );
  const validityCheckDate = new Date(timeOf(limboCase) * 1000);
  const trusted = pki.verifyCertificateChain(store, chain, { validityCheckDate });
  const extension: unknown = chain[0].getExtension('subjectAltName');
  // node-forge compares no names; this is the least that a caller must do.
  const names = (
    extension as { readonly altNames?: readonly { readonly value: string; readonly ip?: string }[] } | null
  )?.altNames;
  const wanted = limboCase.expected_peer_name?.value ?? limboCase.expected_peer_names?.[0]?.value;
  return trusted && (wanted === undefined || (names ?? []).some(({ value, ip }) => (ip ?? value) === wanted));
}

/** A library that throws at a case refuses it. */
function orRefuses(accepts: (limboCase: LimboCase) => boolean): Peer['accepts'] {
  return async (limboCase) => {
    try {
      return accepts(limboCase);
    } catch {
      return false;
    }
  };
}

const peers: readonly Peer[] = [
  { name: 'StartTrace', accepts: async (limboCase) => (await judgeCase(limboCase)).accepted },
  {
    name: execFileSync('openssl', ['version'], { encoding: 'utf8' }).split(' ').slice(0, 2).join(' '),
    accepts: orRefuses(opensslAccepts),
  },
  { name: `Node ${process.versions.node}`, accepts: orRefuses(nodeAccepts) },
  { name: 'node-forge', accepts: orRefuses(forgeAccepts) },
];

async function main(): Promise<void> {
  if (!hasLimbo) throw new Error('The suite is not there: ../shared/x509/limbo.json.gz');
  const rows = new Map<string, Map<string, number>>();
  const count = (row: string, column: string): void => {
    const cells = rows.get(row) ?? new Map<string, number>();
    cells.set(column, (cells.get(column) ?? 0) + 1);
    rows.set(row, cells);
  };
  for (const limboCase of limboCases) {
    const { validation_kind, expected_result } = limboCase;
    const suite = validation_kind === 'CLIENT' ? `${suiteOf(limboCase)} (client)` : suiteOf(limboCase);
    for (const row of validation_kind === 'CLIENT' ? [suite] : [suite, 'all server cases']) {
      count(row, expected_result);
    }
    for (const { name, accepts } of peers) {
      if ((await accepts(limboCase)) !== (expected_result === 'SUCCESS')) continue;
      for (const row of validation_kind === 'CLIENT' ? [suite] : [suite, 'all server cases']) {
        count(row, `${name} ${expected_result}`);
      }
    }
  }
  rmSync(folder, { recursive: true });
  console.log(`| suite | valid, invalid | ${peers.map(({ name }) => name).join(' | ')} |`);
  console.log(`| --- | ---: | ${peers.map(() => '---:').join(' | ')} |`);
  for (const [row, cells] of [...rows].sort(([a], [b]) => a.localeCompare(b))) {
    const of = (column: string): number => cells.get(column) ?? 0;
    const cellsOfPeers = peers.map(({ name }) => {
      const right = of(`${name} SUCCESS`) + of(`${name} FAILURE`);
      const share = ((100 * right) / (of('SUCCESS') + of('FAILURE'))).toFixed(1);
      return `${of(`${name} SUCCESS`)}, ${of(`${name} FAILURE`)} (${share} %)`;
    });
    console.log(`| ${row} | ${of('SUCCESS')}, ${of('FAILURE')} | ${cellsOfPeers.join(' | ')} |`);
  }
}

await main();
