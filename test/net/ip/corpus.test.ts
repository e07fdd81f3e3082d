import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { formatIpv4, formatIpv6 } from '../../../shared/bytes/address.ts';
import { createReader, detect } from '../../../shared/capture/detect.ts';
import { READ_PACKET } from '../../../shared/capture/reader.ts';
import { CaptureWindow } from '../../../shared/capture/window.ts';
import { PacketDecoder } from '../../../shared/net/packet-decoder.ts';
import { TcpSegment } from '../../../shared/net/segment.ts';

const CORPUS = new URL('../../../../shared/corpus/', import.meta.url);
const TRUTH = new URL('truth.json', CORPUS);

interface Stream {
  readonly proto: string;
  readonly client: string;
  readonly server: string;
  readonly frames: number;
}

interface FileTruth {
  readonly tcp_streams: number;
  readonly streams: readonly Stream[];
}

/** Segments of each connection in a file, by its endpoints in order; none where the file is no readable capture. */
function countSegments(file: Uint8Array): ReadonlyMap<string, number> {
  const bytes = file[0] === 0x1f && file[1] === 0x8b ? new Uint8Array(gunzipSync(file)) : file;
  const detected = detect(bytes);
  const counts = new Map<string, number>();
  if (detected.kind !== 'capture') return counts;
  const reader = createReader(detected.format, new CaptureWindow(bytes, true));
  const decoder = new PacketDecoder();
  const segment = new TcpSegment();
  while (reader.next() === READ_PACKET) {
    const { linkType, buffer, offset, capturedLength, originalLength } = reader;
    if (!decoder.decode(linkType, buffer, offset, capturedLength, originalLength, segment)) continue;
    const format = segment.ipVersion === 4 ? formatIpv4 : formatIpv6;
    const key = connectionOf(
      `${format(segment.buffer, segment.source)}:${segment.sourcePort}`,
      `${format(segment.buffer, segment.destination)}:${segment.destinationPort}`,
    );
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

const withoutBrackets = (endpoint: string) => endpoint.replaceAll(/[[\]]/g, '');

function connectionOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

/** Files whose connections differ from those that tshark counts, and why. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'ajbanjara+Wireshark/uploads/__moin_import__/attachments/SampleCaptures/manish123.cap': 'a Sniffer file',
  'ajbanjara+Wireshark/uploads/__moin_import__/attachments/SampleCaptures/tcpshake.cap': 'a Sniffer file',
  'ajbanjara+Wireshark/uploads/__moin_import__/attachments/SampleCaptures/xx.cap': 'a Sniffer file',
  'seladb+PcapPlusPlus/Tests/Pcap++Test/PcapExamples/file_heuristics/pcapng-example.pcapng.zst': 'Zstandard',
  'OISF+suricata-verify/tests/detect-ipopts/input.pcap':
    'one pair of endpoints used for three connections: three SYNs with different sequence numbers',
  'ntop+nDPI/tests/cfgs/default/pcap/fuzz-2006-09-29-28586.pcap':
    'TCP headers with an impossible data offset are shown there and rejected here',
  'ntop+nDPI/tests/cfgs/default/pcap/kerberos_fuzz.pcapng': 'a TCP header with a data offset of eight bytes',
};

const read = (name: string) => readFileSync(new URL(name.split('/').map(encodeURIComponent).join('/'), CORPUS));

describe.skipIf(!existsSync(TRUTH))('public captures, with tshark as the witness', () => {
  const truth: Readonly<Record<string, FileTruth>> = existsSync(TRUTH)
    ? JSON.parse(readFileSync(TRUTH, 'utf8')).files
    : {};
  const counted = new Map<string, ReadonlyMap<string, number>>();
  for (const name of Object.keys(truth)) counted.set(name, countSegments(read(name)));

  it('every connection that it lists has as many segments here', () => {
    const differences: string[] = [];
    let connections = 0;
    for (const [name, { streams }] of Object.entries(truth)) {
      if (name in EXPLAINED) continue;
      // One pair of endpoints may serve several connections in turn.
      const listed = new Map<string, number>();
      for (const stream of streams) {
        if (stream.proto !== 'tcp') continue;
        const key = connectionOf(withoutBrackets(stream.client), withoutBrackets(stream.server));
        listed.set(key, (listed.get(key) ?? 0) + stream.frames);
      }
      for (const [key, frames] of listed) {
        connections++;
        const found = counted.get(name)?.get(key) ?? 0;
        if (found !== frames) differences.push(`${name} ${key}: ${found} of ${frames}`);
      }
    }
    expect(differences).toEqual([]);
    expect(connections).toBeGreaterThan(900);
  });

  it('every file has as many connections, and every difference is explained', () => {
    const differing = Object.entries(truth)
      .filter(([name, { tcp_streams }]) => counted.get(name)?.size !== tcp_streams)
      .map(([name]) => name);
    expect(differing.toSorted()).toEqual(Object.keys(EXPLAINED).toSorted());
  });
});
