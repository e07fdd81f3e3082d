import { done, malformed, type Parsed } from '../bytes/parsed.ts';
import type { Problem } from '../bytes/problem.ts';
import { type CertificateMessage, parseCertificateMessage, readOcspResponse } from './certificate-message.ts';
import { type CertificateRequest, parseCertificateRequest } from './certificate-request.ts';
import { type ClientHello, parseClientHello, parseSsl2ClientHello } from './client-hello.ts';
import { EXTENSION, HANDSHAKE, isTls13, VERSION } from './codes.ts';
import { ExtensionDecoder, type RawExtension, readExtensions, readProtocolNames } from './extensions.ts';
import type { HandshakeMessage } from './handshake-message.ts';
import { parseServerKeyExchange, type ServerKeyExchange } from './key-exchange.ts';
import { parseDraftHelloRetryRequest, parseServerHello, type ServerHello } from './server-hello.ts';
import { parseSsl2ServerHello, type Ssl2ServerHello } from './ssl2.ts';
import { VectorReader } from './vector-reader.ts';

/** What the session so far says about how to read a message. Null where it is not known. */
export interface HandshakeContext {
  /** The negotiated version, as ServerHello.version has it. */
  readonly version: number | null;
  readonly cipherSuite: number | null;
}

export type Handshake =
  | ClientHello
  | ServerHello
  | Ssl2ServerHello
  | CertificateMessage
  | CertificateRequest
  | ServerKeyExchange
  | NewSessionTicket
  | EncryptedExtensions
  | CertificateStatus
  | CertificateVerify
  | CompressedCertificate
  | KeyUpdate
  | OpaqueHandshake;

/** RFC 5077 section 3.3, RFC 8446 section 4.6.1. Arrays are views. */
export interface NewSessionTicket {
  readonly kind: 'new-session-ticket';
  readonly lifetimeSeconds: number;
  readonly nonce: Uint8Array | null;
  readonly ticket: Uint8Array;
  readonly extensions: readonly RawExtension[];
}

/** RFC 8446 section 4.3.1. Arrays are views. */
export interface EncryptedExtensions {
  readonly kind: 'encrypted-extensions';
  readonly extensions: readonly RawExtension[];
  readonly applicationProtocol: string | null;
  readonly problems: readonly Problem[];
}

/** A stapled OCSP response before TLS 1.3 (RFC 6066 section 8). Null: not of type ocsp, or empty. A view. */
export interface CertificateStatus {
  readonly kind: 'certificate-status';
  readonly ocspResponse: Uint8Array | null;
}

/** RFC 8446 section 4.4.3, RFC 5246 section 7.4.8. A view. */
export interface CertificateVerify {
  readonly kind: 'certificate-verify';
  /** Null before TLS 1.2. */
  readonly signatureScheme: number | null;
  readonly signature: Uint8Array;
}

/** RFC 8879 section 4. A view. */
export interface CompressedCertificate {
  readonly kind: 'compressed-certificate';
  readonly algorithm: number;
  readonly uncompressedLength: number;
  readonly compressed: Uint8Array;
}

/** RFC 8446 section 4.6.3. */
export interface KeyUpdate {
  readonly kind: 'key-update';
  readonly updateRequested: boolean;
}

/** Messages that carry nothing to decode, or of an unknown type. `body` is a view. */
export interface OpaqueHandshake {
  readonly kind:
    | 'hello-request'
    | 'hello-verify-request'
    | 'end-of-early-data'
    | 'server-hello-done'
    | 'client-key-exchange'
    | 'finished'
    | 'certificate-url'
    | 'supplemental-data'
    | 'next-protocol'
    | 'ssl2-message'
    | 'unknown';
  readonly type: number;
  readonly body: Uint8Array;
}

/**
 * Decodes one handshake message. Bytes that the capture misses end in `malformed` with a code that ends in `-lost`,
 * or, where the rest can be told apart, in a value that names the loss. Arrays are views into the message, except in
 * hellos, which own a copy.
 */
export function parseHandshake(message: HandshakeMessage, context: HandshakeContext): Parsed<Handshake> {
  const { body, length, missing } = message;
  if (message.format === 'ssl2') {
    switch (message.type) {
      case 1:
        return parseSsl2ClientHello(body, length, missing);
      case 4:
        return parseSsl2ServerHello(body, length, missing);
      default:
        return done({ kind: 'ssl2-message', type: message.type, body }, length);
    }
  }
  const tls13 = context.version === null ? null : isTls13(context.version);
  const opaque = (kind: OpaqueHandshake['kind']) => done({ kind, type: message.type, body }, length);
  const read = <T extends Handshake>(reader: (from: VectorReader) => T): Parsed<T> => readWhole(message, reader);
  switch (message.type) {
    case HANDSHAKE.helloRequest:
      return opaque('hello-request');
    case HANDSHAKE.clientHello:
      return parseClientHello(body, length, missing);
    case HANDSHAKE.serverHello:
      return parseServerHello(body, length, missing);
    case HANDSHAKE.helloVerifyRequest:
      return opaque('hello-verify-request');
    case HANDSHAKE.newSessionTicket:
      return read((reader) => readNewSessionTicket(reader, tls13 === true));
    case HANDSHAKE.endOfEarlyData:
      return opaque('end-of-early-data');
    case HANDSHAKE.helloRetryRequest:
      return parseDraftHelloRetryRequest(body, length, missing);
    case HANDSHAKE.encryptedExtensions:
      return read(readEncryptedExtensions);
    case HANDSHAKE.certificate:
      return parseCertificateMessage(body, length, missing, tls13);
    case HANDSHAKE.serverKeyExchange:
      return parseServerKeyExchange(body, length, missing, context.cipherSuite, context.version);
    case HANDSHAKE.certificateRequest:
      return parseCertificateRequest(body, length, missing, context.version);
    case HANDSHAKE.serverHelloDone:
      return opaque('server-hello-done');
    case HANDSHAKE.certificateVerify:
      return read((reader) => readCertificateVerify(reader, context.version));
    case HANDSHAKE.clientKeyExchange:
      return opaque('client-key-exchange');
    case HANDSHAKE.finished:
      return opaque('finished');
    case HANDSHAKE.certificateUrl:
      return opaque('certificate-url');
    case HANDSHAKE.certificateStatus:
      return read((reader) => ({ kind: 'certificate-status', ocspResponse: readOcspResponse(reader) }));
    case HANDSHAKE.supplementalData:
      return opaque('supplemental-data');
    case HANDSHAKE.keyUpdate:
      return read((reader) => ({ kind: 'key-update', updateRequested: reader.uint(1) === 1 }));
    case HANDSHAKE.compressedCertificate:
      return read((reader) => ({
        kind: 'compressed-certificate',
        algorithm: reader.uint(2),
        uncompressedLength: reader.uint(3),
        compressed: reader.opaqueVector(3),
      }));
    case HANDSHAKE.nextProtocol:
      return opaque('next-protocol');
    default:
      return opaque('unknown');
  }
}

function readWhole<T extends Handshake>(message: HandshakeMessage, read: (reader: VectorReader) => T): Parsed<T> {
  const reader = new VectorReader(message.body, 0, message.length, message.missing);
  const value = read(reader);
  switch (reader.failure) {
    case null:
      return done(value, message.length);
    case 'lost':
      return malformed('tls-message-lost', `A part of the handshake message (${value.kind}) was not captured.`);
    case 'short':
      return malformed('tls-message-malformed', `A handshake message (${value.kind}) is shorter than its fields say.`);
    default:
      return reader.failure satisfies never;
  }
}

function readNewSessionTicket(reader: VectorReader, tls13: boolean): NewSessionTicket {
  const lifetimeSeconds = reader.uint(4);
  if (!tls13) {
    return { kind: 'new-session-ticket', lifetimeSeconds, nonce: null, ticket: reader.opaqueVector(2), extensions: [] };
  }
  reader.uint(4);
  const nonce = reader.opaqueVector(1);
  const ticket = reader.opaqueVector(2);
  return { kind: 'new-session-ticket', lifetimeSeconds, nonce, ticket, extensions: readExtensions(reader).extensions };
}

function readEncryptedExtensions(reader: VectorReader): EncryptedExtensions {
  const decoder = new ExtensionDecoder(readExtensions(reader));
  const protocols = decoder.decode(
    EXTENSION.applicationLayerProtocolNegotiation,
    'application_layer_protocol_negotiation',
    readProtocolNames,
  );
  return {
    kind: 'encrypted-extensions',
    extensions: decoder.extensions,
    applicationProtocol: protocols?.[0] ?? null,
    problems: decoder.problems,
  };
}

/** Where the version is not known, the lengths tell whether a signature scheme comes first. */
function readCertificateVerify(reader: VectorReader, version: number | null): CertificateVerify {
  const withoutScheme = version === null ? lengthAt(reader, 0) === reader.end - 2 : version < VERSION.tls12;
  const signatureScheme = withoutScheme ? null : reader.uint(2);
  return { kind: 'certificate-verify', signatureScheme, signature: reader.opaqueVector(2) };
}

function lengthAt(reader: VectorReader, at: number): number | null {
  if (at + 2 > reader.end || reader.isLost(at, at + 2)) return null;
  return (reader.bytes[at] << 8) | reader.bytes[at + 1];
}
