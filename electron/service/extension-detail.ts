/** One extension of a certificate in words. */
import { toHex } from '../../shared/bytes/hex.ts';
import type { CertificateDetail } from '../../shared/contract/operations.ts';
import type { GeneralSubtree } from '../../shared/x509/constraint-extensions.ts';
import type { Extension, ExtensionReading, KnownExtensions } from '../../shared/x509/extensions.ts';
import type { GeneralName } from '../../shared/x509/general-names.ts';
import type { PolicyInformation, PolicyQualifier } from '../../shared/x509/policy-extensions.ts';
import { readTimestamp } from '../../shared/x509/revocation/timestamps.ts';
import type { DistributionPoint } from '../../shared/x509/service-extensions.ts';

type Group = CertificateDetail['groups'][number];
type Field = readonly [label: string, value: string];

/** `known` are the readings of the certificate that the extension stands in. */
export function extensionGroup({ oid, name, critical, value }: Extension, known: KnownExtensions): Group {
  const read = isKnown(name, known) ? readers[name](known) : null;
  const fields: readonly Field[] = read ?? [['Value', toHex(value)]];
  return {
    title: name === null ? oid : (TITLES[name] ?? name),
    fields: [...fields, ['Object identifier', oid] as const].map(([label, text], index) =>
      index === 0 ? { label, value: text, critical } : { label, value: text },
    ),
  };
}

const TITLES: Readonly<Record<string, string>> = {
  basicConstraints: 'Basic constraints',
  keyUsage: 'Key usage',
  extendedKeyUsage: 'Extended key usage',
  subjectAltName: 'Subject alternative names',
  issuerAltName: 'Issuer alternative names',
  nameConstraints: 'Name constraints',
  certificatePolicies: 'Certificate policies',
  policyMappings: 'Policy mappings',
  policyConstraints: 'Policy constraints',
  inhibitAnyPolicy: 'Inhibit anyPolicy',
  authorityKeyIdentifier: 'Authority key identifier',
  subjectKeyIdentifier: 'Subject key identifier',
  cRLDistributionPoints: 'CRL distribution points',
  freshestCRL: 'Freshest CRL',
  authorityInfoAccess: 'Authority information access',
  signedCertificateTimestamps: 'Signed certificate timestamps',
  tlsFeature: 'TLS feature',
};

function isKnown(name: string | null, known: KnownExtensions): name is keyof KnownExtensions {
  return name !== null && Object.hasOwn(known, name);
}

type Readers = { readonly [K in keyof KnownExtensions]: (known: KnownExtensions) => readonly Field[] | null };

const readers: Readers = {
  basicConstraints: ({ basicConstraints }) =>
    present(basicConstraints, ({ isCertificateAuthority, pathLength }) => [
      ['Certificate authority', isCertificateAuthority ? 'yes' : 'no'],
      ...(pathLength === null ? [] : [['Path length', String(pathLength)] as const]),
    ]),
  keyUsage: ({ keyUsage }) => present(keyUsage, (usages) => [['Usage', list(usages)]]),
  extendedKeyUsage: ({ extendedKeyUsage }) =>
    present(extendedKeyUsage, (purposes) =>
      purposes.map(({ oid, name }) => ['Purpose', name === null ? oid : `${name} (${oid})`]),
    ),
  subjectAltName: ({ subjectAltName }) => present(subjectAltName, names),
  issuerAltName: ({ issuerAltName }) => present(issuerAltName, names),
  nameConstraints: ({ nameConstraints }) =>
    present(nameConstraints, ({ permitted, excluded }) => [
      ...subtrees('Permitted', permitted),
      ...subtrees('Excluded', excluded),
    ]),
  certificatePolicies: ({ certificatePolicies }) => present(certificatePolicies, (found) => found.flatMap(policy)),
  policyMappings: ({ policyMappings }) =>
    present(policyMappings, (mappings) =>
      mappings.map(({ issuerDomainPolicy, subjectDomainPolicy }) => [
        'Mapping',
        `${issuerDomainPolicy} is ${subjectDomainPolicy}`,
      ]),
    ),
  policyConstraints: ({ policyConstraints }) =>
    present(policyConstraints, ({ requireExplicitPolicy, inhibitPolicyMapping }) => [
      ...optional('Require explicit policy', requireExplicitPolicy),
      ...optional('Inhibit policy mapping', inhibitPolicyMapping),
    ]),
  inhibitAnyPolicy: ({ inhibitAnyPolicy }) =>
    present(inhibitAnyPolicy, (count) => [['Certificates to skip', String(count)]]),
  authorityKeyIdentifier: ({ authorityKeyIdentifier }) =>
    present(authorityKeyIdentifier, ({ keyIdentifier, authorityCertIssuer, authorityCertSerialNumber }) => [
      ...(keyIdentifier === null ? [] : [['Key identifier', toHex(keyIdentifier)] as const]),
      ...(authorityCertIssuer ?? []).map((name) => ['Issuer', generalName(name)] as const),
      ...optional('Serial number', authorityCertSerialNumber),
    ]),
  subjectKeyIdentifier: ({ subjectKeyIdentifier }) =>
    present(subjectKeyIdentifier, (octets) => [['Key identifier', toHex(octets)]]),
  cRLDistributionPoints: ({ cRLDistributionPoints }) =>
    present(cRLDistributionPoints, (points) => points.flatMap(distributionPoint)),
  freshestCRL: ({ freshestCRL }) => present(freshestCRL, (points) => points.flatMap(distributionPoint)),
  authorityInfoAccess: ({ authorityInfoAccess }) =>
    present(authorityInfoAccess, (accesses) =>
      accesses.map(({ method, methodOid, location }) => [method ?? methodOid, generalName(location)]),
    ),
  signedCertificateTimestamps: ({ signedCertificateTimestamps }) =>
    present(signedCertificateTimestamps, (timestamps) =>
      timestamps.map((octets) => {
        const reading = readTimestamp(octets);
        const text =
          reading.kind === 'timestamp'
            ? `${reading.timestamp.iso}, log ${reading.timestamp.logId}`
            : `${octets.length} bytes: ${toHex(octets.subarray(0, 32))}`;
        return ['Timestamp', text];
      }),
    ),
  tlsFeature: ({ tlsFeature }) =>
    present(tlsFeature, (features) =>
      features.map((feature) => ['Feature', feature === 5 ? 'status_request (must staple)' : String(feature)]),
    ),
};

/** An extension that cannot be read says why; none at all is shown as its octets. */
function present<T>(reading: ExtensionReading<T>, describe: (value: T) => readonly Field[]): readonly Field[] | null {
  switch (reading.kind) {
    case 'absent':
      return null;
    case 'unreadable':
      return [['Problem', reading.problem.message]];
    case 'present': {
      const fields = describe(reading.value);
      return fields.length > 0 ? fields : [['Value', 'empty']];
    }
  }
}

function names(found: readonly GeneralName[]): readonly Field[] {
  return found.map((name) => [NAME_KINDS[name.kind], generalName(name)]);
}

const NAME_KINDS: Readonly<Record<GeneralName['kind'], string>> = {
  rfc822Name: 'Mail address',
  dNSName: 'DNS name',
  uniformResourceIdentifier: 'URI',
  iPAddress: 'IP address',
  directoryName: 'Directory name',
  registeredID: 'Registered identifier',
  otherName: 'Other name',
  x400Address: 'X.400 address',
  ediPartyName: 'EDI party name',
};

function generalName(name: GeneralName): string {
  switch (name.kind) {
    case 'rfc822Name':
    case 'dNSName':
    case 'uniformResourceIdentifier':
      return name.text;
    case 'iPAddress': {
      const mask = name.prefixLength === null ? '' : `/${name.prefixLength}`;
      return name.address === null ? `#${toHex(name.bytes)}` : `${name.address}${mask}`;
    }
    case 'directoryName':
      return name.name.text;
    case 'registeredID':
      return name.oid;
    case 'otherName':
      return `${name.name ?? name.oid}: ${name.text ?? `#${toHex(name.value)}`}`;
    case 'x400Address':
      return `#${toHex(name.der)}`;
    case 'ediPartyName':
      return name.nameAssigner === null ? name.partyName : `${name.nameAssigner}: ${name.partyName}`;
  }
}

function subtrees(label: string, found: readonly GeneralSubtree[] | null): readonly Field[] {
  return (found ?? []).map(({ base }) => [label, `${NAME_KINDS[base.kind]} ${generalName(base)}`]);
}

function policy({ oid, name, qualifiers }: PolicyInformation): readonly Field[] {
  return [['Policy', name === null ? oid : `${name} (${oid})`], ...qualifiers.flatMap(qualifier)];
}

function qualifier(found: PolicyQualifier): readonly Field[] {
  switch (found.kind) {
    case 'certificationPracticeStatement':
      return [['Practice statement', found.uri]];
    case 'userNotice':
      return [
        ...optional('Organization', found.organization),
        ...found.noticeNumbers.map((number) => ['Notice number', number] as const),
        ...optional('Notice', found.explicitText),
      ];
    case 'other':
      return [['Qualifier', found.value === null ? found.oid : `${found.oid}: #${toHex(found.value)}`]];
  }
}

function distributionPoint({ name, reasons, cRLIssuer }: DistributionPoint): readonly Field[] {
  const where: readonly Field[] =
    name === null
      ? []
      : name.kind === 'fullName'
        ? name.names.map((one) => ['Location', generalName(one)])
        : [
            [
              'Relative name',
              name.rdn.map(({ shortName, oid, text }) => `${shortName ?? oid}=${text ?? '?'}`).join('+'),
            ],
          ];
  return [
    ...where,
    ...(reasons === null ? [] : [['Reasons', list(reasons)] as const]),
    ...(cRLIssuer ?? []).map((issuer) => ['Issuer of the list', generalName(issuer)] as const),
  ];
}

function optional(label: string, value: string | number | null): readonly Field[] {
  return value === null ? [] : [[label, String(value)]];
}

function list(words: readonly string[]): string {
  return words.join(', ');
}
