import { describe, expect, it } from 'vitest';
import { decodeDatagram, decodePacket, decodePackets } from '../../support/decode.ts';
import { ethernet, mpls, ppp, pppoe, snap, tcpSegment, vlan } from '../../support/frames.ts';
import { concat } from '../../support/octets.ts';

const MAIL = { payload: '220 mail.example ESMTP\r\n', sequence: 0xfffffff0, flags: 0x18 };
const V4 = tcpSegment(MAIL);
const V6 = tcpSegment({ ...MAIL, source: '2001:db8::1', destination: '2001:db8::25' });
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** A data frame from an access point, as tcpdump.org and radiotap.org lay them out. */
const wifi = (frameControl: string, afterAddresses = '') =>
  concat(hex(`${frameControl} 0000 020000000001 020000000002 020000000003 1000 ${afterAddresses}`), snap(V4));

const FRAMES: readonly (readonly [name: string, linkType: number, frame: Uint8Array, version?: 4 | 6])[] = [
  ['Ethernet II', 1, ethernet(V4)],
  ['Ethernet II with IPv6', 1, ethernet(V6), 6],
  ['802.3 with LLC and SNAP', 1, concat(hex('020000000002 020000000001 0060'), snap(V4))],
  ['802.3 with the bridge tunnel of 802.1H', 1, concat(hex('020000000002 020000000001 0060 aaaa03 0000f8 0800'), V4)],
  ['802.3 with IP over LLC', 1, concat(hex('020000000002 020000000001 0060 060603'), V4)],
  ['802.1Q', 1, ethernet(vlan(V4), 0x8100)],
  ['802.1Q with IPv6', 1, ethernet(vlan(V6), 0x8100), 6],
  ['802.1ad over 802.1Q', 1, ethernet(vlan(vlan(V4), 0x8100), 0x88a8)],
  ['QinQ with the old types', 1, ethernet(vlan(vlan(vlan(V4), 0x8100), 0x9100), 0x9200)],
  ['802.1Q with LLC and SNAP', 1, ethernet(concat(hex('002a 0050'), snap(V4)), 0x8100)],
  ['VN-Tag', 1, ethernet(concat(hex('80000001 0800'), V4), 0x8926)],
  ['E-Tag of 802.1BR', 1, ethernet(concat(hex('000000010000 0800'), V4), 0x893f)],
  ['802.1ah', 1, ethernet(concat(hex('00000001'), ethernet(V4)), 0x88e7)],
  ['MPLS, one label', 1, ethernet(mpls(V4), 0x8847)],
  ['MPLS, three labels, IPv6', 1, ethernet(mpls(V6, [16, 17, 18]), 0x8847), 6],
  ['MPLS multicast', 1, ethernet(mpls(V4), 0x8848)],
  ['MPLS pseudowire with control word', 1, ethernet(mpls(concat(hex('00000000'), ethernet(V4))), 0x8847)],
  ['MPLS pseudowire without control word', 1, ethernet(mpls(ethernet(V4)), 0x8847)],
  [
    'MPLS pseudowire whose first address begins like IPv4',
    1,
    ethernet(mpls(concat(hex('4e0000000001 020000000002 0800'), V4)), 0x8847),
  ],
  [
    'MPLS pseudowire whose first address begins like IPv6',
    1,
    ethernet(mpls(concat(hex('6e000000ff01 020000000002 0800'), V4)), 0x8847),
  ],
  ['PPPoE', 1, ethernet(pppoe(V4), 0x8864)],
  ['PPPoE with IPv6', 1, ethernet(pppoe(V6), 0x8864), 6],
  ['LINKTYPE_NULL, little-endian', 0, concat(hex('02000000'), V4)],
  ['LINKTYPE_NULL, big-endian', 0, concat(hex('00000002'), V4)],
  ['LINKTYPE_NULL, AF_INET6 of NetBSD', 0, concat(hex('18000000'), V6), 6],
  ['LINKTYPE_NULL, AF_INET6 of FreeBSD', 0, concat(hex('1c000000'), V6), 6],
  ['LINKTYPE_NULL, AF_INET6 of macOS, big-endian', 0, concat(hex('0000001e'), V6), 6],
  ['LINKTYPE_NULL, AF_INET6 of Linux', 0, concat(hex('0a000000'), V6), 6],
  ['LINKTYPE_LOOP', 108, concat(hex('00000002'), V4)],
  ['LINKTYPE_LOOP, IPv6', 108, concat(hex('00000018'), V6), 6],
  ['LINKTYPE_RAW', 101, V4],
  ['LINKTYPE_RAW, IPv6', 101, V6, 6],
  ['LINKTYPE_IPV4', 228, V4],
  ['LINKTYPE_IPV6', 229, V6, 6],
  ['LINKTYPE_LINUX_SLL', 113, concat(hex('0000 0001 0006 0200000000010000 0800'), V4)],
  ['LINKTYPE_LINUX_SLL with a tag', 113, concat(hex('0000 0001 0006 0200000000010000 8100'), vlan(V4))],
  ['LINKTYPE_LINUX_SLL with LLC', 113, concat(hex('0000 0001 0006 0200000000010000 0004'), snap(V4))],
  ['LINKTYPE_LINUX_SLL2', 276, concat(hex('0800 0000 00000002 0001 00 06 0200000000010000'), V4)],
  ['LINKTYPE_LINUX_SLL2, IPv6', 276, concat(hex('86dd 0000 00000002 0001 00 06 0200000000010000'), V6), 6],
  ['LINKTYPE_PPP', 9, ppp(V4)],
  ['LINKTYPE_PPP with address and control', 9, concat(hex('ff03'), ppp(V4))],
  ['LINKTYPE_PPP with a compressed protocol', 9, concat(hex('ff03 21'), V4)],
  ['LINKTYPE_PPP with MPLS', 9, concat(hex('ff03 0281'), mpls(V4))],
  ['LINKTYPE_PPP with bridging', 9, concat(hex('0031 0001'), ethernet(V4))],
  ['LINKTYPE_PPP_HDLC', 50, concat(hex('ff03'), ppp(V6)), 6],
  ['LINKTYPE_PPP_HDLC with Cisco framing', 50, concat(hex('0f00 0800'), V4)],
  ['LINKTYPE_PPP_ETHER', 51, pppoe(V4)],
  ['LINKTYPE_PPP_PPPD', 166, concat(hex('0103'), ppp(V4))],
  ['LINKTYPE_PPP_WITH_DIR', 204, concat(hex('01 ff03'), ppp(V4))],
  ['LINKTYPE_C_HDLC', 104, concat(hex('0f00 0800'), V4)],
  ['LINKTYPE_C_HDLC_WITH_DIR', 205, concat(hex('00 8f00 86dd'), V6), 6],
  ['LINKTYPE_FRELAY', 107, concat(hex('1841 03 cc'), V4)],
  ['LINKTYPE_FRELAY with SNAP', 107, concat(hex('1841 03 00 80 000000 0800'), V4)],
  ['LINKTYPE_FRELAY of Cisco', 107, concat(hex('1841 0800'), V4)],
  ['LINKTYPE_FRELAY_WITH_DIR', 206, concat(hex('01 1841 03 8e'), V6), 6],
  ['LINKTYPE_MPLS', 219, mpls(V4, [1000, 2000])],
  ['LINKTYPE_IEEE802_11', 105, wifi('0802')],
  ['LINKTYPE_IEEE802_11, quality of service', 105, wifi('8802', '0000')],
  ['LINKTYPE_IEEE802_11, quality of service and HT control', 105, wifi('8882', '0000 00000000')],
  ['LINKTYPE_IEEE802_11, four addresses', 105, wifi('0803', '020000000004')],
  [
    'LINKTYPE_IEEE802_11, aggregated',
    105,
    concat(
      hex('8802 0000 020000000001 020000000002 020000000003 1000 8000'),
      hex('020000000001 020000000002 0070'),
      snap(V4),
    ),
  ],
  ['LINKTYPE_IEEE802_11_RADIOTAP', 127, concat(hex('00 00 0800 00000000'), wifi('0802'))],
  [
    'LINKTYPE_IEEE802_11_RADIOTAP, padded behind quality of service',
    127,
    concat(
      // A second presence word, then the timestamp aligned to eight bytes, then the flags.
      hex('00 00 1900 03000080 00000000 00000000 0102030405060708 20'),
      hex('8802 0000 020000000001 020000000002 020000000003 1000 0000 0000'),
      snap(V4),
    ),
  ],
  ['LINKTYPE_IEEE802_11_PRISM', 119, concat(hex('44000000 90000000'), new Uint8Array(136), wifi('0802'))],
  ['LINKTYPE_IEEE802_11_AVS', 163, concat(hex('80211001 00000040'), new Uint8Array(56), wifi('0802'))],
  ['LINKTYPE_IEEE802_11_PRISM with an AVS header', 119, concat(hex('80211001 00000008'), wifi('0802'))],
  ['LINKTYPE_PPI', 192, concat(hex('00 00 0c00 69000000 deadbeef'), wifi('0802'))],
  ['LINKTYPE_PPI with Ethernet', 192, concat(hex('00 00 0800 01000000'), ethernet(V4))],
  ['LINKTYPE_NFLOG, little-endian', 239, concat(hex('02 00 0000 0800 0100 08000100 5c00 0900'), V4)],
  ['LINKTYPE_NFLOG, big-endian', 239, concat(hex('0a 00 0000 0005 000a 70000000 0070 0009'), V6), 6],
  ['LINKTYPE_PFLOG', 117, concat(hex('3d 02'), new Uint8Array(62), V4)],
  ['LINKTYPE_ENC', 109, concat(hex('02000000 00000001 00000000'), V4)],
  ['LINKTYPE_IPNET', 226, concat(hex('01 02'), new Uint8Array(22), V4)],
  ['LINKTYPE_PKTAP with raw IP', 258, concat(hex('0c000000 01000000 0c000000'), V4)],
  ['LINKTYPE_PKTAP with Ethernet', 258, concat(hex('10000000 01000000 01000000 00000000'), ethernet(V6)), 6],
  ['LINKTYPE_IPOIB', 242, concat(new Uint8Array(40), hex('0800 0000'), V4)],
  ['LINKTYPE_APPLE_IP_OVER_IEEE1394', 138, concat(new Uint8Array(16), hex('0800'), V4)],
  ['LINKTYPE_FDDI', 10, concat(new Uint8Array(13), snap(V4))],
  ['LINKTYPE_IEEE802_5', 6, concat(new Uint8Array(14), snap(V4))],
  [
    'LINKTYPE_IEEE802_5 with source routing',
    6,
    concat(hex('10 40 020000000001 820000000002 06 30 0011 0020'), snap(V4)),
  ],
  ['LINKTYPE_IP_OVER_FC', 122, concat(new Uint8Array(16), snap(V4))],
  ['LINKTYPE_SUNATM with LLC', 123, concat(hex('02 00 0020'), snap(V4))],
  ['LINKTYPE_SUNATM with LAN emulation', 123, concat(hex('01 00 0020 0000'), ethernet(V4))],
  ['LINKTYPE_ATM_RFC1483', 100, snap(V4)],
  ['LINKTYPE_NETANALYZER', 240, concat(hex('00000000'), ethernet(V4))],
  ['LINKTYPE_NETANALYZER_TRANSPARENT', 241, concat(hex('00000000 55555555555555d5'), ethernet(V4))],
  ['LINKTYPE_ERF', 197, concat(hex('0000000000000000 02 04 0060 0000 0050 0000'), ethernet(V4))],
  [
    'LINKTYPE_ERF with an extension header',
    197,
    concat(hex('0000000000000000 82 04 0060 0000 0050 0300000000000000 0000'), ethernet(V4)),
  ],
];

const CASES = FRAMES.map(([name, linkType, frame, version = 4]) => ({ name, linkType, frame, version }));

describe('link types', () => {
  it.each(CASES)('$name leads to the segment', ({ linkType, frame, version }) => {
    expect(decodePacket(frame, linkType)).toEqual(decodeDatagram(version === 4 ? V4 : V6));
  });

  it.each(CASES)('$name, cut at every length by the snap length, is a cut packet or a short segment', (testCase) => {
    const { name, linkType, frame } = testCase;
    const payloadStart = frame.length - MAIL.payload.length;
    for (let length = 0; length < frame.length; length++) {
      const packet = { bytes: frame.subarray(0, length), originalLength: frame.length };
      const answer = decodePackets([packet], linkType);
      const codes = answer.problems.map((problem) => problem.code);
      if (length >= payloadStart) {
        expect(answer.segments[0]?.payload).toBe(MAIL.payload.slice(0, length - payloadStart));
        expect(answer.segments[0]?.payloadLength).toBe(MAIL.payload.length);
      } else {
        expect(answer.segments).toEqual([null]);
        // What a pseudowire carries can only be guessed, and not from the first few bytes.
        if (!name.includes('pseudowire')) expect(codes, `${length} bytes`).toEqual(['truncated-headers']);
      }
      // What lies behind the packet in the buffer does not matter, not even the very bytes that were cut off.
      expect(decodePackets([packet], linkType, frame.slice(length))).toEqual(answer);
    }
  });

  it.each(CASES)('$name, short on the wire, is damage', ({ name, linkType, frame }) => {
    for (let length = 1; length < frame.length - MAIL.payload.length - 20; length++) {
      const { segments, problems } = decodePackets([frame.subarray(0, length)], linkType);
      expect(segments).toEqual([null]);
      const silent = name.includes('pseudowire') || name.includes('NFLOG');
      if (!silent)
        expect(
          problems.map((problem) => problem.code),
          `${length} bytes`,
        ).toEqual(['malformed-packets']);
    }
  });

  it('a type without a decoder is counted once for all its packets', () => {
    const { segments, problems } = decodePackets([V4, V4, V4], 189);
    expect(segments).toEqual([null, null, null]);
    expect(problems).toEqual([
      { code: 'unsupported-link-type', message: '3 packets of link type USB_LINUX cannot be read.' },
    ]);
  });

  it('records that are no packets are no problem', () => {
    expect(decodePackets([V4], -1)).toEqual({ segments: [null], problems: [] });
  });
});

describe('frames without TCP', () => {
  const codes = (frame: Uint8Array, linkType = 1) => {
    const { segments, problems } = decodePackets([frame], linkType);
    expect(segments).toEqual([null]);
    return problems.map((problem) => problem.code);
  };

  it('ARP, spanning tree, IPX and CDP pass in silence', () => {
    expect(codes(ethernet(new Uint8Array(46), 0x0806))).toEqual([]);
    expect(codes(concat(hex('0180c2000000 020000000001 0026 424203'), new Uint8Array(40)))).toEqual([]);
    expect(codes(concat(hex('ffffffffffff 020000000001 0026 ffff'), new Uint8Array(40)))).toEqual([]);
    expect(codes(concat(hex('01000ccccccc 020000000001 0030 aaaa03 00000c 2000'), new Uint8Array(40)))).toEqual([]);
  });

  it('SNAP of other organisations, whatever their type says', () => {
    for (const organisation of ['004096', '080007', '00000c', '0080c2']) {
      const llc = concat(hex(`020000000002 020000000001 0060 aaaa03 ${organisation} 0800`), V4);
      expect(codes(llc)).toEqual([]);
    }
  });

  it('protected 802.11 frames, MACsec and ESP are named as encrypted', () => {
    expect(codes(wifi('0842'), 105)).toEqual(['encrypted-below-tcp']);
    expect(codes(ethernet(V4, 0x88e5))).toEqual(['encrypted-below-tcp']);
    const payload = V4.slice();
    payload[9] = 50;
    expect(codes(ethernet(payload))).toEqual(['encrypted-below-tcp']);
  });

  it('management, control, null-data and later fragments of 802.11 pass in silence', () => {
    for (const frameControl of ['8000', '4800', 'c802', 'b400']) expect(codes(wifi(frameControl), 105)).toEqual([]);
    const fragment = wifi('0802');
    fragment[22] |= 1;
    expect(codes(fragment, 105)).toEqual([]);
  });

  it('tags nested deeper than the limit are counted, not followed', () => {
    let inner = vlan(V4);
    for (let i = 0; i < 30; i++) inner = vlan(inner, 0x8100);
    expect(codes(ethernet(inner, 0x8100))).toEqual(['encapsulation-too-deep']);
    expect(codes(ethernet(mpls(V4, Array(30).fill(16)), 0x8847))).toEqual(['encapsulation-too-deep']);
  });

  it('a capture header that names itself ends at the limit', () => {
    const header = hex('00 00 0800 c0000000');
    expect(codes(concat(...Array(40).fill(header), ethernet(V4)), 192)).toEqual(['encapsulation-too-deep']);
  });
});
