/** The extensions of a certificate: the list as it stands, and each known one read (RFC 5280 section 4.2). */
import type { Problem } from '../bytes/problem.ts';
import {
  type BasicConstraints,
  type KeyPurpose,
  type KeyUsage,
  type NameConstraints,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
  readNameConstraints,
} from './constraint-extensions.ts';
import { type DerDocument, type DerReader, TAG } from './der.ts';
import { readBoolean, readObjectIdentifier } from './der-values.ts';
import { type GeneralName, readGeneralNames } from './general-names.ts';
import {
  type PolicyConstraints,
  type PolicyInformation,
  type PolicyMapping,
  readCertificatePolicies,
  readInhibitAnyPolicy,
  readPolicyConstraints,
  readPolicyMappings,
} from './policy-extensions.ts';
import { EXTENSIONS } from './registry/extensions.ts';
import {
  type AccessDescription,
  type AuthorityKeyIdentifier,
  type DistributionPoint,
  readAuthorityInfoAccess,
  readAuthorityKeyIdentifier,
  readDistributionPoints,
  readSubjectKeyIdentifier,
  readTimestampList,
  readTlsFeatures,
} from './service-extensions.ts';

export interface Extension {
  readonly oid: string;
  /** `subjectAltName`, or null when it is unknown. */
  readonly name: string | null;
  readonly critical: boolean;
  /** The content of extnValue. */
  readonly value: Uint8Array;
  /** Where `value` begins in the certificate's DER. */
  readonly offset: number;
}

/**
 * One known extension. `unreadable` is not `absent`: a verifier that cannot read a constraint must not go on as if
 * there were none.
 */
export type ExtensionReading<T> =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present'; readonly critical: boolean; readonly value: T }
  | { readonly kind: 'unreadable'; readonly critical: boolean; readonly problem: Problem };

/** The extensions that this reader knows, under their names in RFC 5280, 6962 and 7633. */
export interface KnownExtensions {
  readonly basicConstraints: ExtensionReading<BasicConstraints>;
  readonly keyUsage: ExtensionReading<readonly KeyUsage[]>;
  readonly extendedKeyUsage: ExtensionReading<readonly KeyPurpose[]>;
  readonly subjectAltName: ExtensionReading<readonly GeneralName[]>;
  readonly issuerAltName: ExtensionReading<readonly GeneralName[]>;
  readonly nameConstraints: ExtensionReading<NameConstraints>;
  readonly certificatePolicies: ExtensionReading<readonly PolicyInformation[]>;
  readonly policyMappings: ExtensionReading<readonly PolicyMapping[]>;
  readonly policyConstraints: ExtensionReading<PolicyConstraints>;
  readonly inhibitAnyPolicy: ExtensionReading<number>;
  readonly authorityKeyIdentifier: ExtensionReading<AuthorityKeyIdentifier>;
  readonly subjectKeyIdentifier: ExtensionReading<Uint8Array>;
  readonly cRLDistributionPoints: ExtensionReading<readonly DistributionPoint[]>;
  readonly freshestCRL: ExtensionReading<readonly DistributionPoint[]>;
  readonly authorityInfoAccess: ExtensionReading<readonly AccessDescription[]>;
  /** The octets of each SerializedSCT. */
  readonly signedCertificateTimestamps: ExtensionReading<readonly Uint8Array[]>;
  readonly tlsFeature: ExtensionReading<readonly number[]>;
}

/** A known extension that could not be read. */
export interface ExtensionProblem {
  readonly oid: string;
  readonly name: string;
  readonly problem: Problem;
}

/** Reads the SEQUENCE OF Extension, without looking into the values. */
export function readExtensions(outer: DerReader): readonly Extension[] {
  const { document } = outer;
  return outer.sequence('extensions').list('extensions', (list) => {
    const reader = list.sequence('Extension');
    const oid = readObjectIdentifier(document, reader.expect(TAG.objectIdentifier, 'extnID'), 'extnID');
    const flag = reader.optional(TAG.boolean, `critical of ${oid}`);
    const critical = flag !== null && readBoolean(document, flag, `critical of ${oid}`);
    if (flag !== null && !critical && document.failure === null) {
      const message = `critical of ${oid} is FALSE, which DER leaves out (X.690 section 11.5).`;
      document.note('default-encoded', message, flag.start);
    }
    const value = reader.expect(TAG.octetString, `extnValue of ${oid}`);
    reader.finish(`the extension ${oid}`);
    const name = EXTENSIONS.get(oid) ?? null;
    return { oid, name, critical, value: document.content(value), offset: value.contentStart };
  });
}

/** Reads one extension by its OID, where it is there, with what knows its syntax. */
export type ReadExtension = <T>(oid: string, readValue: (reader: DerReader) => T) => ExtensionReading<T>;

/**
 * A reader of single extensions out of a list of them, of a certificate, a CRL or one of its entries; `problems` grows
 * as they are read. Damage stays in the one extension that has it. An extension that stands twice (RFC 5280 section 4.2
 * forbids it) is unreadable: there is no telling which of the two counts.
 */
export function extensionReader(
  document: DerDocument,
  extensions: readonly Extension[],
): { readonly read: ReadExtension; readonly problems: readonly ExtensionProblem[] } {
  const byOid = new Map<string, Extension>();
  const repeated = new Map<string, Problem>();
  for (const extension of extensions) {
    const { oid, offset } = extension;
    if (!byOid.has(oid)) {
      byOid.set(oid, extension);
    } else if (!repeated.has(oid)) {
      const message = `The extension ${extension.name ?? oid} stands more than once (RFC 5280 section 4.2).`;
      repeated.set(oid, { code: 'duplicate-extension', message, offset });
      document.note('duplicate-extension', message, offset);
    }
  }
  const problems: ExtensionProblem[] = [];

  const read: ReadExtension = (oid, readValue) => {
    const extension = byOid.get(oid);
    if (extension === undefined) return { kind: 'absent' };
    const { critical, offset } = extension;
    const part = document.part();
    const name = extension.name ?? oid;
    let problem = repeated.get(oid) ?? null;
    if (problem === null) {
      const reader = part.reader(offset, offset + extension.value.length);
      const value = readValue(reader);
      reader.finish(name);
      if (part.failure === null) return { kind: 'present', critical, value };
      problem = part.failure;
    }
    problems.push({ oid, name, problem });
    return { kind: 'unreadable', critical, problem };
  };
  return { read, problems };
}

/** Reads every extension of a certificate that this reader knows. */
export function readKnownExtensions(
  document: DerDocument,
  extensions: readonly Extension[],
): { readonly known: KnownExtensions; readonly problems: readonly ExtensionProblem[] } {
  const { read, problems } = extensionReader(document, extensions);
  const known: KnownExtensions = {
    basicConstraints: read('2.5.29.19', readBasicConstraints),
    keyUsage: read('2.5.29.15', readKeyUsage),
    extendedKeyUsage: read('2.5.29.37', readExtendedKeyUsage),
    subjectAltName: read('2.5.29.17', (reader) => {
      return readGeneralNames(reader.sequence('subjectAltName'), 'subjectAltName');
    }),
    issuerAltName: read('2.5.29.18', (reader) => {
      return readGeneralNames(reader.sequence('issuerAltName'), 'issuerAltName');
    }),
    nameConstraints: read('2.5.29.30', readNameConstraints),
    certificatePolicies: read('2.5.29.32', readCertificatePolicies),
    policyMappings: read('2.5.29.33', readPolicyMappings),
    policyConstraints: read('2.5.29.36', readPolicyConstraints),
    inhibitAnyPolicy: read('2.5.29.54', readInhibitAnyPolicy),
    authorityKeyIdentifier: read('2.5.29.35', readAuthorityKeyIdentifier),
    subjectKeyIdentifier: read('2.5.29.14', readSubjectKeyIdentifier),
    cRLDistributionPoints: read('2.5.29.31', (reader) => readDistributionPoints(reader, 'cRLDistributionPoints')),
    freshestCRL: read('2.5.29.46', (reader) => readDistributionPoints(reader, 'freshestCRL')),
    authorityInfoAccess: read('1.3.6.1.5.5.7.1.1', readAuthorityInfoAccess),
    signedCertificateTimestamps: read('1.3.6.1.4.1.11129.2.4.2', readTimestampList),
    tlsFeature: read('1.3.6.1.5.5.7.1.24', readTlsFeatures),
  };
  return { known, problems };
}
