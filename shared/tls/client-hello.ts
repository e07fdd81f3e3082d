import { done, type Parsed } from '../bytes/parsed.ts';
import type { Problem } from '../bytes/problem.ts';
import { decodeLenient } from '../bytes/text.ts';
import type { ByteRange } from './byte-range.ts';
import { EXTENSION } from './codes.ts';
import { ExtensionDecoder, findExtension, type RawExtension, readExtensions, readProtocolNames } from './extensions.ts';
import { VectorReader } from './vector-reader.ts';

/**
 * ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2), also in the format of SSL 2.0.
 *
 * All its arrays lie in one private copy of the message, so it may be kept. A list that is null stands for an
 * extension that is absent, lost or malformed; `problems` tells which.
 */
export interface ClientHello {
  readonly kind: 'client-hello';
  readonly format: 'tls' | 'ssl2';
  readonly legacyVersion: number;
  /** 32 bytes. From a hello in the format of SSL 2.0: the challenge, padded in front (RFC 5246 appendix E.2). */
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  /** In the order sent, GREASE and signalling values included. Cipher kinds of SSL 2.0 have three bytes. */
  readonly cipherSuites: readonly number[];
  readonly compressionMethods: readonly number[];
  readonly extensions: readonly RawExtension[];
  /** The host_name of server_name (RFC 6066 section 3), as sent. */
  readonly serverName: string | null;
  readonly applicationProtocols: readonly string[] | null;
  readonly supportedVersions: readonly number[] | null;
  readonly supportedGroups: readonly number[] | null;
  readonly keyShareGroups: readonly number[] | null;
  readonly signatureAlgorithms: readonly number[] | null;
  readonly signatureAlgorithmsCert: readonly number[] | null;
  readonly ecPointFormats: readonly number[] | null;
  readonly pskKeyExchangeModes: readonly number[] | null;
  /** Compression algorithms for certificates (RFC 8879). */
  readonly compressCertificate: readonly number[] | null;
  /** Identities in pre_shared_key; 0 when it is absent. */
  readonly pskIdentities: number;
  readonly earlyData: boolean;
  /** Bytes of the ticket; 0 is an offer to take one, null no session_ticket extension. */
  readonly sessionTicketLength: number | null;
  /** Asks for a stapled OCSP response (status_request with type ocsp). */
  readonly statusRequest: boolean;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly renegotiationInfo: boolean;
  readonly postHandshakeAuth: boolean;
  readonly encryptedClientHello: boolean;
  /** All lists are as sent: where something is lost or does not fit, a fingerprint would be another client's. */
  readonly isWhole: boolean;
  readonly problems: readonly Problem[];
}

/**
 * Parses the body of a ClientHello of `length` bytes. Version and random must be there; of the rest, what can be read
 * is kept, extensions one by one. Malformed: `tls-client-hello-malformed`, or `tls-client-hello-lost` when the capture
 * misses a part; a hello with one of these among its problems ends where they struck.
 */
export function parseClientHello(
  body: Uint8Array,
  length = body.length,
  missing: readonly ByteRange[] = [],
): Parsed<ClientHello> {
  const reader = new VectorReader(body.slice(), 0, length, missing);
  const legacyVersion = reader.uint(2);
  const random = reader.opaque(32);
  if (reader.failure !== null) return { kind: 'malformed', problem: helloProblem(reader.failure, reader.at) };
  const sessionId = reader.opaqueVector(1);
  const suites = reader.vector(2);
  const cipherSuites = suites.uints(2);
  const methods = reader.vector(1);
  const compressionMethods = methods.uints(1);
  // A hello of SSL 3.0 or TLS 1.0 may end here.
  const list = reader.remaining > 0 ? readExtensions(reader) : { extensions: [], problems: [] };
  const failure = suites.failure ?? methods.failure ?? (list.problems.length === 0 ? reader.failure : null);
  const problems = failure === null ? list.problems : [...list.problems, helloProblem(failure, reader.at)];
  return done(
    clientHello(
      { format: 'tls', legacyVersion, random, sessionId, cipherSuites, compressionMethods },
      new ExtensionDecoder({ extensions: list.extensions, problems }),
      reader,
    ),
    length,
  );
}

/**
 * Parses CLIENT-HELLO in the format of SSL 2.0 (RFC 5246 appendix E.2), `body` beginning at the version.
 * Cipher kinds of TLS lose their leading zero byte and so become ordinary cipher suites.
 */
export function parseSsl2ClientHello(
  body: Uint8Array,
  length = body.length,
  missing: readonly ByteRange[] = [],
): Parsed<ClientHello> {
  const reader = new VectorReader(body.slice(), 0, length, missing);
  const legacyVersion = reader.uint(2);
  const cipherBytes = reader.uint(2);
  const sessionIdBytes = reader.uint(2);
  const challengeBytes = reader.uint(2);
  const suites = new VectorReader(reader.opaque(cipherBytes));
  const cipherSuites = suites.uints(3);
  const sessionId = reader.opaque(sessionIdBytes);
  const challenge = reader.opaque(challengeBytes);
  const failure = reader.failure ?? suites.failure;
  if (failure !== null) return { kind: 'malformed', problem: helloProblem(failure, reader.at) };
  const random = new Uint8Array(32);
  random.set(challenge.subarray(-32), 32 - Math.min(32, challenge.length));
  return done(
    clientHello(
      { format: 'ssl2', legacyVersion, random, sessionId, cipherSuites, compressionMethods: [0] },
      new ExtensionDecoder({ extensions: [], problems: [] }),
      reader,
    ),
    length,
  );
}

type Fields = Pick<
  ClientHello,
  'format' | 'legacyVersion' | 'random' | 'sessionId' | 'cipherSuites' | 'compressionMethods'
>;

function clientHello(fields: Fields, decoder: ExtensionDecoder, reader: VectorReader): ClientHello {
  if (reader.remaining > 0) {
    decoder.problems.push({
      code: 'tls-trailing-bytes',
      message: `${reader.remaining} bytes follow the end of the ClientHello.`,
      offset: reader.at,
    });
  }
  return {
    kind: 'client-hello',
    ...fields,
    extensions: decoder.extensions,
    serverName: decoder.decode(EXTENSION.serverName, 'server_name', readServerName),
    applicationProtocols: decoder.decode(
      EXTENSION.applicationLayerProtocolNegotiation,
      'application_layer_protocol_negotiation',
      readProtocolNames,
    ),
    supportedVersions: decoder.decodeNumbers(EXTENSION.supportedVersions, 'supported_versions', 1, 2),
    supportedGroups: decoder.decodeNumbers(EXTENSION.supportedGroups, 'supported_groups', 2, 2),
    keyShareGroups:
      decoder.decode(EXTENSION.keyShare, 'key_share', readKeyShares) ??
      decoder.decode(EXTENSION.keyShareDraft, 'key_share (draft)', readKeyShares),
    signatureAlgorithms: decoder.decodeNumbers(EXTENSION.signatureAlgorithms, 'signature_algorithms', 2, 2),
    signatureAlgorithmsCert: decoder.decodeNumbers(
      EXTENSION.signatureAlgorithmsCert,
      'signature_algorithms_cert',
      2,
      2,
    ),
    ecPointFormats: decoder.decodeNumbers(EXTENSION.ecPointFormats, 'ec_point_formats', 1, 1),
    pskKeyExchangeModes: decoder.decodeNumbers(EXTENSION.pskKeyExchangeModes, 'psk_key_exchange_modes', 1, 1),
    compressCertificate: decoder.decodeNumbers(EXTENSION.compressCertificate, 'compress_certificate', 1, 2),
    pskIdentities: decoder.decode(EXTENSION.preSharedKey, 'pre_shared_key', readPskIdentities) ?? 0,
    earlyData: decoder.has(EXTENSION.earlyData),
    sessionTicketLength: findExtension(decoder.extensions, EXTENSION.sessionTicket)?.bytes.length ?? null,
    statusRequest: decoder.decode(EXTENSION.statusRequest, 'status_request', readStatusRequest) ?? false,
    extendedMasterSecret: decoder.has(EXTENSION.extendedMasterSecret),
    encryptThenMac: decoder.has(EXTENSION.encryptThenMac),
    renegotiationInfo: decoder.has(EXTENSION.renegotiationInfo),
    postHandshakeAuth: decoder.has(EXTENSION.postHandshakeAuth),
    encryptedClientHello: decoder.has(EXTENSION.encryptedClientHello),
    isWhole: !decoder.problems.some((problem) => BREAKING.has(problem.code)),
    problems: decoder.problems,
  };
}

/** Problems that leave a list shorter than it was sent, or in doubt. */
const BREAKING: ReadonlySet<string> = new Set([
  'tls-client-hello-lost',
  'tls-client-hello-malformed',
  'tls-extensions-lost',
  'tls-extensions-malformed',
  'tls-extension-lost',
]);

function helloProblem(failure: 'short' | 'lost', offset: number): Problem {
  return failure === 'lost'
    ? { code: 'tls-client-hello-lost', message: 'A part of the ClientHello was not captured.', offset }
    : { code: 'tls-client-hello-malformed', message: 'The ClientHello is shorter than its fields say.', offset };
}

function readServerName(reader: VectorReader): string | null {
  let serverName: string | null = null;
  const list = reader.vector(2);
  while (list.remaining > 0) {
    const nameType = list.uint(1);
    const name = list.opaqueVector(2);
    if (list.failure === null && nameType === 0) serverName ??= decodeLenient(name);
  }
  reader.failure ??= list.failure;
  return serverName;
}

function readKeyShares(reader: VectorReader): number[] {
  const groups: number[] = [];
  const list = reader.vector(2);
  while (list.remaining > 0) {
    const group = list.uint(2);
    list.vector(2);
    if (list.failure === null) groups.push(group);
  }
  reader.failure ??= list.failure;
  return groups;
}

function readPskIdentities(reader: VectorReader): number {
  let count = 0;
  const identities = reader.vector(2);
  while (identities.remaining > 0) {
    identities.vector(2);
    identities.uint(4);
    count++;
  }
  const binders = reader.vector(2);
  reader.failure ??= identities.failure ?? binders.failure;
  return count;
}

function readStatusRequest(reader: VectorReader): boolean {
  const type = reader.uint(1);
  reader.rest();
  return type === 1;
}
