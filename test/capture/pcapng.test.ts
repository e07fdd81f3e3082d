import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { LINKTYPE } from '../../shared/capture/linktypes.ts';
import { SECRETS_TLS_KEY_LOG } from '../../shared/capture/reader.ts';
import { readInSteps, readWhole } from '../support/capture-reading.ts';
import {
  BIG,
  block,
  enhancedPacket,
  type Fields,
  interfaceDescription,
  LITTLE,
  pattern,
  sectionHeader,
  simplePacket,
} from '../support/capture-writers.ts';
import { concat } from '../support/octets.ts';

const ORDERS: readonly [string, Fields][] = [
  ['little-endian', LITTLE],
  ['big-endian', BIG],
];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const text = (value: string) => Uint8Array.from(value, (character) => character.charCodeAt(0));

/** A section header and one Ethernet interface. */
const BEGIN = concat(sectionHeader(), interfaceDescription());

describe.each(ORDERS)('pcapng, %s', (_, fields) => {
  it('Enhanced Packet Blocks with options and odd lengths', () => {
    const file = concat(
      sectionHeader(fields),
      interfaceDescription({ fields }),
      enhancedPacket({ fields, data: pattern(61, 1), time: 1_409_738_531_123_456n }),
      enhancedPacket({
        fields,
        data: pattern(3, 2),
        original: 1514,
        options: concat(fields.u16(1), fields.u16(2), text('hi\0\0')),
      }),
    );
    const { packets, reader } = readWhole(file);
    expect(packets).toMatchObject([
      { frame: 1, at: '2014-09-03T10:02:11.123456Z', data: hex(pattern(61, 1)), originalLength: 61, linkType: 1 },
      { frame: 2, data: hex(pattern(3, 2)), originalLength: 1514 },
    ]);
    expect(reader.problems).toEqual([]);
  });

  it.each([
    [0, 1_409_738_531n, '2014-09-03T10:02:11Z'],
    [3, 1_409_738_531_999n, '2014-09-03T10:02:11.999Z'],
    [6, 1_409_738_531_000_001n, '2014-09-03T10:02:11.000001Z'],
    [7, 14_097_385_310_000_001n, '2014-09-03T10:02:11.0000001Z'],
    // 2^53 ends after 104 days of nanoseconds: these need exact arithmetic.
    [9, 1_409_738_531_123_456_789n, '2014-09-03T10:02:11.123456789Z'],
    [9, 0xffff_ffff_ffff_ffffn, '2554-07-21T23:34:33.709551615Z'],
    [12, 1_409_738_531_123_456n, '1970-01-01T00:23:29.738531123456Z'],
    [18, 9_223_372_036_854_775_807n, '1970-01-01T00:00:09.223372036854775Z'],
    [0x80 | 10, 1_409_738_531n * 1024n + 512n, '2014-09-03T10:02:11.5000Z'],
    [0x80 | 20, 1_409_738_531n * 1_048_576n + 1n, '2014-09-03T10:02:11.0000009Z'],
    [0x80 | 32, (1_409_738_531n << 32n) + 0x8000_0001n, '2014-09-03T10:02:11.5000000002Z'],
    [0xff, 1n, '1970-01-01T00:00:00.000000000000000Z'],
  ])('if_tsresol %i', (resolution, time, at) => {
    const file = concat(
      sectionHeader(fields),
      interfaceDescription({ fields, resolution }),
      enhancedPacket({ fields, time }),
    );
    const { packets, reader } = readWhole(file);
    expect(packets[0].at).toBe(at);
    expect(reader.earliest()).toEqual(reader.latest());
  });

  it.each([
    [3600n, '2014-09-03T11:02:11.123456789Z'],
    [-1_409_738_532n, '1969-12-31T23:59:59.123456789Z'],
  ])('if_tsoffset %i', (offsetSeconds, at) => {
    const file = concat(
      sectionHeader(fields),
      interfaceDescription({ fields, resolution: 9, offsetSeconds }),
      enhancedPacket({ fields, time: 1_409_738_531_123_456_789n }),
    );
    expect(readWhole(file).packets[0].at).toBe(at);
  });

  it('the obsolete Packet Block', () => {
    const data = pattern(10);
    const body = concat(
      fields.u16(0),
      fields.u16(3),
      fields.u32(Number(1_400_000_000_000_000n >> 32n)),
      fields.u32(Number(1_400_000_000_000_000n & 0xffffffffn)),
      fields.u32(10),
      fields.u32(99),
      data,
    );
    const { packets } = readWhole(
      concat(sectionHeader(fields), interfaceDescription({ fields }), block(2, body, fields)),
    );
    expect(packets).toMatchObject([{ at: '2014-05-13T16:53:20.000000Z', data: hex(data), originalLength: 99 }]);
  });
});

describe('pcapng sections and interfaces', () => {
  it('each section has its byte order and its interfaces', () => {
    const file = concat(
      sectionHeader(LITTLE),
      interfaceDescription({ linkType: 1 }),
      enhancedPacket({ time: 2_000_000n }),
      sectionHeader(BIG),
      interfaceDescription({ fields: BIG, linkType: 113, resolution: 9 }),
      interfaceDescription({ fields: BIG, linkType: 12 }),
      enhancedPacket({ fields: BIG, interfaceIndex: 1, time: 1_000_000n }),
      enhancedPacket({ fields: BIG, interfaceIndex: 0, time: 3_000_000_001n }),
    );
    const { packets, reader } = readWhole(file);
    expect(packets.map((packet) => [packet.linkType, packet.at])).toEqual([
      [1, '1970-01-01T00:00:02.000000Z'],
      [LINKTYPE.RAW, '1970-01-01T00:00:01.000000Z'],
      [113, '1970-01-01T00:00:03.000000001Z'],
    ]);
    expect(reader.linkTypes).toEqual([1, 113, LINKTYPE.RAW]);
    expect(reader.earliest()).toEqual({ seconds: 1, fraction: 0, digits: 6 });
    expect(reader.latest()).toEqual({ seconds: 3, fraction: 1, digits: 9 });
  });

  it('Simple Packet Blocks: no time, and the snap length of the first interface', () => {
    const file = concat(
      sectionHeader(),
      interfaceDescription({ snapLength: 32 }),
      simplePacket(pattern(20)),
      simplePacket(pattern(32), 1514),
    );
    const { packets, reader } = readWhole(file);
    expect(packets).toMatchObject([
      { at: null, data: hex(pattern(20)), originalLength: 20 },
      { at: null, data: hex(pattern(32)), originalLength: 1514 },
    ]);
    expect(reader.earliest()).toBeNull();
  });

  it('blocks that Wireshark numbers without being packets', () => {
    const file = concat(
      BEGIN,
      block(0xbad, concat(LITTLE.u32(32_473), text('copied'))),
      enhancedPacket(),
      block(0x40000bad, LITTLE.u32(32_473)),
      block(9, text('MESSAGE=systemd journal\n\n')),
      enhancedPacket(),
    );
    expect(readWhole(file).packets.map((packet) => packet.frame)).toEqual([2, 5]);
  });

  it('statistics, names and unknown blocks have no number', () => {
    const file = concat(
      BEGIN,
      block(5, new Uint8Array(12)),
      block(4, new Uint8Array(4)),
      block(0x777, pattern(9)),
      enhancedPacket(),
    );
    const { packets, reader } = readWhole(file);
    expect(packets.map((packet) => packet.frame)).toEqual([1]);
    expect(reader.problems).toEqual([]);
  });

  it('Decryption Secrets Blocks are kept with their section and place', () => {
    const secrets = text('CLIENT_RANDOM 00 11\n!');
    const body = concat(LITTLE.u32(SECRETS_TLS_KEY_LOG), LITTLE.u32(secrets.length), secrets);
    const file = concat(BEGIN, enhancedPacket(), block(10, body), sectionHeader(), block(10, body));
    const { reader } = readWhole(file);
    expect(reader.secrets).toEqual([
      { type: SECRETS_TLS_KEY_LOG, bytes: secrets, section: 0, frame: 1 },
      { type: SECRETS_TLS_KEY_LOG, bytes: secrets, section: 1, frame: 1 },
    ]);
    expect(reader.secrets[0].bytes.buffer).not.toBe(file.buffer);
  });

  it('a block length without its padding', () => {
    const whole = enhancedPacket({ data: pattern(57) });
    const unpadded = LITTLE.u32(89);
    whole.set(unpadded, 4);
    whole.set(unpadded, whole.length - 4);
    const { packets, reader } = readWhole(concat(BEGIN, whole, enhancedPacket()));
    expect(packets).toHaveLength(2);
    expect(packets[0].data).toBe(hex(pattern(57)));
    expect(reader.problems).toEqual([]);
  });
});

describe('pcapng, damage', () => {
  it.each([
    ['an interface that is missing', enhancedPacket({ interfaceIndex: 7 })],
    ['more packet than block', enhancedPacket({ captured: 61 })],
    ['a block too short for its fields', block(6, new Uint8Array(8))],
    ['a Simple Packet Block with too little', block(3, LITTLE.u32(99))],
    ['a packet larger than any', enhancedPacket({ data: new Uint8Array(LIMITS.packetBytes + 1) })],
  ])('%s: the packet is skipped and counted', (_, bad) => {
    const { packets, reader } = readWhole(concat(BEGIN, enhancedPacket(), bad, enhancedPacket()));
    expect(packets.map((packet) => packet.frame)).toEqual([1, 3]);
    expect(reader.problems).toMatchObject([{ code: 'damaged-packet', frame: 2, offset: BEGIN.length + 92 }]);
  });

  it.each([
    ['lengths that contradict each other', (bytes: Uint8Array) => bytes.fill(1, 88)],
    ['a length below the least', (bytes: Uint8Array) => bytes.fill(0, 4, 8)],
    ['a length above the most', (bytes: Uint8Array) => bytes.fill(0x7f, 4, 8)],
  ])('%s: reading goes on at the next sound blocks', (_, spoil) => {
    const bad = enhancedPacket({ data: new Uint8Array(60).fill(0xdd) });
    spoil(bad);
    const file = concat(BEGIN, enhancedPacket(), bad, enhancedPacket({ data: pattern(5) }), enhancedPacket());
    for (const { packets, reader } of [readWhole(file), readInSteps(file, 1)]) {
      expect(packets.map((packet) => packet.data.length / 2)).toEqual([60, 5, 60]);
      const offset = BEGIN.length + 92;
      expect(reader.problems).toMatchObject([{ code: 'damaged-record', frame: 2, offset }]);
      expect(reader.problems[0].message).toContain(`${bad.length} bytes were skipped`);
    }
  });

  it('damage again and again between blocks without packets', () => {
    const island = concat(block(5, new Uint8Array(12)), block(5, new Uint8Array(12)), new Uint8Array(7).fill(0xff));
    const { reader } = readWhole(concat(BEGIN, Buffer.alloc(island.length * 20_000, island)));
    expect(reader.problems.length).toBe(LIMITS.problems + 1);
  });

  it('cut anywhere: all whole packets and one problem', () => {
    const file = concat(BEGIN, enhancedPacket(), enhancedPacket());
    const bounds = [28, BEGIN.length, BEGIN.length + 92, file.length];
    for (let length = 4; length < file.length; length++) {
      const { packets, reader } = readWhole(file.subarray(0, length));
      expect(packets).toHaveLength(length >= BEGIN.length + 92 ? 1 : 0);
      expect(reader.problems.map((problem) => problem.code)).toEqual(bounds.includes(length) ? [] : ['cut-file']);
    }
  });

  it('packets in front of any interface', () => {
    const { packets, reader } = readWhole(concat(sectionHeader(), enhancedPacket(), simplePacket(pattern(4))));
    expect(packets).toEqual([]);
    expect(reader.problems.map((problem) => problem.code)).toEqual(['damaged-packet', 'damaged-packet']);
  });

  it('a version that is unknown', () => {
    const { reader } = readWhole(concat(sectionHeader(LITTLE, 2), enhancedPacket()));
    expect(reader.problems).toMatchObject([{ code: 'unsupported-version', offset: 0 }]);
  });

  it('problems are capped, and the rest is counted', () => {
    const bad = enhancedPacket({ interfaceIndex: 7 });
    const { reader } = readWhole(concat(BEGIN, ...Array.from({ length: LIMITS.problems + 5 }, () => bad)));
    expect(reader.problems).toHaveLength(LIMITS.problems + 1);
    expect(reader.problems.at(-1)).toEqual({ code: 'further-problems', message: '5 further problems are not listed.' });
  });

  it('secrets are capped', () => {
    const body = concat(LITTLE.u32(SECRETS_TLS_KEY_LOG), LITTLE.u32(12_000_000), new Uint8Array(12_000_000));
    const { reader } = readWhole(concat(sectionHeader(), block(10, body), block(10, body), block(10, body)));
    expect(reader.secrets).toHaveLength(2);
    expect(reader.problems).toMatchObject([{ code: 'too-many-secrets' }]);
  });

  it('secrets whose length goes beyond their block', () => {
    const body = concat(LITTLE.u32(SECRETS_TLS_KEY_LOG), LITTLE.u32(5), new Uint8Array(4));
    const { reader } = readWhole(concat(sectionHeader(), block(10, body)));
    expect(reader.secrets).toEqual([]);
    expect(reader.problems).toMatchObject([{ code: 'damaged-block', offset: 28 }]);
  });
});

describe('pcapng, in pieces', () => {
  it.each([1, 11, 12, 100])('windows of %i bytes show what one window shows', (step) => {
    const bytes = concat(
      BEGIN,
      enhancedPacket(),
      simplePacket(pattern(9)),
      sectionHeader(BIG),
      interfaceDescription({ fields: BIG }),
      enhancedPacket({ fields: BIG }),
    );
    expect(readInSteps(bytes, step).packets).toEqual(readWhole(bytes).packets);
  });
});
