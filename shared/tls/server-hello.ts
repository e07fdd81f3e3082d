import { done, malformed, type Parsed } from '../bytes/parsed.ts';
import type { Problem } from '../bytes/problem.ts';
import type { ByteRange } from './byte-range.ts';
import { EXTENSION, isTls13, VERSION } from './codes.ts';
import { ExtensionDecoder, type RawExtension, readExtensions, readProtocolNames } from './extensions.ts';
import { suiteKind } from './registries/cipher-suite-kinds.ts';
import { VectorReader } from './vector-reader.ts';

/** SHA-256 of "HelloRetryRequest": the random of a ServerHello that is one (RFC 8446 section 4.1.3). */
const RETRY_RANDOM = [
  0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
  0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
/** Drafts up to 21 have no session id and no compression in a ServerHello, and a HelloRetryRequest message. */
const LAST_DRAFT_WITH_SHORT_HELLO = 0x7f15;
const FIRST_DRAFT_WITH_RETRY_SUITE = 0x7f13;

/**
 * ServerHello or HelloRetryRequest (RFC 8446 sections 4.1.3 and 4.1.4, RFC 5246 section 7.4.1.3).
 *
 * All its arrays lie in one private copy of the message, so it may be kept.
 */
export interface ServerHello {
  readonly kind: 'server-hello' | 'hello-retry-request';
  readonly legacyVersion: number;
  /**
   * The negotiated version: supported_versions where present, else `legacyVersion`. Where the capture misses
   * extensions, a cipher suite of TLS 1.3 tells; which draft it was then stays unknown.
   */
  readonly version: number;
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  /** Null in a HelloRetryRequest of early drafts, which names none. */
  readonly cipherSuite: number | null;
  readonly compressionMethod: number;
  readonly extensions: readonly RawExtension[];
  readonly keyShareGroup: number | null;
  /** Index of the pre-shared key that the server took (TLS 1.3). */
  readonly selectedPsk: number | null;
  readonly applicationProtocol: string | null;
  readonly ecPointFormats: readonly number[] | null;
  /** The server will send CertificateStatus (TLS 1.2 and before). */
  readonly statusRequest: boolean;
  /** The server will send NewSessionTicket (RFC 5077). */
  readonly sessionTicket: boolean;
  readonly serverNameAcknowledged: boolean;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly renegotiationInfo: boolean;
  /** What the last eight random bytes of a server that could do more say (RFC 8446 section 4.1.3). */
  readonly downgradeMarker: 'to-tls12' | 'to-tls11-or-below' | null;
  /** All extensions are as sent: where something is lost or does not fit, a fingerprint would be another server's. */
  readonly isWhole: boolean;
  readonly problems: readonly Problem[];
}

/**
 * Parses the body of a ServerHello of `length` bytes. What precedes the extensions must be there. Malformed:
 * `tls-server-hello-malformed`, or `tls-server-hello-lost` when the capture misses a part.
 */
export function parseServerHello(
  body: Uint8Array,
  length = body.length,
  missing: readonly ByteRange[] = [],
): Parsed<ServerHello> {
  const reader = new VectorReader(body.slice(), 0, length, missing);
  const legacyVersion = reader.uint(2);
  const random = reader.opaque(32);
  const short = legacyVersion >> 8 === 0x7f && legacyVersion <= LAST_DRAFT_WITH_SHORT_HELLO;
  const sessionId = short ? new Uint8Array(0) : reader.opaqueVector(1);
  const cipherSuite = reader.uint(2);
  const compressionMethod = short ? 0 : reader.uint(1);
  if (reader.failure !== null) return failed(reader.failure, reader.at);
  const isRetry = random.every((byte, i) => byte === RETRY_RANDOM[i]);
  return done(
    serverHello(isRetry ? 'hello-retry-request' : 'server-hello', reader, {
      legacyVersion,
      random,
      sessionId,
      cipherSuite,
      compressionMethod,
    }),
    length,
  );
}

/** Parses the HelloRetryRequest message (type 6) that TLS 1.3 had until draft 21. */
export function parseDraftHelloRetryRequest(
  body: Uint8Array,
  length = body.length,
  missing: readonly ByteRange[] = [],
): Parsed<ServerHello> {
  const reader = new VectorReader(body.slice(), 0, length, missing);
  const legacyVersion = reader.uint(2);
  const cipherSuite = legacyVersion >= FIRST_DRAFT_WITH_RETRY_SUITE ? reader.uint(2) : null;
  if (reader.failure !== null) return failed(reader.failure, reader.at);
  const none = new Uint8Array(0);
  const fields = { legacyVersion, random: none, sessionId: none, cipherSuite, compressionMethod: 0 };
  return done(serverHello('hello-retry-request', reader, fields), length);
}

type Fields = Pick<ServerHello, 'legacyVersion' | 'random' | 'sessionId' | 'cipherSuite' | 'compressionMethod'>;

function serverHello(kind: ServerHello['kind'], reader: VectorReader, fields: Fields): ServerHello {
  const decoder = new ExtensionDecoder(
    reader.remaining > 0 ? readExtensions(reader) : { extensions: [], problems: [] },
  );
  const selectedVersion = decoder.decode(EXTENSION.supportedVersions, 'supported_versions', (extension) =>
    extension.uint(2),
  );
  const isWhole = !decoder.problems.some((problem) => BREAKING.has(problem.code));
  const version = selectedVersion ?? (!isWhole && isTls13Suite(fields) ? VERSION.tls13 : fields.legacyVersion);
  const protocols = decoder.decode(
    EXTENSION.applicationLayerProtocolNegotiation,
    'application_layer_protocol_negotiation',
    readProtocolNames,
  );
  if (reader.remaining > 0) {
    decoder.problems.push({
      code: 'tls-trailing-bytes',
      message: `${reader.remaining} bytes follow the end of the ServerHello.`,
      offset: reader.at,
    });
  }
  return {
    kind,
    ...fields,
    version,
    extensions: decoder.extensions,
    keyShareGroup:
      readKeyShareGroup(decoder, EXTENSION.keyShare) ??
      (isTls13(version) ? readKeyShareGroup(decoder, EXTENSION.keyShareDraft) : null),
    selectedPsk: decoder.decode(EXTENSION.preSharedKey, 'pre_shared_key', (extension) => extension.uint(2)),
    applicationProtocol: protocols?.[0] ?? null,
    ecPointFormats: decoder.decodeNumbers(EXTENSION.ecPointFormats, 'ec_point_formats', 1, 1),
    statusRequest: decoder.has(EXTENSION.statusRequest) || decoder.has(EXTENSION.statusRequestV2),
    sessionTicket: decoder.has(EXTENSION.sessionTicket),
    serverNameAcknowledged: decoder.has(EXTENSION.serverName),
    extendedMasterSecret: decoder.has(EXTENSION.extendedMasterSecret),
    encryptThenMac: decoder.has(EXTENSION.encryptThenMac),
    renegotiationInfo: decoder.has(EXTENSION.renegotiationInfo),
    downgradeMarker: kind === 'server-hello' && version <= VERSION.tls12 ? downgradeMarker(fields.random) : null,
    isWhole,
    problems: decoder.problems,
  };
}

/** Problems that leave the list of extensions shorter than it was sent, or in doubt. */
const BREAKING: ReadonlySet<string> = new Set([
  'tls-extensions-lost',
  'tls-extensions-malformed',
  'tls-extension-lost',
]);

/** Suites of TLS 1.3 are of no other version: with them, supported_versions was there. */
function isTls13Suite({ legacyVersion, cipherSuite }: Fields): boolean {
  return legacyVersion === VERSION.tls12 && cipherSuite !== null && suiteKind(cipherSuite).keyExchange === 'tls13';
}

/** A share is a group and a key; a HelloRetryRequest names the group alone. */
function readKeyShareGroup(decoder: ExtensionDecoder, type: number): number | null {
  return decoder.decode(type, 'key_share', (extension) => {
    const group = extension.uint(2);
    if (extension.remaining > 0) extension.vector(2);
    return group;
  });
}

function downgradeMarker(random: Uint8Array): ServerHello['downgradeMarker'] {
  const text = String.fromCharCode(...random.subarray(24, 31));
  if (text !== 'DOWNGRD') return null;
  return random[31] === 1 ? 'to-tls12' : random[31] === 0 ? 'to-tls11-or-below' : null;
}

function failed(failure: 'short' | 'lost', offset: number): Parsed<ServerHello> {
  return failure === 'lost'
    ? malformed('tls-server-hello-lost', 'A part of the ServerHello was not captured.', offset)
    : malformed('tls-server-hello-malformed', 'The ServerHello is shorter than its fields say.', offset);
}
