import { LIMITS } from '../bytes/limits.ts';
import { done, malformed, type Parsed } from '../bytes/parsed.ts';
import type { Problem } from '../bytes/problem.ts';
import type { ByteRange } from './byte-range.ts';
import { EXTENSION } from './codes.ts';
import { findExtension, type RawExtension, readExtensions } from './extensions.ts';
import { VectorReader } from './vector-reader.ts';

/** The certificates that one side sends (RFC 5246 section 7.4.2, RFC 8446 section 4.4.2). All arrays are views. */
export interface CertificateMessage {
  readonly kind: 'certificate';
  /** Which layout the message has: TLS 1.3 adds the context and extensions for each certificate. */
  readonly layout: 'tls12' | 'tls13';
  /** certificate_request_context of TLS 1.3; empty for a server's handshake. */
  readonly requestContext: Uint8Array;
  /** In the order sent. An empty list is a client that has no suitable certificate. */
  readonly entries: readonly CertificateEntry[];
  readonly problems: readonly Problem[];
}

export type CertificateEntry = SentCertificate | LostCertificates | MalformedCertificate;

export interface SentCertificate {
  readonly kind: 'certificate';
  /** Bytes exactly as sent; whether they are DER is for shared/x509 to say. */
  readonly der: Uint8Array;
  /** Where `der` begins in the body of the message. */
  readonly offset: number;
  /** TLS 1.3 only. */
  readonly extensions: readonly RawExtension[];
  /** OCSPResponse from status_request in TLS 1.3 (RFC 8446 section 4.4.2.1). */
  readonly ocspResponse: Uint8Array | null;
}

/** At least one certificate of which bytes are missing from the capture. */
export interface LostCertificates {
  readonly kind: 'lost';
  /** Bytes of the certificate; null when its length field is lost too, and then it may be several. */
  readonly length: number | null;
}

export interface MalformedCertificate {
  readonly kind: 'malformed';
  readonly problem: Problem;
}

/**
 * Parses the body of a Certificate message of `length` bytes. Which layout it has shows in its lengths; `isTls13`
 * decides only when these are lost. Every certificate whose length and bytes are there is returned, also behind ones
 * that are lost. Malformed: `tls-certificate-malformed` when no layout fits at all.
 */
export function parseCertificateMessage(
  body: Uint8Array,
  length = body.length,
  missing: readonly ByteRange[] = [],
  isTls13: boolean | null = null,
): Parsed<CertificateMessage> {
  const reader = new VectorReader(body, 0, length, missing);
  const layout = detectLayout(reader, isTls13);
  if (layout === null) {
    return malformed('tls-certificate-malformed', 'The lengths in the Certificate message do not add up.', 0);
  }
  const requestContext = layout === 'tls13' ? reader.opaqueVector(1) : new Uint8Array(0);
  const listLength = reader.uint(3);
  const entries: CertificateEntry[] = [];
  const problems: Problem[] = [];
  if (reader.failure === null) {
    if (listLength !== reader.remaining) {
      problems.push({
        code: 'tls-certificate-list-length',
        message: `The list says ${listLength} bytes, but the message holds ${reader.remaining}.`,
        offset: reader.at - 3,
      });
    }
    readEntries(reader, layout, entries, problems);
  } else {
    // The list's own length is redundant: it ends with the message.
    entries.push({ kind: 'lost', length: null });
    const start = firstCertificateBehindLoss(reader, layout);
    if (start !== null) readEntries(new VectorReader(body, start, length, missing), layout, entries, problems);
  }
  return done({ kind: 'certificate', layout, requestContext, entries, problems }, length);
}

function detectLayout(reader: VectorReader, isTls13: boolean | null): CertificateMessage['layout'] | null {
  return layoutByLengths(reader, isTls13) ?? layoutByFirstCertificate(reader);
}

/** The list ends with the message, and so only one layout can fit. */
function layoutByLengths(reader: VectorReader, isTls13: boolean | null): CertificateMessage['layout'] | null {
  const { bytes, end } = reader;
  if (end < 3) return null;
  if (!reader.isLost(0, 3) && uint24(bytes, 0) === end - 3) return 'tls12';
  const contextEnd = reader.isLost(0, 1) ? 1 : 1 + bytes[0];
  if (contextEnd + 3 > end) return reader.isLost(0, 3) ? 'tls12' : null;
  const listIsLost = reader.isLost(contextEnd, contextEnd + 3);
  if (!listIsLost && !reader.isLost(0, 1) && uint24(bytes, contextEnd) === end - contextEnd - 3) return 'tls13';
  if (!reader.isLost(0, 3) && !(listIsLost && isTls13 !== false)) return null;
  return isTls13 === true ? 'tls13' : 'tls12';
}

/** For a list whose length is wrong: certificates may still be there. */
function layoutByFirstCertificate(reader: VectorReader): CertificateMessage['layout'] | null {
  if (isCertificateAt(reader, 3)) return 'tls12';
  if (!reader.isLost(0, 1) && reader.end > 0 && isCertificateAt(reader, 4 + reader.bytes[0])) return 'tls13';
  return null;
}

function readEntries(
  reader: VectorReader,
  layout: CertificateMessage['layout'],
  entries: CertificateEntry[],
  problems: Problem[],
): void {
  while (reader.at < reader.end) {
    if (entries.length >= LIMITS.certificatesPerMessage) {
      problems.push({
        code: 'tls-too-many-certificates',
        message: `Only the first ${LIMITS.certificatesPerMessage} certificates of the message were read.`,
        offset: reader.at,
      });
      return;
    }
    const start = reader.at;
    const entry = readEntry(reader, layout, problems);
    entries.push(entry);
    if (reader.failure === 'short') return;
    if (reader.failure === 'lost') {
      if (entry.kind === 'certificate') entries.push({ kind: 'lost', length: null });
      reader.failure = null;
      const next = firstCertificateBehindLoss(reader, layout);
      if (next === null || next <= start) return;
      reader.at = next;
    }
  }
}

function readEntry(reader: VectorReader, layout: CertificateMessage['layout'], problems: Problem[]): CertificateEntry {
  const offset = reader.at;
  const certificate = reader.vector(3);
  if (reader.failure === 'lost') return { kind: 'lost', length: null };
  if (reader.failure === 'short') return malformedEntry('A certificate is longer than the list that holds it.', offset);
  const size = certificate.end - certificate.at;
  const der = certificate.rest();
  let extensions: readonly RawExtension[] = [];
  if (layout === 'tls13') {
    const list = readExtensions(reader);
    extensions = list.extensions;
    problems.push(...list.problems);
  }
  if (certificate.failure === 'lost') return { kind: 'lost', length: size };
  if (size === 0) return malformedEntry('A certificate in the list has no bytes.', offset);
  if (size > LIMITS.certificateBytes) {
    return malformedEntry(`A certificate of ${size} bytes exceeds the limit of ${LIMITS.certificateBytes}.`, offset);
  }
  const status = findExtension(extensions, EXTENSION.statusRequest);
  return {
    kind: 'certificate',
    der,
    offset: offset + 3,
    extensions,
    ocspResponse: status === null || status.lost ? null : readOcspResponse(new VectorReader(status.bytes)),
  };
}

function malformedEntry(message: string, offset: number): MalformedCertificate {
  return { kind: 'malformed', problem: { code: 'tls-certificate-malformed', message, offset } };
}

/** CertificateStatus of type ocsp (RFC 6066 section 8), or null. */
export function readOcspResponse(reader: VectorReader): Uint8Array | null {
  const type = reader.uint(1);
  const response = reader.opaqueVector(3);
  return reader.failure === null && type === 1 && response.length > 0 ? response : null;
}

/**
 * Where the chain of length fields resumes behind a lost one. A candidate counts only when a DER SEQUENCE of just its
 * length follows, and when every entry from there on fits and the last ends exactly with the message.
 */
function firstCertificateBehindLoss(reader: VectorReader, layout: CertificateMessage['layout']): number | null {
  const rejected = new Set<number>();
  for (let i = 0; i < reader.missing.length; i++) {
    const from = reader.missing[i].end;
    if (from <= reader.at) continue;
    const to = Math.min(reader.missing[i + 1]?.start ?? reader.end, reader.bytes.length);
    for (let at = from; at < to; at++) {
      if (isCertificateAt(reader, at) && chainEndsWithMessage(reader, layout, at, rejected)) return at;
    }
  }
  return null;
}

function isCertificateAt(reader: VectorReader, at: number): boolean {
  const { bytes } = reader;
  if (bytes[at + 3] !== 0x30 || at + 9 > reader.end || reader.isLost(at, at + 9)) return false;
  const size = uint24(bytes, at);
  const form = bytes[at + 4];
  if (form === 0x82) return size === 4 + ((bytes[at + 5] << 8) | bytes[at + 6]);
  if (form === 0x83) return size === 5 + uint24(bytes, at + 5);
  return form === 0x81 && size === 3 + bytes[at + 5];
}

/** `rejected` remembers where chains failed, so that hostile bytes cost no more than one walk. */
function chainEndsWithMessage(
  reader: VectorReader,
  layout: CertificateMessage['layout'],
  start: number,
  rejected: Set<number>,
): boolean {
  let at = start;
  for (let count = 0; at < reader.end; count++) {
    if (rejected.has(at) || count >= LIMITS.certificatesPerMessage) return false;
    rejected.add(at);
    if (at + 3 > reader.end || reader.isLost(at, at + 3)) return false;
    at += 3 + uint24(reader.bytes, at);
    if (layout === 'tls13') {
      if (at + 2 > reader.end || reader.isLost(at, at + 2)) return false;
      at += 2 + ((reader.bytes[at] << 8) | reader.bytes[at + 1]);
    }
  }
  return at === reader.end;
}

function uint24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}
