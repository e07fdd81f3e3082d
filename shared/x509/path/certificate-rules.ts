/** What RFC 5280 section 6 asks of each certificate of a path by itself, wherever the path leads. */
import type { X509Certificate } from '../certificate.ts';
import type { ExtensionReading } from '../extensions.ts';
import { commonNames } from '../names.ts';
import { type Breach, pathBreach, rfc5280 } from './breach.ts';
import type { PathElement, PathRequest, Purpose, TrustAnchor } from './model.ts';
import { checkAlgorithmsAgree, checkKeySize, checkSignatureAlgorithm } from './signature-strength.ts';

export type Role = PathElement['role'];

/** An anchor, which a policy may limit, is judged by its certificate as well (RFC 5937). */
export function checkCertificate(
  certificate: X509Certificate,
  role: Role,
  isTarget: boolean,
  request: PathRequest,
): readonly Breach[] {
  const breaches = [
    checkAlgorithmsAgree(certificate),
    role === 'anchor' ? null : checkSignatureAlgorithm(certificate, request.algorithms),
    checkKeySize(certificate, request.algorithms),
    checkValidity(certificate, role, request.at),
    ...checkExtensions(certificate),
    ...(isTarget ? [] : checkIssuer(certificate, role)),
    checkPurpose(certificate, isTarget, request.purpose),
  ];
  return breaches.filter((breach) => breach !== null);
}

/** Both ends inclusive (section 4.1.2.5), at the granularity of seconds that certificates have. */
function checkValidity(certificate: X509Certificate, role: Role, at: number): Breach | null {
  const { notBefore, notAfter } = certificate;
  const moment = Math.floor(at);
  const anchor = role === 'anchor';
  if (moment < notBefore.epochSeconds) {
    const message = `${subjectOf(certificate)} is valid only from ${notBefore.iso}.`;
    return pathBreach(anchor ? 'anchor-not-yet-valid' : 'not-yet-valid', certificate, message, rfc5280('6.1.3 (a)(2)'));
  }
  if (moment > notAfter.epochSeconds) {
    const message = anchor
      ? `The trust anchor ${subjectOf(certificate)} expired: it was valid until ${notAfter.iso}.`
      : `${subjectOf(certificate)} expired: it was valid until ${notAfter.iso}.`;
    return pathBreach(anchor ? 'anchor-expired' : 'expired', certificate, message, rfc5280('6.1.3 (a)(2)'));
  }
  return null;
}

/** What a sentence calls a certificate: by its common name, which people know it by; else by its subject or number. */
export function subjectOf({ subject, serialNumber }: X509Certificate): string {
  const [name] = commonNames(subject);
  if (name) return name;
  return subject.text === '' ? `The certificate ${serialNumber}` : subject.text;
}

/** The dates that a policy sets for an anchor, beside those of its certificate. */
export function checkAnchorDates(anchor: TrustAnchor, target: X509Certificate, at: number): readonly Breach[] {
  const { certificate, trustedFrom, trustedUntil, distrustAfter, source } = anchor;
  const breaches: Breach[] = [];
  const name = subjectOf(certificate);
  if (trustedFrom !== null && at < trustedFrom) {
    const message = `The policy does not trust ${name} yet at this time.`;
    breaches.push(pathBreach('anchor-not-yet-trusted', certificate, message, source));
  }
  if (trustedUntil !== null && at > trustedUntil) {
    const message = `The policy no longer trusts ${name} at this time.`;
    breaches.push(pathBreach('anchor-no-longer-trusted', certificate, message, source));
  }
  if (distrustAfter !== null && target.notBefore.epochSeconds > distrustAfter) {
    const message = `The policy does not trust ${name} for a certificate as new as this, of ${target.notBefore.iso}.`;
    breaches.push(pathBreach('anchor-distrusts-newer', target, message, source));
  }
  return breaches;
}

/** Extensions that validation processes, so that it must be able to read them (section 6.1.4 (o), 6.1.5 (f)). */
const PROCESSED: ReadonlySet<string> = new Set([
  '2.5.29.15',
  '2.5.29.17',
  '2.5.29.19',
  '2.5.29.30',
  '2.5.29.32',
  '2.5.29.33',
  '2.5.29.36',
  '2.5.29.37',
  '2.5.29.54',
]);

/** Extensions of RFC 5280 that help to find things and limit nothing: critical, they are at worst badly marked. */
const HARMLESS: ReadonlySet<string> = new Set([
  '2.5.29.9',
  '2.5.29.14',
  '2.5.29.18',
  '2.5.29.31',
  '2.5.29.35',
  '2.5.29.46',
  '1.3.6.1.5.5.7.1.1',
  '1.3.6.1.5.5.7.1.11',
]);

function checkExtensions(certificate: X509Certificate): readonly Breach[] {
  const breaches: Breach[] = [];
  const seen = new Set<string>();
  const repeated = new Set<string>();
  const unreadable = new Map(certificate.extensionProblems.map(({ oid, problem }) => [oid, problem]));
  for (const { oid, name, critical } of certificate.extensions) {
    const shown = name ?? oid;
    if (seen.has(oid)) {
      if (!repeated.has(oid)) {
        const message = `The extension ${shown} stands more than once; there is no telling which one counts.`;
        breaches.push(pathBreach('extension-duplicate', certificate, message, rfc5280('4.2')));
      }
      repeated.add(oid);
      continue;
    }
    seen.add(oid);
    const problem = unreadable.get(oid);
    if (problem !== undefined && problem.code !== 'duplicate-extension' && (critical || PROCESSED.has(oid))) {
      const message = `The extension ${shown} cannot be read: ${problem.message}`;
      breaches.push(pathBreach('extension-unreadable', certificate, message, rfc5280('4.2')));
    } else if (critical && !PROCESSED.has(oid) && !HARMLESS.has(oid)) {
      const message = `The critical extension ${shown} is not one that a validator processes.`;
      breaches.push(pathBreach('critical-extension-unknown', certificate, message, rfc5280('4.2')));
    }
  }
  return breaches;
}

/** Section 6.1.4 (k), (n). */
function checkIssuer(certificate: X509Certificate, role: Role): readonly Breach[] {
  const { basicConstraints } = certificate.known;
  const breaches: Breach[] = [];
  if (basicConstraints.kind === 'present' && !basicConstraints.value.isCertificateAuthority) {
    const message = `${subjectOf(certificate)} is no certificate authority: cA of its basicConstraints is FALSE.`;
    breaches.push(pathBreach('not-a-certificate-authority', certificate, message, rfc5280('6.1.4 (k)')));
  }
  // Of an anchor, section 6 takes the name and the key only: roots of version 1 have no extensions at all.
  if (basicConstraints.kind === 'absent' && role !== 'anchor') {
    const message = `${subjectOf(certificate)} has no basicConstraints and may not issue certificates.`;
    breaches.push(pathBreach('basic-constraints-missing', certificate, message, rfc5280('6.1.4 (k)')));
  }
  const usages = extensionValue(certificate.known.keyUsage);
  if (usages !== null && !usages.includes('keyCertSign')) {
    const message = `The keyUsage of ${subjectOf(certificate)} lacks keyCertSign; its key may not sign certificates.`;
    breaches.push(pathBreach('key-usage-forbids-signing-certificates', certificate, message, rfc5280('6.1.4 (n)')));
  }
  return breaches;
}

export const ANY_PURPOSE = '2.5.29.37.0';

/** The key purpose that a TLS peer of the kind needs; null for any. */
export const PURPOSE_OIDS: Readonly<Record<Purpose, string | null>> = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
  any: null,
};

/**
 * Section 4.2.1.12. In an issuer the extension limits what it may issue for, as all implementations have it and the
 * Baseline Requirements (section 7.1.2.10.6) say.
 */
function checkPurpose(certificate: X509Certificate, isTarget: boolean, purpose: Purpose): Breach | null {
  const needed = PURPOSE_OIDS[purpose];
  const purposes = extensionValue(certificate.known.extendedKeyUsage);
  if (needed === null || purposes === null) return null;
  if (purposes.some(({ oid }) => oid === needed || oid === ANY_PURPOSE)) return null;
  const has = purposes.map(({ name, oid }) => name ?? oid).join(', ') || 'none';
  const message = isTarget
    ? `The certificate is for ${has}, not for a TLS ${purpose}.`
    : `${subjectOf(certificate)} may issue for ${has}, not for TLS ${purpose}s.`;
  return pathBreach('extended-key-usage-unsuitable', certificate, message, rfc5280('4.2.1.12'));
}

/** What an extension says, or null where it is absent or unreadable. */
export function extensionValue<T>(reading: ExtensionReading<T>): T | null {
  return reading.kind === 'present' ? reading.value : null;
}
