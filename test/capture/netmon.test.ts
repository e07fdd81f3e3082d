import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { LINKTYPE, UNMAPPED_LINK_TYPE } from '../../shared/capture/linktypes.ts';
import { readInSteps, readWhole } from '../support/capture-reading.ts';
import { LITTLE, type NetmonOptions, netmonFile, pattern } from '../support/capture-writers.ts';
import { concat } from '../support/octets.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const FRAMES = [0, 1, 2, 3].map((i) => ({ data: pattern(50 + i, i), elapsed: BigInt(i) * 1_500n, original: 60 + i }));
/** 2014-09-03T10:02:11.1234567Z in units of 100 ns since 1601. */
const FILE_TIME = (1_409_738_531n + 11_644_473_600n) * 10_000_000n + 1_234_567n;

describe('Network Monitor', () => {
  it('1.x: milliseconds since the start', () => {
    const { packets, reader } = readWhole(netmonFile({ version: [1, 1] }, FRAMES));
    expect(packets.map((packet) => packet.at)).toEqual([
      '2014-09-03T10:02:11.250Z',
      '2014-09-03T10:02:12.750Z',
      '2014-09-03T10:02:14.250Z',
      '2014-09-03T10:02:15.750Z',
    ]);
    expect(packets.map((packet) => packet.data)).toEqual(FRAMES.map((frame) => hex(frame.data)));
    expect(packets.map((packet) => packet.originalLength)).toEqual([60, 61, 62, 63]);
    expect(reader.linkTypes).toEqual([LINKTYPE.ETHERNET]);
    expect(reader.problems).toEqual([]);
  });

  it('2.0: microseconds since the start', () => {
    const { packets } = readWhole(netmonFile({ version: [2, 0], network: 2 }, FRAMES));
    expect(packets[3]).toMatchObject({ at: '2014-09-03T10:02:11.254500Z', linkType: LINKTYPE.IEEE802_5 });
  });

  it('times before the start: negative once multiplied by ten', () => {
    // -1 s in units of 100 ns, divided by ten as an unsigned number.
    const elapsed = (2n ** 64n - 10_000_000n) / 10n + 1n;
    const { packets } = readWhole(netmonFile({ version: [2, 0] }, [{ elapsed }]));
    expect(packets[0].at?.slice(0, 23)).toBe('2014-09-03T10:02:10.250');
  });

  it('2.1: each frame has its own media type', () => {
    const mediaTypes = [1, 9, 0xe000 + 113, 0xe000 + 101, 0xfffb, 0xffe0, 0];
    const { packets, reader } = readWhole(
      netmonFile(
        { version: [2, 1] },
        mediaTypes.map((mediaType) => ({ mediaType })),
      ),
    );
    expect(packets.map((packet) => packet.linkType)).toEqual([
      LINKTYPE.ETHERNET,
      LINKTYPE.RAW,
      LINKTYPE.LINUX_SLL,
      LINKTYPE.RAW,
      UNMAPPED_LINK_TYPE,
      UNMAPPED_LINK_TYPE,
      LINKTYPE.ETHERNET,
    ]);
    expect(reader.linkTypes).toEqual([LINKTYPE.ETHERNET, LINKTYPE.RAW, LINKTYPE.LINUX_SLL]);
  });

  it('records that Wireshark does not number: payload headers, network information, name cache', () => {
    const frames = [
      { mediaType: 0xfffd },
      { mediaType: 1 },
      { mediaType: 0xfffe },
      { mediaType: 0xfffc },
      { mediaType: 1 },
    ];
    expect(readWhole(netmonFile({ version: [2, 2] }, frames)).packets.map((packet) => packet.frame)).toEqual([1, 2]);
  });

  it('802.11 frames without their metadata, ATM without its addresses', () => {
    const wireless = concat(Uint8Array.of(2), LITTLE.u16(32), new Uint8Array(29), pattern(40));
    const atm = concat(new Uint8Array(16), pattern(30));
    const frames = [
      { mediaType: 6, data: wireless },
      { mediaType: 4, data: atm },
    ];
    expect(readWhole(netmonFile({ version: [2, 1] }, frames)).packets).toMatchObject([
      { linkType: LINKTYPE.IEEE802_11, data: hex(pattern(40)), originalLength: 40 },
      { linkType: LINKTYPE.ATM_RFC1483, data: hex(pattern(30)), originalLength: 30 },
    ]);
  });

  it('2.3: UTC in units of 100 ns', () => {
    const { packets, reader } = readWhole(netmonFile({ version: [2, 3] }, [{ fileTime: FILE_TIME, elapsed: 5n }]));
    expect(packets[0].at).toBe('2014-09-03T10:02:11.1234567Z');
    expect(reader.latest()).toEqual({ seconds: 1_409_738_531, fraction: 1_234_567, digits: 7 });
  });

  it.each<[string, Partial<NetmonOptions>]>([
    ['in order', {}],
    ['with holes', { hole: 37 }],
    ['the last frame first in the file', { fileOrder: [3, 0, 1, 2] }],
    ['backwards', { fileOrder: [3, 2, 1, 0] }],
  ])('the frame table decides: %s', (_, options) => {
    const file = netmonFile({ version: [2, 1], ...options }, FRAMES);
    const expected = FRAMES.map((frame) => hex(frame.data));
    expect(readWhole(file).packets.map((packet) => packet.data)).toEqual(expected);
    for (const step of [1, 50, 130]) {
      const { packets, reader } = readInSteps(file, step);
      expect(packets.map((packet) => packet.data)).toEqual(expected);
      expect(reader.problems).toEqual([]);
    }
  });

  it('a table larger than what is held of it', () => {
    const frames = Array.from({ length: LIMITS.netmonTableEntries + 3 }, (_, i) => ({
      data: Uint8Array.of(i, i >> 8),
    }));
    const { reader, packets } = readWhole(netmonFile({ version: [2, 0] }, frames));
    expect(packets).toHaveLength(frames.length);
    expect(packets.at(-1)).toMatchObject({ frame: frames.length, data: '0200' });
    expect(reader.problems).toEqual([]);
  });
});

describe('Network Monitor, damage', () => {
  const file = netmonFile({ version: [2, 1] }, FRAMES);
  const tableAt = file.length - 16;

  it('a file without its table is read frame by frame', () => {
    for (let length = 128; length <= tableAt; length++) {
      const { packets, reader } = readWhole(file.subarray(0, length));
      expect(packets.map((packet) => packet.data)).toEqual(
        FRAMES.map((frame) => hex(frame.data)).slice(0, packets.length),
      );
      expect(reader.problems[0]).toMatchObject({ code: 'cut-file', offset: tableAt });
    }
    expect(readWhole(file.subarray(0, tableAt)).packets).toHaveLength(4);
    expect(readWhole(file.subarray(0, tableAt - 1)).packets).toHaveLength(3);
  });

  it('a table that is cut: the frames that it still knows', () => {
    const { packets, reader } = readWhole(file.subarray(0, tableAt + 9));
    expect(packets).toHaveLength(2);
    expect(reader.problems).toMatchObject([{ code: 'cut-file', offset: tableAt + 8 }]);
  });

  it.each([
    ['beyond the end of the file', 0x7fffffff],
    ['into the header, where no record is', 4],
  ])('an entry that points %s: the frame is skipped', (_, target) => {
    const damaged = file.slice();
    damaged.set(LITTLE.u32(target), tableAt + 4);
    for (const { packets, reader } of [readWhole(damaged), readInSteps(damaged, 1)]) {
      expect(packets.map((packet) => packet.frame)).toEqual([1, 3, 4]);
      expect(reader.problems).toMatchObject([{ code: 'damaged-record', frame: 2, offset: target }]);
    }
  });

  it('a version that is unknown', () => {
    expect(readWhole(netmonFile({ version: [3, 0] }, FRAMES)).reader.problems).toMatchObject([
      { code: 'unsupported-version' },
    ]);
  });
});
