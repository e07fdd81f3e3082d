/** What a connector sees of a connection: everything its rules ask, whether it was captured, probed or supposed. */
import type { Envelope, Side, StartTlsState, TlsOutcome, Visibility } from '../contract/analysis.ts';

export interface Observation {
  readonly client: ObservedHost;
  readonly server: ObservedHost;
  /** TLS from the first byte. */
  readonly implicitTls: boolean;
  readonly starttls: {
    readonly state: StartTlsState;
    readonly frame: number | null;
    readonly replyCode: number | null;
  };
  /** Null: the handshake did not begin, or none was seen. */
  readonly handshake: ObservedHandshake | null;
  readonly presented: { readonly server: ObservedChain; readonly client: ObservedChain };
  readonly envelopes: readonly Envelope[];
  /** The server's refusal of the connection or of the mail, where one was seen in readable text. */
  readonly refusal: { readonly code: number; readonly text: string; readonly frame: number | null } | null;
}

export interface ObservedHost {
  /** Null where only a name is supposed. */
  readonly address: string | null;
  /** Names it goes by: in greeting, EHLO and server_name; nothing vouches for them. */
  readonly names: readonly string[];
}

export interface ObservedHandshake {
  readonly outcome: TlsOutcome;
  readonly frame: number | null;
  /** A fatal alert, in words; null without one. */
  readonly alert: { readonly from: Side; readonly description: string; readonly frame: number } | null;
}

export interface ObservedChain {
  readonly visibility: Visibility;
  /** Why there is no certificate and what to do next. */
  readonly explanation: string;
  /** The certificate that was presented first; null when there is none to be seen, or it cannot be read. */
  readonly identity: ObservedIdentity | null;
  readonly path: ObservedPath | null;
}

/** What names the holder of a certificate. */
export interface ObservedIdentity {
  readonly commonNames: readonly string[];
  readonly dnsNames: readonly string[];
  readonly subject: string;
  /** Lower-case hex; null of a certificate that is supposed and whose bytes are not known. */
  readonly sha256: string | null;
  readonly publicKeySha256: string | null;
  readonly frame: number | null;
  /** The provider whose own certificate this is, as the catalogue knows it; it presents no other. */
  readonly provider?: string | null;
}

/** The path to a root at the moment in question. */
export interface ObservedPath {
  readonly outcome: 'valid' | 'invalid' | 'undetermined';
  readonly root: { readonly sha256: string; readonly subject: string } | null;
  readonly policy: string;
  /** Why it is not valid, most severe first; and what else is worth knowing. */
  readonly reasons: readonly string[];
  /** The RFC section of the first reason, or of path validation. */
  readonly rule: string;
  readonly remedy: string | null;
  readonly revocation: 'good' | 'revoked' | 'unknown';
}
