import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { looksLikeClientHello, looksLikeSsl2ClientHello, looksLikeTlsRecord } from '../../shared/tls/detect.ts';
import { parseHandshake } from '../../shared/tls/handshake.ts';
import { ja3, ja3s } from '../../shared/tls/ja3.ts';
import { bytesOf, concat, hasTshark, NO_CONTEXT, type Recorder, readPieces } from './support.ts';

/** tshark is the witness: it reassembles TCP here, and says what it saw in the handshake. */
const shared = new URL('../../../shared/', import.meta.url).pathname;
const available = hasTshark() && existsSync(`${shared}corpus/truth.json`);
/** Keeps the suite short: small files, and of these every eighth. */
const LARGEST_FILE = 150_000;
const EVERY = 8;

interface Seen {
  readonly certificates: readonly string[];
  readonly serverName: string | null;
  readonly random: string | null;
  readonly cipherSuite: string | null;
  readonly requestsCertificate: boolean;
  readonly ja3: string | null;
  readonly ja3s: string | null;
  readonly hasWholeHello: boolean;
  readonly isWhole: boolean;
}

function tshark(...args: string[]): string {
  // Of a damaged capture tshark prints what it could read, and then fails.
  const { stdout, error } = spawnSync('tshark', ['-o', 'tcp.reassemble_out_of_order:TRUE', ...args], {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) throw error;
  return stdout;
}

interface Conversation {
  readonly node: readonly [string, string];
  readonly bytes: readonly [Uint8Array, Uint8Array];
}

function follow(file: string, streams: readonly number[]): ReadonlyMap<number, Conversation> {
  const found = new Map<number, Conversation>();
  const output = tshark('-r', file, '-q', ...streams.flatMap((stream) => ['-z', `follow,tcp,raw,${stream}`]));
  for (const section of output.split('Follow: tcp,raw').slice(1)) {
    const stream = /Filter: tcp\.stream eq (\d+)/.exec(section);
    const nodes = /Node 0: (.*)\nNode 1: (.*)/.exec(section);
    if (stream === null || nodes === null) continue;
    const parts: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const [, tab, hex] of section.matchAll(/^(\t?)([0-9a-f]+)$/gm)) parts[tab === '' ? 0 : 1].push(bytesOf(hex));
    found.set(Number(stream[1]), { node: [nodes[1], nodes[2]], bytes: [concat(...parts[0]), concat(...parts[1])] });
  }
  return found;
}

/** Where TLS begins: at once, or behind a command in plain text and its reply. */
function startOfTls(client: Uint8Array, server: Uint8Array): readonly [number, number] | null {
  if (looksLikeSsl2ClientHello(client, 0, client.length) === 'yes') return [0, 0];
  if (looksLikeClientHello(client, 0, client.length) === 'yes') return [0, 0];
  const starts = (bytes: Uint8Array, looks: typeof looksLikeTlsRecord) => {
    for (let at = 1; at < Math.min(bytes.length, 20_000); at++) {
      if (bytes[at - 1] === 0x0a && looks(bytes, at, bytes.length) === 'yes') return at;
    }
    return -1;
  };
  const clientStart = starts(client, looksLikeClientHello);
  if (clientStart < 0) return null;
  const serverStart = starts(server, looksLikeTlsRecord);
  return [clientStart, serverStart < 0 ? server.length : serverStart];
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function seen(direction: Recorder): Seen {
  const result = {
    certificates: [] as string[],
    serverName: null as string | null,
    random: null as string | null,
    cipherSuite: null as string | null,
    requestsCertificate: false,
    ja3: null as string | null,
    ja3s: null as string | null,
    hasWholeHello: false,
    isWhole: direction.problems.every((problem) => problem.code === 'tls-record-incomplete'),
  };
  for (const message of direction.messages) {
    const parsed = parseHandshake(message, NO_CONTEXT);
    if (parsed.kind !== 'done') continue;
    const { value } = parsed;
    if (value.kind === 'client-hello') {
      result.serverName ??= value.serverName;
      result.random ??= Buffer.from(value.random).toString('hex');
      result.ja3 ??= ja3(value);
      result.hasWholeHello ||= value.isWhole;
    } else if (value.kind === 'server-hello') {
      if (value.cipherSuite !== null) result.cipherSuite ??= `0x${value.cipherSuite.toString(16).padStart(4, '0')}`;
      result.ja3s ??= ja3s(value);
      result.hasWholeHello ||= value.isWhole;
    } else if (value.kind === 'certificate') {
      for (const entry of value.entries) if (entry.kind === 'certificate') result.certificates.push(sha256(entry.der));
    } else if (value.kind === 'ssl2-server-hello') {
      if (value.certificate !== null) result.certificates.push(sha256(value.certificate));
    } else if (value.kind === 'certificate-request') {
      result.requestsCertificate = true;
    }
  }
  return result;
}

function readConversation(conversation: Conversation, clientNode: string) {
  const clientIsFirst = bare(conversation.node[0]) === bare(clientNode);
  const [client, server] = clientIsFirst ? conversation.bytes : [...conversation.bytes].reverse();
  const starts = startOfTls(client, server);
  if (starts === null) return null;
  return {
    client: seen(readPieces([client.subarray(starts[0])])),
    server: seen(readPieces([server.subarray(starts[1])])),
  };
}

interface Fingerprints {
  readonly ja3: string | null;
  readonly ja3s: string | null;
}

/** The first of each stream. */
function fingerprintsOf(file: string): ReadonlyMap<number, Fingerprints> {
  const fields = ['tcp.stream', 'tls.handshake.ja3', 'tls.handshake.ja3s'].flatMap((field) => ['-e', field]);
  const found = new Map<number, Fingerprints>();
  for (const row of tshark('-r', file, '-Y', 'tcp && tls.handshake', '-Tfields', ...fields).split('\n')) {
    if (row === '') continue;
    const [stream, ja3, ja3s] = row.split('\t').map((value) => value.split(',')[0]);
    const before = found.get(Number(stream));
    found.set(Number(stream), { ja3: before?.ja3 ?? (ja3 || null), ja3s: before?.ja3s ?? (ja3s || null) });
  }
  return found;
}

interface TruthStream {
  readonly proto: string;
  readonly stream: number;
  readonly client: string;
  readonly tls?: {
    readonly certs: { readonly client: { readonly sha256: string }[]; readonly server: { readonly sha256: string }[] };
    readonly version: string | null;
    readonly sni: string | null;
    readonly cipher: string | null;
    readonly client_random: string | null;
    readonly certificate_request: boolean;
    readonly handshake_types: Readonly<Record<string, number>>;
  };
}

describe.skipIf(!available)('public captures, with tshark as the witness', () => {
  const truth: Record<string, { lost_segments: number; truncated_frames: number; streams: TruthStream[] }> = available
    ? JSON.parse(readFileSync(`${shared}corpus/truth.json`, 'utf8')).files
    : {};
  const files = Object.keys(truth)
    .filter((file) => truth[file].lost_segments === 0 && truth[file].truncated_frames === 0)
    .filter((file) => truth[file].streams.some((stream) => stream.tls !== undefined && stream.proto === 'tcp'))
    .filter((file) => statSync(`${shared}corpus/${file}`).size <= LARGEST_FILE)
    .filter((_, i) => i % EVERY === 0);

  it('the same hellos, certificates, JA3 and JA3S', () => {
    let compared = 0;
    let certificates = 0;
    for (const file of files) {
      const path = `${shared}corpus/${file}`;
      const streams = truth[file].streams.filter((stream) => stream.tls !== undefined && stream.proto === 'tcp');
      const conversations = follow(
        path,
        streams.map((stream) => stream.stream),
      );
      const fingerprints = fingerprintsOf(path);
      for (const { stream, client, tls } of streams) {
        const conversation = conversations.get(stream);
        const ours = conversation === undefined ? null : readConversation(conversation, client);
        // Streams in a wrapping of their own (OpenVPN, RDP) are for whoever unwraps them.
        if (ours === null || tls === undefined) continue;
        // Of what ends with the capture tshark shows nothing, and we show what is whole.
        if (!ours.server.isWhole || !ours.client.isWhole) continue;
        const where = `${file} stream ${stream}`;
        // Keys inside the capture let tshark see EncryptedExtensions and the certificates behind them.
        const isDecrypted = tls.handshake_types['8'] !== undefined;
        // tshark shows no random of a hello in the format of SSL 2.0.
        if (tls.client_random !== null) expect(ours.client.random, where).toBe(tls.client_random);
        expect(ours.client.serverName, where).toBe(tls.sni);
        expect(ours.server.cipherSuite, where).toBe(tls.cipher);
        if (!isDecrypted) {
          expect(ours.server.requestsCertificate, where).toBe(tls.certificate_request);
          expect(ours.server.certificates, where).toEqual(tls.certs.server.map((der) => der.sha256));
          expect(ours.client.certificates, where).toEqual(tls.certs.client.map((der) => der.sha256));
        }
        const theirs = fingerprints.get(stream);
        // tshark also hashes what it could not read to the end: that is nobody's fingerprint.
        if (theirs?.ja3 != null && ours.client.hasWholeHello) expect(ours.client.ja3, where).toBe(theirs.ja3);
        // The first that tshark hashes may be a HelloRetryRequest.
        const isRetried = (tls.handshake_types['2'] ?? 0) > 1;
        if (theirs?.ja3s != null && ours.server.hasWholeHello && !isRetried)
          expect(ours.server.ja3s, where).toBe(theirs.ja3s);
        certificates += ours.server.certificates.length + ours.client.certificates.length;
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(10);
    expect(certificates).toBeGreaterThan(10);
  });
});

interface LabSession {
  readonly client: string;
  readonly tcp_stream?: number;
  readonly server: string;
  readonly certs_visible_without_keys: boolean | string;
  readonly server_chain_sha256: readonly string[];
  readonly client_chain_sha256: readonly string[];
}

describe.skipIf(!available)('lab captures: the certificates are those of the files that the servers were given', () => {
  const captures: { file: string; sessions: LabSession[] }[] = available
    ? JSON.parse(readFileSync(`${shared}lab/manifest.json`, 'utf8')).captures
    : [];

  it('STARTTLS and implicit TLS, TLS 1.0 to 1.3', () => {
    let compared = 0;
    for (const { file, sessions } of captures) {
      const known = sessions.filter((session) => session.server_chain_sha256.length > 0);
      if (known.length === 0) continue;
      const conversations = follow(
        `${shared}lab/${file}`,
        sessions.map((_, i) => i),
      );
      for (const session of known) {
        const conversation = conversationOf(session, conversations);
        if (conversation === null) continue;
        const server = bare(session.server);
        const clientNode = conversation.node.find((node) => bare(node) !== server) ?? '';
        const ours = readConversation(conversation, clientNode);
        // What tshark itself lost when it put the segments together is no matter of ours.
        if (ours === null || !ours.server.isWhole) continue;
        const isTls13 = ours.server.cipherSuite?.startsWith('0x13') === true;
        const isVisible = session.certs_visible_without_keys === true && !isTls13;
        expect(ours.server.certificates, file).toEqual(isVisible ? session.server_chain_sha256 : []);
        if (ours.client.isWhole) {
          expect(ours.client.certificates, file).toEqual(isVisible ? session.client_chain_sha256 : []);
        }
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(25);
  });

  /**
   * By the stream's number where that is a connection to the session's server. The numbers in the manifest are not
   * right everywhere, and then the server must name one connection alone.
   */
  function conversationOf(session: LabSession, all: ReadonlyMap<number, Conversation>): Conversation | null {
    const isOfSession = ({ node }: Conversation) => node.some((end) => bare(end) === bare(session.server));
    const named = session.tcp_stream === undefined ? undefined : all.get(session.tcp_stream);
    if (named !== undefined && isOfSession(named)) return named;
    const candidates = [...all.values()].filter(isOfSession);
    return candidates.length === 1 ? candidates[0] : null;
  }
});

/** IPv6 addresses stand in brackets or not. */
function bare(node: string): string {
  return node.replaceAll(/[[\]]/g, '');
}
