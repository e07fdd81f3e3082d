/** `starttrace verify`: files in, one verification out. */
import { webcrypto } from 'node:crypto';
import { calendarTime, formatCalendarTime } from '../../shared/bytes/calendar.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import {
  type CertificateTimestamp,
  type RevocationList,
  type SentCertificate,
  VERIFICATION_SCHEMA,
  type Verification,
  type VerifiedCertificate,
  type VerifiedName,
} from '../../shared/contract/verification.ts';
import { certificateFacts } from '../../shared/trace/certificate-facts.ts';
import type { X509Certificate } from '../../shared/x509/certificate.ts';
import { judgeChain } from '../../shared/x509/path/judge-chain.ts';
import { matchName } from '../../shared/x509/path/match-name.ts';
import type { Finding, PathResult, Profile } from '../../shared/x509/path/model.ts';
import type { ReferenceName } from '../../shared/x509/path/reference-name.ts';
import type { CertificateList } from '../../shared/x509/revocation/certificate-list.ts';
import { revocationCheck } from '../../shared/x509/revocation/revocation-check.ts';
import { readTimestamp, timestampFindings } from '../../shared/x509/revocation/timestamps.ts';
import { type CertificateFile, readCertificateFile } from '../files/certificate-files.ts';
import { type ResolvedTrust, resolveTrust, TrustError } from '../files/trust-stores.ts';
import { signatureVerifier } from './signatures.ts';

export interface VerifyRequest {
  /** A file with the certificates as they are sent, the target first. */
  readonly file: string;
  /** A file or folder of roots, or the name of a trust policy. */
  readonly trust: string;
  readonly name: ReferenceName | null;
  /** Seconds since 1970. */
  readonly at: number;
  /** Null: the one that the policy asks for. */
  readonly profile: Profile | null;
  readonly purpose: 'server' | 'client';
  /** Files of CRLs. */
  readonly lists: readonly string[];
  /** Whether unknown revocation fails, also where the policy does not ask for it. */
  readonly requireRevocation: boolean;
}

export type VerifyOutcome =
  | { readonly kind: 'verified'; readonly verification: Verification }
  /** An input holds nothing that could be used. */
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] };

/** Reads the files and verifies the chain. Nothing is fetched. Never rejects for what is wrong with the input. */
export async function verifyChain(request: VerifyRequest): Promise<VerifyOutcome> {
  const { file, trust, at, purpose, name } = request;
  const chain = await readCertificateFile(file);
  const listFiles = await Promise.all(request.lists.map((path) => readListFile(path)));
  const trusted = await findTrust(trust);
  const problems = [...chain.problems, ...listFiles.flatMap((read) => read.problems), ...trusted.problems];
  const sent = chain.certificates;
  const { policy } = trusted;
  const noLists = listFiles.some(({ lists }) => lists.length === 0);
  if (sent.length === 0 || noLists || policy === null) {
    return { kind: 'unreadable', problems: problems.length > 0 ? problems : [onlyLists(file)] };
  }
  const [target] = sent;
  const profile = request.profile ?? policy.rules.profile;
  const lists = [...chain.lists, ...listFiles.flatMap((read) => read.lists)];
  const required = request.requireRevocation || policy.rules.requireRevocation;
  const verifySignature = signatureVerifier(webcrypto.subtle);
  const { algorithms, commonNameFallback } = policy.rules;
  const judgement = await judgeChain(sent, policy.intermediates, {
    anchors: policy.anchors,
    at,
    profile,
    purpose,
    algorithms,
    maximumIntermediates: null,
    verifySignature,
    revocation: revocationCheck({ lists, staple: null, required, profile, algorithms, verifySignature }),
  });
  const { asSent, completed, differences } = judgement;
  const verifiedName = name === null ? null : nameResult(target, name, commonNameFallback);
  const findings = inOrder([
    ...asSent.findings,
    ...(verifiedName === null ? [] : nameFindings(target, verifiedName)),
    ...timestampFindings(target, at),
  ]);
  const nameFails = verifiedName !== null && !verifiedName.matches;
  const shown = new Map(
    [...sent, ...certificatesOf(asSent), ...certificatesOf(completed)].map((one) => [one.sha256, one]),
  );
  return {
    kind: 'verified',
    verification: {
      schema: VERIFICATION_SCHEMA,
      file,
      outcome: nameFails ? 'invalid' : asSent.outcome,
      at: isoOf(at),
      profile,
      purpose,
      trust: { source: trust, anchors: policy.anchors.length },
      name: verifiedName,
      path: describePath(asSent, sent),
      completedPath: completed === null ? null : describePath(completed, sent),
      sent: describeSent(sent, completed ?? asSent),
      findings,
      differences,
      revocation: {
        status: asSent.revocation,
        required,
        lists: [
          ...describeLists(file, chain),
          ...listFiles.flatMap((read, index) => describeLists(request.lists[index], read)),
        ],
      },
      timestamps: timestampsOf(target),
      certificates: Object.fromEntries(
        [...shown].map(([sha256, certificate]) => [sha256, certificateFacts({ kind: 'certificate', certificate })]),
      ),
      problems,
    },
  };
}

/** A file of CRLs without one is said to be that, whatever else is in it. */
async function readListFile(path: string): Promise<CertificateFile> {
  const read = await readCertificateFile(path);
  if (read.lists.length > 0 || read.problems.length > 0) return read;
  return { ...read, problems: [{ code: 'no-revocation-list', message: `${path}: there is no CRL in it.` }] };
}

function onlyLists(file: string): Problem {
  return { code: 'not-certificates', message: `${file}: there is no certificate in it, only CRLs.` };
}

/** The policy, or null and why there is none. */
async function findTrust(
  specification: string,
): Promise<ResolvedTrust | { readonly policy: null; readonly problems: readonly Problem[] }> {
  try {
    return await resolveTrust(specification);
  } catch (error) {
    if (error instanceof TrustError) return { policy: null, problems: error.problems };
    throw error;
  }
}

function nameResult(target: X509Certificate, name: ReferenceName, commonNameFallback: boolean): VerifiedName {
  const asked = name.kind === 'dns' ? name.name : name.address;
  return { asked, ...matchName(target, name, { commonNameFallback }) };
}

function nameFindings(target: X509Certificate, { asked, matches, by, presented }: VerifiedName): readonly Finding[] {
  const certificate = target.sha256;
  if (!matches) {
    const message = `The certificate is not for ${asked}: none of its names matches.`;
    return [
      { code: 'name-mismatch', severity: 'error', profile: 'path', certificate, message, rule: 'RFC 9525 section 6' },
    ];
  }
  if (by !== 'commonName') return [];
  const message = `Only the common name ${presented} matches, which the policy allows and RFC 9525 does not.`;
  const rule = 'RFC 6125 section 6.4.4';
  return [{ code: 'name-by-common-name', severity: 'warning', profile: null, certificate, message, rule }];
}

const SEVERITIES = ['error', 'warning', 'note'] as const;

function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

function certificatesOf(result: PathResult | null): readonly X509Certificate[] {
  return result === null ? [] : result.path.map(({ certificate }) => certificate);
}

function describePath({ path, anchor }: PathResult, sent: readonly X509Certificate[]): readonly VerifiedCertificate[] {
  const fingerprints = new Set(sent.map(({ sha256 }) => sha256));
  return path.map(({ certificate: { sha256, subject }, role }) => ({
    sha256,
    subject: subject.text,
    role,
    sent: fingerprints.has(sha256),
    source: role === 'anchor' ? (anchor?.source ?? null) : null,
  }));
}

function describeSent(sent: readonly X509Certificate[], { path }: PathResult): readonly SentCertificate[] {
  const roles = new Map(path.map(({ certificate, role }) => [certificate.sha256, role]));
  return sent.map(({ sha256, subject }) => ({ sha256, subject: subject.text, role: roles.get(sha256) ?? null }));
}

function describeLists(
  file: string,
  { lists }: { readonly lists: readonly CertificateList[] },
): readonly RevocationList[] {
  return lists.map(({ issuer, thisUpdate, nextUpdate, known: { cRLNumber }, entries }) => ({
    file,
    issuer: issuer.text,
    thisUpdate: thisUpdate.iso,
    nextUpdate: nextUpdate?.iso ?? null,
    number: cRLNumber.kind === 'present' ? cRLNumber.value : null,
    entryCount: entries.count,
  }));
}

function timestampsOf({ known: { signedCertificateTimestamps } }: X509Certificate): readonly CertificateTimestamp[] {
  if (signedCertificateTimestamps.kind !== 'present') return [];
  return signedCertificateTimestamps.value.map(readTimestamp).flatMap((reading) => {
    return reading.kind === 'timestamp' ? [{ logId: reading.timestamp.logId, at: reading.timestamp.iso }] : [];
  });
}

function isoOf(seconds: number): string {
  return `${formatCalendarTime(calendarTime(seconds))}Z`;
}
