/** Extensions that identify keys and say where more is to be had (RFC 5280 section 4.2, RFC 6962, RFC 7633). */
import { contextTag, type DerElement, type DerReader, TAG } from './der.ts';
import { integerToHex, readCount, readInteger, readNamedBits, readObjectIdentifier } from './der-values.ts';
import { type GeneralName, readGeneralName, readGeneralNames } from './general-names.ts';
import { type RelativeDistinguishedName, readAttributes } from './names.ts';
import { ACCESS_METHODS } from './registry/access-methods.ts';

/** RFC 5280 section 4.2.1.1. */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Uint8Array | null;
  readonly authorityCertIssuer: readonly GeneralName[] | null;
  /** Hex, written as the certificate's own serial number is. */
  readonly authorityCertSerialNumber: string | null;
}

export function readAuthorityKeyIdentifier(outer: DerReader): AuthorityKeyIdentifier {
  const { document } = outer;
  const what = 'authorityKeyIdentifier';
  const reader = outer.sequence(what);
  const key = reader.optional(contextTag(0, 'primitive'), `keyIdentifier of ${what}`);
  const issuer = reader.optional(contextTag(1, 'constructed'), `authorityCertIssuer of ${what}`);
  const issuerNames = issuer === null ? null : readGeneralNames(reader.enter(issuer, what), what);
  const serial = reader.optional(contextTag(2, 'primitive'), `authorityCertSerialNumber of ${what}`);
  reader.finish(what);
  return {
    keyIdentifier: key === null ? null : document.content(key),
    authorityCertIssuer: issuerNames,
    authorityCertSerialNumber:
      serial === null ? null : integerToHex(readInteger(document, serial, `authorityCertSerialNumber of ${what}`)),
  };
}

/** The octets of the KeyIdentifier (RFC 5280 section 4.2.1.2). */
export function readSubjectKeyIdentifier(reader: DerReader): Uint8Array {
  return reader.document.content(reader.expect(TAG.octetString, 'subjectKeyIdentifier'));
}

/** AccessDescription (RFC 5280 section 4.2.2.1). */
export interface AccessDescription {
  readonly methodOid: string;
  /** `ocsp`, `caIssuers`, or null when it is unknown. */
  readonly method: string | null;
  readonly location: GeneralName;
}

export function readAuthorityInfoAccess(outer: DerReader): readonly AccessDescription[] {
  return outer.sequence('authorityInfoAccess').list('authorityInfoAccess', (list) => {
    const reader = list.sequence('AccessDescription');
    const element = reader.expect(TAG.objectIdentifier, 'accessMethod');
    const methodOid = readObjectIdentifier(reader.document, element, 'accessMethod');
    const location = readGeneralName(reader, 'accessLocation');
    reader.finish('AccessDescription');
    return { methodOid, method: ACCESS_METHODS.get(methodOid) ?? null, location };
  });
}

/** ReasonFlags (RFC 5280 section 4.2.1.13), in the order of their bits. */
export const REVOCATION_REASONS = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export type RevocationReason = (typeof REVOCATION_REASONS)[number];

export interface DistributionPoint {
  readonly name: DistributionPointName | null;
  /** Null when the list covers all reasons. */
  readonly reasons: readonly RevocationReason[] | null;
  readonly cRLIssuer: readonly GeneralName[] | null;
}

export type DistributionPointName =
  | { readonly kind: 'fullName'; readonly names: readonly GeneralName[] }
  | { readonly kind: 'nameRelativeToCRLIssuer'; readonly rdn: RelativeDistinguishedName };

/** CRLDistributionPoints, which freshestCRL is as well (RFC 5280 sections 4.2.1.13 and 4.2.1.15). */
export function readDistributionPoints(outer: DerReader, what: string): readonly DistributionPoint[] {
  const { document } = outer;
  return outer.sequence(what).list(what, (list) => {
    const reader = list.sequence('DistributionPoint');
    const name = reader.optional(contextTag(0, 'constructed'), 'distributionPoint');
    const pointName = name === null ? null : readDistributionPointName(reader.enter(name, 'distributionPoint'));
    const reasons = reader.optional(contextTag(1, 'primitive'), 'reasons');
    const flags = reasons === null ? null : readNamedBits(document, reasons, REVOCATION_REASONS, 'reasons');
    const issuer = reader.optional(contextTag(2, 'constructed'), 'cRLIssuer');
    const cRLIssuer = issuer === null ? null : readGeneralNames(reader.enter(issuer, 'cRLIssuer'), 'cRLIssuer');
    reader.finish('DistributionPoint');
    return { name: pointName, reasons: flags, cRLIssuer };
  });
}

/** Reads a DistributionPointName, whose explicit tag `reader` is inside of. */
export function readDistributionPointName(reader: DerReader): DistributionPointName {
  const what = 'distributionPoint';
  const relative = reader.optional(contextTag(1, 'constructed'), what);
  if (relative !== null) {
    const rdn = readAttributes(reader, relative, 'nameRelativeToCRLIssuer');
    reader.finish(what);
    return { kind: 'nameRelativeToCRLIssuer', rdn };
  }
  const full: DerElement = reader.expect(contextTag(0, 'constructed'), what);
  const names = readGeneralNames(reader.enter(full, what), 'fullName');
  reader.finish(what);
  return { kind: 'fullName', names };
}

/**
 * SignedCertificateTimestampList (RFC 6962 section 3.3): the octets of each SerializedSCT. The list is in the TLS
 * presentation language inside of a second OCTET STRING.
 */
export function readTimestampList(reader: DerReader): readonly Uint8Array[] {
  const { document } = reader;
  const what = 'SignedCertificateTimestampList';
  const element = reader.expect(TAG.octetString, what);
  const list = document.content(element);
  const timestamps: Uint8Array[] = [];
  if (document.failure !== null) return timestamps;
  const readLength = (at: number): number => (at + 2 > list.length ? -1 : (list[at] << 8) | list[at + 1]);
  const malformedAt = (at: number): readonly Uint8Array[] => {
    const message = `${what}: its vectors do not fit into one another.`;
    document.fail('sct-list-malformed', message, element.contentStart + at);
    return timestamps;
  };
  if (list.length < 2 || readLength(0) !== list.length - 2) return malformedAt(0);
  for (let at = 2; at < list.length; ) {
    const length = readLength(at);
    if (length <= 0 || length > list.length - at - 2) return malformedAt(at);
    timestamps.push(list.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return timestamps;
}

/** TLS extension numbers that the server must answer; 5 is status_request, "must staple" (RFC 7633). */
export function readTlsFeatures(outer: DerReader): readonly number[] {
  return outer.sequence('tlsFeature').list('tlsFeature', (reader) => {
    return readCount(reader.document, reader.expect(TAG.integer, 'tlsFeature'), 'tlsFeature');
  });
}
