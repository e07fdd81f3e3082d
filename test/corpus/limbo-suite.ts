/** The cases of C2SP's x509-limbo suite that lie beside the project, and what StartTrace makes of them. */
import { webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { signatureVerifier } from '../../electron/service/signatures.ts';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import { compareNameSets, matchName, readReferenceName } from '../../shared/x509/path/match-name.ts';
import type { PathRequest, PathResult, Profile, Purpose, TrustAnchor } from '../../shared/x509/path/model.ts';
import { validatePath } from '../../shared/x509/path/validate-path.ts';
import { readPem } from '../../shared/x509/pem.ts';
import { type CertificateList, readCertificateList } from '../../shared/x509/revocation/certificate-list.ts';
import { crlRevocation } from '../../shared/x509/revocation/crl-revocation.ts';

interface PeerName {
  readonly kind: 'DNS' | 'IP' | 'RFC822';
  readonly value: string;
}

export interface LimboCase {
  readonly id: string;
  readonly validation_kind: 'SERVER' | 'CLIENT';
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time: string | null;
  readonly key_usage: readonly string[];
  readonly extended_key_usage: readonly string[];
  readonly expected_result: 'SUCCESS' | 'FAILURE';
  readonly expected_peer_name: PeerName | null;
  readonly expected_peer_names: readonly PeerName[] | null;
  readonly max_chain_depth: number | null;
  readonly crls: readonly string[];
}

const FILE = resolve(import.meta.dirname, '../../../shared/x509/limbo.json.gz');

export const hasLimbo = existsSync(FILE);

export const limboCases: readonly LimboCase[] = hasLimbo
  ? JSON.parse(gunzipSync(readFileSync(FILE)).toString()).testcases
  : [];

/** The suite that a case belongs to: what stands before the first `::`. */
export function suiteOf({ id }: LimboCase): string {
  return id.split('::')[0];
}

/** The one thing that a case's name decides is what the suite's authors demand: the profile it is written for. */
function profileOf(limboCase: LimboCase): Profile {
  return suiteOf(limboCase) === 'webpki' ? 'webpki' : 'rfc5280';
}

export interface LimboOutcome {
  readonly accepted: boolean;
  /** Why not, in codes; for tables. */
  readonly reasons: readonly string[];
  readonly result: PathResult | null;
}

const verifySignature = signatureVerifier(webcrypto.subtle);

/** Judges one case. A case without a time is meant for the present. */
export async function judgeCase(limboCase: LimboCase): Promise<LimboOutcome> {
  const target = certificateOf(limboCase.peer_certificate);
  if (typeof target === 'string') return refused(target);
  const request: PathRequest = {
    target,
    intermediates: certificatesOf(limboCase.untrusted_intermediates),
    anchors: certificatesOf(limboCase.trusted_certs).map(anchorOf),
    at: timeOf(limboCase),
    profile: profileOf(limboCase),
    purpose: purposeOf(limboCase),
    algorithms: { sha1: false, minimumRsaBits: 1024 },
    maximumIntermediates: limboCase.max_chain_depth,
    verifySignature,
    revocation: null,
  };
  const { profile, algorithms } = request;
  const lists = limboCase.crls.flatMap(listsOf);
  const revocation =
    limboCase.crls.length === 0 ? null : crlRevocation(lists, { verifySignature, profile, algorithms });
  const result = await validatePath({ ...request, revocation });
  if (result.outcome !== 'valid') {
    const errors = result.findings.filter(({ severity }) => severity === 'error');
    return { accepted: false, reasons: [...new Set(errors.map(({ code }) => code))], result };
  }
  const usages = target.known.keyUsage.kind === 'present' ? target.known.keyUsage.value : null;
  if (usages !== null && !limboCase.key_usage.every((usage) => usages.some((has) => has === usage))) {
    return { accepted: false, reasons: ['key usage'], result };
  }
  const named = namesMatch(limboCase, target);
  return { accepted: named, reasons: named ? [] : ['name'], result };
}

export function timeOf({ validation_time }: LimboCase): number {
  return (validation_time === null ? Date.now() : Date.parse(validation_time)) / 1000;
}

function refused(reason: string): LimboOutcome {
  return { accepted: false, reasons: [reason], result: null };
}

function purposeOf({ extended_key_usage, validation_kind }: LimboCase): Purpose {
  if (extended_key_usage.includes('clientAuth')) return 'client';
  if (extended_key_usage.includes('serverAuth')) return 'server';
  return validation_kind === 'SERVER' ? 'server' : 'client';
}

function namesMatch({ expected_peer_name, expected_peer_names }: LimboCase, target: X509Certificate): boolean {
  const expected = expected_peer_name === null ? (expected_peer_names ?? []) : [expected_peer_name];
  const server = expected.filter(({ kind }) => kind !== 'RFC822');
  const mail = expected.filter(({ kind }) => kind === 'RFC822').map(({ value }) => value);
  const names = target.known.subjectAltName.kind === 'present' ? target.known.subjectAltName.value : [];
  const mailboxes = names.flatMap((name) => (name.kind === 'rfc822Name' ? [name.text] : []));
  return (
    server.every(({ value }) => {
      const reference = readReferenceName(value);
      return reference !== null && matchName(target, reference, { commonNameFallback: false }).matches;
    }) && compareNameSets(mailboxes, mail).missing.length === 0
  );
}

function anchorOf(certificate: X509Certificate): TrustAnchor {
  return { certificate, trustedFrom: null, trustedUntil: null, distrustAfter: null, source: 'the case' };
}

/** The certificate, or why it cannot be read. */
function certificateOf(pem: string): X509Certificate | string {
  const reading = readCertificate(readPem(pem).blocks[0].der);
  return reading.kind === 'certificate' ? reading.certificate : `unreadable: ${reading.problem.code}`;
}

function certificatesOf(pems: readonly string[]): readonly X509Certificate[] {
  return pems.map(certificateOf).filter((certificate) => typeof certificate !== 'string');
}

function listsOf(pem: string): readonly CertificateList[] {
  const reading = readCertificateList(readPem(pem).blocks[0].der);
  return 'list' in reading ? [reading.list] : [];
}
