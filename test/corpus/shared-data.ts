/** The captures and their ground truth that lie beside the project: nothing of them is kept in it. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const SHARED = resolve(import.meta.dirname, '../../../shared');

export const CORPUS = resolve(SHARED, 'corpus');
export const LAB = resolve(SHARED, 'lab');
const TRUTH = resolve(CORPUS, 'truth.json');
const MANIFEST = resolve(LAB, 'manifest.json');

export const hasCorpus = existsSync(TRUTH);
export const hasLab = existsSync(MANIFEST);

export interface WitnessedCertificate {
  readonly sha256: string;
  readonly frame: number;
  readonly serial: string;
  readonly not_before: string;
  readonly not_after: string;
}

export interface WitnessedTls {
  readonly certs: {
    readonly client: readonly WitnessedCertificate[];
    readonly server: readonly WitnessedCertificate[];
  };
  readonly version: string | null;
  readonly sni: string | null;
  readonly cipher: string | null;
  readonly alpn: string | null;
  readonly certificate_request: boolean;
  readonly alerts: readonly { readonly side: string; readonly desc: string; readonly level: string }[];
}

/** A conversation as tshark 4.0.17 saw it, with reassembly of reordered segments on. */
export interface WitnessedStream {
  readonly proto: 'tcp' | 'udp';
  readonly stream: number;
  readonly client: string;
  readonly server: string;
  readonly tls?: WitnessedTls;
  /** `port_only`: a port of mail, and not one byte that tshark took for SMTP. */
  readonly smtp?: { readonly starttls: 'accepted' | 'none'; readonly port_only?: boolean };
}

export interface WitnessedFile {
  readonly packets: number;
  readonly capinfos: Readonly<Record<string, string>>;
  readonly streams: readonly WitnessedStream[];
}

/** What tshark saw in every file of the corpus; empty where the corpus is not there. */
export const truth: Readonly<Record<string, WitnessedFile>> = hasCorpus
  ? JSON.parse(readFileSync(TRUTH, 'utf8')).files
  : {};

export interface LabSession {
  readonly client: string;
  readonly server: string;
  readonly tcp_stream?: number;
  readonly starttls: string;
  readonly tls_version: string | null;
  readonly sni: string | null;
  readonly server_chain_sha256: readonly string[];
  readonly client_chain_sha256: readonly string[];
  readonly certs_visible_without_keys: boolean | string;
  readonly cert_requested?: boolean;
  readonly resumed?: boolean;
  readonly fatal_alerts_seen?: readonly string[];
  readonly outcome: string;
  readonly note?: string;
  readonly secrets?: readonly string[];
}

export interface LabCapture {
  readonly file: string;
  readonly did: string;
  readonly sessions: readonly LabSession[];
  readonly session_order?: 'unordered';
  readonly expect?: string;
}

/** What was done in the laboratory; empty where it is not there. */
export const labCaptures: readonly LabCapture[] = hasLab ? JSON.parse(readFileSync(MANIFEST, 'utf8')).captures : [];
