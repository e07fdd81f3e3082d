/** The certificate profile of RFC 5280 section 4: what conforming issuers put into certificates. */
import type { X509Certificate } from '../certificate.ts';
import type { GeneralName } from '../general-names.ts';
import { type Breach, type FindingCode, profileBreach, rfc5280 } from './breach.ts';
import { extensionValue, type Role, subjectOf } from './certificate-rules.ts';
import { isEmptyName, isSelfIssued } from './compare-names.ts';
import { isPreferredName, wildcardParent } from './domain-name.ts';
import { parseMailbox } from './mail-and-uri.ts';
import { isWellFormedSubtree } from './name-constraints.ts';

/**
 * `asIssuer`: whether the certificate stands above another in the path. `selfSigned`: whether it is known to be signed
 * with its own key, although its names do not say so.
 */
export function checkRfc5280Profile(
  certificate: X509Certificate,
  role: Role,
  asIssuer: boolean,
  selfSigned: boolean,
): readonly Breach[] {
  return [
    ...checkFields(certificate),
    // An anchor is named by its subject and key; roots with the serial number 0 are in every trust store.
    ...(role === 'anchor' && asIssuer ? [] : checkSerialNumber(certificate)),
    ...checkEncoding(certificate),
    ...checkCriticality(certificate),
    ...checkKeyIdentifiers(certificate, selfSigned || isSelfIssued(certificate)),
    ...checkAuthority(certificate, asIssuer),
    ...checkAlternativeNames(certificate),
    ...checkConstraints(certificate),
    ...checkPolicyExtensions(certificate),
  ];
}

function* checkFields(certificate: X509Certificate): Iterable<Breach> {
  const { issuer, subject, known } = certificate;
  const breach = (code: FindingCode, message: string, section: string): Breach => {
    return profileBreach(code, certificate, message, rfc5280(section));
  };
  if (isEmptyName(issuer)) yield breach('issuer-empty', 'The issuer has no name.', '4.1.2.4');
  const authority = extensionValue(known.basicConstraints)?.isCertificateAuthority === true;
  if (isEmptyName(subject) && authority) {
    yield breach('subject-empty', 'A certificate authority without a name cannot be found.', '4.1.2.6');
  }
  if (isEmptyName(subject) && !(known.subjectAltName.kind === 'present' && known.subjectAltName.critical)) {
    yield breach('subject-empty', 'The subject is empty, but there is no critical subjectAltName.', '4.1.2.6');
  }
  if (certificate.hasIssuerUniqueId || certificate.hasSubjectUniqueId) {
    yield breach('unique-identifier', 'Unique identifiers are not to be used.', '4.1.2.8');
  }
  if (certificate.version !== 3 && certificate.extensions.length > 0) {
    const message = `A certificate with extensions is of version 3, not ${certificate.version}.`;
    yield breach('version-not-3', message, '4.1.2.1');
  }
}

function* checkSerialNumber(certificate: X509Certificate): Iterable<Breach> {
  const problem = serialProblem(certificate.serialNumberBytes);
  if (problem !== null) yield profileBreach('serial-number', certificate, problem, rfc5280('4.1.2.2'));
}

function serialProblem(bytes: Uint8Array): string | null {
  if (bytes.length > 20) return `The serial number has ${bytes.length} octets; at most 20 are allowed.`;
  if (bytes.length > 0 && bytes[0] >= 0x80) return 'The serial number is negative.';
  return bytes.every((octet) => octet === 0) ? 'The serial number is zero.' : null;
}

/** Encoding problems that a rule of their own tells better. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set([
  'serial-number-negative',
  'serial-number-zero',
  'serial-number-too-long',
  'signature-algorithm-mismatch',
  'duplicate-extension',
  'extensions-before-version-3',
  'unique-identifier-before-version-2',
  'ip-address-length',
  'ip-mask-not-contiguous',
]);

/** RFC 5280 section 4.1 asks for DER, and of each field for one form. */
function* checkEncoding(certificate: X509Certificate): Iterable<Breach> {
  for (const { code, message } of certificate.encodingProblems) {
    if (!TOLD_ELSEWHERE.has(code)) yield profileBreach('encoding', certificate, message, rfc5280('4.1'));
  }
  for (const { oid, name, problem } of certificate.extensionProblems) {
    const critical = certificate.extensions.some((extension) => extension.oid === oid && extension.critical);
    if (critical || problem.code === 'duplicate-extension') continue;
    const message = `The extension ${name} cannot be read: ${problem.message}`;
    yield profileBreach('extension-unreadable', certificate, message, rfc5280('4.2'));
  }
}

/** Extensions whose criticality RFC 5280 fixes, with the section that does. */
const NEVER_CRITICAL: ReadonlyMap<string, string> = new Map([
  ['2.5.29.35', '4.2.1.1'],
  ['2.5.29.14', '4.2.1.2'],
  ['2.5.29.9', '4.2.1.8'],
  ['2.5.29.46', '4.2.1.15'],
  ['1.3.6.1.5.5.7.1.1', '4.2.2.1'],
  ['1.3.6.1.5.5.7.1.11', '4.2.2.2'],
]);
const ALWAYS_CRITICAL: ReadonlyMap<string, string> = new Map([
  ['2.5.29.36', '4.2.1.11'],
  ['2.5.29.54', '4.2.1.14'],
]);

function* checkCriticality(certificate: X509Certificate): Iterable<Breach> {
  const { basicConstraints, nameConstraints } = certificate.known;
  for (const { oid, name, critical } of certificate.extensions) {
    const section = (critical ? NEVER_CRITICAL : ALWAYS_CRITICAL).get(oid);
    if (section === undefined) continue;
    const message = `The extension ${name ?? oid} is ${critical ? '' : 'not '}critical, but must ${critical ? 'not be' : 'be'}.`;
    yield profileBreach('extension-criticality', certificate, message, rfc5280(section));
  }
  if (
    basicConstraints.kind === 'present' &&
    basicConstraints.value.isCertificateAuthority &&
    !basicConstraints.critical
  ) {
    const message = 'The basicConstraints of a certificate authority are not critical, but must be.';
    yield profileBreach('extension-criticality', certificate, message, rfc5280('4.2.1.9'));
  }
  if (nameConstraints.kind === 'present' && !nameConstraints.critical) {
    const message = 'The nameConstraints are not critical, but must be.';
    const breach = profileBreach('extension-criticality', certificate, message, rfc5280('4.2.1.10'));
    // Baseline Requirements section 7.1.2.10.8: "As an explicit exception from RFC 5280".
    yield { ...breach, allowedBy: 'webpki' };
  }
}

function* checkKeyIdentifiers(certificate: X509Certificate, selfSigned: boolean): Iterable<Breach> {
  const { authorityKeyIdentifier, subjectKeyIdentifier, basicConstraints } = certificate.known;
  const authority = extensionValue(authorityKeyIdentifier);
  const mayLack = selfSigned && authorityKeyIdentifier.kind === 'absent';
  if (authorityKeyIdentifier.kind !== 'unreadable' && !mayLack && (authority?.keyIdentifier ?? null) === null) {
    const message = 'There is no keyIdentifier of the issuer (authorityKeyIdentifier).';
    yield profileBreach('authority-key-identifier-missing', certificate, message, rfc5280('4.2.1.1'));
  }
  if (extensionValue(basicConstraints)?.isCertificateAuthority === true && subjectKeyIdentifier.kind === 'absent') {
    const message = `${subjectOf(certificate)}, a certificate authority, has no subjectKeyIdentifier.`;
    yield profileBreach('subject-key-identifier-missing', certificate, message, rfc5280('4.2.1.2'));
  }
}

function* checkAuthority(certificate: X509Certificate, asIssuer: boolean): Iterable<Breach> {
  const { basicConstraints, keyUsage } = certificate.known;
  const constraints = extensionValue(basicConstraints);
  const usages = extensionValue(keyUsage);
  const breach = (code: FindingCode, message: string, section: string): Breach => {
    return profileBreach(code, certificate, message, rfc5280(section));
  };
  if (asIssuer && basicConstraints.kind === 'absent') {
    const message = `${subjectOf(certificate)}, a certificate authority, has no basicConstraints.`;
    yield breach('basic-constraints-missing', message, '4.2.1.9');
  }
  const authority = constraints?.isCertificateAuthority === true;
  const signs = usages?.includes('keyCertSign') === true;
  if (signs && !authority && basicConstraints.kind !== 'unreadable') {
    yield breach('key-usage-inconsistent', 'keyCertSign is asserted, but cA is not.', '4.2.1.3');
  }
  if (constraints !== null && constraints.pathLength !== null && !(authority && (signs || usages === null))) {
    const message = 'There is a pathLenConstraint without both cA and keyCertSign.';
    yield breach('path-length-misplaced', message, '4.2.1.9');
  }
  if (usages !== null && usages.length === 0) {
    yield breach('key-usage-empty', 'The keyUsage allows nothing: at least one bit must be set.', '4.2.1.3');
  }
}

function* checkAlternativeNames(certificate: X509Certificate): Iterable<Breach> {
  const malformed = (message: string): Breach => {
    return profileBreach('subject-alternative-name-malformed', certificate, message, rfc5280('4.2.1.6'));
  };
  for (const name of extensionValue(certificate.known.subjectAltName) ?? []) {
    const problem = nameProblem(name);
    if (problem !== null) yield malformed(problem);
  }
}

function nameProblem(name: GeneralName): string | null {
  switch (name.kind) {
    case 'dNSName': {
      if (name.exact && (name.text === '*' || isPreferredName(wildcardParent(name.text) ?? name.text))) return null;
      return `The dNSName ${name.text === '' ? '""' : name.text} is not in the preferred name syntax.`;
    }
    case 'rfc822Name':
      if (name.exact && parseMailbox(name.text) !== null) return null;
      return `The rfc822Name ${name.text} is no mailbox.`;
    case 'uniformResourceIdentifier':
      if (name.exact && /^[A-Za-z][A-Za-z0-9+.-]*:./.test(name.text)) return null;
      return `The URI ${name.text} is not absolute.`;
    case 'iPAddress':
      return name.address === null ? `An iPAddress has ${name.bytes.length} octets, not 4 or 16.` : null;
    case 'directoryName':
    case 'registeredID':
    case 'otherName':
    case 'x400Address':
    case 'ediPartyName':
      return null;
  }
}

function* checkConstraints(certificate: X509Certificate): Iterable<Breach> {
  const { nameConstraints, basicConstraints } = certificate.known;
  const constraints = extensionValue(nameConstraints);
  if (constraints === null) return;
  if (extensionValue(basicConstraints)?.isCertificateAuthority !== true) {
    const message = 'Only a certificate authority may have nameConstraints.';
    yield profileBreach('name-constraint-misplaced', certificate, message, rfc5280('4.2.1.10'));
  }
  const subtrees = [...(constraints.permitted ?? []), ...(constraints.excluded ?? [])];
  if (subtrees.length === 0) {
    const message = 'The nameConstraints hold no subtree.';
    yield profileBreach('name-constraint-malformed', certificate, message, rfc5280('4.2.1.10'));
  }
  const wrong = subtrees.filter((subtree) => !isWellFormedSubtree(subtree)).length;
  if (wrong > 0) {
    const message = `${wrong} of ${subtrees.length} subtrees of the nameConstraints are not in the form that RFC 5280 gives them.`;
    yield profileBreach('name-constraint-malformed', certificate, message, rfc5280('4.2.1.10'));
  }
}

function* checkPolicyExtensions(certificate: X509Certificate): Iterable<Breach> {
  const policies = extensionValue(certificate.known.certificatePolicies) ?? [];
  if (new Set(policies.map(({ oid }) => oid)).size < policies.length) {
    const message = 'A policy stands more than once in certificatePolicies.';
    yield profileBreach('policy-duplicate', certificate, message, rfc5280('4.2.1.4'));
  }
}
