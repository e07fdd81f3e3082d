import { describe, expect, it } from 'vitest';
import { LINKTYPE, UNMAPPED_LINK_TYPE } from '../../shared/capture/linktypes.ts';
import { readInSteps, readWhole } from '../support/capture-reading.ts';
import { pattern, snoopFile } from '../support/capture-writers.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const RECORDS = [
  { seconds: 1_409_738_531, microseconds: 123_456, data: pattern(61, 1), original: 1514 },
  { seconds: 1_409_738_532, microseconds: 1, data: pattern(60, 2) },
];

describe('snoop (RFC 1761)', () => {
  it('records with padding', () => {
    const file = snoopFile(4, RECORDS);
    for (const { packets, reader } of [readWhole(file), readInSteps(file, 1), readInSteps(file, 30)]) {
      expect(packets).toEqual([
        { frame: 1, at: '2014-09-03T10:02:11.123456Z', data: hex(pattern(61, 1)), originalLength: 1514, linkType: 1 },
        { frame: 2, at: '2014-09-03T10:02:12.000001Z', data: hex(pattern(60, 2)), originalLength: 60, linkType: 1 },
      ]);
      expect(reader.problems).toEqual([]);
      expect(reader.linkTypes).toEqual([LINKTYPE.ETHERNET]);
    }
  });

  it.each([
    [0, LINKTYPE.ETHERNET],
    [2, LINKTYPE.IEEE802_5],
    [8, LINKTYPE.FDDI],
    [14, LINKTYPE.NULL],
    [18, LINKTYPE.SUNATM],
    [0x80000005, LINKTYPE.IPNET],
  ])('data link type %i', (network, linkType) => {
    expect(readWhole(snoopFile(network, RECORDS)).packets[0].linkType).toBe(linkType);
  });

  it('InfiniBand without its global routing header', () => {
    expect(readWhole(snoopFile(26, RECORDS)).packets[0]).toMatchObject({
      linkType: LINKTYPE.IPOIB,
      data: hex(pattern(61, 1).subarray(40)),
    });
  });

  it('a type without packet format: packets are counted, and a problem tells', () => {
    const { packets, reader } = readWhole(snoopFile(5, RECORDS));
    expect(packets.map((packet) => packet.linkType)).toEqual([UNMAPPED_LINK_TYPE, UNMAPPED_LINK_TYPE]);
    expect(reader.problems).toMatchObject([{ code: 'unsupported-link-type' }]);
  });

  it.each([
    [12, LINKTYPE.ETHERNET],
    [11, LINKTYPE.IEEE802_5],
  ])('Shomiti, known by its trailers: link type %i', (network, linkType) => {
    const records = RECORDS.map((record) => ({ ...record, padding: 16 }));
    expect(readWhole(snoopFile(network, records, 5)).packets).toMatchObject([{ linkType }, { linkType }]);
  });

  it('Shomiti wireless: behind a header that says its length', () => {
    const data = Uint8Array.of(0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(readWhole(snoopFile(18, [{ data, padding: 18 }], 5)).packets).toMatchObject([
      { linkType: LINKTYPE.IEEE802_11, data: '090a', originalLength: 2 },
    ]);
  });

  it('cut anywhere: all whole packets, padding or not', () => {
    const file = snoopFile(4, RECORDS);
    const bounds = [16, 16 + 88, file.length];
    for (let length = 8; length < file.length; length++) {
      const { packets, reader } = readWhole(file.subarray(0, length));
      expect(packets).toHaveLength(length >= 16 + 24 + 61 ? 1 : 0);
      const isClean = bounds.includes(length) || (length >= 16 + 24 + 61 && length <= 16 + 88);
      expect(reader.problems.map((problem) => problem.code)).toEqual(isClean ? [] : ['cut-file']);
    }
  });

  it.each([
    [20, 'a captured length that no packet has'],
    [24, 'a record that is shorter than its packet'],
  ])('impossible lengths at %i (%s) end the reading', (at) => {
    const file = snoopFile(4, RECORDS);
    file.set(at === 20 ? [0x7f, 0, 0, 0] : [0, 0, 0, 30], at);
    const { packets, reader } = readWhole(file);
    expect(packets).toEqual([]);
    expect(reader.problems).toMatchObject([{ code: 'damaged-record', offset: 16, frame: 1 }]);
  });

  it('a version that is unknown', () => {
    expect(readWhole(snoopFile(4, RECORDS, 6)).reader.problems).toMatchObject([{ code: 'unsupported-version' }]);
  });
});
