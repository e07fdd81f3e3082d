/**
 * Certificates for path validation: entities that certify one another in any way. As they come, they keep every rule of
 * every profile, so that a test changes the one thing that it is about.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign, webcrypto } from 'node:crypto';
import { signatureVerifier } from '../../electron/service/signatures.ts';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import type { PathRequest, PathResult, TrustAnchor } from '../../shared/x509/path/model.ts';
import { validatePath } from '../../shared/x509/path/validate-path.ts';
import { commonName, keyUsage, seconds, utc } from './authority.ts';
import {
  type Bytes,
  bitString,
  boolean,
  type CertificateParts,
  certificate,
  extension,
  generalizedTime,
  implicit,
  integer,
  latin1,
  octetString,
  oid,
  sequence,
} from './der.ts';

export const AT = seconds('2020-06-15T12:00:00Z');
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

/** A name with a key. The same name may have several keys, and the same key several names. */
export interface Entity {
  readonly name: Bytes;
  readonly privateKey: KeyObject;
  readonly publicKey: Bytes;
  readonly keyIdentifier: Bytes;
}

export function entity(name: string | Bytes, keyOf?: Entity): Entity {
  const dn = typeof name === 'string' ? commonName(name) : name;
  if (keyOf !== undefined) return { ...keyOf, name: dn };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }));
  const keyIdentifier = Uint8Array.from(createHash('sha1').update(spki).digest());
  return { name: dn, privateKey, publicKey: spki, keyIdentifier };
}

const EXTENSION_OIDS = {
  authorityKeyIdentifier: '2.5.29.35',
  subjectKeyIdentifier: '2.5.29.14',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
} as const;

type ExtensionName = keyof typeof EXTENSION_OIDS;

export interface CertificateOptions {
  readonly pathLength?: number;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly serial?: number;
  readonly dnsNames?: readonly string[];
  /** Replaces an extension that is there as a rule, or leaves it out. */
  readonly replace?: Partial<Record<ExtensionName, Uint8Array | null>>;
  /** Added to those that are there as a rule. */
  readonly add?: readonly Uint8Array[];
  readonly parts?: Partial<CertificateParts>;
}

export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

export const extendedKeyUsage = (...oids: readonly string[]): Bytes =>
  extension(EXTENSION_OIDS.extendedKeyUsage, sequence(...oids.map(oid)));
export const subjectAltName = (names: readonly Uint8Array[], critical = false): Bytes =>
  extension(EXTENSION_OIDS.subjectAltName, sequence(...names), critical);
export const dns = (text: string): Bytes => implicit(2, latin1(text));

let nextSerial = 1000;

/** A certificate of an authority. */
export function authority(subject: Entity, issuer: Entity, options: CertificateOptions = {}): X509Certificate {
  const { pathLength } = options;
  return make(subject, issuer, options, {
    basicConstraints: extension(
      EXTENSION_OIDS.basicConstraints,
      sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])),
      true,
    ),
    keyUsage: keyUsage(5, 6),
    subjectKeyIdentifier: extension(EXTENSION_OIDS.subjectKeyIdentifier, octetString(subject.keyIdentifier)),
  });
}

/** A certificate of a server, whose common name is its one DNS name unless the options say otherwise. */
export function server(subject: Entity, issuer: Entity, options: CertificateOptions = {}): X509Certificate {
  return make(subject, issuer, options, {
    keyUsage: keyUsage(0),
    extendedKeyUsage: extendedKeyUsage(SERVER_AUTH),
    subjectAltName: subjectAltName((options.dnsNames ?? ['mail.example.com']).map(dns)),
  });
}

function make(
  subject: Entity,
  issuer: Entity,
  options: CertificateOptions,
  usual: Partial<Record<ExtensionName, Uint8Array>>,
): X509Certificate {
  const authorityKeyIdentifier = extension(
    EXTENSION_OIDS.authorityKeyIdentifier,
    sequence(implicit(0, issuer.keyIdentifier)),
  );
  const named = { authorityKeyIdentifier, ...usual, ...options.replace };
  const extensions = [...Object.values(named).filter((one) => one !== null), ...(options.add ?? [])];
  const parts: CertificateParts = {
    serialNumber: integer(options.serial ?? nextSerial++),
    signature: ECDSA_SHA256,
    issuer: issuer.name,
    notBefore: time(options.notBefore ?? '2020-01-01T00:00:00Z'),
    notAfter: time(options.notAfter ?? '2020-12-31T23:59:59Z'),
    subject: subject.name,
    publicKey: subject.publicKey,
    extensions,
    signatureAlgorithm: ECDSA_SHA256,
    ...options.parts,
  };
  const { tbsCertificate } = read(certificate(parts));
  const signatureValue = options.parts?.signatureValue ?? bitString(sign('sha256', tbsCertificate, issuer.privateKey));
  return read(certificate({ ...parts, signatureValue }));
}

function time(iso: string): Bytes {
  return iso < '2050' ? utc(iso) : generalizedTime(`${iso.replace(/[-:T]/g, '').slice(0, 14)}Z`);
}

function read(der: Uint8Array): X509Certificate {
  const reading = readCertificate(der);
  if (reading.kind === 'unreadable') throw new Error(reading.problem.message);
  return reading.certificate;
}

export function anchor(root: X509Certificate, dates: Partial<TrustAnchor> = {}): TrustAnchor {
  return {
    certificate: root,
    trustedFrom: null,
    trustedUntil: null,
    distrustAfter: null,
    source: 'the test policy',
    ...dates,
  };
}

const verifySignature = signatureVerifier(webcrypto.subtle);

/** What the tests ask for where they say nothing else. */
export function request(given: Partial<PathRequest> & Pick<PathRequest, 'target' | 'anchors'>): PathRequest {
  return {
    intermediates: [],
    at: AT,
    profile: 'path',
    purpose: 'server',
    algorithms: { sha1: false, minimumRsaBits: 2048 },
    maximumIntermediates: null,
    verifySignature,
    revocation: null,
    ...given,
  };
}

export function validate(given: Partial<PathRequest> & Pick<PathRequest, 'target' | 'anchors'>): Promise<PathResult> {
  return validatePath(request(given));
}

export function errorCodes({ findings }: PathResult): readonly string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}
