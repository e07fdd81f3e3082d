import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detect } from '../../shared/capture/detect.ts';
import { formatCaptureTime } from '../../shared/capture/timestamp.ts';
import { readInSteps, readWhole } from '../support/capture-reading.ts';

const CORPUS = new URL('../../../shared/corpus/', import.meta.url);
const TRUTH = new URL('truth.json', CORPUS);

/** What tshark and capinfos 4.0.17 say of a file. */
interface Witness {
  readonly packets: number;
  readonly encaps: Readonly<Record<string, number>>;
  readonly capinfos?: Readonly<Record<string, string>>;
}

/** Wireshark's encapsulation numbers and the LINKTYPE_ values that they stand for. */
const LINK_TYPES_OF_ENCAPSULATION: Readonly<Record<string, readonly number[]>> = {
  1: [1], 2: [6], 3: [8], 4: [9, 50], 7: [101], 8: [7], 9: [129], 11: [106], 15: [0], 20: [105], 23: [127],
  25: [113], 26: [107], 28: [104], 41: [187], 62: [138], 88: [177], 92: [186], 95: [189], 97: [192], 100: [196],
  104: [195], 115: [220], 125: [227], 129: [228], 130: [229], 141: [239], 180: [242], 182: [266], 210: [276],
}; // biome-ignore format: a table

/** Where we differ from tshark 4.0.17, and why we are right. */
const DIFFERENCES: readonly (readonly [RegExp, string])[] = [
  [/\/(?:manish123|tcpshake|xx)\.cap$/, 'Sniffer captures, which are refused with the command that converts them'],
  [/\.zst$/, 'compressed with Zstandard, which is refused with the command that unpacks it'],
  [/\/(?:mp4-ftyp-styp-sidx|ch11-25-slt|alp-sample2)\.pcap$/, 'tshark 4.0.17 does not know LINKTYPE_ATSC_ALP'],
  [/\/filter\/(?:brcm-tag-stp|dsa)\.pcap$/, 'tshark 4.0.17 does not know the link types of Ethernet switches'],
  [/\/juniper_es_oobr\.pcap$/, 'tshark stops at a pseudo-header that is too short for its link type'],
  [/Cooked_timestamps_issue_1\.ntar$/, 'tshark stops at a Bluetooth packet that is too short for its pseudo-header'],
  [/\/bug-6875-01\/fuzz\.pcap$/, 'tshark 4.0.17 tries two records only, and takes Red Hat 6.1 for the writer'],
  [/\/fuzz-2021-10-13\.pcap$/, 'tshark shows a fraction of 1.88 s as it is: here it is carried over, and told'],
];

const truth: Readonly<Record<string, Witness>> = existsSync(TRUTH) ? JSON.parse(readFileSync(TRUTH, 'utf8')).files : {};

const read = (name: string): Uint8Array => {
  const bytes = readFileSync(new URL(name.split('/').map(encodeURIComponent).join('/'), CORPUS));
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
};

/** capinfos cuts the fraction at the first digits it needs. */
const withoutZeros = (time: string) => time.replace(/\.?0+$/, '');

describe.skipIf(!existsSync(TRUTH))('public captures', () => {
  const names = Object.keys(truth);
  const alike = names.filter((name) => !DIFFERENCES.some(([pattern]) => pattern.test(name)));

  it('are there, and few differ', () => {
    expect(names.length).toBeGreaterThan(400);
    expect(names.length - alike.length).toBe(13);
  });

  it('frames, times and link types are those of tshark and capinfos', () => {
    const wrong: unknown[] = [];
    for (const name of alike) {
      const witness = truth[name];
      const bytes = read(name);
      const { reader, packets } = readWhole(bytes);
      if (reader.frame !== witness.packets) wrong.push([name, 'frames', reader.frame, witness.packets]);

      // '?' are frames without packet: custom blocks, journal entries.
      const encapsulations = Object.entries(witness.encaps).filter(([number]) => number !== '?');
      for (const [number, count] of encapsulations) {
        const linkTypes = LINK_TYPES_OF_ENCAPSULATION[number];
        const ours = packets.filter((packet) => linkTypes.includes(packet.linkType)).length;
        if (ours !== count) wrong.push([name, 'link type', number, ours, count]);
      }

      for (const [time, theirs] of [
        [reader.earliest(), witness.capinfos?.['First packet time']],
        [reader.latest(), witness.capinfos?.['Last packet time']],
      ] as const) {
        if (theirs === undefined || theirs === 'n/a' || time === null) continue;
        const ours = formatCaptureTime(time).replace('T', ' ').replace('Z', '').replace(/^\+/, '');
        // capinfos prints as many digits as the file's first interface has.
        if (!withoutZeros(ours).startsWith(withoutZeros(theirs))) wrong.push([name, 'time', ours, theirs]);
      }
    }
    // One interface of this file counts nanoseconds, and capinfos takes the other one's times for the earliest.
    const known = wrong.filter((one) => JSON.stringify(one).includes('PcapExamples/pcapng-example.pcapng'));
    expect(known).toHaveLength(1);
    expect(wrong.filter((one) => !known.includes(one))).toEqual([]);
  });

  it('read in pieces they are the same', () => {
    const small = alike.filter((name) => read(name).length < 20_000);
    expect(small.length).toBeGreaterThan(200);
    for (const name of small) {
      const bytes = read(name);
      expect(readInSteps(bytes, 777).packets, name).toEqual(readWhole(bytes).packets);
    }
  });

  it.each(DIFFERENCES)('%s: %s', (pattern) => {
    const found = names.filter((name) => pattern.test(name));
    expect(found.length).toBeGreaterThan(0);
    for (const name of found) {
      const bytes = read(name);
      if (detect(bytes).kind === 'capture') expect(readWhole(bytes).packets.length).toBeGreaterThan(0);
      else expect(detect(bytes)).toMatchObject({ kind: 'foreign' });
    }
  });
});
