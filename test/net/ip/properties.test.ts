import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PacketDecoder } from '../../../shared/net/packet-decoder.ts';
import { TcpSegment } from '../../../shared/net/segment.ts';
import { copySegment, decodeDatagram, decodePacket, decodePackets } from '../../support/decode.ts';
import {
  authentication,
  ETHER_TYPE,
  ethernet,
  etherTypeOf,
  fragmentIpv4,
  fragmentIpv6,
  geneve,
  gre,
  gtp,
  ipv4,
  ipv6,
  ipv6Extension,
  mpls,
  PROTOCOL,
  pppoe,
  snap,
  tcp,
  tcpSegment,
  udp,
  vlan,
  vxlan,
} from '../../support/frames.ts';
import { concat } from '../../support/octets.ts';

const tcpArbitrary = fc.record({
  sourcePort: fc.nat(0xffff),
  destinationPort: fc.nat(0xffff),
  sequence: fc.nat(0xffffffff),
  acknowledgement: fc.nat(0xffffffff),
  flags: fc.nat(0x3f),
  window: fc.nat(0xffff),
  tcpOptions: fc.uint8Array({ maxLength: 40 }),
  payload: fc.uint8Array({ maxLength: 600 }),
});
const version6 = { source: '2001:db8::1', destination: '2001:db8::25' };

/** What the builders were given, as the decoder should give it back: an answer that owes nothing to the decoder. */
const expected = (fields: { readonly payload: Uint8Array; readonly tcpOptions: Uint8Array }) => {
  const { payload, tcpOptions, ...rest } = fields;
  expect(tcpOptions.length).toBeLessThanOrEqual(40);
  return { ...rest, payload: Buffer.from(payload).toString('latin1'), payloadLength: payload.length };
};

/** Pieces of a datagram: where it is cut, and in which order the pieces arrive, some of them more than once. */
const splitArbitrary = (length: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: Math.max(1, Math.floor((length - 1) / 8)) }), { minLength: 1, maxLength: 8 })
    .map((cuts) => cuts.map((cut) => cut * 8).sort((a, b) => a - b))
    .chain((cuts) => {
      const indexes = [...cuts.keys(), cuts.length];
      return fc.record({
        cuts: fc.constant(cuts),
        order: fc.tuple(fc.constant(indexes), fc.subarray(indexes)).chain(([all, again]) =>
          fc.shuffledSubarray([...all, ...again], {
            minLength: all.length + again.length,
            maxLength: all.length + again.length,
          }),
        ),
      });
    });

const fragmentedArbitrary = tcpArbitrary.chain((fields) =>
  fc.record({ fields: fc.constant(fields), split: splitArbitrary(tcp(fields).length) }),
);

describe('fragmentation', () => {
  it('any split in any order, with duplicates, gives the same segment once', () => {
    fc.assert(
      fc.property(fragmentedArbitrary, fc.boolean(), ({ fields, split }, isVersion6) => {
        const body = tcp(fields);
        const fragments = isVersion6
          ? fragmentIpv6(body, split.cuts, { identification: 0xabcdef01 })
          : fragmentIpv4(body, split.cuts, { identification: 0xabcd });
        const { segments, problems } = decodePackets(split.order.map((index) => ethernet(fragments[index])));
        const found = segments.filter((segment) => segment !== null);
        expect(found).toHaveLength(1);
        expect(found[0]).toMatchObject(expected(fields));
        expect(found[0].identification).toBe(isVersion6 ? 0xabcdef01 : 0xabcd);
        expect(problems).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('overlapping IPv4 fragments of one datagram give the same segment', () => {
    const range = fc.tuple(fc.nat(80), fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(tcpArbitrary, fc.array(range, { maxLength: 12 }), (fields, ranges) => {
        const body = tcp(fields);
        const inside = ranges
          .map(([from, blocks]) => ({ from: from * 8, to: from * 8 + blocks * 8 }))
          .filter(({ to }) => to < body.length);
        const pieces = [...inside, ...fragmentsOf(body.length)].map(({ from, to }) =>
          ipv4(body.subarray(from, to), { identification: 9, fragmentOffset: from, moreFragments: to < body.length }),
        );
        const { segments, problems } = decodePackets(pieces.map((piece) => ethernet(piece)));
        const found = segments.filter((segment) => segment !== null);
        expect(found).toHaveLength(1);
        expect(found[0]).toMatchObject(expected(fields));
        expect(problems).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

/** Two halves, the second one first. */
function fragmentsOf(length: number): { readonly from: number; readonly to: number }[] {
  const middle = Math.max(8, Math.floor(length / 16) * 8);
  return [
    { from: middle, to: length },
    { from: 0, to: middle },
  ];
}

/** A way to pack an IP datagram, and what it costs of the depth that the decoder allows. */
interface Wrapper {
  readonly cost: number;
  readonly wrap: (datagram: Uint8Array) => Uint8Array;
}

const outer = { source: '10.0.0.1', destination: '10.0.0.2' };
const overIpv4 = (payload: Uint8Array, protocol: number) => ipv4(payload, { ...outer, protocol });
const overUdp = (payload: Uint8Array, port: number) => overIpv4(udp(payload, port), PROTOCOL.udp);
const ipProtocolOf = (datagram: Uint8Array) => (etherTypeOf(datagram) === ETHER_TYPE.ipv6 ? 41 : 4);

const TUNNELS: Readonly<Record<string, Wrapper>> = {
  ipInIpv4: { cost: 1, wrap: (datagram) => overIpv4(datagram, ipProtocolOf(datagram)) },
  ipInIpv6: { cost: 1, wrap: (datagram) => ipv6(datagram, { next: ipProtocolOf(datagram) }) },
  extension: {
    cost: 2,
    wrap: (datagram) => ipv6(ipv6Extension(ipProtocolOf(datagram), datagram, 2), { next: 60 }),
  },
  authentication: {
    cost: 2,
    wrap: (datagram) => overIpv4(authentication(ipProtocolOf(datagram), datagram), 51),
  },
  gre: { cost: 1, wrap: (datagram) => overIpv4(gre(datagram), PROTOCOL.gre) },
  nvgre: {
    cost: 2,
    wrap: (datagram) => overIpv4(gre(ethernet(datagram), ETHER_TYPE.ethernet, { key: true }), PROTOCOL.gre),
  },
  greMpls: { cost: 2, wrap: (datagram) => overIpv4(gre(mpls(datagram), ETHER_TYPE.mpls), PROTOCOL.gre) },
  vxlan: { cost: 2, wrap: (datagram) => overUdp(vxlan(ethernet(datagram)), 4789) },
  taggedVxlan: { cost: 3, wrap: (datagram) => overUdp(vxlan(ethernet(vlan(datagram), 0x8100)), 4789) },
  geneve: { cost: 2, wrap: (datagram) => overUdp(geneve(ethernet(datagram), ETHER_TYPE.ethernet, 3), 6081) },
  gtp: { cost: 1, wrap: (datagram) => overUdp(gtp(datagram, true), 2152) },
  pseudowire: {
    cost: 3,
    wrap: (datagram) => overIpv4(mpls(concat(new Uint8Array(4), ethernet(datagram))), PROTOCOL.mpls),
  },
};

const LINKS: Readonly<Record<string, (datagram: Uint8Array) => Uint8Array>> = {
  ethernet: (datagram) => ethernet(datagram),
  tagged: (datagram) => ethernet(vlan(datagram), 0x8100),
  doubleTagged: (datagram) => ethernet(vlan(vlan(datagram), 0x8100), 0x88a8),
  labels: (datagram) => ethernet(mpls(datagram, [1, 2]), 0x8847),
  pppoe: (datagram) => ethernet(vlan(pppoe(datagram), 0x8864), 0x8100),
  snap: (datagram) => concat(new Uint8Array(12), Uint8Array.of(0, 100), snap(datagram)),
};
const LINK_COST = 2;

describe('encapsulation', () => {
  it('any stack of tunnels within the depth, under any link, gives the same segment', () => {
    const tunnels = fc.array(fc.constantFrom(...Object.values(TUNNELS)), { maxLength: 9 });
    fc.assert(
      fc.property(
        tcpArbitrary,
        fc.boolean(),
        tunnels,
        fc.constantFrom(...Object.values(LINKS)),
        (fields, isVersion6, stack, link) => {
          let datagram = tcpSegment(isVersion6 ? { ...fields, ...version6 } : fields);
          let cost = LINK_COST;
          for (const tunnel of stack) {
            if (cost + tunnel.cost > 16) break;
            cost += tunnel.cost;
            datagram = tunnel.wrap(datagram);
          }
          expect(decodePacket(link(datagram))).toMatchObject({ ...expected(fields), ipVersion: isVersion6 ? 6 : 4 });
        },
      ),
      { numRuns: 400 },
    );
  });
});

/** Frames that reach every part of the decoder, as seeds for mutation. */
const SEEDS: readonly Uint8Array[] = [
  ...Object.values(LINKS).flatMap((link) => [
    link(tcpSegment({ payload: 'a'.repeat(40) })),
    link(tcpSegment({ ...version6, payload: 'b'.repeat(40) })),
  ]),
  ...Object.values(TUNNELS).map((tunnel) =>
    ethernet(tunnel.wrap(tunnel.wrap(tcpSegment({ payload: 'c'.repeat(40) })))),
  ),
  ...fragmentIpv4(tcp({ payload: 'd'.repeat(100) }), [16, 64], { identification: 1 }).map((datagram) =>
    ethernet(datagram),
  ),
  ...fragmentIpv6(tcp({ payload: 'd'.repeat(100) }), [16, 64], { identification: 1 }).map((datagram) =>
    ethernet(datagram),
  ),
];

const LINK_TYPES = [
  0, 1, 6, 9, 10, 50, 51, 100, 101, 104, 105, 107, 108, 109, 113, 117, 119, 122, 123, 127, 138, 163, 166, 192, 197, 204,
  205, 206, 219, 226, 228, 229, 239, 240, 241, 242, 258, 276,
];

const mutationArbitrary = fc.record({
  seed: fc.nat(SEEDS.length - 1),
  changes: fc.array(
    fc.tuple(fc.nat(160), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 4, 6, 0x45, 0x60, 0x7f, 0x80, 0xff))),
    { maxLength: 6 },
  ),
  cut: fc.option(fc.nat(160)),
  missing: fc.option(fc.nat(0xffffffff)),
  linkType: fc.oneof(fc.constant(1), fc.constantFrom(...LINK_TYPES)),
});

describe('hostile input', () => {
  it('random mutation never throws, and a segment lies within its buffer', () => {
    const decoder = new PacketDecoder();
    const segment = new TcpSegment();
    fc.assert(
      fc.property(fc.array(mutationArbitrary, { minLength: 1, maxLength: 6 }), (mutations) => {
        for (const { seed, changes, cut, missing, linkType } of mutations) {
          const bytes = SEEDS[seed].slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const captured = cut === null ? bytes.length : Math.min(cut, bytes.length);
          const found = decoder.decode(linkType, bytes, 0, captured, missing ?? bytes.length, segment);
          if (!found) continue;
          const limit = segment.buffer === bytes ? captured : segment.buffer.length;
          expect(segment.capturedPayload).toBeGreaterThanOrEqual(0);
          expect(segment.capturedPayload).toBeLessThanOrEqual(segment.payloadLength);
          if (segment.capturedPayload > 0) {
            expect(segment.payload + segment.capturedPayload).toBeLessThanOrEqual(limit);
          }
          expect(segment.payloadLength).toBeLessThanOrEqual(262_144);
          expect(segment.source + (segment.ipVersion === 4 ? 4 : 16)).toBeLessThanOrEqual(limit);
          expect(segment.destination + (segment.ipVersion === 4 ? 4 : 16)).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 4000 },
    );
    expect(decoder.problems().length).toBeGreaterThan(0);
  });

  it('random bytes under every link type never throw', () => {
    const decoder = new PacketDecoder();
    const segment = new TcpSegment();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(0xffffffff), (bytes, original) => {
        for (const linkType of LINK_TYPES) decoder.decode(linkType, bytes, 0, bytes.length, original, segment);
      }),
      { numRuns: 1000 },
    );
  });

  it('the short way through the decoder and the long one agree on every mutated datagram', () => {
    const seeds = [
      tcpSegment({ payload: 'e'.repeat(30) }),
      tcpSegment(),
      ipv4(tcp({ tcpOptions: new Uint8Array(12), payload: 'f' })),
      ipv4(udp(vxlan(ethernet(tcpSegment())), 4789), { protocol: PROTOCOL.udp }),
      tcpSegment({ ...version6, payload: 'g'.repeat(30) }),
      tcpSegment(version6),
    ];
    const change = fc.tuple(fc.nat(60), fc.oneof(fc.nat(255), fc.constantFrom(0, 4, 5, 6, 17, 20, 40, 0x45, 0x50)));
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(change, { maxLength: 4 }),
        fc.nat(8),
        fc.nat(100),
        (seed, changes, cut, padding) => {
          const datagram = concat(seed, new Uint8Array(padding));
          for (const [at, value] of changes) datagram[at % datagram.length] = value;
          // Loopback always takes the long way; raw IP begins with the short one.
          const isVersion6 = seed[0] >> 4 === 6;
          const loopback = concat(Uint8Array.of(0, 0, 0, isVersion6 ? 30 : 2), datagram);
          const ends = datagram.length - cut;
          expect(decodePacket(datagram.subarray(0, ends), isVersion6 ? 229 : 228, datagram.length)).toEqual(
            decodePacket(loopback.subarray(0, ends + 4), 108, loopback.length),
          );
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('a datagram in the smallest fragments, in the worst order, is put together', () => {
    const body = tcp({ payload: new Uint8Array(65_000).fill(7) });
    const cuts = Array.from({ length: Math.ceil(body.length / 8) - 1 }, (_, index) => (index + 1) * 8);
    const fragments = fragmentIpv4(body, cuts, { identification: 2 });
    const decoder = new PacketDecoder();
    const segment = new TcpSegment();
    const worst = fragments.toReversed();
    const answers = worst.map((bytes) => decoder.decode(228, bytes, 0, bytes.length, bytes.length, segment));
    expect(answers.filter((found) => found)).toHaveLength(1);
    expect(copySegment(segment)).toEqual(decodeDatagram(ipv4(body, { identification: 2 })));
  });
});
