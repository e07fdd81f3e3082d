/** Revocation by complete CRLs that are at hand (RFC 5280 section 6.3). */
import type { X509Certificate } from '../certificate.ts';
import { nameKey } from '../path/compare-names.ts';
import type {
  AlgorithmRules,
  Finding,
  Profile,
  RevocationCheck,
  RevocationResult,
  VerifySignature,
} from '../path/model.ts';
import type { RevocationReason } from '../service-extensions.ts';
import type { CertificateList } from './certificate-list.ts';
import { ALL_REASONS, scopeOf } from './distribution-points.ts';
import { type Refusal, refusalOfForm, refusalOfProfile, refusalOfSignature } from './list-authenticity.ts';
import type { RevokedCertificate } from './revoked-entries.ts';

export interface RevocationOptions {
  readonly verifySignature: VerifySignature;
  /** Under `path`, a CRL need not keep to the rules of RFC 5280 section 5 that its section 6.3 does not check. */
  readonly profile: Profile;
  readonly algorithms: AlgorithmRules;
}

/**
 * A check by CRLs alone: every certificate below the anchor needs a CRL that is valid at the time and covers it, else
 * the path fails. An authentic CRL of another time does not cover, but what it revokes is revoked. Signatures are
 * verified once for each list and key, however many paths are looked at.
 */
export function crlRevocation(lists: readonly CertificateList[], options: RevocationOptions): RevocationCheck {
  const signatures = new Map<string, Promise<Refusal | null>>();
  const signatureRefusal = (list: CertificateList, issuer: X509Certificate): Promise<Refusal | null> => {
    const key = `${list.sha256} ${issuer.sha256}`;
    const known = signatures.get(key);
    if (known !== undefined) return known;
    const refusal = refusalOfSignature(list, issuer, options.algorithms, options.verifySignature);
    signatures.set(key, refusal);
    return refusal;
  };
  return async (path, at) => {
    const results: RevocationResult[] = [];
    for (let index = 0; index + 1 < path.length; index++) {
      results.push(await certificateStatus(path, index, at, lists, options, signatureRefusal));
    }
    const has = (status: RevocationResult['status']): boolean => results.some((result) => result.status === status);
    return {
      status: has('revoked') ? 'revoked' : has('unknown') ? 'unknown' : 'good',
      findings: results.flatMap(({ findings }) => findings),
    };
  };
}

type SignatureRefusal = (list: CertificateList, issuer: X509Certificate) => Promise<Refusal | null>;

/** A list that is authentic and has the certificate in its scope. */
interface UsableList {
  readonly list: CertificateList;
  readonly reasons: readonly RevocationReason[];
  /** What it says of the certificate, or null. */
  readonly entry: RevokedCertificate | null;
  /** Whether it is of the time asked for. */
  readonly isCurrent: boolean;
}

/** Looks at every list for one certificate of the path. */
async function certificateStatus(
  path: readonly X509Certificate[],
  index: number,
  at: number,
  lists: readonly CertificateList[],
  { profile }: RevocationOptions,
  signatureRefusal: SignatureRefusal,
): Promise<RevocationResult> {
  const certificate = path[index];
  const findings: Finding[] = [];
  const refusals: string[] = [];
  const covered = new Set<RevocationReason>();
  const usable: UsableList[] = [];
  for (const list of lists) {
    const scope = scopeOf(list, certificate);
    if (scope.kind === 'outside') {
      if (nameKey(list.issuer) === nameKey(certificate.issuer)) refusals.push(`${listText(list)} ${scope.why}`);
      continue;
    }
    const refusal = refusalOfForm(list, profile) ?? (await refusalOfIssuer(list, path, index, signatureRefusal));
    if (refusal !== null) {
      refusals.push(`${listText(list)} ${refusal.why} (${refusal.rule})`);
      continue;
    }
    const untimely = whyUntimely(list, at);
    usable.push({ list, reasons: scope.reasons, entry: entryFor(list, certificate), isCurrent: untimely === null });
    if (untimely !== null) {
      refusals.push(`${listText(list)} ${untimely}`);
      continue;
    }
    for (const reason of scope.reasons) covered.add(reason);
    const lapse = profile === 'path' ? refusalOfProfile(list) : null;
    if (lapse !== null) findings.push(profileFinding(list, lapse, certificate));
  }
  const told = usable.flatMap((one) =>
    one.entry === null ? [] : [entryFinding(one, one.entry, usable, certificate, at)],
  );
  findings.push(...told);
  if (told.some(({ severity }) => severity === 'error')) return { status: 'revoked', findings };
  if (covered.size === ALL_REASONS.length) return { status: 'good', findings };
  return { status: 'unknown', findings: [...findings, notCovered(certificate, covered, refusals)] };
}

/** The list's issuer must stand in the path above the certificate: only there its key is known to be the CA's. */
async function refusalOfIssuer(
  list: CertificateList,
  path: readonly X509Certificate[],
  index: number,
  signatureRefusal: SignatureRefusal,
): Promise<Refusal | null> {
  let refusal: Refusal | null = null;
  for (const candidate of path.slice(index + 1)) {
    if (nameKey(candidate.subject) !== nameKey(list.issuer)) continue;
    refusal = await signatureRefusal(list, candidate);
    if (refusal === null) return null;
  }
  return refusal ?? { why: 'comes from an issuer that is not in the path', rule: 'RFC 5280 section 6.3.3 (f)' };
}

function whyUntimely({ thisUpdate, nextUpdate }: CertificateList, at: number): string | null {
  if (thisUpdate.epochSeconds > at) return `was issued only on ${thisUpdate.iso}`;
  if (nextUpdate === null) return 'does not say until when it holds';
  return nextUpdate.epochSeconds < at ? `ended on ${nextUpdate.iso}` : null;
}

/** The entry that is about the certificate, and not about one of another issuer with the same serial number. */
function entryFor(list: CertificateList, certificate: X509Certificate): RevokedCertificate | null {
  const own = nameKey(list.issuer) === nameKey(certificate.issuer);
  const entries = list.entries.find(certificate.serialNumberBytes).filter(({ certificateIssuer }) => {
    if (certificateIssuer === null) return own;
    // Names that cannot be read may be anybody's: better one refusal too many.
    if (certificateIssuer.length === 0) return true;
    return certificateIssuer.some(
      (name) => name.kind === 'directoryName' && nameKey(name.name) === nameKey(certificate.issuer),
    );
  });
  return entries.find(({ reason }) => reason !== 'removeFromCRL') ?? entries[0] ?? null;
}

function entryFinding(
  holder: UsableList,
  entry: RevokedCertificate,
  usable: readonly UsableList[],
  certificate: X509Certificate,
  at: number,
): Finding {
  const { revocationDate, reason, invalidityDate, problem } = entry;
  const about = { certificate: certificate.sha256, rule: 'RFC 5280 section 6.3.3 (i)' } as const;
  const name = certificate.subject.text;
  if (reason === 'removeFromCRL') {
    const message = `${name} was taken off the CRL again (removeFromCRL).`;
    return { ...about, code: 'revocation-removed', severity: 'note', profile: null, message };
  }
  if (reason === 'certificateHold' && isOutdatedHold(holder, usable, at)) {
    const message = `${name} was on hold since ${revocationDate.iso} on ${listText(holder.list)}, which is over.`;
    return { ...about, code: 'hold-outdated', severity: 'note', profile: null, message };
  }
  const why = reason === null ? 'no reason given' : reason;
  const invalid = invalidityDate === null ? '' : `, its key in doubt since ${invalidityDate.iso}`;
  const inPart = problem === null ? '' : ' (the entry can be read in part only)';
  const isInvalidThen = invalidityDate !== null && invalidityDate.epochSeconds <= at;
  if (problem === null && revocationDate.epochSeconds > at && !isInvalidThen) {
    const message = `${name} was revoked later, on ${revocationDate.iso} (${why}${invalid}).`;
    return { ...about, code: 'revoked-later', severity: 'warning', profile: null, message };
  }
  const what = reason === 'certificateHold' ? 'is on hold since' : 'was revoked on';
  const message = `${name} ${what} ${revocationDate.iso} (${why}${invalid})${inPart}.`;
  return { ...about, code: 'certificate-revoked', severity: 'error', profile: 'path', message };
}

/** A hold may end, unlike a revocation: when its list has, or when a newer list no longer has the certificate. */
function isOutdatedHold({ list }: UsableList, usable: readonly UsableList[], at: number): boolean {
  if (list.nextUpdate !== null && list.nextUpdate.epochSeconds < at) return true;
  return usable.some(
    (other) =>
      other.isCurrent &&
      other.entry === null &&
      other.reasons.includes('certificateHold') &&
      other.list.thisUpdate.epochSeconds > list.thisUpdate.epochSeconds,
  );
}

function notCovered(
  certificate: X509Certificate,
  covered: ReadonlySet<RevocationReason>,
  refusals: readonly string[],
): Finding {
  const missing = ALL_REASONS.filter((reason) => !covered.has(reason));
  const partly = covered.size > 0 ? [`none covers the reasons ${missing.join(', ')}`] : [];
  const shown = [...refusals.slice(0, SHOWN_REFUSALS), ...partly];
  const further = refusals.length > SHOWN_REFUSALS ? `; ${refusals.length - SHOWN_REFUSALS} more` : '';
  const because = shown.length === 0 ? `none is of its issuer, ${certificate.issuer.text}` : shown.join('; ') + further;
  return {
    code: 'revocation-not-covered',
    severity: 'error',
    profile: null,
    certificate: certificate.sha256,
    message: `No CRL that was given says whether ${certificate.subject.text} is revoked: ${because}.`,
    rule: 'RFC 5280 section 6.3.3',
  };
}

const SHOWN_REFUSALS = 3;

function profileFinding(list: CertificateList, { why, rule }: Refusal, certificate: X509Certificate): Finding {
  const message = `${listText(list)} ${why}; it is used all the same.`;
  const sentence = message[0].toUpperCase() + message.slice(1);
  const { sha256 } = certificate;
  return { code: 'crl-profile', severity: 'warning', profile: 'rfc5280', certificate: sha256, message: sentence, rule };
}

function listText({ issuer, thisUpdate }: CertificateList): string {
  return `the CRL of ${issuer.text} from ${thisUpdate.iso.slice(0, 10)}`;
}
