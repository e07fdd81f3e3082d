/** What `test/captures/manifest.json` says: what was done and what must be seen, from the side of the doer. */
import type { Alert, StartTlsState, Visibility } from '../../shared/contract/analysis.ts';

export interface SessionTruth {
  /** Client's address without a port: ports are the system's choice. */
  readonly client: string;
  /** `10.99.0.10:25`, `[fd99::10]:25` */
  readonly server: string;
  readonly service: 'smtp' | 'smtps' | 'tls';
  /** Null where there is no plaintext SMTP at all (implicit TLS). */
  readonly starttls: StartTlsState | null;
  readonly upgrade?: 'STARTTLS' | 'X-ANONYMOUSTLS';
  /** Null without TLS, or when the server never answered the ClientHello. */
  readonly tlsVersion: string | null;
  readonly serverName: string | null;
  readonly resumed: boolean;
  readonly outcome: 'established' | 'failed' | 'incomplete' | null;
  /** Without keys. */
  readonly visibility: { readonly server: Visibility; readonly client: Visibility };
  /** With the key log beside the file, or with the secrets inside it. */
  readonly visibilityWithKeys?: { readonly server: Visibility; readonly client: Visibility };
  /** SHA-256 of what was really sent, in order, from the certificate files, visible or not. */
  readonly serverChain: readonly string[];
  readonly clientChain: readonly string[];
  /** Names of the chains in `test/lab/pki`. */
  readonly serverChainName: string | null;
  readonly clientChainName: string | null;
  /** Alerts that cross in plaintext. */
  readonly alerts: readonly Pick<Alert, 'from' | 'level' | 'description' | 'code'>[];
  /** All alerts that can be read with the keys, in the order of the packets. */
  readonly alertsWithKeys?: SessionTruth['alerts'];
  readonly note?: string;
}

export interface CaptureTruth {
  /** A file, or a folder whose files belong together in the order of their names. */
  readonly file: string;
  readonly did: string;
  readonly tools: readonly string[];
  /** The capture it was rewritten from, and how. */
  readonly rewrittenFrom?: string;
  readonly readable: boolean;
  readonly format: 'pcap' | 'pcapng' | 'netmon' | 'snoop' | null;
  readonly compression: 'gzip' | null;
  readonly linkTypes: readonly string[];
  readonly packets: number | null;
  readonly keyLog: string | null;
  /** The file holds its own secrets (pcapng Decryption Secrets Block). */
  readonly secretsInside?: true;
  readonly sessions: readonly SessionTruth[];
  /** Strings that lie in the capture (plain or base64) and may never be shown, kept or exported. */
  readonly secrets: readonly string[];
  /** Problems a reader should report, in words. */
  readonly problems: readonly string[];
}

export interface Manifest {
  readonly note: string;
  readonly captures: readonly CaptureTruth[];
}
