import { describe, expect, it } from 'vitest';
import { LINKTYPE } from '../../shared/capture/linktypes.ts';
import { readInSteps, readWhole } from '../support/capture-reading.ts';
import {
  BIG,
  type Fields,
  LITTLE,
  type PcapOptions,
  pattern,
  pcapFile,
  pcapHeader,
  pcapRecord,
} from '../support/capture-writers.ts';
import { concat } from '../support/octets.ts';

const ORDERS: readonly [string, Fields][] = [
  ['little-endian', LITTLE],
  ['big-endian', BIG],
];

/** Three packets whose content tells them apart, one of them empty and one cut by the snap length. */
const PACKETS = [
  { seconds: 1_409_738_531, fraction: 123_456, data: pattern(60, 1) },
  { seconds: 1_409_738_531, fraction: 999_999, data: pattern(0, 2) },
  { seconds: 1_409_738_532, fraction: 1, data: pattern(96, 3), original: 1514 },
];

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe.each(ORDERS)('pcap, %s', (_, fields) => {
  it('microseconds', () => {
    const { reader, packets } = readWhole(pcapFile({ fields }, PACKETS));
    expect(packets).toEqual([
      { frame: 1, at: '2014-09-03T10:02:11.123456Z', data: hex(pattern(60, 1)), originalLength: 60, linkType: 1 },
      { frame: 2, at: '2014-09-03T10:02:11.999999Z', data: '', originalLength: 0, linkType: 1 },
      { frame: 3, at: '2014-09-03T10:02:12.000001Z', data: hex(pattern(96, 3)), originalLength: 1514, linkType: 1 },
    ]);
    expect(reader.problems).toEqual([]);
    expect(reader.linkTypes).toEqual([1]);
    expect(reader.earliest()).toEqual({ seconds: 1_409_738_531, fraction: 123_456, digits: 6 });
    expect(reader.latest()).toEqual({ seconds: 1_409_738_532, fraction: 1, digits: 6 });
  });

  it('nanoseconds', () => {
    const { packets } = readWhole(pcapFile({ fields, magic: 0xa1b23c4d }, [{ seconds: 1, fraction: 123_456_789 }]));
    expect(packets[0].at).toBe('1970-01-01T00:00:01.123456789Z');
  });

  it.each([
    [0x1c0001ac, '1970-01-01T00:00:01.000000007Z'],
    [0x1c0001ab, '1970-01-01T00:00:01.000007Z'],
  ])('Ixia, with the length of all records behind the header: %i', (magic, at) => {
    const file = pcapFile({ fields, magic, headerTail: fields.u32(76) }, [{ seconds: 1, fraction: 7 }]);
    expect(readWhole(file).packets.map((packet) => packet.at)).toEqual([at]);
  });

  const patched = concat(fields.u32(2), fields.u16(0x0800), Uint8Array.of(4, 0xff));
  const debug = concat(fields.u32(2), fields.u16(0x0800), Uint8Array.of(0, 9, 9, 7, 7, 7));
  const layouts: readonly [string, PcapOptions, Uint8Array][] = [
    ['patched magic, 24-byte records (1999-10-29)', { magic: 0xa1b2cd34 }, patched],
    ['patched magic, 28-byte records (1999-09-15, SuSE 6.3)', { magic: 0xa1b2cd34 }, debug],
    ['standard magic, 24-byte records (1999-04-17, Red Hat 6.1)', {}, patched],
    ['standard magic, 20-byte records (Nokia)', {}, fields.u32(0x9fbfb601)],
  ];
  it.each(layouts)('%s', (_, options, extra) => {
    const records = PACKETS.map((packet) => ({ ...packet, extra, data: packet.data.map((byte) => byte | 1) }));
    const { packets, reader } = readWhole(pcapFile({ fields, ...options }, records));
    expect(packets.map((packet) => packet.data)).toEqual(records.map((record) => hex(record.data)));
    expect(reader.problems).toEqual([]);
  });

  it('lengths in the old order before version 2.3, and in DG/UX 543.0', () => {
    const records = PACKETS.map((packet) => ({ ...packet, swapLengths: true }));
    for (const version of [
      [2, 2],
      [2, 0],
      [543, 0],
    ] as const) {
      const { packets } = readWhole(pcapFile({ fields, version }, records));
      expect(packets.map((packet) => packet.originalLength)).toEqual([60, 0, 1514]);
    }
  });

  it('version 2.3: the smaller length is the captured one, whichever comes first', () => {
    const records = PACKETS.map((packet, i) => ({ ...packet, swapLengths: i !== 0 }));
    const { packets } = readWhole(pcapFile({ fields, version: [2, 3] }, records));
    expect(packets.map((packet) => [packet.data.length / 2, packet.originalLength])).toEqual([
      [60, 60],
      [0, 0],
      [96, 1514],
    ]);
  });

  it.each([
    [6, LINKTYPE.ETHERNET, 0],
    [9, LINKTYPE.IEEE802_5, 0],
    [15, LINKTYPE.FDDI, 3],
    [24, LINKTYPE.NULL, 0],
  ])('AIX (version 2.2, RFC 1573 types, nanoseconds): type %i', (network, linkType, padding) => {
    const records = PACKETS.filter((packet) => packet.data.length > 0).map((packet) => ({
      ...packet,
      swapLengths: true,
    }));
    const { packets } = readWhole(pcapFile({ fields, version: [2, 2], network }, records));
    expect(packets[0]).toMatchObject({ linkType, at: '2014-09-03T10:02:11.000123456Z', originalLength: 60 - padding });
    expect(packets[0].data).toBe(hex(pattern(60, 1).subarray(padding)));
  });
});

describe('pcap link type field', () => {
  it('length of the frame check sequence in the upper bits', () => {
    expect(readWhole(pcapFile({ network: 0x24000001 }, [{}])).reader.linkTypes).toEqual([LINKTYPE.ETHERNET]);
  });

  it.each([
    [12, LINKTYPE.RAW],
    [14, LINKTYPE.RAW],
    [13, LINKTYPE.ENC],
    [11, LINKTYPE.ATM_RFC1483],
    [101, LINKTYPE.RAW],
    [276, LINKTYPE.LINUX_SLL2],
  ])('DLT_ value %i', (network, linkType) => {
    expect(readWhole(pcapFile({ network }, [{}])).packets[0].linkType).toBe(linkType);
  });

  it('13 in a file of Nokia is ATM', () => {
    const records = PACKETS.map((packet) => ({ ...packet, extra: LITTLE.u32(0xbfbfd902) }));
    expect(readWhole(pcapFile({ network: 13 }, records)).packets[0].linkType).toBe(LINKTYPE.SUNATM);
  });
});

describe('pcap, damage', () => {
  const file = pcapFile({}, PACKETS);
  const ends = [24, 24 + 76, 24 + 76 + 16, file.length];

  it('cut anywhere: all whole packets, and a problem that names the place', () => {
    for (let length = 4; length < file.length; length++) {
      const { packets, reader } = readWhole(file.subarray(0, length));
      const whole = ends.findLastIndex((end) => end <= length);
      expect(packets).toHaveLength(Math.max(0, whole));
      const isClean = ends.includes(length);
      expect(reader.problems.map((problem) => [problem.code, problem.offset, problem.frame])).toEqual(
        isClean ? [] : [['cut-file', length < 24 ? 0 : ends[whole], Math.max(0, whole) + 1]],
      );
    }
  });

  it('header alone: no packets, no times, no problem', () => {
    const { reader, packets } = readWhole(pcapHeader());
    expect([packets, reader.problems, reader.earliest(), reader.latest()]).toEqual([[], [], null, null]);
  });

  it('a length that no packet has, at the end: everything before it', () => {
    const bad = pcapRecord({ captured: 262_145, data: pattern(40) });
    const { packets, reader } = readWhole(concat(file, bad));
    expect(packets).toHaveLength(3);
    expect(reader.problems).toMatchObject([{ code: 'damaged-record', offset: file.length, frame: 4 }]);
    expect(reader.problems[0].message).toContain('262145 bytes');
  });

  it('garbage between records: reading goes on where a chain of records begins', () => {
    const garbage = new Uint8Array(100).fill(0xee);
    const more = Array.from({ length: 5 }, (_, i) =>
      pcapRecord({ seconds: 1_409_738_533 + i, data: pattern(70 + i, i) }),
    );
    const damaged = concat(file, garbage, ...more);
    for (const { packets, reader } of [readWhole(damaged), readInSteps(damaged, 1)]) {
      expect(packets.slice(3).map((packet) => packet.data)).toEqual(
        Array.from({ length: 5 }, (_, i) => hex(pattern(70 + i, i))),
      );
      expect(reader.problems).toMatchObject([{ code: 'damaged-record', offset: file.length, frame: 4 }]);
      expect(reader.problems[0].message).toContain(`went on at offset ${file.length + 100}`);
    }
  });

  it('two captures joined with cat: reading goes on in the second', () => {
    const second = pcapFile({ snapLength: 96 }, PACKETS);
    const { packets, reader } = readWhole(concat(file, second));
    expect(packets.map((packet) => packet.data)).toEqual([...PACKETS, ...PACKETS].map((packet) => hex(packet.data)));
    expect(reader.problems).toMatchObject([{ code: 'joined-captures', offset: file.length, frame: 4 }]);
  });

  it('a million file headers, and nothing else', () => {
    const headers = Buffer.alloc(24_000_000, pcapHeader());
    const { packets, reader } = readWhole(headers);
    expect([packets, reader.problems.length]).toEqual([[], 1]);
  });

  it('a capture inside of a packet behind the damage is not taken for the file', () => {
    const inner = Array.from({ length: 5 }, () => pcapRecord({ seconds: 1_200_000_000 }));
    const { packets } = readWhole(concat(file, new Uint8Array(50).fill(0xff), ...inner));
    expect(packets).toHaveLength(3);
  });

  it('fraction above a second: carried over, told once', () => {
    const records = [
      { seconds: 10, fraction: 3_500_000 },
      { seconds: 20, fraction: 1_000_000 },
    ];
    const { packets, reader } = readWhole(pcapFile({ version: [2, 3] }, records));
    expect(packets.map((packet) => packet.at)).toEqual(['1970-01-01T00:00:13.500000Z', '1970-01-01T00:00:21.000000Z']);
    expect(reader.problems).toMatchObject([{ code: 'impossible-time', frame: 1 }]);
  });

  it('seconds beyond 2038 are unsigned', () => {
    expect(readWhole(pcapFile({}, [{ seconds: 0xffffffff }])).packets[0].at).toBe('2106-02-07T06:28:15.000000Z');
  });

  it('version 1 is unknown', () => {
    const { packets, reader } = readWhole(pcapFile({ version: [1, 0] }, PACKETS));
    expect(packets).toEqual([]);
    expect(reader.problems).toMatchObject([{ code: 'unsupported-version', offset: 4 }]);
  });
});

describe('pcap, in pieces', () => {
  it.each([1, 2, 7, 16, 64])('windows of %i bytes show what one window shows', (step) => {
    const bytes = pcapFile({ fields: BIG }, [...PACKETS, ...PACKETS]);
    const whole = readWhole(bytes);
    const pieces = readInSteps(bytes, step);
    expect(pieces.packets).toEqual(whole.packets);
    expect(pieces.reader.problems).toEqual(whole.reader.problems);
  });
});
