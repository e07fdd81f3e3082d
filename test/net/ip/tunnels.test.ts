import { describe, expect, it } from 'vitest';
import { decodeDatagram, decodePackets } from '../../support/decode.ts';
import {
  ETHER_TYPE,
  ethernet,
  fragmentIpv4,
  geneve,
  gre,
  gtp,
  ipv4,
  ipv6,
  mpls,
  PROTOCOL,
  ppp,
  snap,
  tcpSegment,
  udp,
  vlan,
  vxlan,
} from '../../support/frames.ts';
import { concat, uint16 } from '../../support/octets.ts';

const MAIL = { payload: 'STARTTLS\r\n', sequence: 12345 };
const V4 = tcpSegment(MAIL);
const V6 = tcpSegment({ ...MAIL, source: '2001:db8::1', destination: '2001:db8::25' });
const OUTER = { source: '10.0.0.1', destination: '10.0.0.2' };
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const overGre = (payload: Uint8Array) => ipv4(payload, { ...OUTER, protocol: PROTOCOL.gre });
const overUdp = (payload: Uint8Array, port: number) => ipv4(udp(payload, port), { ...OUTER, protocol: PROTOCOL.udp });

const TUNNELS: readonly (readonly [name: string, datagram: Uint8Array, version?: 4 | 6])[] = [
  ['IP in IP (RFC 2003)', ipv4(V4, { ...OUTER, protocol: 4 })],
  ['IP in IP by the old number', ipv4(V4, { ...OUTER, protocol: 94 })],
  ['6in4 (RFC 4213)', ipv4(V6, { ...OUTER, protocol: 41 }), 6],
  ['IPv6 in IPv6 (RFC 2473)', ipv6(V6, { next: 41, source: 'fd00::1', destination: 'fd00::2' }), 6],
  ['IPv4 in IPv6 (RFC 2473)', ipv6(V4, { next: 4, source: 'fd00::1', destination: 'fd00::2' })],
  ['GRE (RFC 2784)', overGre(gre(V4))],
  ['GRE with IPv6', overGre(gre(V6)), 6],
  ['GRE over IPv6', ipv6(gre(V4), { next: 47 })],
  ['GRE with checksum', overGre(gre(V4, ETHER_TYPE.ipv4, { checksum: true }))],
  ['GRE with key and sequence number (RFC 2890)', overGre(gre(V4, ETHER_TYPE.ipv4, { key: true, sequence: true }))],
  ['GRE with all three', overGre(gre(V4, ETHER_TYPE.ipv4, { checksum: true, key: true, sequence: true }))],
  ['GRE with Ethernet', overGre(gre(ethernet(V4), ETHER_TYPE.ethernet))],
  ['NVGRE (RFC 7637)', overGre(gre(ethernet(vlan(V6), 0x8100), ETHER_TYPE.ethernet, { key: true })), 6],
  ['GRE with MPLS', overGre(gre(mpls(V4), ETHER_TYPE.mpls))],
  ['GRE with WCCP redirection', overGre(gre(concat(hex('00000000'), V4), 0x883e))],
  [
    'GRE version 1 with PPP (PPTP, RFC 2637)',
    overGre(concat(hex('3081 880b 0030 0001 00000001 00000001 ff03'), ppp(V4))),
  ],
  [
    'GRE of Aruba with an 802.11 frame',
    overGre(gre(concat(hex('0802 0000 020000000001 020000000002 020000000003 1000'), snap(V4)), 0x8240)),
  ],
  ['ERSPAN type I', overGre(gre(ethernet(V4), 0x88be))],
  ['ERSPAN type II', overGre(gre(concat(hex('1001000100000000'), ethernet(V4)), 0x88be, { sequence: true }))],
  [
    'ERSPAN type III',
    overGre(gre(concat(hex('20010001 00000000 00000000'), ethernet(V4)), 0x22eb, { sequence: true })),
  ],
  [
    'ERSPAN type III with a platform header',
    overGre(gre(concat(hex('20010001 00000000 00000001 0000000000000000'), ethernet(V4)), 0x22eb, { sequence: true })),
  ],
  ['VXLAN (RFC 7348)', overUdp(vxlan(ethernet(V4)), 4789)],
  ['VXLAN on the port of Linux', overUdp(vxlan(ethernet(V6)), 8472), 6],
  ['VXLAN with a tag inside', overUdp(vxlan(ethernet(vlan(V4), 0x8100)), 4789)],
  ['VXLAN over IPv6', ipv6(udp(vxlan(ethernet(V4)), 4789), { next: 17 })],
  ['VXLAN-GPE with IPv4', overUdp(concat(hex('0c000001 00000100'), V4), 4790)],
  ['VXLAN-GPE with Ethernet', overUdp(concat(hex('0c000003 00000100'), ethernet(V4)), 4790)],
  ['Geneve (RFC 8926)', overUdp(geneve(ethernet(V4), ETHER_TYPE.ethernet), 6081)],
  ['Geneve with options', overUdp(geneve(ethernet(V4), ETHER_TYPE.ethernet, 5), 6081)],
  ['Geneve with IPv6', overUdp(geneve(V6, ETHER_TYPE.ipv6), 6081), 6],
  ['GTP-U (TS 29.281)', overUdp(gtp(V4), 2152)],
  ['GTP-U with an extension header', overUdp(gtp(V6, true), 2152), 6],
  ['Teredo (RFC 4380)', overUdp(V6, 3544), 6],
  [
    'Teredo with authentication and origin',
    overUdp(concat(hex('00010000'), new Uint8Array(9), hex('0000 1234 01020304'), V6), 3544),
    6,
  ],
  ['GRE in UDP (RFC 8086)', overUdp(gre(V4), 4754)],
  ['MPLS in UDP (RFC 7510)', overUdp(mpls(V4), 6635)],
  ['MPLS in IP (RFC 4023)', ipv4(mpls(V4), { ...OUTER, protocol: 137 })],
  ['EtherIP (RFC 3378)', ipv4(concat(hex('3000'), ethernet(V4)), { ...OUTER, protocol: 97 })],
  ['Ethernet in IPv6 segment routing (RFC 8986)', ipv6(ethernet(V4), { next: 143 })],
  ['L2TP (RFC 2661)', overUdp(concat(hex('0002 0001 0001 ff03'), ppp(V4)), 1701)],
  ['L2TP with all fields', overUdp(concat(hex('4a02 0050 0001 0001 0000 0000 0002 0000'), ppp(V4)), 1701)],
];

const CASES = TUNNELS.map(([name, datagram, version = 4]) => ({ name, datagram, version }));

describe('tunnels', () => {
  it.each(CASES)('$name', ({ datagram, version }) => {
    expect(decodeDatagram(datagram)).toEqual(decodeDatagram(version === 4 ? V4 : V6));
  });

  const overIpv4 = CASES.filter(({ datagram }) => datagram[0] >> 4 === 4);
  it.each(overIpv4)('$name, in outer fragments', ({ datagram, version }) => {
    const fragments = fragmentIpv4(datagram.subarray(20), [24, 48], {
      ...OUTER,
      protocol: datagram[9],
      identification: 3,
    });
    const { segments, problems } = decodePackets(fragments.map((fragment) => ethernet(fragment)));
    expect(segments).toEqual([null, null, decodeDatagram(version === 4 ? V4 : V6)]);
    expect(problems).toEqual([]);
  });

  it('nesting ends at the limit', () => {
    let datagram = V4;
    for (let i = 0; i < 20; i++) datagram = ipv4(datagram, { ...OUTER, protocol: 4 });
    const { segments, problems } = decodePackets([ethernet(datagram)]);
    expect(segments).toEqual([null]);
    expect(problems).toEqual([
      { code: 'encapsulation-too-deep', message: '1 packet nested in more than 16 tags and tunnels.' },
    ]);
  });

  it('a UDP packet on a tunnel port that is no tunnel is just UDP', () => {
    const bodies = ['hello, world, this is no tunnel', '\0'.repeat(64), '\xff'.repeat(64), ''];
    const ports = [4789, 8472, 4790, 6081, 2152, 3544, 4754, 6635, 1701];
    for (const port of ports) {
      for (const body of bodies) {
        const { segments } = decodePackets([ethernet(overUdp(Buffer.from(body, 'latin1'), port))]);
        expect(segments).toEqual([null]);
      }
    }
  });

  it('VXLAN without its flag, GTP-U that is no G-PDU, L2TP control and a later Geneve are not entered', () => {
    const frames = [
      overUdp(concat(hex('0000000000000100'), ethernet(V4)), 4789),
      overUdp(concat(hex('30010000 00000001'), V4), 2152),
      overUdp(concat(hex('8002 0001 0001 ff03'), ppp(V4)), 1701),
      overUdp(concat(hex('0001 0001 0001 ff03'), ppp(V4)), 1701),
      overUdp(concat(hex('4000 6558 00000000'), ethernet(V4)), 6081),
    ];
    for (const frame of frames) expect(decodePackets([ethernet(frame)])).toEqual({ segments: [null], problems: [] });
  });

  it.each(CASES)('$name, cut at every length, never looks behind the packet', ({ datagram }) => {
    const frame = ethernet(datagram);
    for (let length = 0; length < frame.length; length++) {
      const packet = { bytes: frame.subarray(0, length), originalLength: frame.length };
      expect(decodePackets([packet], 1, frame.slice(length))).toEqual(decodePackets([packet]));
    }
  });

  it('the inner packet may be cut by the snap length', () => {
    const frame = ethernet(overUdp(vxlan(ethernet(V4)), 4789));
    const { segments } = decodePackets([{ bytes: frame.subarray(0, frame.length - 4), originalLength: frame.length }]);
    expect(segments[0]).toMatchObject({ payloadLength: MAIL.payload.length, payload: MAIL.payload.slice(0, -4) });
  });

  it('GRE with source routing (RFC 1701) or a later version is not entered', () => {
    const routed = gre(V4);
    routed[0] |= 0x40;
    const later = gre(V4);
    later[1] |= 2;
    expect(decodePackets([ethernet(overGre(routed)), ethernet(overGre(later))]).segments).toEqual([null, null]);
  });

  it('a PPTP acknowledgement has nothing inside (RFC 2637 section 4.1)', () => {
    const acknowledgement = overGre(hex('2081 880b 0000 0018 00000006'));
    expect(decodePackets([ethernet(acknowledgement)])).toEqual({ segments: [null], problems: [] });
  });

  it('a GRE keep-alive has nothing inside', () => {
    expect(decodePackets([ethernet(overGre(concat(uint16(0), uint16(0))))])).toEqual({
      segments: [null],
      problems: [],
    });
  });
});
