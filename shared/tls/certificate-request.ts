import { done, malformed, type Parsed } from '../bytes/parsed.ts';
import type { Problem } from '../bytes/problem.ts';
import type { ByteRange } from './byte-range.ts';
import { EXTENSION, isTls13, VERSION } from './codes.ts';
import { ExtensionDecoder, type RawExtension, readExtensions } from './extensions.ts';
import { VectorReader } from './vector-reader.ts';

/** CertificateRequest (RFC 8446 section 4.3.2, RFC 5246 section 7.4.4). All arrays are views. */
export interface CertificateRequest {
  readonly kind: 'certificate-request';
  readonly layout: 'tls13' | 'tls12' | 'tls11';
  readonly requestContext: Uint8Array;
  /** ClientCertificateType, before TLS 1.3. */
  readonly certificateTypes: readonly number[];
  readonly signatureAlgorithms: readonly number[] | null;
  readonly signatureAlgorithmsCert: readonly number[] | null;
  /** Each the DER of a distinguished name. */
  readonly authorities: readonly Uint8Array[];
  readonly extensions: readonly RawExtension[];
  readonly problems: readonly Problem[];
}

type Layout = CertificateRequest['layout'];

/**
 * Parses a CertificateRequest. The layout follows from `version`; where that is unknown or does not fit, the layout
 * whose lengths add up is taken. Malformed: `tls-certificate-request-malformed`, or `…-lost`.
 */
export function parseCertificateRequest(
  body: Uint8Array,
  length = body.length,
  missing: readonly ByteRange[] = [],
  version: number | null = null,
): Parsed<CertificateRequest> {
  const layouts: Layout[] = ['tls12', 'tls11', 'tls13'];
  const expected = version === null ? null : layoutOf(version);
  if (expected !== null) layouts.sort((a, b) => Number(b === expected) - Number(a === expected));
  let lost = false;
  for (const layout of layouts) {
    const reader = new VectorReader(body, 0, length, missing);
    const request = layout === 'tls13' ? readTls13(reader) : readTls12(reader, layout);
    if (reader.failure === null && reader.remaining === 0) return done(request, length);
    // With the version known, holes leave no doubt about the layout: what was read counts.
    if (reader.failure === 'lost' && layout === expected) {
      const problem = { code: 'tls-certificate-request-lost', message: 'A part of the request was not captured.' };
      return done({ ...request, problems: [...request.problems, problem] }, length);
    }
    lost ||= reader.failure === 'lost';
  }
  return lost
    ? malformed('tls-certificate-request-lost', 'A part of the CertificateRequest was not captured.')
    : malformed('tls-certificate-request-malformed', 'The lengths in the CertificateRequest do not add up.');
}

function layoutOf(version: number): Layout {
  if (isTls13(version)) return 'tls13';
  return version === VERSION.tls12 ? 'tls12' : 'tls11';
}

function readTls12(reader: VectorReader, layout: 'tls12' | 'tls11'): CertificateRequest {
  const types = reader.vector(1);
  const certificateTypes = types.uints(1);
  const algorithms = layout === 'tls12' ? reader.vector(2) : null;
  const signatureAlgorithms = algorithms?.uints(2) ?? null;
  const authorities = readAuthorities(reader);
  reader.failure ??= types.failure ?? algorithms?.failure ?? null;
  return {
    kind: 'certificate-request',
    layout,
    requestContext: new Uint8Array(0),
    certificateTypes,
    signatureAlgorithms,
    signatureAlgorithmsCert: null,
    authorities,
    extensions: [],
    problems: [],
  };
}

function readTls13(reader: VectorReader): CertificateRequest {
  const requestContext = reader.opaqueVector(1);
  const decoder = new ExtensionDecoder(readExtensions(reader));
  return {
    kind: 'certificate-request',
    layout: 'tls13',
    requestContext,
    certificateTypes: [],
    signatureAlgorithms: decoder.decodeNumbers(EXTENSION.signatureAlgorithms, 'signature_algorithms', 2, 2),
    signatureAlgorithmsCert: decoder.decodeNumbers(
      EXTENSION.signatureAlgorithmsCert,
      'signature_algorithms_cert',
      2,
      2,
    ),
    authorities: decoder.decode(EXTENSION.certificateAuthorities, 'certificate_authorities', readAuthorities) ?? [],
    extensions: decoder.extensions,
    problems: decoder.problems,
  };
}

/** `DistinguishedName certificate_authorities<0..2^16-1>`. */
function readAuthorities(reader: VectorReader): Uint8Array[] {
  const authorities: Uint8Array[] = [];
  const list = reader.vector(2);
  while (list.remaining > 0) {
    const name = list.opaqueVector(2);
    if (list.failure === null) authorities.push(name);
  }
  reader.failure ??= list.failure;
  return authorities;
}
