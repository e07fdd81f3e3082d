/** Every field of a certificate in words, for people who compare certificates. */
import { createHash } from 'node:crypto';
import { toHex } from '../../shared/bytes/hex.ts';
import type { CertificateDetail } from '../../shared/contract/operations.ts';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import type { DistinguishedName } from '../../shared/x509/names.ts';
import { writePem } from '../../shared/x509/pem.ts';
import { extensionGroup } from './extension-detail.ts';

type Group = CertificateDetail['groups'][number];
type Field = Group['fields'][number];

/** What cannot be read is said where it would have been. */
export function certificateDetail(der: Uint8Array): CertificateDetail {
  const reading = readCertificate(der);
  if (reading.kind === 'certificate') {
    const { certificate } = reading;
    return { sha256: certificate.sha256, groups: groupsOf(certificate), pem: writePem(certificate.der) };
  }
  const fields = [
    { label: 'Problem', value: reading.problem.message },
    ...(reading.problem.offset === undefined ? [] : [{ label: 'At byte', value: String(reading.problem.offset) }]),
    { label: 'Bytes', value: String(reading.byteLength) },
    { label: 'SHA-256', value: reading.sha256 },
  ];
  return { sha256: reading.sha256, groups: [{ title: 'Not readable', fields }], pem: writePem(der) };
}

function groupsOf(certificate: X509Certificate): readonly Group[] {
  const { known } = certificate;
  const groups: Group[] = [
    { title: 'Subject', fields: nameFields(certificate.subject) },
    { title: 'Issuer', fields: nameFields(certificate.issuer) },
    {
      title: 'Validity',
      fields: [
        { label: 'Not before', value: certificate.notBefore.iso },
        { label: 'Not after', value: certificate.notAfter.iso },
      ],
    },
    { title: 'Certificate', fields: certificateFields(certificate) },
    { title: 'Public key', fields: keyFields(certificate) },
    ...certificate.extensions.map((extension) => extensionGroup(extension, known)),
    {
      title: 'Signature',
      fields: [
        { label: 'Algorithm', value: algorithmText(certificate.signatureAlgorithm) },
        ...pssFields(certificate),
        { label: 'Value', value: toHex(certificate.signatureValue.bytes) },
      ],
    },
    {
      title: 'Fingerprints',
      fields: [
        { label: 'SHA-256', value: certificate.sha256 },
        { label: 'SHA-1', value: certificate.sha1 },
      ],
    },
  ];
  const problems = [
    ...certificate.encodingProblems.map(({ message }) => message),
    ...certificate.extensionProblems.map(({ name, problem }) => `${name}: ${problem.message}`),
  ];
  if (problems.length > 0) {
    groups.push({ title: 'Problems', fields: problems.map((value) => ({ label: 'Encoding', value })) });
  }
  return groups;
}

/** What people call the attributes that nearly every name has (RFC 4519). */
const ATTRIBUTE_WORDS: ReadonlyMap<string, string> = new Map([
  ['CN', 'Common name (CN)'],
  ['O', 'Organization (O)'],
  ['OU', 'Organizational unit (OU)'],
  ['C', 'Country (C)'],
  ['ST', 'State or province (ST)'],
  ['L', 'Locality (L)'],
]);

function nameFields({ rdns, text }: DistinguishedName): readonly Field[] {
  const attributes = rdns.flat().map(({ shortName, oid, text: value, value: bytes }) => ({
    label: shortName === null ? oid : (ATTRIBUTE_WORDS.get(shortName) ?? shortName),
    value: value ?? `#${toHex(bytes)}`,
  }));
  return [...attributes, { label: 'Name', value: text === '' ? 'empty' : text }];
}

function certificateFields({
  version,
  serialNumber,
  hasIssuerUniqueId,
  hasSubjectUniqueId,
  der,
}: X509Certificate): readonly Field[] {
  return [
    { label: 'Version', value: String(version) },
    { label: 'Serial number', value: serialNumber },
    ...(hasIssuerUniqueId ? [{ label: 'Issuer unique identifier', value: 'present' }] : []),
    ...(hasSubjectUniqueId ? [{ label: 'Subject unique identifier', value: 'present' }] : []),
    { label: 'Bytes', value: String(der.length) },
  ];
}

function keyFields({ publicKey }: X509Certificate): readonly Field[] {
  const { algorithm, oid, bits, curve, material, subjectPublicKeyInfo } = publicKey;
  const head: Field[] = [{ label: 'Algorithm', value: algorithm === oid ? oid : `${algorithm} (${oid})` }];
  if (bits !== null) head.push({ label: 'Bits', value: String(bits) });
  if (curve !== null) head.push({ label: 'Curve', value: curve });
  switch (material.kind) {
    case 'rsa':
      head.push({ label: 'Exponent', value: decimal(material.exponent) });
      head.push({ label: 'Modulus', value: toHex(material.modulus) });
      break;
    case 'ec':
      head.push({ label: 'Point', value: toHex(material.point) });
      break;
    case 'finite-field':
      head.push({ label: 'Value', value: toHex(material.value) });
      if (material.prime !== null) head.push({ label: 'Prime', value: toHex(material.prime) });
      break;
    case 'opaque':
      head.push({ label: 'Value', value: toHex(publicKey.subjectPublicKey) });
      break;
    case 'unreadable':
      head.push({ label: 'Problem', value: material.problem.message });
      break;
  }
  const fingerprint = createHash('sha256').update(subjectPublicKeyInfo).digest('hex');
  return [...head, { label: 'SHA-256 of the key (pin)', value: fingerprint }];
}

function algorithmText({ name, oid }: X509Certificate['signatureAlgorithm']): string {
  return name === null ? oid : `${name} (${oid})`;
}

function pssFields({ signatureAlgorithm: { pssParameters } }: X509Certificate): readonly Field[] {
  if (pssParameters === null) return [];
  const { hash, hashOid, maskGenerationHash, maskGenerationOid, saltLength } = pssParameters;
  return [
    { label: 'Hash', value: hash ?? hashOid },
    {
      label: 'Mask generation',
      value: maskGenerationHash === null ? maskGenerationOid : `MGF1 with ${maskGenerationHash}`,
    },
    { label: 'Salt length', value: String(saltLength) },
  ];
}

/** Exponents fit; one that does not is shown as it is. */
function decimal(bytes: Uint8Array): string {
  return bytes.length <= 8 ? BigInt(`0x${toHex(bytes) || '0'}`).toString() : `0x${toHex(bytes)}`;
}
