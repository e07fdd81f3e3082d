import { describe, expect, it } from 'vitest';
import { detect } from '../../shared/capture/detect.ts';
import { linkTypeName } from '../../shared/capture/linktypes.ts';
import { netmonFile, pcapFile, sectionHeader, snoopFile } from '../support/capture-writers.ts';
import { concat, uint16, uint32Little } from '../support/octets.ts';

const text = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0));
const padded = (value: string) => concat(text(value), new Uint8Array(200));

function foreign(bytes: Uint8Array) {
  const detected = detect(bytes);
  if (detected.kind !== 'foreign') throw new Error(`taken for ${detected.kind}`);
  return detected.problem;
}

describe('detect, by content', () => {
  it.each([
    ['pcap', pcapFile({}, [])],
    ['pcap', pcapFile({ magic: 0xa1b2cd34 }, [])],
    ['pcapng', sectionHeader()],
    ['netmon', netmonFile({ version: [2, 3] }, [{}])],
    ['netmon', netmonFile({ version: [1, 1] }, [{}])],
    ['snoop', snoopFile(4, [])],
  ])('%s', (format, bytes) => {
    expect(detect(bytes)).toEqual({ kind: 'capture', format });
  });

  it('gzip', () => {
    expect(detect(Uint8Array.of(0x1f, 0x8b, 8))).toEqual({ kind: 'gzip' });
  });

  it.each([
    ['Zstandard', '\x28\xb5\x2f\xfd', 'compressed-file', 'zstd -d'],
    ['xz', '\xfd7zXZ\0', 'compressed-file', 'xz -dk'],
    ['LZ4', '\x04\x22\x4d\x18', 'compressed-file', 'lz4 -d'],
    ['bzip2', 'BZh91AY', 'compressed-file', 'bzip2 -dk'],
    ['ZIP', 'PK\x03\x04', 'compressed-file', 'unzip'],
    ['7-Zip', '7z\xbc\xaf\x27\x1c', 'compressed-file', '7z x'],
    ['tar', `${'a'.repeat(257)}ustar`, 'compressed-file', 'tar xf'],
    ['Sniffer for DOS', 'TRSNIFF data    \x1a', 'unsupported-format', 'editcap -F pcapng'],
    ['Sniffer for Windows', 'XCP\0', 'unsupported-format', 'editcap -F pcapng'],
    ['btsnoop', 'btsnoop\0', 'unsupported-format', 'editcap -F pcapng'],
    ['Windows event log', 'ElfFile\0', 'not-a-capture', 'event log'],
    ['old Windows event log', '0\0\0\0LfLe', 'not-a-capture', 'event log'],
    ['PDF', '%PDF-1.7', 'not-a-capture', 'PDF'],
    ['anything else', 'MZ\x90\0\x03', 'not-a-capture', 'editcap -F pcapng'],
  ])('%s', (_, begin, code, advice) => {
    const problem = foreign(padded(begin));
    expect(problem.code).toBe(code);
    expect(problem.message).toContain(advice);
  });

  it.each([
    [
      'key log',
      `# SSL/TLS secrets log file\nCLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\n`,
      'key-log-file',
      'give the capture that it belongs to',
    ],
    [
      'key log of TLS 1.3',
      `SERVER_TRAFFIC_SECRET_0 ${'ab'.repeat(32)} ${'cd'.repeat(32)}\n`,
      'key-log-file',
      'give the capture that it belongs to',
    ],
    ['key log with RSA', `RSA 0123456789abcdef ${'cd'.repeat(48)}\n`, 'key-log-file', 'give the capture'],
    ['PEM', 'subject: x\n-----BEGIN CERTIFICATE-----\nMIIB\n', 'pem-file', 'PEM'],
    ['hex dump', '0000  45 00 00 28 12 34 40 00 40 06 00 00\n', 'hex-dump', 'text2pcap'],
    ['tcpdump -x', '\t0x0000:  4500 0028 1234 4000 4006 0000 0a00 0001\n', 'hex-dump', 'text2pcap'],
    ['tcpdump', '10:02:11.123456 IP 10.0.0.1.40000 > 10.0.0.2.25: Flags [S], seq 1, length 0\n', 'packet-list', '-w'],
    ['JSON', '[ { "_index": "packets" } ]', 'not-a-capture', 'JSON'],
    ['PDML', '<?xml version="1.0"?><pdml/>', 'not-a-capture', 'XML'],
    ['HTML', '<!DOCTYPE html><html></html>', 'not-a-capture', 'HTML'],
    ['e-mail', 'Received: from a.example by b.example\nSubject: hi\n\nhello\n', 'not-a-capture', 'e-mail'],
    ['other text', 'hello, world\n', 'not-a-capture', 'text'],
  ])('%s', (_, content, code, advice) => {
    const problem = foreign(text(content));
    expect(problem.code).toBe(code);
    expect(problem.message).toContain(advice);
  });

  it('empty file', () => {
    expect(foreign(new Uint8Array(0)).code).toBe('empty-file');
  });

  it('Windows event trace (ETL)', () => {
    const trace = concat(uint32Little(65_536), new Uint8Array(68), uint32Little(0xc0020002), new Uint8Array(100));
    expect(foreign(trace).message).toContain('etl2pcapng');
  });

  it('Endace ERF has no magic number: three records that follow each other', () => {
    const record = concat(
      uint32Little(0),
      uint32Little(1_400_000_000),
      Uint8Array.of(2, 4),
      uint16(82),
      new Uint8Array(70),
    );
    expect(foreign(concat(record, record, record)).message).toContain('ERF');
  });

  it('CommView', () => {
    const begin = concat(Uint8Array.of(60, 0, 60, 0, 0, 0xde, 7, 9, 3, 10, 2, 11), new Uint8Array(80));
    expect(foreign(begin).message).toContain('CommView');
  });

  it('a few bytes of anything', () => {
    for (let first = 0; first < 256; first++) {
      if (first !== 0x1f) expect(foreign(Uint8Array.of(first, 0x8b, 0)).message).not.toBe('');
    }
  });
});

describe('linkTypeName', () => {
  it.each([
    [1, 'ETHERNET'],
    [101, 'RAW'],
    [276, 'LINUX_SLL2'],
    [147, 'USER0'],
    [162, 'USER15'],
    [4711, 'LINKTYPE_4711'],
  ])('%i', (linkType, name) => {
    expect(linkTypeName(linkType)).toBe(name);
  });
});
