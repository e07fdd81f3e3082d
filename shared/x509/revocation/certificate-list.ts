/**
 * Certificate revocation lists (RFC 5280 section 5), read from DER into facts. Nothing here judges a list.
 *
 * A list may have hundreds of thousands of entries: each is checked for its structure once, and four numbers are kept
 * of it. What an entry says is read again when it is asked for.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../bytes/hex.ts';
import { LIMITS } from '../../bytes/limits.ts';
import type { Problem } from '../../bytes/problem.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from '../algorithms.ts';
import { contextTag, DerDocument, type DerReader, TAG } from '../der.ts';
import { type BitString, integerToHex, readBitString, readCount, readInteger } from '../der-values.ts';
import {
  type Extension,
  type ExtensionProblem,
  type ExtensionReading,
  extensionReader,
  readExtensions,
} from '../extensions.ts';
import { type DistinguishedName, readName } from '../names.ts';
import { type AuthorityKeyIdentifier, readAuthorityKeyIdentifier } from '../service-extensions.ts';
import { type CertificateTime, readTime } from '../time.ts';
import { type IssuingDistributionPoint, readIssuingDistributionPoint } from './issuing-distribution-point.ts';
import { type RevokedEntries, readRevokedEntries } from './revoked-entries.ts';

export interface CertificateList {
  /** The bytes given, not copied; every other Uint8Array of the list is a view into them. */
  readonly der: Uint8Array;
  /** Of `der`: lower-case hex. */
  readonly sha256: string;
  /** 1 or 2, as people count; others as encoded plus one. */
  readonly version: number;
  /** The TBSCertList, DER with tag and length: what the signature covers. */
  readonly tbsCertList: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  /** From inside of the signed part; the two must be the same (RFC 5280 section 5.1.1.2). */
  readonly tbsSignatureAlgorithm: SignatureAlgorithm;
  readonly signatureValue: BitString;
  readonly issuer: DistinguishedName;
  readonly thisUpdate: CertificateTime;
  /** Null where it is missing, which RFC 5280 section 5.1.2.5 forbids. */
  readonly nextUpdate: CertificateTime | null;
  readonly entries: RevokedEntries;
  readonly extensions: readonly Extension[];
  readonly known: KnownListExtensions;
  readonly extensionProblems: readonly ExtensionProblem[];
  /** What DER or RFC 5280 forbids but has one certain reading. */
  readonly encodingProblems: readonly Problem[];
}

export interface KnownListExtensions {
  readonly authorityKeyIdentifier: ExtensionReading<AuthorityKeyIdentifier>;
  /** Hex, as serial numbers are written. */
  readonly cRLNumber: ExtensionReading<string>;
  /** Only on delta CRLs: the number of the complete CRL that it builds on. */
  readonly deltaCRLIndicator: ExtensionReading<string>;
  readonly issuingDistributionPoint: ExtensionReading<IssuingDistributionPoint>;
}

export type CertificateListReading =
  | { readonly kind: 'list'; readonly list: CertificateList }
  /** The first damage, with its offset in the DER. */
  | { readonly kind: 'unreadable'; readonly problem: Problem };

/** Extensions of a CRL that do not keep it from being used when they are critical. */
export const KNOWN_LIST_EXTENSIONS: ReadonlySet<string> = new Set(['2.5.29.35', '2.5.29.20', '2.5.29.27', '2.5.29.28']);

/** Reads one CRL from its DER. Never throws. `der` must not change afterwards: it is not copied. */
export function readCertificateList(der: Uint8Array): CertificateListReading {
  if (der.length > LIMITS.revocationListBytes) {
    const message = `The CRL has ${der.length} bytes; more than ${LIMITS.revocationListBytes} are not read.`;
    const problem = { code: 'revocation-list-too-large', message, offset: LIMITS.revocationListBytes };
    return { kind: 'unreadable', problem };
  }
  const document = new DerDocument(der);
  const fields = readFields(document);
  if (document.failure !== null) return { kind: 'unreadable', problem: document.failure };
  const { read, problems } = extensionReader(document, fields.extensions);
  const readNumber = (name: string) => (reader: DerReader) => {
    return integerToHex(readInteger(reader.document, reader.expect(TAG.integer, name), name));
  };
  const known: KnownListExtensions = {
    authorityKeyIdentifier: read('2.5.29.35', readAuthorityKeyIdentifier),
    cRLNumber: read('2.5.29.20', readNumber('cRLNumber')),
    deltaCRLIndicator: read('2.5.29.27', readNumber('deltaCRLIndicator')),
    issuingDistributionPoint: read('2.5.29.28', readIssuingDistributionPoint),
  };
  const list: CertificateList = {
    der,
    sha256: toHex(sha256(der)),
    ...fields,
    known,
    extensionProblems: problems,
    encodingProblems: document.encodingProblems.items,
  };
  return { kind: 'list', list };
}

type ListFields = Omit<CertificateList, 'der' | 'sha256' | 'known' | 'extensionProblems' | 'encodingProblems'>;

function readFields(document: DerDocument): ListFields {
  const outer = document.reader();
  const reader = outer.sequence('CertificateList');
  const tbsElement = reader.expect(TAG.sequence, 'tbsCertList');
  const tbs = reader.enter(tbsElement, 'tbsCertList');
  const versionElement = tbs.optional(TAG.integer, 'version');
  const version = versionElement === null ? 1 : readCount(document, versionElement, 'version') + 1;
  const tbsSignatureAlgorithm = readSignatureAlgorithm(tbs, 'signature');
  const issuer = readName(tbs, 'issuer');
  const thisUpdate = readTime(tbs, 'thisUpdate');
  const hasNextUpdate = tbs.nextTag === TAG.utcTime || tbs.nextTag === TAG.generalizedTime;
  const nextUpdate = hasNextUpdate ? readTime(tbs, 'nextUpdate') : null;
  const revoked = tbs.optional(TAG.sequence, 'revokedCertificates');
  const entries = readRevokedEntries(document, revoked === null ? null : tbs.enter(revoked, 'revokedCertificates'));
  const extensionsElement = tbs.optional(contextTag(0, 'constructed'), 'crlExtensions');
  let extensions: readonly Extension[] = [];
  if (extensionsElement !== null) {
    const inner = tbs.enter(extensionsElement, 'crlExtensions');
    extensions = readExtensions(inner);
    inner.finish('crlExtensions');
  }
  tbs.finish('tbsCertList');
  const signatureAlgorithm = readSignatureAlgorithm(reader, 'signatureAlgorithm');
  const signatureValue = readBitString(document, reader.expect(TAG.bitString, 'signatureValue'), 'signatureValue');
  reader.finish('CertificateList');

  if (document.failure === null) noteForm(document, outer, version, nextUpdate, extensionsElement !== null, entries);
  return {
    version,
    tbsCertList: document.encoded(tbsElement),
    signatureAlgorithm,
    tbsSignatureAlgorithm,
    signatureValue,
    issuer,
    thisUpdate,
    nextUpdate,
    entries,
    extensions,
  };
}

function noteForm(
  document: DerDocument,
  outer: DerReader,
  version: number,
  nextUpdate: CertificateTime | null,
  hasExtensions: boolean,
  entries: RevokedEntries,
): void {
  if (outer.more) {
    document.note('trailing-bytes', `${document.bytes.length - outer.at} bytes follow the CRL.`, outer.at);
  }
  if (version !== 2) {
    const message = `The CRL is of version ${version}; RFC 5280 section 5.1.2.1 wants version 2.`;
    document.note('version-unknown', message, 0);
  } else if (!hasExtensions) {
    document.note('empty-list', 'The CRL is of version 2 and has no extensions (RFC 5280 section 5.2).', 0);
  }
  if (nextUpdate === null) {
    const message = 'The CRL does not say when the next one comes (RFC 5280 section 5.1.2.5).';
    document.note('next-update-missing', message, 0);
  }
  if (version < 2 && entries.hasExtensions) {
    const message = 'Entries of a CRL of version 1 have no extensions (RFC 5280 section 5.1.2.6).';
    document.note('extensions-before-version-2', message, 0);
  }
}
