/** The programs that are run side by side, and the exact commands. docs/benchmark.md gives the reasons. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type { Command } from './measure.ts';

export interface Peer {
  readonly name: string;
  readonly command: (file: string) => Command;
  /** Why it cannot run here, or null. */
  readonly missing: () => string | null;
  /** The formats it is run on. */
  readonly formats: readonly Format[];
  /** Takes so long that one run has to do for large captures. */
  readonly slow: boolean;
}

export type Format = 'pcap' | 'gzip' | 'pcapng';

const ROOT = join(import.meta.dirname, '..', '..');
const BUNDLE = join(ROOT, 'dist', 'starttrace.js');

function onPath(...programs: readonly string[]): () => string | null {
  return () => {
    const folders = (process.env['PATH'] ?? '').split(delimiter);
    const absent = programs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
    return absent.length === 0 ? null : `not installed: ${absent.join(', ')}`;
  };
}

function packageThere(name: string): () => string | null {
  return () => {
    try {
      createRequire(import.meta.url).resolve(name);
      return null;
    } catch {
      return `not installed: the package ${name} (npm ci)`;
    }
  };
}

/** Names stay unresolved; reordered segments are put in order, without which tshark loses certificates. */
const TSHARK_OPTIONS = [
  ...['-n', '-o', 'tcp.reassemble_out_of_order:TRUE', '-T', 'fields'],
  ...['-e', 'frame.number', '-e', 'tcp.stream', '-e', 'tls.handshake.certificate'],
];
const MAIL_WITH_CERTIFICATES = 'tcp.port == 25 and (smtp or tls.handshake.certificate)';
const MAIL_CAPTURE_FILTER = 'tcp port 25';

export const STARTTRACE: Peer = {
  name: 'starttrace',
  command: (file) => ['node', BUNDLE, 'analyze', file, '--json'],
  missing: () => (existsSync(BUNDLE) ? null : 'dist/starttrace.js is not built'),
  formats: ['pcap', 'gzip', 'pcapng'],
  slow: false,
};

export const TSHARK: Peer = {
  name: 'tshark',
  command: (file) => ['tshark', '-r', file, '-Y', MAIL_WITH_CERTIFICATES, ...TSHARK_OPTIONS],
  missing: onPath('tshark'),
  formats: ['pcap', 'gzip', 'pcapng'],
  slow: true,
};

export const TSHARK_TWO_PASS: Peer = {
  name: 'tshark -2 -R',
  command: (file) => [
    'tshark',
    '-r',
    file,
    '-2',
    '-R',
    'tcp.port == 25',
    '-Y',
    MAIL_WITH_CERTIFICATES,
    ...TSHARK_OPTIONS,
  ],
  missing: onPath('tshark'),
  formats: ['pcap'],
  slow: true,
};

const shell = (script: string, file: string): Command => ['sh', '-c', script, 'sh', file];

export const TCPDUMP_INTO_TSHARK: Peer = {
  name: 'tcpdump | tshark',
  command: (file) =>
    shell(
      `tcpdump -r "$1" -w - '${MAIL_CAPTURE_FILTER}' | tshark -r - -Y '${MAIL_WITH_CERTIFICATES}' ${TSHARK_OPTIONS.join(' ')}`,
      file,
    ),
  missing: onPath('tcpdump', 'tshark'),
  formats: ['pcap'],
  slow: true,
};

export const TCPDUMP: Peer = {
  name: 'tcpdump',
  command: (file) => ['tcpdump', '-r', file, '-w', '/dev/null', MAIL_CAPTURE_FILTER],
  missing: onPath('tcpdump'),
  formats: ['pcap', 'pcapng'],
  slow: false,
};

export const GUNZIP_INTO_TCPDUMP: Peer = {
  name: 'gzip -dc | tcpdump',
  command: (file) => shell(`gzip -dc "$1" | tcpdump -r - -w /dev/null '${MAIL_CAPTURE_FILTER}'`, file),
  missing: onPath('gzip', 'tcpdump'),
  formats: ['gzip'],
  slow: false,
};

const GUNZIP: Peer = {
  name: 'gzip -dc',
  command: (file) => ['gzip', '-dc', file],
  missing: onPath('gzip'),
  formats: ['gzip'],
  slow: false,
};

const PCAP_PARSER: Peer = {
  name: 'pcap-parser (npm)',
  command: (file) => ['node', join(import.meta.dirname, 'peers', 'pcap-parser.mjs'), file],
  missing: packageThere('pcap-parser'),
  formats: ['pcap'],
  slow: false,
};

const CAPINFOS: Peer = {
  name: 'capinfos -c',
  command: (file) => ['capinfos', '-c', file],
  missing: onPath('capinfos'),
  formats: ['pcap', 'pcapng'],
  slow: false,
};

const CAT: Peer = {
  name: 'cat',
  command: (file) => ['cat', file],
  missing: onPath('cat'),
  formats: ['pcap', 'gzip', 'pcapng'],
  slow: false,
};

export const PEERS: readonly Peer[] = [
  ...[STARTTRACE, TSHARK, TSHARK_TWO_PASS, TCPDUMP_INTO_TSHARK, TCPDUMP, GUNZIP_INTO_TCPDUMP, GUNZIP],
  ...[PCAP_PARSER, CAPINFOS, CAT],
];
