/** Extensions about certificate policies (RFC 5280 sections 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14). */
import { contextTag, type DerReader, TAG } from './der.ts';
import { integerToHex, readCount, readInteger, readObjectIdentifier } from './der-values.ts';
import { POLICIES } from './registry/policies.ts';
import { readString } from './strings.ts';

/** PolicyInformation. */
export interface PolicyInformation {
  readonly oid: string;
  /** `domain-validated`, or null when it is unknown. */
  readonly name: string | null;
  readonly qualifiers: readonly PolicyQualifier[];
}

export type PolicyQualifier =
  | { readonly kind: 'certificationPracticeStatement'; readonly uri: string }
  | {
      readonly kind: 'userNotice';
      readonly organization: string | null;
      /** Hex, as serial numbers are. */
      readonly noticeNumbers: readonly string[];
      readonly explicitText: string | null;
    }
  /** DER with tag and length. */
  | { readonly kind: 'other'; readonly oid: string; readonly value: Uint8Array | null };

const CPS = '1.3.6.1.5.5.7.2.1';
const USER_NOTICE = '1.3.6.1.5.5.7.2.2';

export function readCertificatePolicies(outer: DerReader): readonly PolicyInformation[] {
  return outer.sequence('certificatePolicies').list('certificatePolicies', (list) => {
    const reader = list.sequence('PolicyInformation');
    const oid = readOid(reader, 'policyIdentifier');
    const qualifiers = reader.more ? reader.sequence('policyQualifiers').list('policyQualifiers', readQualifier) : [];
    reader.finish('PolicyInformation');
    return { oid, name: POLICIES.get(oid) ?? null, qualifiers };
  });
}

function readQualifier(list: DerReader): PolicyQualifier {
  const { document } = list;
  const reader = list.sequence('PolicyQualifierInfo');
  const oid = readOid(reader, 'policyQualifierId');
  let qualifier: PolicyQualifier;
  if (oid === CPS) {
    const element = reader.next('cPSuri');
    qualifier = { kind: 'certificationPracticeStatement', uri: readString(document, element, 'cPSuri') ?? '' };
  } else if (oid === USER_NOTICE) {
    qualifier = readUserNotice(reader.sequence('UserNotice'));
  } else {
    const value = reader.more ? document.encoded(reader.next('qualifier')) : null;
    qualifier = { kind: 'other', oid, value };
  }
  reader.finish('PolicyQualifierInfo');
  return qualifier;
}

function readUserNotice(reader: DerReader): PolicyQualifier {
  const { document } = reader;
  const reference = reader.optional(TAG.sequence, 'noticeRef');
  let organization: string | null = null;
  let noticeNumbers: readonly string[] = [];
  if (reference !== null) {
    const inner = reader.enter(reference, 'noticeRef');
    organization = readString(document, inner.next('organization'), 'organization of a noticeRef');
    noticeNumbers = inner.sequence('noticeNumbers').listOrEmpty('noticeNumbers', (numbers) => {
      const element = numbers.expect(TAG.integer, 'noticeNumbers');
      return integerToHex(readInteger(document, element, 'noticeNumbers'));
    });
    inner.finish('noticeRef');
  }
  const explicitText = reader.more ? readString(document, reader.next('explicitText'), 'explicitText') : null;
  reader.finish('UserNotice');
  return { kind: 'userNotice', organization, noticeNumbers, explicitText };
}

export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

export function readPolicyMappings(outer: DerReader): readonly PolicyMapping[] {
  return outer.sequence('policyMappings').list('policyMappings', (list) => {
    const reader = list.sequence('policyMappings');
    const issuerDomainPolicy = readOid(reader, 'issuerDomainPolicy');
    const subjectDomainPolicy = readOid(reader, 'subjectDomainPolicy');
    reader.finish('policyMappings');
    return { issuerDomainPolicy, subjectDomainPolicy };
  });
}

/** Each is a number of certificates, or null when absent. */
export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | null;
  readonly inhibitPolicyMapping: number | null;
}

export function readPolicyConstraints(outer: DerReader): PolicyConstraints {
  const { document } = outer;
  const reader = outer.sequence('policyConstraints');
  const explicit = reader.optional(contextTag(0, 'primitive'), 'requireExplicitPolicy');
  const mapping = reader.optional(contextTag(1, 'primitive'), 'inhibitPolicyMapping');
  reader.finish('policyConstraints');
  if (explicit === null && mapping === null && document.failure === null) {
    document.note('empty-list', 'policyConstraints is empty (RFC 5280 section 4.2.1.11).', outer.at);
  }
  return {
    requireExplicitPolicy: explicit === null ? null : readCount(document, explicit, 'requireExplicitPolicy'),
    inhibitPolicyMapping: mapping === null ? null : readCount(document, mapping, 'inhibitPolicyMapping'),
  };
}

/** SkipCerts: the number of certificates that may follow before anyPolicy is no longer a match. */
export function readInhibitAnyPolicy(reader: DerReader): number {
  return readCount(reader.document, reader.expect(TAG.integer, 'inhibitAnyPolicy'), 'inhibitAnyPolicy');
}

function readOid(reader: DerReader, what: string): string {
  return readObjectIdentifier(reader.document, reader.expect(TAG.objectIdentifier, what), what);
}
