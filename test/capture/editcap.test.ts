import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInSteps, readWhole } from '../support/capture-reading.ts';
import { pattern, pcapFile } from '../support/capture-writers.ts';

const WIRESHARK = '/usr/bin';
const isThere = ['editcap', 'tshark'].every((tool) => existsSync(join(WIRESHARK, tool)));

/** Formats that editcap writes, and digits of a second that each keeps. */
const FORMATS: readonly (readonly [string, number])[] = [
  ['pcap', 6],
  ['nsecpcap', 9],
  ['modpcap', 6],
  ['nokiapcap', 6],
  ['rh6_1pcap', 6],
  ['suse6_3pcap', 6],
  ['pcapng', 9],
  ['snoop', 6],
  ['netmon1', 3],
  ['netmon2', 6],
];

describe.skipIf(!isThere)('files written by editcap', () => {
  let folder = '';
  // Ethernet frames without meaning: a sequence of lengths and times, one behind its predecessor.
  const records = Array.from({ length: 40 }, (_, i) => ({
    seconds: 1_409_738_531 + (i === 20 ? -1 : Math.floor(i / 3)),
    fraction: (i * 123_456_789) % 1_000_000_000,
    data: pattern(60 + ((i * 37) % 1400), i),
  }));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'starttrace-editcap-'));
    writeFileSync(join(folder, 'original'), pcapFile({ magic: 0xa1b23c4d, snapLength: 262_144 }, records));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(FORMATS)('%s: tshark sees the same frames', (format, digits) => {
    const file = join(folder, format);
    execFileSync(join(WIRESHARK, 'editcap'), ['-F', format, join(folder, 'original'), file], { stdio: 'pipe' });
    const fields = ['frame.number', 'frame.time_epoch', 'frame.cap_len', 'frame.len'].flatMap((field) => ['-e', field]);
    const lines = execFileSync(join(WIRESHARK, 'tshark'), ['-r', file, '-T', 'fields', ...fields], {
      stdio: 'pipe',
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    });
    const theirs = lines.trim().split('\n');
    const bytes = readFileSync(file);
    for (const { packets, reader } of [readWhole(bytes), readInSteps(bytes, 1000)]) {
      const ours = packets.map((packet) => {
        const [date, fraction] = (packet.at ?? '').replace('Z', '').split('.');
        const epoch = `${Date.parse(`${date}Z`) / 1000}.${fraction.padEnd(9, '0')}`;
        expect(fraction).toHaveLength(digits);
        return [packet.frame, epoch, packet.data.length / 2, packet.originalLength].join('\t');
      });
      expect(ours).toEqual(theirs);
      expect(packets.map((packet) => packet.data)).toEqual(records.map((one) => Buffer.from(one.data).toString('hex')));
      expect(reader.problems).toEqual([]);
    }
  });
});
