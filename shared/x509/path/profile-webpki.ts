/**
 * The CA/Browser Forum's Baseline Requirements for TLS certificates, as far as a certificate by itself shows them. Which
 * domains are public suffixes, and who controls them, it does not.
 */
import { formatIpv4, formatIpv6, parseAddress } from '../../bytes/address.ts';
import { calendarSeconds } from '../../bytes/calendar.ts';
import type { X509Certificate } from '../certificate.ts';
import type { KeyUsage } from '../constraint-extensions.ts';
import { bitLength } from '../der-values.ts';
import type { GeneralName } from '../general-names.ts';
import { commonNames } from '../names.ts';
import { type Breach, baseline, type FindingCode, webpkiBreach } from './breach.ts';
import { ANY_PURPOSE, extensionValue, PURPOSE_OIDS, type Role } from './certificate-rules.ts';
import { isEmptyName, isSelfIssued } from './compare-names.ts';
import { wildcardParent } from './domain-name.ts';
import type { Purpose } from './model.ts';

type Report = (code: FindingCode, message: string, section: string) => Breach;

export function checkWebpkiProfile(
  certificate: X509Certificate,
  role: Role,
  isTarget: boolean,
  purpose: Purpose,
): readonly Breach[] {
  const report: Report = (code, message, section) => webpkiBreach(code, certificate, message, baseline(section));
  return [
    ...checkEveryCertificate(certificate, role, report),
    ...(isTarget ? checkTarget(certificate, purpose, report) : []),
    ...(isTarget ? [] : checkAuthority(certificate, report)),
    ...(role === 'anchor' && isSelfIssued(certificate) ? checkRoot(certificate, report) : []),
  ];
}

function* checkEveryCertificate(certificate: X509Certificate, role: Role, report: Report): Iterable<Breach> {
  if (certificate.version !== 3) {
    yield report('version-not-3', `The certificate is of version ${certificate.version}.`, '7.1.1');
  }
  const key = keyProblem(certificate);
  if (key !== null) yield report('key-not-allowed', key.message, key.section);
  // Nothing rests on the signature of an anchor.
  if (role !== 'anchor' && !isAllowedSignature(certificate)) {
    const { name, oid } = certificate.signatureAlgorithm;
    yield report('signature-algorithm-not-allowed', `Signatures with ${name ?? oid} are not allowed.`, '7.1.3.2');
  }
  const authority = extensionValue(certificate.known.authorityKeyIdentifier);
  if (authority !== null && (authority.authorityCertIssuer !== null || authority.authorityCertSerialNumber !== null)) {
    const message = 'The authorityKeyIdentifier names the issuer’s certificate, not only its key.';
    yield report('authority-key-identifier-not-allowed', message, '7.1.2.11.1');
  }
}

const CURVES: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521']);

function keyProblem({ publicKey }: X509Certificate): { readonly message: string; readonly section: string } | null {
  const { algorithm, bits, curve, material } = publicKey;
  if (algorithm === 'RSA' && material.kind === 'rsa') {
    if (bits === null || bits < 2048)
      return { message: `The RSA key has ${bits} bits; at least 2048 are asked for.`, section: '6.1.5' };
    if (bits % 8 !== 0)
      return { message: `The RSA key has ${bits} bits, which is no multiple of 8.`, section: '6.1.5' };
    const even = (material.exponent[material.exponent.length - 1] & 1) === 0;
    if (even || bitLength(material.exponent) < 2)
      return { message: 'The RSA exponent is not an odd number of at least 3.', section: '6.1.6' };
    return null;
  }
  if (algorithm === 'EC' && material.kind === 'ec') {
    if (curve !== null && CURVES.has(curve)) return null;
    return { message: `The curve ${curve} is none of P-256, P-384 and P-521 by its name.`, section: '7.1.3.1.2' };
  }
  return { message: `Keys of the kind ${algorithm} are not allowed.`, section: '7.1.3.1' };
}

const SIGNATURES: ReadonlySet<string> = new Set([
  'sha256WithRSAEncryption',
  'sha384WithRSAEncryption',
  'sha512WithRSAEncryption',
  'ecdsa-with-SHA256',
  'ecdsa-with-SHA384',
  'ecdsa-with-SHA512',
]);

/** Octets of salt that go with each hash. */
const PSS_SALTS: ReadonlyMap<string, number> = new Map([
  ['SHA-256', 32],
  ['SHA-384', 48],
  ['SHA-512', 64],
]);

function isAllowedSignature({ signatureAlgorithm }: X509Certificate): boolean {
  const { name, pssParameters } = signatureAlgorithm;
  if (name !== 'RSASSA-PSS') return name !== null && SIGNATURES.has(name);
  if (pssParameters === null || pssParameters.hash === null) return false;
  const { hash, maskGenerationHash, saltLength } = pssParameters;
  return maskGenerationHash === hash && PSS_SALTS.get(hash) === saltLength;
}

/**
 * What TLS does with the key, in all versions together (RFC 5246 section 7.4.2, RFC 8446 section 4.4.2.2). RFC 5280's
 * validation leaves the target's key usage to the application.
 */
const TARGET_USAGES: Readonly<Record<Purpose, readonly KeyUsage[]>> = {
  server: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
  client: ['digitalSignature', 'keyAgreement'],
  any: [],
};

function* checkTarget(certificate: X509Certificate, purpose: Purpose, report: Report): Iterable<Breach> {
  const { basicConstraints, keyUsage } = certificate.known;
  const usages = extensionValue(keyUsage);
  if (extensionValue(basicConstraints)?.isCertificateAuthority === true) {
    const message = 'The certificate presented is one of a certificate authority.';
    yield report('certificate-authority-as-target', message, '7.1.2.7.8');
  }
  if (usages?.includes('keyCertSign') === true || usages?.includes('cRLSign') === true) {
    yield report('key-usage-inconsistent', 'The key of a subscriber may not sign certificates or CRLs.', '7.1.2.7.11');
  }
  const suitable = TARGET_USAGES[purpose];
  if (usages !== null && suitable.length > 0 && !suitable.some((usage) => usages.includes(usage))) {
    const message = `The keyUsage (${usages.join(', ') || 'none'}) allows nothing that a TLS ${purpose} does: ${suitable.join(', ')}.`;
    yield report('key-usage-unsuitable', message, '7.1.2.7.11');
  }
  yield* checkTargetPurposes(certificate, purpose, report);
  yield* checkTargetNames(certificate, report);
  yield* checkValidityPeriod(certificate, report);
}

function* checkTargetPurposes(certificate: X509Certificate, purpose: Purpose, report: Report): Iterable<Breach> {
  const { extendedKeyUsage } = certificate.known;
  if (extendedKeyUsage.kind === 'absent') {
    yield report('extended-key-usage-missing', 'There is no extKeyUsage.', '7.1.2.7.6');
  }
  if (extendedKeyUsage.kind !== 'present') return;
  if (extendedKeyUsage.critical) {
    yield report('extension-criticality', 'The extKeyUsage is critical, but must not be.', '7.1.2.7.6');
  }
  const oids = extendedKeyUsage.value.map(({ oid }) => oid);
  if (oids.includes(ANY_PURPOSE)) {
    yield report('extended-key-usage-not-allowed', 'The extKeyUsage holds anyExtendedKeyUsage.', '7.1.2.7.10');
  }
  const needed = PURPOSE_OIDS[purpose];
  if (needed !== null && !oids.includes(needed)) {
    yield report('extended-key-usage-missing', `The extKeyUsage does not hold ${purpose}Auth.`, '7.1.2.7.10');
  }
}

function* checkTargetNames(certificate: X509Certificate, report: Report): Iterable<Breach> {
  const { subjectAltName } = certificate.known;
  if (subjectAltName.kind !== 'present' || subjectAltName.value.length === 0) {
    if (subjectAltName.kind !== 'unreadable') {
      const message = 'There is no subjectAltName; a common name alone names no server.';
      yield report('subject-alternative-name-missing', message, '7.1.2.7.12');
    }
    return;
  }
  if (subjectAltName.critical && !isEmptyName(certificate.subject)) {
    const message = 'The subjectAltName is critical, but must not be beside a subject.';
    yield report('extension-criticality', message, '7.1.2.7.12');
  }
  for (const name of subjectAltName.value) {
    if (name.kind !== 'dNSName' && name.kind !== 'iPAddress') {
      const message = `The subjectAltName holds a name of the kind ${name.kind}.`;
      yield report('subject-alternative-name-not-allowed', message, '7.1.2.7.12');
    } else if (name.kind === 'dNSName') {
      yield* checkDnsName(name.text, report);
    }
  }
  yield* checkCommonNames(certificate, subjectAltName.value, report);
}

function* checkDnsName(name: string, report: Report): Iterable<Breach> {
  const parent = name === '*' ? '' : wildcardParent(name);
  if (parent !== null && !parent.includes('.')) {
    yield report('wildcard-too-wide', `The wildcard ${name} covers a whole top-level domain.`, '3.2.2.6');
  } else if (parent === null && !name.includes('.')) {
    yield report('subject-alternative-name-not-allowed', `${name} is an internal name.`, '4.2.2');
  }
}

/** Section 7.1.4.3: a copy, character for character, of a name that stands in the subjectAltName. */
function* checkCommonNames(
  { subject }: X509Certificate,
  names: readonly GeneralName[],
  report: Report,
): Iterable<Breach> {
  const texts = new Set(names.flatMap(textOfName));
  const common = commonNames(subject);
  for (const name of common) {
    if (texts.has(name)) continue;
    const message = `The common name ${name} is no exact copy of a name in the subjectAltName.`;
    yield report('common-name-not-in-subject-alternative-name', message, '7.1.4.3');
  }
}

function textOfName(name: GeneralName): readonly string[] {
  if (name.kind === 'dNSName') return name.exact ? [name.text] : [];
  if (name.kind !== 'iPAddress' || name.address === null) return [];
  const bytes = parseAddress(name.address);
  return bytes === null ? [] : [bytes.length === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0)];
}

const DAY = 86_400;

/** Section 6.3.2: from which day of issue at most so many days, the newest rule first; months as of the 2010s. */
const VALIDITY_LIMITS: readonly (readonly [from: number, days: number])[] = [
  [midnight(2029, 3, 15), 47],
  [midnight(2027, 3, 15), 100],
  [midnight(2026, 3, 15), 200],
  [midnight(2020, 9, 1), 398],
  [midnight(2018, 3, 1), 825],
  [midnight(2015, 4, 1), 39 * 31],
  [midnight(2012, 7, 1), 60 * 31],
];

function midnight(year: number, month: number, day: number): number {
  return calendarSeconds({ year, month, day, hour: 0, minute: 0, second: 0 });
}

function* checkValidityPeriod({ notBefore, notAfter }: X509Certificate, report: Report): Iterable<Breach> {
  const limit = VALIDITY_LIMITS.find(([from]) => notBefore.epochSeconds >= from)?.[1];
  // Both ends belong to the period (RFC 5280 section 4.1.2.5).
  const seconds = notAfter.epochSeconds - notBefore.epochSeconds + 1;
  if (limit === undefined || seconds <= limit * DAY) return;
  const days = Math.ceil(seconds / DAY);
  yield report(
    'validity-too-long',
    `The certificate is valid for ${days} days; at most ${limit} are allowed.`,
    '6.3.2',
  );
}

function* checkAuthority({ known }: X509Certificate, report: Report): Iterable<Breach> {
  if (known.keyUsage.kind === 'absent') {
    yield report('key-usage-missing', 'A certificate authority must have a keyUsage.', '7.1.2.10.7');
  }
}

/** Section 7.1.2.1. */
function* checkRoot({ known }: X509Certificate, report: Report): Iterable<Breach> {
  if (known.extendedKeyUsage.kind !== 'absent') {
    yield report('extended-key-usage-not-allowed', 'A root must not have an extKeyUsage.', '7.1.2.1.2');
  }
  const authority = extensionValue(known.authorityKeyIdentifier);
  if (authority === null) return;
  const subject = extensionValue(known.subjectKeyIdentifier);
  const key = authority.keyIdentifier;
  if (key === null) {
    const message = 'The authorityKeyIdentifier of the root has no keyIdentifier.';
    yield report('authority-key-identifier-missing', message, '7.1.2.1.3');
  } else if (subject === null || key.length !== subject.length || key.some((octet, i) => octet !== subject[i])) {
    const message = 'The authorityKeyIdentifier of the root is not its subjectKeyIdentifier.';
    yield report('authority-key-identifier-mismatch', message, '7.1.2.1.3');
  }
}
