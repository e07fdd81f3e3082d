import { formatIpv4, formatIpv6 } from '../bytes/address.ts';
import { decodeLatin1 } from '../bytes/text.ts';

/** What a client or its load balancer says to a proxy before the dialogue begins. */
export type ProxyHeader = ProxyProtocolHeader | HttpConnect;

/** RFC 9110 section 9.3.6: a tunnel through an HTTP proxy. */
export interface HttpConnect {
  readonly kind: 'http-connect';
  readonly target: string;
}

/** The PROXY protocol header of a load balancer (HAProxy's proxy-protocol.txt, versions 1 and 2). */
export interface ProxyProtocolHeader {
  readonly kind: 'proxy-protocol';
  readonly version: 1 | 2;
  /** Whom the balancer speaks for; null for its own health checks and for unknown families. */
  readonly source: { readonly address: string; readonly port: number } | null;
  readonly destination: { readonly address: string; readonly port: number } | null;
}

const LF = 0x0a;
const CR = 0x0d;
/** `CONNECT `. */
const METHOD = [0x43, 0x4f, 0x4e, 0x4e, 0x45, 0x43, 0x54, 0x20];
const SIGNATURE_2 = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
/** A version 1 header is at most 107 bytes; a version 2 header declares its length, at most this much here. */
const LONGEST_1 = 107;
const LONGEST_2 = 4096;
const LONGEST_CONNECT = 8192;

export type ProxyReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'need-more' }
  | { readonly kind: 'header'; readonly header: ProxyHeader; readonly end: number };

/** Reads a header at the start of what a client sends. `seen`: so many of the bytes were not enough, last time. */
export function readProxyHeader(bytes: Uint8Array, seen = 0): ProxyReading {
  if (startsWith(bytes, SIGNATURE_2)) return readVersion2(bytes);
  const connect = readConnect(bytes, seen);
  if (connect.kind !== 'none') return connect;
  const text = decodeLatin1(bytes, 0, Math.min(bytes.length, LONGEST_1));
  if (text.length >= 6 ? !text.startsWith('PROXY ') : !'PROXY '.startsWith(text)) return { kind: 'none' };
  const end = text.indexOf('\n');
  if (end < 0) return text.length < LONGEST_1 ? { kind: 'need-more' } : { kind: 'none' };
  const match = /^PROXY (?:UNKNOWN|TCP[46] (\S+) (\S+) (\d{1,5}) (\d{1,5}))/.exec(text.slice(0, end));
  if (!match) return { kind: 'none' };
  const [, source, destination, sourcePort, destinationPort] = match;
  const header: ProxyHeader = {
    kind: 'proxy-protocol',
    version: 1,
    source: source === undefined ? null : { address: source, port: Number(sourcePort) },
    destination: destination === undefined ? null : { address: destination, port: Number(destinationPort) },
  };
  return { kind: 'header', header, end: end + 1 };
}

function readVersion2(bytes: Uint8Array): ProxyReading {
  if (bytes.length < 16) return { kind: 'need-more' };
  const length = (bytes[14] << 8) | bytes[15];
  if (length > LONGEST_2) return { kind: 'none' };
  if (bytes.length < 16 + length) return { kind: 'need-more' };
  const family = bytes[13] >> 4;
  const isProxied = (bytes[12] & 0x0f) === 1;
  const width = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (!isProxied || width === 0 || length < 2 * width + 4) {
    return {
      kind: 'header',
      header: { kind: 'proxy-protocol', version: 2, source: null, destination: null },
      end: 16 + length,
    };
  }
  const format = width === 4 ? formatIpv4 : formatIpv6;
  const port = (at: number) => (bytes[at] << 8) | bytes[at + 1];
  const header: ProxyHeader = {
    kind: 'proxy-protocol',
    version: 2,
    source: { address: format(bytes, 16), port: port(16 + 2 * width) },
    destination: { address: format(bytes, 16 + width), port: port(18 + 2 * width) },
  };
  return { kind: 'header', header, end: 16 + length };
}

function readConnect(bytes: Uint8Array, seen: number): ProxyReading {
  if (!startsWith(bytes, METHOD)) return { kind: 'none' };
  const end = endOfHead(bytes.subarray(0, LONGEST_CONNECT), Math.max(0, seen - 3));
  if (end < 0) return bytes.length < LONGEST_CONNECT ? { kind: 'need-more' } : { kind: 'none' };
  // Some clients put a path behind the authority; proxies take it.
  const match = /^CONNECT (\S+)(?: \S+)? HTTP\/1\.[01]\r?\n/.exec(decodeLatin1(bytes, 0, end));
  if (!match) return { kind: 'none' };
  // Credentials have no place in front of the host, and are put there all the same.
  const target = match[1].slice(match[1].lastIndexOf('@') + 1);
  return { kind: 'header', header: { kind: 'http-connect', target }, end };
}

/** The offset behind the first empty line from `start` on, or -1. */
function endOfHead(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(LF, start); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? at + 2 : at + 1;
    if (bytes[next] === LF) return next + 1;
  }
  return -1;
}

function startsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return bytes.length > 0 && signature.every((byte, i) => i >= bytes.length || bytes[i] === byte);
}

/** One line for a timeline. */
export function describeProxyHeader(header: ProxyHeader): string {
  if (header.kind === 'http-connect') return `CONNECT ${header.target}, through an HTTP proxy`;
  const { version, source, destination } = header;
  if (!source || !destination) return `PROXY protocol ${version}, no addresses`;
  return `PROXY protocol ${version}: ${source.address}:${source.port} to ${destination.address}:${destination.port}`;
}
