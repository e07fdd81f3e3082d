/** Certificates as the contract prints them. */
import { toHex } from '../bytes/hex.ts';
import type { Certificate, UnreadableCertificate } from '../contract/analysis.ts';
import type { CertificateReading, X509Certificate } from '../x509/certificate.ts';
import type { GeneralName } from '../x509/general-names.ts';
import { commonNames } from '../x509/names.ts';

/** The contract's shape of a reading. Registries give the names; what has none goes by its OID. */
export function certificateFacts(reading: CertificateReading): Certificate | UnreadableCertificate {
  switch (reading.kind) {
    case 'unreadable':
      return { sha256: reading.sha256, byteLength: reading.byteLength, unreadable: reading.problem };
    case 'certificate':
      return describe(reading.certificate);
  }
}

function describe(certificate: X509Certificate): Certificate {
  const { known, publicKey, signatureAlgorithm } = certificate;
  const alternativeNames = known.subjectAltName.kind === 'present' ? known.subjectAltName.value : [];
  return {
    sha256: certificate.sha256,
    sha1: certificate.sha1,
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serialNumber: certificate.serialNumber,
    notBefore: certificate.notBefore.iso,
    notAfter: certificate.notAfter.iso,
    commonNames: commonNames(certificate.subject),
    ...describeNames(alternativeNames),
    publicKey: { algorithm: publicKey.algorithm, bits: publicKey.bits, curve: publicKey.curve },
    signatureAlgorithm: signatureAlgorithm.name ?? signatureAlgorithm.oid,
    isCertificateAuthority:
      known.basicConstraints.kind === 'present' && known.basicConstraints.value.isCertificateAuthority,
    extensions: certificate.extensions.map(({ oid, name, critical }) => ({ oid, name: name ?? oid, critical })),
  };
}

type DescribedNames = Pick<Certificate, 'dnsNames' | 'ipAddresses' | 'otherNames'>;

function describeNames(names: readonly GeneralName[]): DescribedNames {
  const dnsNames: string[] = [];
  const ipAddresses: string[] = [];
  const otherNames: { type: string; value: string }[] = [];
  for (const name of names) {
    switch (name.kind) {
      case 'dNSName':
        dnsNames.push(name.text);
        break;
      case 'iPAddress':
        if (name.address !== null) ipAddresses.push(name.address);
        else otherNames.push({ type: 'iPAddress', value: `#${toHex(name.bytes)}` });
        break;
      case 'rfc822Name':
        otherNames.push({ type: 'rfc822Name', value: name.text });
        break;
      case 'uniformResourceIdentifier':
        otherNames.push({ type: 'URI', value: name.text });
        break;
      case 'directoryName':
        otherNames.push({ type: 'directoryName', value: name.name.text });
        break;
      case 'registeredID':
        otherNames.push({ type: 'registeredID', value: name.oid });
        break;
      case 'otherName':
        if (name.name !== null && name.text !== null) otherNames.push({ type: name.name, value: name.text });
        else otherNames.push({ type: 'otherName', value: `${name.oid}=#${toHex(name.value)}` });
        break;
      case 'x400Address':
        otherNames.push({ type: 'x400Address', value: `#${toHex(name.der)}` });
        break;
      case 'ediPartyName': {
        const assigner = name.nameAssigner === null ? '' : `${name.nameAssigner}: `;
        otherNames.push({ type: 'ediPartyName', value: `${assigner}${name.partyName}` });
        break;
      }
    }
  }
  return { dnsNames, ipAddresses, otherNames };
}
