/** A certificate authority that signs whatever a test wants: certificates, CRLs, OCSP responses. Keys are made on the spot. */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { readCertificate, type X509Certificate } from '../../shared/x509/certificate.ts';
import type { VerifySignature } from '../../shared/x509/path/model.ts';
import {
  attribute,
  type Bytes,
  bitString,
  boolean,
  certificate,
  element,
  explicit,
  extension,
  generalizedTime,
  implicit,
  integer,
  name,
  nothing,
  octetString,
  oid,
  sequence,
  utcTime,
} from './der.ts';

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const SHA1 = sequence(oid('1.3.14.3.2.26'), nothing());
const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nothing());

/** Verifies ECDSA over SHA-256 and nothing else, with Node. */
export const verifyWithNode: VerifySignature = async ({ algorithm, key, signed, signature }) => {
  if (algorithm.oid !== '1.2.840.10045.4.3.2' || key.algorithm !== 'EC') return 'unsupported';
  const publicKey = createPublicKey({ key: Buffer.from(key.subjectPublicKeyInfo), format: 'der', type: 'spki' });
  return verify('sha256', signed, publicKey, signature.bytes) ? 'valid' : 'invalid';
};

/** `140903100211Z` of an ISO time, as UTCTime has it. */
export const utc = (iso: string): Bytes => utcTime(`${iso.slice(2).replace(/[-:T]/g, '').slice(0, 12)}Z`);
export const generalized = (iso: string): Bytes => generalizedTime(`${iso.replace(/[-:T]/g, '').slice(0, 14)}Z`);

/** Seconds since 1970. */
export const seconds = (iso: string): number => Date.parse(iso) / 1000;

export const commonName = (text: string): Bytes => name(attribute('2.5.4.3', text));
export const directoryName = (dn: Uint8Array): Bytes => explicit(4, dn);
export const uri = (text: string): Bytes => implicit(6, new TextEncoder().encode(text));

/** `digitalSignature` is bit 0, `keyCertSign` bit 5, `cRLSign` bit 6 (RFC 5280 section 4.2.1.3). */
export function keyUsage(...bits: readonly number[]): Bytes {
  const octet = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  const unused = octet === 0 ? 0 : 31 - Math.clz32(octet & -octet);
  return extension('2.5.29.15', bitString(Uint8Array.of(octet), unused), true);
}

export const basicConstraints = (isAuthority: boolean): Bytes =>
  extension('2.5.29.19', sequence(...(isAuthority ? [boolean(true)] : [])), true);

export const crlNumber = (value: number, critical = false): Bytes => extension('2.5.29.20', integer(value), critical);

export interface Issued {
  readonly der: Bytes;
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

export interface IssueOptions {
  readonly serial?: number;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly extensions?: readonly Uint8Array[];
}

export interface CrlOptions {
  readonly issuer?: Uint8Array;
  readonly version?: number | null;
  readonly thisUpdate?: string;
  readonly nextUpdate?: string | null;
  readonly entries?: readonly Uint8Array[] | null;
  readonly extensions?: readonly Uint8Array[] | null;
  readonly innerAlgorithm?: Uint8Array;
}

export interface OcspOptions {
  readonly responder?: Uint8Array;
  readonly status?: Uint8Array;
  readonly thisUpdate?: string;
  readonly nextUpdate?: string | null;
  readonly hash?: 'sha1' | 'sha256';
  readonly certs?: readonly Uint8Array[];
  readonly signer?: KeyObject;
  readonly singleExtensions?: readonly Uint8Array[];
  readonly serial?: Uint8Array;
  readonly others?: readonly Uint8Array[];
}

export const GOOD = implicit(0, new Uint8Array(0));
export const UNKNOWN = implicit(2, new Uint8Array(0));
export const revokedStatus = (at: string, reason?: number): Bytes =>
  explicit(1, generalized(at), ...(reason === undefined ? [] : [explicit(0, element(0x0a, Uint8Array.of(reason)))]));

/** An entry of a CRL. */
export function revoked(serial: number, at: string, ...extensions: readonly Uint8Array[]): Bytes {
  return sequence(integer(serial), utc(at), ...(extensions.length === 0 ? [] : [sequence(...extensions)]));
}

export const reason = (code: number): Bytes => extension('2.5.29.21', element(0x0a, Uint8Array.of(code)));
export const certificateIssuer = (dn: Uint8Array): Bytes => extension('2.5.29.29', sequence(directoryName(dn)), true);

export class TestAuthority {
  readonly subject: Bytes;
  readonly issued: Issued;
  #serial = 100;

  private constructor(subject: Bytes, issued: Issued) {
    this.subject = subject;
    this.issued = issued;
  }

  get certificate(): X509Certificate {
    return this.issued.certificate;
  }

  static root(
    text: string,
    extensions: readonly Uint8Array[] = [basicConstraints(true), keyUsage(5, 6)],
  ): TestAuthority {
    const subject = commonName(text);
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const der = signedCertificate(subject, subject, publicKey, privateKey, { serial: 1, extensions });
    return new TestAuthority(subject, { der, certificate: read(der), key: privateKey });
  }

  subordinate(text: string, options: IssueOptions = {}): TestAuthority {
    const extensions = [basicConstraints(true), keyUsage(5, 6), ...(options.extensions ?? [])];
    return new TestAuthority(commonName(text), this.issue(text, { ...options, extensions }));
  }

  issue(text: string, options: IssueOptions = {}): Issued {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const der = signedCertificate(commonName(text), this.subject, publicKey, this.issued.key, {
      serial: this.#serial++,
      ...options,
    });
    return { der, certificate: read(der), key: privateKey };
  }

  crl(options: CrlOptions = {}): Bytes {
    const { version = 1, thisUpdate = '2020-01-01T00:00:00Z', nextUpdate = '2020-02-01T00:00:00Z' } = options;
    const { entries = null, extensions = [crlNumber(7)] } = options;
    const tbs = sequence(
      ...(version === null ? [] : [integer(version)]),
      options.innerAlgorithm ?? ECDSA_SHA256,
      options.issuer ?? this.subject,
      utc(thisUpdate),
      ...(nextUpdate === null ? [] : [utc(nextUpdate)]),
      ...(entries === null ? [] : [sequence(...entries)]),
      ...(extensions === null ? [] : [explicit(0, sequence(...extensions))]),
    );
    return signed(tbs, this.issued.key);
  }

  /** A response about one certificate of this authority, wrapped up as a server staples it. */
  ocsp(about: X509Certificate, options: OcspOptions = {}): Bytes {
    const { thisUpdate = '2020-01-01T00:00:00Z', nextUpdate = '2020-01-08T00:00:00Z', hash = 'sha1' } = options;
    const digest = (bytes: Uint8Array): Bytes => Uint8Array.from(createHash(hash).update(bytes).digest());
    const certificateId = sequence(
      hash === 'sha1' ? SHA1 : SHA256,
      octetString(digest(this.subject)),
      octetString(digest(this.certificate.publicKey.subjectPublicKey)),
      options.serial ?? element(0x02, about.serialNumberBytes),
    );
    const single = sequence(
      certificateId,
      options.status ?? GOOD,
      generalized(thisUpdate),
      ...(nextUpdate === null ? [] : [explicit(0, generalized(nextUpdate))]),
      ...(options.singleExtensions === undefined ? [] : [explicit(1, sequence(...options.singleExtensions))]),
    );
    const data = sequence(
      options.responder ?? explicit(1, this.subject),
      generalized(thisUpdate),
      sequence(...(options.others ?? []), single),
    );
    const certs = options.certs === undefined ? [] : [explicit(0, sequence(...options.certs))];
    return successful(signed(data, options.signer ?? this.issued.key, ...certs));
  }
}

/** OCSPResponse of the status successful around a BasicOCSPResponse. */
export function successful(basic: Uint8Array): Bytes {
  return sequence(
    element(0x0a, Uint8Array.of(0)),
    explicit(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic))),
  );
}

/** ResponderID by key: SHA-1 of the public key's bits. */
export function responderByKey({ publicKey }: X509Certificate): Bytes {
  return explicit(2, octetString(createHash('sha1').update(publicKey.subjectPublicKey).digest()));
}

function signedCertificate(
  subject: Bytes,
  issuer: Bytes,
  publicKey: KeyObject,
  signer: KeyObject,
  { serial = 1, notBefore = '2015-01-01T00:00:00Z', notAfter = '2035-01-01T00:00:00Z', extensions = [] }: IssueOptions,
): Bytes {
  const parts = {
    serialNumber: integer(serial),
    signature: ECDSA_SHA256,
    issuer,
    notBefore: utc(notBefore),
    notAfter: utc(notAfter),
    subject,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }),
    extensions: extensions.length === 0 ? null : extensions,
    signatureAlgorithm: ECDSA_SHA256,
  };
  const { tbsCertificate } = read(certificate(parts));
  return certificate({ ...parts, signatureValue: bitString(sign('sha256', tbsCertificate, signer)) });
}

function signed(tbs: Uint8Array, key: KeyObject, ...behind: readonly Uint8Array[]): Bytes {
  return sequence(tbs, ECDSA_SHA256, bitString(sign('sha256', tbs, key)), ...behind);
}

function read(der: Uint8Array): X509Certificate {
  const reading = readCertificate(der);
  if (reading.kind === 'unreadable') throw new Error(reading.problem.message);
  return reading.certificate;
}
