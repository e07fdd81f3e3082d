import { describe, expect, it } from 'vitest';
import { decodeDatagram, decodePackets } from '../../support/decode.ts';
import {
  type CapturedPacket,
  ethernet,
  fragmentIpv4,
  fragmentIpv6,
  ipv4,
  ipv6,
  ipv6Extension,
  ipv6Fragment,
  PROTOCOL,
  tcp,
  udp,
} from '../../support/frames.ts';

const PAYLOAD = Array.from({ length: 90 }, (_, i) => `line ${i}\r\n`).join('');
const BODY = tcp({ payload: PAYLOAD, sequence: 4711 });
const CUTS = [16, 240, 488];
const ID = { identification: 77 };
const VERSION_6 = { source: '2001:db8::1', destination: '2001:db8::25' };
const V4 = fragmentIpv4(BODY, CUTS, ID).map((datagram) => ethernet(datagram));
const V6 = fragmentIpv6(BODY, CUTS, ID).map((datagram) => ethernet(datagram));
const WHOLE4 = decodeDatagram(ipv4(BODY, ID));
const WHOLE6 = { ...decodeDatagram(ipv6(BODY)), ...ID };

const found = (packets: readonly (CapturedPacket | Uint8Array)[]) =>
  decodePackets(packets).segments.filter((segment) => segment !== null);
const codes = (packets: readonly (CapturedPacket | Uint8Array)[]) =>
  decodePackets(packets).problems.map((problem) => problem.code);
/** The same fragment with its last byte changed. */
const altered = (frame: Uint8Array) => frame.map((byte, index) => (index === frame.length - 1 ? byte ^ 1 : byte));

describe.each([
  ['IPv4', V4, WHOLE4],
  ['IPv6', V6, WHOLE6],
])('fragments of %s', (_name, frames, whole) => {
  it('in order: the last one brings the segment', () => {
    expect(decodePackets(frames)).toEqual({ segments: [null, null, null, whole], problems: [] });
  });

  it('out of order', () => {
    expect(decodePackets(frames.toReversed())).toEqual({ segments: [null, null, null, whole], problems: [] });
    expect(found([frames[2], frames[0], frames[3], frames[1]])).toEqual([whole]);
  });

  it('duplicates, each right behind the original, are harmless', () => {
    const doubled = frames.flatMap((frame) => [frame, frame]);
    expect(found(doubled)).toEqual([whole]);
    expect(codes(doubled)).toEqual([]);
  });

  it('the whole series twice is harmless', () => {
    expect(found([...frames, ...frames])).toEqual([whole]);
    expect(codes([...frames, ...frames])).toEqual([]);
  });

  it('a hole that is never filled is one problem, with the number of datagrams', () => {
    const { segments, problems } = decodePackets([frames[0], frames[1], frames[3]]);
    expect(segments).toEqual([null, null, null]);
    expect(problems).toEqual([
      {
        code: 'incomplete-datagrams',
        message: '1 fragmented IP datagram lacked fragments and could not be put together.',
      },
    ]);
  });

  it('a snap length that cuts fragments leaves what was captured without interruption', () => {
    const cut = frames.map((frame, index) =>
      index === 1 ? { bytes: frame.subarray(0, frame.length - 100), originalLength: frame.length } : frame,
    );
    const [segment] = found(cut);
    expect(segment.payloadLength).toBe(PAYLOAD.length);
    expect(segment.payload).toBe(PAYLOAD.slice(0, CUTS[1] - 100 - 20));
  });

  it('a fragment beyond the largest datagram is damage', () => {
    const far = ipv4(new Uint8Array(100), { ...ID, fragmentOffset: 65_528 });
    const far6 = ipv6(ipv6Fragment(6, new Uint8Array(100), { identification: 1, offset: 65_528, more: false }), {
      next: 44,
    });
    expect(codes([ethernet(frames === V4 ? far : far6)])).toEqual(['malformed-fragments']);
  });
});

describe('overlapping fragments', () => {
  const early = ethernet(ipv4(BODY.subarray(0, 240), { ...ID, moreFragments: true }));
  const late = (bytes: Uint8Array) => ethernet(ipv4(bytes, { ...ID, fragmentOffset: 120 }));

  it('IPv4, same bytes: no conflict', () => {
    expect(found([early, late(BODY.subarray(120))])).toEqual([WHOLE4]);
    expect(codes([early, late(BODY.subarray(120))])).toEqual([]);
  });

  it('IPv4, other bytes: the first copy wins, and it is a problem', () => {
    const other = BODY.slice(120);
    other.fill(0x21, 0, 120);
    expect(found([early, late(other)])).toEqual([WHOLE4]);
    expect(codes([early, late(other)])).toEqual(['conflicting-fragments']);
  });

  it('IPv4, in the order that makes the later bytes come first: they win', () => {
    const other = BODY.slice(120);
    other.fill(0x21, 0, 120);
    const [segment] = found([late(other), early]);
    expect(segment.payload).toBe(PAYLOAD.slice(0, 100) + '!'.repeat(120) + PAYLOAD.slice(220));
  });

  it('IPv4, a fragment over several others and their gaps fills the gaps', () => {
    const pieces = fragmentIpv4(BODY, [80, 160, 240, 320, 400], ID).map((datagram) => ethernet(datagram));
    const over = ethernet(ipv4(BODY.subarray(40, 360), { ...ID, fragmentOffset: 40, moreFragments: true }));
    expect(found([pieces[5], pieces[3], pieces[1], over, pieces[0], pieces[4]])).toEqual([WHOLE4]);
  });

  it('IPv4, two ends that differ: the first one holds', () => {
    const [first, ...rest] = V4;
    const falseEnd = ethernet(ipv4(new Uint8Array(8), { ...ID, fragmentOffset: 1600 }));
    expect(found([first, V4[3], falseEnd, ...rest])).toEqual([WHOLE4]);
    expect(codes([first, V4[3], falseEnd, ...rest])).toEqual(['conflicting-fragments']);
  });

  it('IPv6: an overlap discards the datagram, and what comes later of it (RFC 5722)', () => {
    const fragment = (from: number, to: number) =>
      ethernet(
        ipv6(ipv6Fragment(6, BODY.subarray(from, to), { ...ID, offset: from, more: to < BODY.length }), {
          ...VERSION_6,
          next: 44,
        }),
      );
    const overlapping = [fragment(0, 240), fragment(120, 480), fragment(240, BODY.length), fragment(0, 240)];
    expect(found(overlapping)).toEqual([]);
    expect(codes(overlapping)).toEqual(['conflicting-fragments']);
  });

  it('IPv6: a copy with other bytes discards the datagram', () => {
    expect(found([V6[0], V6[1], altered(V6[1]), V6[2], V6[3]])).toEqual([]);
    expect(codes([V6[0], V6[1], altered(V6[1]), V6[2], V6[3]])).toEqual(['conflicting-fragments']);
  });
});

describe('identification', () => {
  it('different datagrams do not mix: by identification, address and, for IPv4, protocol', () => {
    const others = [
      { identification: 78 },
      { ...ID, source: '192.0.2.99' },
      { ...ID, destination: '192.0.2.99' },
      { ...ID, protocol: PROTOCOL.udp },
    ];
    for (const other of others) {
      const noise = fragmentIpv4(new Uint8Array(BODY.length), CUTS, other).map((datagram) => ethernet(datagram));
      expect(found([V4[0], noise[1], noise[0], V4[1], noise[2], V4[2], V4[3]])).toEqual([WHOLE4]);
    }
  });

  it('a number used again for another datagram begins anew', () => {
    const second = tcp({ payload: PAYLOAD.toUpperCase(), sequence: 99_999 });
    const again = fragmentIpv4(second, CUTS, ID).map((datagram) => ethernet(datagram));
    expect(found([...V4, ...again])).toEqual([WHOLE4, decodeDatagram(ipv4(second, ID))]);
    expect(codes([...V4, ...again])).toEqual([]);
  });

  it('fragments do not wait longer than 65,536 packets', () => {
    const noise = Array(65_536).fill(ethernet(ipv4(new Uint8Array(20), { protocol: 1 })));
    expect(found([V4[0], ...noise, ...V4.slice(1)])).toEqual([]);
    expect(found([V4[0], ...noise.slice(10), ...V4.slice(1)])).toEqual([WHOLE4]);
  });
});

describe('what is not worth holding', () => {
  it('fragments of ICMP and of UDP that is no tunnel pass in silence', () => {
    const echo = fragmentIpv4(new Uint8Array(3000), [1480], { ...ID, protocol: 1 });
    const media = fragmentIpv4(udp(new Uint8Array(3000), 5004), [1480], { ...ID, protocol: 17 });
    const lost = [echo[0], media[0], media[1].map((byte, index) => (index === 5 ? 9 : byte))];
    expect(decodePackets(lost.map((datagram) => ethernet(datagram))).problems).toEqual([]);
  });

  it('a tunnel in UDP that lacks fragments is counted', () => {
    const tunnel = fragmentIpv4(udp(new Uint8Array(3000), 4789), [1480], { ...ID, protocol: 17 });
    expect(codes([ethernet(tunnel[0])])).toEqual(['incomplete-datagrams']);
    expect(codes([ethernet(tunnel[1])])).toEqual([]);
  });

  it('a flood of first fragments costs the oldest datagrams, and is counted', () => {
    const flood = Array.from({ length: 3000 }, (_, i) =>
      ethernet(ipv4(new Uint8Array(1480), { identification: i, source: '10.9.8.7', moreFragments: true })),
    );
    const { segments, problems } = decodePackets([...V4.slice(0, 2), ...flood, ...V4.slice(2), ...V4]);
    expect(segments.filter((segment) => segment !== null)).toEqual([WHOLE4]);
    expect(problems).toHaveLength(1);
    expect(problems[0].message).toMatch(/^300[1-9] fragmented IP datagrams/);
  });
});

describe('fragments with headers inside', () => {
  it('extension headers in the fragmentable part (RFC 8200 section 4.5)', () => {
    const part = ipv6Extension(6, BODY, 3);
    const frames = fragmentIpv6(part, [16, 64], { ...ID, next: 60 }).map((datagram) => ethernet(datagram));
    expect(found(frames)).toEqual([WHOLE6]);
  });

  it('extension headers in front of the fragment header', () => {
    const frames = fragmentIpv6(BODY, CUTS, ID).map((datagram) =>
      ethernet(ipv6(ipv6Extension(44, datagram.subarray(40)), { next: 0 })),
    );
    expect(found(frames)).toEqual([WHOLE6]);
  });

  it('fragments inside fragments', () => {
    const inner = fragmentIpv4(BODY, [400], { identification: 5 });
    const frames = inner.flatMap((datagram, index) =>
      fragmentIpv4(datagram, [200], { identification: 100 + index, protocol: 4, source: '10.0.0.1' }),
    );
    expect(found(frames.map((datagram) => ethernet(datagram)))).toEqual([{ ...WHOLE4, identification: 5 }]);
  });

  it('a segment split inside its TCP header', () => {
    for (const cut of [8, 16]) {
      const frames = fragmentIpv4(BODY, [cut], ID).map((datagram) => ethernet(datagram));
      expect(found(frames)).toEqual([WHOLE4]);
    }
  });
});
