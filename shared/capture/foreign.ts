import type { Problem } from '../bytes/problem.ts';
import { decodeLatin1 } from '../bytes/text.ts';
import { uint16, uint32Little } from './integers.ts';

/**
 * Names files that are no captures, or captures in formats of other programs, and says what to do with them. Only
 * formats that people do hand to a capture reader are known; anything else is "not a capture".
 */
export function describeForeign(bytes: Uint8Array, start: number, end: number): Problem {
  if (start === end) {
    return foreign('empty-file', 'This file is empty: the capture saw nothing, or was never written. Capture again.');
  }
  const signature = SIGNATURES.find((one) => startsWith(bytes, start + (one.at ?? 0), end, one.magic));
  if (signature !== undefined) return signature.problem;
  if (isEventTrace(bytes, start, end)) return EVENT_TRACE;
  if (isText(bytes, start, end)) return describeText(decodeLatin1(bytes, start, Math.min(end, start + TEXT_BYTES)));
  if (isExtensibleRecords(bytes, start, end)) return convert('an Endace ERF capture');
  if (isCommView(bytes, start, end)) return convert('a TamoSoft CommView capture');
  return foreign(
    'not-a-capture',
    'This file is not a capture that is known here (pcap, pcapng, Network Monitor, snoop); if Wireshark opens it, convert it with `editcap -F pcapng IN OUT`.',
  );
}

interface Signature {
  readonly magic: string;
  readonly at?: number;
  readonly problem: Problem;
}

const SIGNATURES: readonly Signature[] = [
  { magic: '\x28\xb5\x2f\xfd', problem: compressed('a Zstandard archive', 'zstd -d FILE') },
  { magic: '\xfd7zXZ\0', problem: compressed('an xz archive', 'xz -dk FILE') },
  { magic: '\x04\x22\x4d\x18', problem: compressed('an LZ4 archive', 'lz4 -d FILE') },
  { magic: 'BZh', problem: compressed('a bzip2 archive', 'bzip2 -dk FILE') },
  { magic: 'PK\x03\x04', problem: compressed('a ZIP archive', 'unzip FILE') },
  { magic: 'PK\x05\x06', problem: compressed('an empty ZIP archive', 'unzip FILE') },
  { magic: '7z\xbc\xaf\x27\x1c', problem: compressed('a 7-Zip archive', '7z x FILE') },
  { magic: 'Rar!\x1a\x07', problem: compressed('a RAR archive', 'unrar x FILE') },
  { magic: 'MSCF', problem: compressed('a Windows cabinet', 'cabextract FILE') },
  { magic: '\x1f\x9d', problem: compressed('a file of compress', 'uncompress FILE') },
  { magic: 'ustar', at: 257, problem: compressed('a tar archive', 'tar xf FILE') },
  { magic: 'ElfFile\0', problem: eventLog() },
  { magic: 'LfLe', at: 4, problem: eventLog() },
  { magic: 'TRSNIFF data    \x1a', problem: convert('a Sniffer capture (DOS)') },
  { magic: 'XCP\0', problem: convert('a Sniffer or NetXRay capture (Windows)') },
  { magic: 'VL\0\0', problem: convert('an old NetXRay capture') },
  { magic: 'btsnoop\0', problem: convert('a Bluetooth btsnoop capture') },
  { magic: 'iptrace ', problem: convert('an AIX iptrace capture') },
  { magic: '\x7fver', problem: convert('an EtherPeek or OmniPeek capture') },
  { magic: 'ObserverPktBuffe', problem: convert('a Viavi Observer capture') },
  { magic: '\xaa\xaa\xaa\xaa', problem: convert('an InfoVista 5View capture') },
  { magic: '\x05VNF', problem: convert('a Visual Networks capture') },
  { magic: '\x54\x52\x00\x64\x00', problem: convert('an HP-UX nettl trace') },
  { magic: '\x42\xd2\x00\x34\x12\x66\x22\x88', problem: convert('a RADCOM capture') },
  { magic: '\0\0\x02\0\x12\x05\0\x10', problem: convert('a Tektronix K12 capture') },
  { magic: '%PDF-', problem: foreign('not-a-capture', 'This is a PDF document; give the capture itself.') },
];

/** How much of a text is looked at. */
const TEXT_BYTES = 8192;

interface TextKind {
  readonly pattern: RegExp;
  readonly problem: Problem;
}

/** In this order: the more telling ones first. */
const TEXTS: readonly TextKind[] = [
  {
    pattern:
      /^(?:RSA [0-9a-f]{16}|(?:CLIENT_RANDOM|(?:CLIENT|SERVER)_(?:HANDSHAKE_TRAFFIC|TRAFFIC)_SECRET(?:_0)?|CLIENT_EARLY_TRAFFIC_SECRET|EXPORTER_SECRET|EARLY_EXPORTER_SECRET) [0-9a-f]{64}) /im,
    problem: foreign(
      'key-log-file',
      'This is a TLS key log, not a capture; give the capture that it belongs to (key logs are not used yet).',
    ),
  },
  {
    pattern: /^-----BEGIN [A-Z0-9 ]+-----/m,
    problem: foreign(
      'pem-file',
      'This is a PEM file with a certificate or key, not a capture; give the capture that the certificate was seen in.',
    ),
  },
  {
    pattern: /^[ \t]*(?:0x)?[0-9a-f]{4,8}:?[ \t]+(?:[0-9a-f]{2} ?){8}/im,
    problem: foreign(
      'hex-dump',
      'This is a hex dump; make a capture of it with `text2pcap IN OUT` (or write one at once with `tcpdump -w FILE`).',
    ),
  },
  {
    pattern: /^(?:\d+[.:][\d:.]+ )?(?:IP6? |ARP, )[^>\n]* > .*(?:Flags|length)/m,
    problem: foreign('packet-list', 'This is the printed output of tcpdump; capture again with `tcpdump -w FILE`.'),
  },
  {
    pattern: /^\s*(?:<\?xml|<!DOCTYPE [a-z]|<html|<pdml|<psml)/i,
    problem: foreign('not-a-capture', 'This is an XML or HTML text, not a capture; give the capture itself.'),
  },
  {
    pattern: /^\s*[[{]/,
    problem: foreign('not-a-capture', 'This is a JSON text, not a capture; give the capture that it was made from.'),
  },
  {
    pattern: /^(?:Received|Return-Path|From|To|Subject|Date|Message-ID|MIME-Version|Delivered-To|X-[A-Za-z-]+):[ \t]/i,
    problem: foreign(
      'not-a-capture',
      'This is an e-mail message, not a capture; give a capture of the connection that it was sent over.',
    ),
  },
];

const PLAIN_TEXT = foreign('not-a-capture', 'This is a text file, not a capture; give the capture itself.');

const EVENT_TRACE = foreign(
  'event-trace',
  'This is a Windows event trace (ETL); if packets were traced, convert it with `etl2pcapng IN.etl OUT.pcapng`.',
);

function describeText(text: string): Problem {
  return TEXTS.find((kind) => kind.pattern.test(text))?.problem ?? PLAIN_TEXT;
}

function foreign(code: string, message: string): Problem {
  return { code, message };
}

function compressed(what: string, command: string): Problem {
  return foreign('compressed-file', `This is ${what}; unpack it with \`${command}\` and give what it holds.`);
}

function convert(what: string): Problem {
  return foreign('unsupported-format', `This is ${what}; convert it with \`editcap -F pcapng IN OUT\`.`);
}

function eventLog(): Problem {
  return foreign('not-a-capture', 'This is a Windows event log, which holds no packets; give a capture.');
}

function startsWith(bytes: Uint8Array, at: number, end: number, magic: string): boolean {
  if (at + magic.length > end) return false;
  for (let i = 0; i < magic.length; i++) if (bytes[at + i] !== magic.charCodeAt(i)) return false;
  return true;
}

/** A buffer header of 72 bytes, then the marker of a system trace header (32 or 64 bits, version 2). */
function isEventTrace(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 76) return false;
  const marker = uint32Little(bytes, start + 72);
  return uint32Little(bytes, start) % 1024 === 0 && (marker === 0xc0010002 || marker === 0xc0020002);
}

/** No control characters but those of texts. */
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  const last = Math.min(end, start + TEXT_BYTES);
  for (let at = start; at < last; at++) {
    const byte = bytes[at];
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) return false;
  }
  return true;
}

/** Endace's records have no magic number; three in a row must look sound, their times rising within an hour. */
function isExtensibleRecords(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  let previousSeconds = -1;
  for (let i = 0; i < 3; i++) {
    if (at === end && i > 0) return true;
    if (at + 16 > end) return false;
    const seconds = uint32Little(bytes, at + 4);
    const type = bytes[at + 8] & 0x7f;
    const recordBytes = uint16(bytes, at + 10, false);
    if (type === 0 || type > 48 || recordBytes < 16 || seconds < 631_152_000) return false;
    if (previousSeconds >= 0 && (seconds < previousSeconds || seconds - previousSeconds > 3600)) return false;
    previousSeconds = seconds;
    at += recordBytes;
  }
  return true;
}

/** CommView's NCF: two equal lengths, version 0, and a calendar date in fields of its own. */
function isCommView(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 24) return false;
  const year = uint16(bytes, start + 5, true);
  return (
    uint16(bytes, start, true) >= uint16(bytes, start + 2, true) &&
    bytes[start + 4] === 0 &&
    year >= 1990 &&
    year <= 2100 &&
    bytes[start + 7] >= 1 &&
    bytes[start + 7] <= 12 &&
    bytes[start + 8] >= 1 &&
    bytes[start + 8] <= 31 &&
    bytes[start + 9] <= 23 &&
    bytes[start + 10] <= 59 &&
    bytes[start + 11] <= 59
  );
}
