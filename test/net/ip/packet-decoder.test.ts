import { describe, expect, it } from 'vitest';
import { createReader } from '../../../shared/capture/detect.ts';
import { READ_PACKET } from '../../../shared/capture/reader.ts';
import { CaptureWindow } from '../../../shared/capture/window.ts';
import { PacketDecoder } from '../../../shared/net/packet-decoder.ts';
import { TCP_FLAGS, TcpSegment } from '../../../shared/net/segment.ts';
import { copySegment, type DecodedSegment, decodeDatagram, decodePacket, decodePackets } from '../../support/decode.ts';
import {
  authentication,
  ethernet,
  ipv4,
  ipv6,
  ipv6Extension,
  ipv6Fragment,
  padded,
  pcapFile,
  tcp,
  tcpSegment,
  udp,
  vlan,
} from '../../support/frames.ts';
import { concat } from '../../support/octets.ts';

const VERSION_6 = { source: '2001:db8::1', destination: '2001:db8::25' };
const codes = (frames: readonly Uint8Array[]) => decodePackets(frames).problems.map((problem) => problem.code);

describe('from a file', () => {
  it('the packets of a pcap file, one of them cut', () => {
    const frame = ethernet(tcpSegment({ payload: '250 OK\r\n' }));
    const file = pcapFile([frame, { bytes: frame.subarray(0, 57), originalLength: frame.length }]);
    const reader = createReader('pcap', new CaptureWindow(file, true));
    const decoder = new PacketDecoder();
    const segment = new TcpSegment();
    const found: DecodedSegment[] = [];
    while (reader.next() === READ_PACKET) {
      const { linkType, buffer, offset, capturedLength, originalLength } = reader;
      if (decoder.decode(linkType, buffer, offset, capturedLength, originalLength, segment)) {
        found.push(copySegment(segment));
      }
    }
    expect(found).toMatchObject([
      { payload: '250 OK\r\n', payloadLength: 8 },
      { payload: '250', payloadLength: 8 },
    ]);
    expect(decoder.problems()).toEqual([]);
  });
});

describe('TCP header (RFC 9293 section 3.1)', () => {
  const fields = {
    sourcePort: 0x8001,
    destinationPort: 0xfffe,
    sequence: 0xfedcba98,
    acknowledgement: 0x89abcdef,
    flags: TCP_FLAGS.ACK | TCP_FLAGS.PSH | TCP_FLAGS.URG,
    window: 0xfff0,
    payload: 'EHLO client.example\r\n',
  };

  it.each([
    ['IPv4', { source: '203.0.113.200', destination: '10.1.2.3', identification: 0xbeef }],
    ['IPv6', VERSION_6],
  ])('every field over %s, numbers unsigned', (_name, addresses) => {
    const segment = decodeDatagram(tcpSegment({ ...fields, ...addresses }));
    expect(segment).toMatchObject({ ...fields, payloadLength: fields.payload.length });
    expect(segment?.identification).toBe('identification' in addresses ? 0xbeef : 0);
  });

  it('addresses are where the offsets say', () => {
    expect(decodeDatagram(tcpSegment({ source: '203.0.113.200', destination: '10.1.2.3' }))).toMatchObject({
      ipVersion: 4,
      source: [203, 0, 113, 200],
      destination: [10, 1, 2, 3],
    });
    expect(decodeDatagram(tcpSegment(VERSION_6))).toMatchObject({
      ipVersion: 6,
      source: [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      destination: [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x25],
    });
  });

  it('offsets point into the buffer given, wherever the packet lies in it', () => {
    const frame = ethernet(tcpSegment({ payload: 'abc' }));
    const buffer = concat(new Uint8Array(1000), frame, new Uint8Array(1000));
    const segment = new TcpSegment();
    expect(new PacketDecoder().decode(1, buffer, 1000, frame.length, frame.length, segment)).toBe(true);
    expect(segment.buffer).toBe(buffer);
    expect([segment.source, segment.destination, segment.payload]).toEqual([1026, 1030, 1054]);
  });

  it('options are skipped', () => {
    const options = Uint8Array.from([2, 4, 5, 180, 1, 3, 3, 7, 4, 2]);
    expect(decodeDatagram(ipv4(tcp({ tcpOptions: options, payload: 'abc' })))).toMatchObject({
      payload: 'abc',
      payloadLength: 3,
    });
    expect(decodeDatagram(ipv4(tcp({ tcpOptions: new Uint8Array(40), payload: 'abc' })))).toMatchObject({
      payload: 'abc',
    });
  });

  it('a data offset below five words or beyond the segment is damage', () => {
    for (const offset of [0, 4, 15]) {
      const broken = tcp({ payload: 'abc' });
      broken[12] = offset << 4;
      for (const datagram of [ipv4(broken), ipv6(broken), ipv4(broken, { options: new Uint8Array(4) })]) {
        expect(decodeDatagram(datagram)).toBeNull();
        expect(codes([ethernet(datagram)])).toEqual(['malformed-packets']);
      }
    }
  });

  it('flags beyond URG (ECN, NS) are left out', () => {
    expect(decodeDatagram(tcpSegment({ flags: 0xc2 }))).toMatchObject({ flags: TCP_FLAGS.SYN });
  });
});

describe('IPv4 (RFC 791)', () => {
  const body = tcp({ payload: 'MAIL FROM:<>\r\n', sequence: 99 });
  const plain = decodeDatagram(ipv4(body));

  it('options are skipped', () => {
    for (const words of [1, 5, 10]) {
      expect(decodeDatagram(ipv4(body, { options: new Uint8Array(words * 4).fill(1) }))).toEqual(plain);
    }
  });

  it('Ethernet padding is not payload', () => {
    const acknowledgement = ipv4(tcp({ flags: TCP_FLAGS.ACK }));
    expect(decodePacket(padded(ethernet(acknowledgement)))).toMatchObject({ payload: '', payloadLength: 0 });
    expect(decodePacket(padded(ethernet(ipv4(tcp({ payload: 'a' })))))).toMatchObject({
      payload: 'a',
      payloadLength: 1,
    });
    const tagged = ethernet(vlan(ipv4(tcp({ payload: 'ab' }))), 0x8100);
    expect(decodePacket(padded(tagged, 80))).toMatchObject({ payload: 'ab', payloadLength: 2 });
  });

  it('total length zero: segmentation offload, the frame tells', () => {
    const offloaded = ethernet(ipv4(body, { totalLength: 0 }));
    expect(decodePacket(offloaded)).toEqual(plain);
    const short = decodePacket(offloaded.subarray(0, 60), 1, offloaded.length);
    expect(short).toMatchObject({ payloadLength: 14, payload: 'MAIL F' });
  });

  it('a total length of zero does not believe in a gigantic frame', () => {
    const segment = decodePacket(ethernet(ipv4(body, { totalLength: 0 })), 1, 0xffff_ffff);
    expect(segment?.payloadLength).toBe(262_144 - 40);
  });

  it("short snap length: the wire length is the header's, the captured part is what is there", () => {
    const frame = ethernet(tcpSegment({ payload: 'x'.repeat(1000) }));
    const segment = decodePacket(frame.subarray(0, 96), 1, frame.length);
    expect(segment).toMatchObject({ payloadLength: 1000, payload: 'x'.repeat(96 - 54) });
    const options = new Uint8Array(12).fill(1);
    const inOptions = ethernet(ipv4(tcp({ tcpOptions: options, payload: 'x'.repeat(1000) })));
    expect(decodePacket(inOptions.subarray(0, 58), 1, inOptions.length)).toMatchObject({
      payloadLength: 1000,
      payload: '',
    });
  });

  it('a snap length that cuts the TCP header is a problem with its remedy', () => {
    const frame = ethernet(tcpSegment({ payload: 'abc' }));
    const packet = { bytes: frame.subarray(0, 50), originalLength: frame.length };
    const { segments, problems } = decodePackets([packet, packet]);
    expect(segments).toEqual([null, null]);
    expect(problems).toEqual([
      {
        code: 'truncated-headers',
        message: '2 packets captured too short to hold all headers; capture with a longer snap length.',
      },
    ]);
  });

  it.each([
    ['a header length below five words', (bytes: Uint8Array) => bytes.fill(0x44, 0, 1)],
    ['a total length below the header', (bytes: Uint8Array) => bytes.fill(0, 2, 3).fill(19, 3, 4)],
    ['a total length that cuts the TCP header', (bytes: Uint8Array) => bytes.fill(0, 2, 3).fill(39, 3, 4)],
    ['another version', (bytes: Uint8Array) => bytes.fill(0x65, 0, 1)],
  ])('%s is damage', (_name, breakIt) => {
    const broken = ethernet(breakIt(ipv4(body)), 0x0800);
    expect(decodePacket(broken)).toBeNull();
    const { problems } = decodePackets([ethernet(ipv4(body)), broken, broken]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'malformed-packets', frame: 2 });
    expect(problems[0].message).toMatch(/^2 packets .*frame 2\.$/);
  });

  it('an authentication header is left behind (RFC 4302)', () => {
    expect(decodeDatagram(ipv4(authentication(6, body), { protocol: 51 }))).toEqual(plain);
  });

  it('UDP, ICMP and the TCP header that ICMP quotes are no segments', () => {
    expect(decodePacket(ethernet(ipv4(udp(body, 53), { protocol: 17 })))).toBeNull();
    const quoted = concat(new Uint8Array(8), ipv4(body));
    expect(decodePackets([ethernet(ipv4(quoted, { protocol: 1 }))])).toEqual({ segments: [null], problems: [] });
  });
});

describe('IPv6 (RFC 8200)', () => {
  const body = tcp({ payload: 'QUIT\r\n', sequence: 7 });
  const plain = decodeDatagram(ipv6(body));

  it.each([
    ['hop-by-hop options', 0],
    ['routing', 43],
    ['destination options', 60],
    ['mobility', 135],
    ['host identity', 139],
    ['shim6', 140],
  ])('%s are left behind', (_name, header) => {
    for (const words of [1, 2, 32]) {
      expect(decodeDatagram(ipv6(ipv6Extension(6, body, words), { next: header }))).toEqual(plain);
    }
  });

  it('a chain of them in the recommended order', () => {
    const chain = ipv6Extension(60, ipv6Extension(43, ipv6Extension(51, authentication(60, ipv6Extension(6, body)))));
    expect(decodeDatagram(ipv6(chain, { next: 0 }))).toEqual(plain);
  });

  it('a chain that the snap length cuts is a cut packet, whatever lies behind it', () => {
    const atomic = ipv6Fragment(60, ipv6Extension(6, body), { identification: 1, offset: 0, more: false });
    const frame = ethernet(ipv6(ipv6Extension(51, authentication(44, atomic)), { next: 0 }));
    for (let length = 14; length < frame.length - 6; length++) {
      const packet = { bytes: frame.subarray(0, length), originalLength: frame.length };
      const answer = decodePackets([packet]);
      expect(answer.problems.map((problem) => problem.code)).toEqual(['truncated-headers']);
      expect(decodePackets([packet], 1, frame.slice(length))).toEqual(answer);
    }
  });

  it('an atomic fragment is no fragment, but has an identification (RFC 6946)', () => {
    const atomic = ipv6Fragment(6, body, { identification: 0xdeadbeef, offset: 0, more: false });
    expect(decodeDatagram(ipv6(atomic, { next: 44 }))).toEqual({ ...plain, identification: 0xdeadbeef });
  });

  it('padding is not payload; payload length zero is segmentation offload', () => {
    expect(decodePacket(padded(ethernet(ipv6(tcp({ payload: 'ab' }))), 100))).toMatchObject({ payloadLength: 2 });
    expect(decodePacket(ethernet(ipv6(body, { payloadLength: 0 })))).toEqual(plain);
  });

  it('short snap length', () => {
    const frame = ethernet(tcpSegment({ ...VERSION_6, payload: 'y'.repeat(500) }));
    expect(decodePacket(frame.subarray(0, 100), 1, frame.length)).toMatchObject({
      payloadLength: 500,
      payload: 'y'.repeat(100 - 74),
    });
  });

  it('an extension header beyond the packet is damage', () => {
    const chain = ipv6Extension(6, body);
    chain[1] = 255;
    expect(codes([ethernet(ipv6(chain, { next: 60 }))])).toEqual(['malformed-packets']);
  });

  it('an endless chain ends at the limit', () => {
    let chain = ipv6Extension(6, body);
    for (let i = 0; i < 40; i++) chain = ipv6Extension(60, chain);
    expect(codes([ethernet(ipv6(chain, { next: 60 }))])).toEqual(['encapsulation-too-deep']);
  });

  it('ICMPv6 with a quoted segment and "no next header" are no segments', () => {
    const quoted = concat(new Uint8Array(8), ipv6(body));
    expect(decodePackets([ethernet(ipv6(quoted, { next: 58 })), ethernet(ipv6(body, { next: 59 }))])).toEqual({
      segments: [null, null],
      problems: [],
    });
  });
});
