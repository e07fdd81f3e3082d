/** Whether a CRL is what it says and may be used at all (RFC 5280 sections 5.2, 5.3 and 6.3.3 f, g). */
import { sameOctets } from '../../bytes/same-octets.ts';
import type { X509Certificate } from '../certificate.ts';
import type { AlgorithmRules, Profile, VerifySignature } from '../path/model.ts';
import { type CertificateList, KNOWN_LIST_EXTENSIONS } from './certificate-list.ts';

/** Why a list is not used: in a few words that go on with "it", and the rule. */
export interface Refusal {
  readonly why: string;
  readonly rule: string;
}

/** What a list breaks by itself, whoever signed it; null where it may be used under the profile. */
export function refusalOfForm(list: CertificateList, profile: Profile): Refusal | null {
  const { known, entries } = list;
  const unknown = list.extensions.find(({ oid, critical }) => critical && !KNOWN_LIST_EXTENSIONS.has(oid));
  if (unknown !== undefined) {
    return { why: `has the critical extension ${unknown.name ?? unknown.oid}`, rule: 'RFC 5280 section 5.2' };
  }
  if (entries.unknownCritical !== null) {
    return {
      why: `has an entry with the critical extension ${entries.unknownCritical}`,
      rule: 'RFC 5280 section 5.3',
    };
  }
  if (known.deltaCRLIndicator.kind !== 'absent') {
    return { why: 'is a delta CRL, and only complete ones are used', rule: 'RFC 5280 section 5.2.4' };
  }
  if (known.issuingDistributionPoint.kind === 'unreadable') {
    return { why: 'has a distribution point that cannot be read', rule: 'RFC 5280 section 5.2.5' };
  }
  const indirect =
    known.issuingDistributionPoint.kind === 'present' && known.issuingDistributionPoint.value.indirectCRL;
  if (entries.namesIssuers && !indirect) {
    return { why: 'names issuers of its entries without being indirect', rule: 'RFC 5280 section 5.3.3' };
  }
  if (!sameOctets(list.signatureAlgorithm.der, list.tbsSignatureAlgorithm.der)) {
    return { why: 'names two different signature algorithms', rule: 'RFC 5280 section 5.1.1.2' };
  }
  return profile === 'path' ? null : refusalOfProfile(list);
}

/** What RFC 5280 section 5 asks of an issuer and section 6.3 does not check. */
export function refusalOfProfile({ version, known: { cRLNumber } }: CertificateList): Refusal | null {
  if (version !== 2) return { why: `is of version ${version}`, rule: 'RFC 5280 section 5.1.2.1' };
  const rule = 'RFC 5280 section 5.2.3';
  switch (cRLNumber.kind) {
    case 'absent':
      return { why: 'has no CRL number', rule };
    case 'unreadable':
      return { why: 'has a CRL number that cannot be read', rule };
    case 'present':
      if (cRLNumber.critical) return { why: 'has a CRL number that is critical', rule };
      return cRLNumber.value.startsWith('-') ? { why: 'has a negative CRL number', rule } : null;
  }
}

/** Whether `issuer` may sign CRLs, and has signed this one. */
export async function refusalOfSignature(
  list: CertificateList,
  issuer: X509Certificate,
  algorithms: AlgorithmRules,
  verifySignature: VerifySignature,
): Promise<Refusal | null> {
  const { keyUsage } = issuer.known;
  const rule = 'RFC 5280 section 6.3.3 (f)';
  if (keyUsage.kind === 'unreadable') return { why: 'comes from an issuer whose key usage cannot be read', rule };
  if (keyUsage.kind === 'present' && !keyUsage.value.includes('cRLSign')) {
    return { why: `comes from ${issuer.subject.text}, whose key usage does not allow it to sign CRLs (cRLSign)`, rule };
  }
  const weakness = weakAlgorithm(list, issuer, algorithms);
  if (weakness !== null) return { why: weakness, rule: 'the policy on algorithms' };
  const outcome = await verifySignature({
    algorithm: list.signatureAlgorithm,
    key: issuer.publicKey,
    signed: list.tbsCertList,
    signature: list.signatureValue,
  });
  switch (outcome) {
    case 'valid':
      return null;
    case 'invalid':
      return { why: `is not signed with the key of ${issuer.subject.text}`, rule: 'RFC 5280 section 6.3.3 (g)' };
    case 'unsupported': {
      const name = list.signatureAlgorithm.name ?? list.signatureAlgorithm.oid;
      return { why: `is signed with ${name}, which this platform cannot verify`, rule: 'RFC 5280 section 6.3.3 (g)' };
    }
  }
}

const BROKEN_HASH = /md[245]/i;
const SHA1 = /sha1(?!\d)/i;

/** A signature that the rules do not let count, in a few words that go on with "it"; else null. */
export function weakAlgorithm(
  { signatureAlgorithm }: Pick<CertificateList, 'signatureAlgorithm'>,
  issuer: X509Certificate,
  { sha1, minimumRsaBits }: AlgorithmRules,
): string | null {
  const { pssParameters, oid } = signatureAlgorithm;
  // RSASSA-PSS without parameters stands for SHA-1 (RFC 4055 section 3.1).
  const isDefaultPss = signatureAlgorithm.name === 'RSASSA-PSS' && signatureAlgorithm.parameters === null;
  const name = isDefaultPss ? 'SHA-1' : (pssParameters?.hash ?? signatureAlgorithm.name ?? oid);
  if (BROKEN_HASH.test(name) || (!sha1 && (SHA1.test(name) || name === 'SHA-1'))) {
    return `is signed with ${signatureAlgorithm.name ?? oid}, whose hash the policy does not accept`;
  }
  const { algorithm, bits } = issuer.publicKey;
  if (algorithm.startsWith('RSA') && bits !== null && bits < minimumRsaBits) {
    return `is signed with an RSA key of ${bits} bits`;
  }
  return null;
}
