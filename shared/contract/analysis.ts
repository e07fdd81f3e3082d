/**
 * `starttrace/analysis@1`: what `starttrace analyze --json` prints and what every front end shows.
 *
 * Field names are API. Hex is lower case without separators; times are ISO 8601 in UTC with as many fractional
 * digits as the capture has; addresses are canonical; frame numbers are Wireshark's, counted from 1 in the file they
 * belong to. Later versions of the schema only add fields.
 */
import type { Problem } from '../bytes/problem.ts';

export const ANALYSIS_SCHEMA = 'starttrace/analysis@1';

export interface Analysis {
  readonly schema: typeof ANALYSIS_SCHEMA;
  readonly captures: readonly Capture[];
  /** Each certificate once, by SHA-256 of its DER, however many sessions present it. */
  readonly certificates: Readonly<Record<string, Certificate | UnreadableCertificate>>;
  readonly sessions: readonly Session[];
}

export interface Capture {
  readonly file: string;
  readonly format: CaptureFormat;
  readonly compression: 'gzip' | null;
  /** Bytes of the file as it lies on disk, compressed or not; of standard input, the bytes received. */
  readonly byteLength: number;
  readonly packetCount: number;
  /** LINKTYPE_ names without the prefix, in order of first appearance. */
  readonly linkTypes: readonly string[];
  readonly firstPacketAt: string | null;
  readonly lastPacketAt: string | null;
  readonly problems: readonly Problem[];
}

export type CaptureFormat = 'pcap' | 'pcapng' | 'netmon' | 'snoop';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export type Side = 'client' | 'server';

export interface Session {
  /** Stable for the same input: `s1`, `s2`, … in order of `startedAt`. */
  readonly id: string;
  /** Index into `captures` of the first packet. */
  readonly capture: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly firstFrame: number;
  readonly lastFrame: number;
  /** Index into `captures` of `lastFrame`, only where it is not `capture`. */
  readonly lastCapture?: number;
  /** A Wireshark display filter for the session's frames. */
  readonly displayFilter: string;
  readonly service: 'smtp' | 'smtps' | 'tls';
  readonly smtp: SmtpFacts | null;
  readonly tls: TlsFacts | null;
  readonly certificates: { readonly server: Presented; readonly client: Presented };
  readonly timeline: readonly TimelineEvent[];
  readonly problems: readonly Problem[];
}

export type StartTlsState =
  | 'accepted'
  | 'refused'
  | 'unanswered'
  | 'not-offered'
  | 'masked'
  | 'not-requested'
  | 'not-seen';

export interface SmtpFacts {
  readonly greeting: { readonly code: number; readonly text: string } | null;
  /** What the client called itself in its last EHLO or HELO. */
  readonly clientName: string | null;
  /** Keywords with parameters of the last EHLO reply in plaintext, as sent. */
  readonly extensions: readonly string[];
  readonly starttls: StartTlsState;
  readonly upgrade: {
    readonly command: 'STARTTLS' | 'X-ANONYMOUSTLS';
    readonly replyCode: number | null;
    readonly frame: number;
    /** Index into `captures` of that frame, only where it is not the session's own. */
    readonly capture?: number;
  } | null;
  readonly envelopes: readonly Envelope[];
}

export interface Envelope {
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  readonly protection: 'plaintext' | 'tls';
}

export interface TlsFacts {
  /** The negotiated version: "TLS 1.2"; null when the server never answered. */
  readonly version: string | null;
  readonly cipherSuite: { readonly code: string; readonly name: string } | null;
  readonly serverName: string | null;
  readonly applicationProtocol: string | null;
  readonly keyExchangeGroup: string | null;
  readonly resumed: boolean;
  readonly certificateRequest: { readonly authorities: readonly string[] } | null;
  readonly stapledOcsp: boolean;
  readonly outcome: TlsOutcome;
  readonly alerts: readonly Alert[];
  readonly fingerprints: { readonly ja3: string | null; readonly ja3s: string | null; readonly ja4: string | null };
}

/**
 * `failed`: one side refused the other, with a fatal alert or by going on in plaintext. `incomplete`: the connection or
 * the capture ended before the handshake did, or what was captured does not tell.
 */
export type TlsOutcome = 'established' | 'failed' | 'incomplete';

export interface Alert {
  readonly frame: number;
  readonly from: Side;
  readonly level: string;
  readonly description: string;
  readonly code: number;
  /** Index into `captures` of that frame, only where it is not the session's own. */
  readonly capture?: number;
}

export type Visibility =
  | 'visible'
  | 'decrypted'
  | 'encrypted'
  | 'resumed'
  | 'anonymous'
  | 'lost'
  | 'cut'
  | 'malformed'
  | 'not-requested'
  | 'empty'
  | 'none';

export interface Presented {
  readonly visibility: Visibility;
  /** One sentence: why, and what to do next. */
  readonly explanation: string;
  /** In the order sent. */
  readonly chain: readonly PresentedCertificate[];
}

export interface PresentedCertificate {
  readonly sha256: string;
  readonly subject: string | null;
  readonly frame: number;
  /** Index into `captures` of that frame, only where it is not the session's own. */
  readonly capture?: number;
}

export interface TimelineEvent {
  readonly at: string | null;
  readonly frame: number;
  /** Index into `captures`, only where it is not the session's own. */
  readonly capture?: number;
  readonly from: Side;
  readonly kind: TimelineKind;
  readonly summary: string;
}

export type TimelineKind =
  | 'tcp-open'
  | 'tcp-close'
  | 'tcp-reset'
  | 'tcp-retransmission'
  | 'tcp-gap'
  | 'tcp-conflict'
  | 'proxy-header'
  | 'smtp-reply'
  | 'smtp-command'
  | 'smtp-content'
  | 'smtp-injection'
  | 'tls-start'
  | 'tls-handshake'
  | 'tls-certificate'
  | 'tls-change-cipher-spec'
  | 'tls-alert'
  | 'tls-encrypted'
  | 'tls-data'
  | 'tls-damage';

export interface Certificate {
  readonly sha256: string;
  readonly sha1: string;
  /** RFC 4514, most specific attribute first. */
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly commonNames: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly otherNames: readonly { readonly type: string; readonly value: string }[];
  readonly publicKey: { readonly algorithm: string; readonly bits: number | null; readonly curve: string | null };
  readonly signatureAlgorithm: string;
  readonly isCertificateAuthority: boolean;
  readonly extensions: readonly { readonly oid: string; readonly name: string; readonly critical: boolean }[];
}

export interface UnreadableCertificate {
  readonly sha256: string;
  readonly byteLength: number;
  readonly unreadable: Problem;
}
