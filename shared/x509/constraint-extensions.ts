/** Extensions that limit what a certificate may be used for (RFC 5280 sections 4.2.1.3, 4.2.1.9, 4.2.1.10, 4.2.1.12). */
import { contextTag, type DerElement, type DerReader, TAG } from './der.ts';
import { readBoolean, readCount, readNamedBits, readObjectIdentifier } from './der-values.ts';
import { type GeneralName, readGeneralName } from './general-names.ts';
import { EXTENDED_KEY_USAGES } from './registry/extended-key-usages.ts';

/** RFC 5280 section 4.2.1.9. */
export interface BasicConstraints {
  readonly isCertificateAuthority: boolean;
  /** How many intermediate certificates may follow, or null when the number is not limited. */
  readonly pathLength: number | null;
}

export function readBasicConstraints(outer: DerReader): BasicConstraints {
  const { document } = outer;
  const reader = outer.sequence('basicConstraints');
  const cA = reader.optional(TAG.boolean, 'cA');
  const isCertificateAuthority = cA !== null && readBoolean(document, cA, 'cA');
  if (cA !== null && !isCertificateAuthority && document.failure === null) {
    document.note('default-encoded', 'cA is FALSE, which DER leaves out (X.690 section 11.5).', cA.start);
  }
  const pathLength = reader.optional(TAG.integer, 'pathLenConstraint');
  const count = pathLength === null ? null : readCount(document, pathLength, 'pathLenConstraint');
  reader.finish('basicConstraints');
  return { isCertificateAuthority, pathLength: count };
}

/** RFC 5280 section 4.2.1.3, in the order of their bits. */
const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof KEY_USAGES)[number];

export function readKeyUsage(reader: DerReader): readonly KeyUsage[] {
  return readNamedBits(reader.document, reader.expect(TAG.bitString, 'keyUsage'), KEY_USAGES, 'keyUsage');
}

/** A KeyPurposeId. */
export interface KeyPurpose {
  readonly oid: string;
  /** `serverAuth`, or null when it is unknown. */
  readonly name: string | null;
}

export function readExtendedKeyUsage(outer: DerReader): readonly KeyPurpose[] {
  return outer.sequence('extKeyUsage').list('extKeyUsage', (reader) => {
    const element = reader.expect(TAG.objectIdentifier, 'KeyPurposeId');
    const oid = readObjectIdentifier(reader.document, element, 'KeyPurposeId');
    return { oid, name: EXTENDED_KEY_USAGES.get(oid) ?? null };
  });
}

/** RFC 5280 section 4.2.1.10. */
export interface NameConstraints {
  /** Null when there are no permitted subtrees, which permits all. */
  readonly permitted: readonly GeneralSubtree[] | null;
  readonly excluded: readonly GeneralSubtree[] | null;
}

export interface GeneralSubtree {
  readonly base: GeneralName;
  /** RFC 5280 allows 0 only. */
  readonly minimum: number;
  /** RFC 5280 allows null (absent) only. */
  readonly maximum: number | null;
}

export function readNameConstraints(outer: DerReader): NameConstraints {
  const reader = outer.sequence('nameConstraints');
  const permitted = reader.optional(contextTag(0, 'constructed'), 'permittedSubtrees');
  const permittedSubtrees = permitted === null ? null : readSubtrees(reader, permitted, 'permittedSubtrees');
  const excluded = reader.optional(contextTag(1, 'constructed'), 'excludedSubtrees');
  const excludedSubtrees = excluded === null ? null : readSubtrees(reader, excluded, 'excludedSubtrees');
  reader.finish('nameConstraints');
  return { permitted: permittedSubtrees, excluded: excludedSubtrees };
}

function readSubtrees(reader: DerReader, element: DerElement, what: string): readonly GeneralSubtree[] {
  const { document } = reader;
  return reader.enter(element, what).list(what, (list) => {
    const subtree = list.sequence(what);
    const base = readGeneralName(subtree, what, 'constraint');
    const minimum = subtree.optional(contextTag(0, 'primitive'), `minimum of ${what}`);
    const least = minimum === null ? 0 : readCount(document, minimum, `minimum of ${what}`);
    if (minimum !== null && least === 0 && document.failure === null) {
      document.note(
        'default-encoded',
        `${what}: a minimum of 0 is left out in DER (X.690 section 11.5).`,
        minimum.start,
      );
    }
    const maximum = subtree.optional(contextTag(1, 'primitive'), `maximum of ${what}`);
    subtree.finish(what);
    return {
      base,
      minimum: least,
      maximum: maximum === null ? null : readCount(document, maximum, `maximum of ${what}`),
    };
  });
}
