/** Whether a CRL speaks of a certificate: issuer, distribution point, kind of certificate, reasons (RFC 5280 section 6.3.3 b). */
import type { X509Certificate } from '../certificate.ts';
import type { GeneralName } from '../general-names.ts';
import type { DistinguishedName } from '../names.ts';
import { nameKey } from '../path/compare-names.ts';
import {
  type DistributionPoint,
  type DistributionPointName,
  REVOCATION_REASONS,
  type RevocationReason,
} from '../service-extensions.ts';
import type { CertificateList } from './certificate-list.ts';
import type { IssuingDistributionPoint } from './issuing-distribution-point.ts';

export const ALL_REASONS: readonly RevocationReason[] = REVOCATION_REASONS.filter((reason) => reason !== 'unused');

export type Scope =
  | { readonly kind: 'covers'; readonly reasons: readonly RevocationReason[] }
  /** In a few words that go on with "it": `is for CA certificates only`. */
  | { readonly kind: 'outside'; readonly why: string };

const outside = (why: string): Scope => ({ kind: 'outside', why });

/**
 * Whether `list`, whose issuer's name has been compared neither with the certificate's issuer nor with a cRLIssuer, has
 * the certificate in its scope, and for which reasons.
 */
export function scopeOf(list: CertificateList, certificate: X509Certificate): Scope {
  const { issuingDistributionPoint } = list.known;
  if (issuingDistributionPoint.kind === 'unreadable') return outside('has a distribution point that cannot be read');
  const issuing = issuingDistributionPoint.kind === 'present' ? issuingDistributionPoint.value : null;
  if (issuing?.onlyContainsAttributeCerts) return outside('is for attribute certificates only');
  const isAuthority = isCertificateAuthority(certificate);
  if (issuing?.onlyContainsUserCerts && isAuthority) return outside('is for end-entity certificates only');
  if (issuing?.onlyContainsCACerts && !isAuthority) return outside('is for CA certificates only');

  const points = pointsOf(certificate).filter((point) => speaksFor(list, issuing, certificate, point));
  if (points.length === 0) {
    return nameKey(list.issuer) === nameKey(certificate.issuer)
      ? outside("is for another distribution point than the certificate's")
      : outside("comes from another issuer than the certificate's");
  }
  const covered = ALL_REASONS.filter(
    (reason) =>
      (issuing?.onlySomeReasons?.includes(reason) ?? true) &&
      points.some(({ reasons }) => reasons === null || reasons.includes(reason)),
  );
  return { kind: 'covers', reasons: covered };
}

function isCertificateAuthority({ known: { basicConstraints } }: X509Certificate): boolean {
  return basicConstraints.kind === 'present' && basicConstraints.value.isCertificateAuthority;
}

/**
 * The certificate's distribution points, and the one that RFC 5280 section 6.3.3 assumes for CRLs that are at hand
 * without one: all reasons, named by the certificate's issuer.
 */
function pointsOf(certificate: X509Certificate): readonly DistributionPoint[] {
  const { cRLDistributionPoints } = certificate.known;
  const issuer: GeneralName = { kind: 'directoryName', name: certificate.issuer };
  const assumed: DistributionPoint = { name: { kind: 'fullName', names: [issuer] }, reasons: null, cRLIssuer: null };
  return cRLDistributionPoints.kind === 'present' ? [...cRLDistributionPoints.value, assumed] : [assumed];
}

function speaksFor(
  list: CertificateList,
  issuing: IssuingDistributionPoint | null,
  certificate: X509Certificate,
  point: DistributionPoint,
): boolean {
  if (point.cRLIssuer === null) {
    if (nameKey(list.issuer) !== nameKey(certificate.issuer)) return false;
  } else {
    const named = point.cRLIssuer.some(
      (name) => name.kind === 'directoryName' && nameKey(name.name) === nameKey(list.issuer),
    );
    const own = nameKey(list.issuer) === nameKey(certificate.issuer);
    // Section 6.3.3 (b) (1): a list of somebody else has to say that it is indirect.
    if (!named || (!own && issuing?.indirectCRL !== true)) return false;
  }
  if (issuing === null || issuing.name === null) return true;
  const issuingNames = new Set(namesOf(issuing.name, list.issuer));
  const pointNames =
    point.name === null ? (point.cRLIssuer ?? []).flatMap(comparable) : namesOf(point.name, list.issuer);
  return pointNames.some((name) => issuingNames.has(name));
}

/** The names in a form that is the same for equal ones. */
function namesOf(name: DistributionPointName, issuer: DistinguishedName): readonly string[] {
  switch (name.kind) {
    case 'fullName':
      return name.names.flatMap(comparable);
    case 'nameRelativeToCRLIssuer':
      return [`directoryName ${nameKey({ ...issuer, rdns: [...issuer.rdns, name.rdn] })}`];
  }
}

/** Only text that is exactly what was encoded may match; others match nothing, not even themselves. */
function comparable(name: GeneralName): readonly string[] {
  if (name.kind === 'directoryName') return [`directoryName ${nameKey(name.name)}`];
  return 'exact' in name && name.exact ? [`${name.kind} ${name.text}`] : [];
}
