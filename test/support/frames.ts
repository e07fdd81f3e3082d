/**
 * Builders for frames, from the inside out: `ethernet(ipv4(tcpSegment({ payload })))`. Every layer takes the bytes
 * that it carries and returns new ones. Checksums stay zero: nothing under test reads them.
 */
import { addressBytes, concat, uint16, uint32, uint32Little } from './octets.ts';

export interface TcpOptions {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence?: number;
  readonly acknowledgement?: number;
  readonly flags?: number;
  readonly window?: number;
  /** Padded with end-of-list to words. */
  readonly tcpOptions?: Uint8Array;
  readonly payload?: Uint8Array | string;
}

export interface IpOptions {
  /** Dotted decimal, or IPv6 as eight groups or with `::`. */
  readonly source?: string;
  readonly destination?: string;
  readonly identification?: number;
}

export interface TcpSegmentOptions extends TcpOptions, IpOptions {}

export const PROTOCOL = { ipv4: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, mpls: 137, etherIp: 97 } as const;
export const ETHER_TYPE = { ipv4: 0x0800, ipv6: 0x86dd, ethernet: 0x6558, vlan: 0x8100, mpls: 0x8847 } as const;
const CLIENT = '192.0.2.1';
const SERVER = '198.51.100.25';
const CLIENT6 = '2001:db8::1';
const SERVER6 = '2001:db8::25';

/** TCP header and payload, without IP. */
export function tcp(options: TcpOptions = {}): Uint8Array {
  const { payload = '', tcpOptions = new Uint8Array(0) } = options;
  const optionBytes = (tcpOptions.length + 3) & ~3;
  const header = new Uint8Array(20 + optionBytes);
  header.set(uint16(options.sourcePort ?? 40_000), 0);
  header.set(uint16(options.destinationPort ?? 25), 2);
  header.set(uint32(options.sequence ?? 1), 4);
  header.set(uint32(options.acknowledgement ?? 0), 8);
  header[12] = (header.length / 4) << 4;
  header[13] = options.flags ?? 0x10;
  header.set(uint16(options.window ?? 65_535), 14);
  header.set(tcpOptions, 20);
  return concat(header, typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload);
}

/** An IP datagram with a TCP segment: IPv6 when an address holds a colon, else IPv4. */
export function tcpSegment(options: TcpSegmentOptions = {}): Uint8Array {
  const isVersion6 = options.source?.includes(':') || options.destination?.includes(':');
  return isVersion6 ? ipv6(tcp(options), options) : ipv4(tcp(options), options);
}

export function udp(payload: Uint8Array, destinationPort: number, sourcePort = 50_000): Uint8Array {
  return concat(uint16(sourcePort), uint16(destinationPort), uint16(8 + payload.length), uint16(0), payload);
}

export interface Ipv4Options extends IpOptions {
  readonly protocol?: number;
  /** A multiple of four bytes. */
  readonly options?: Uint8Array;
  /** In bytes, a multiple of eight. */
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  /** The length field, where it is to say something else than the truth. */
  readonly totalLength?: number;
}

export function ipv4(payload: Uint8Array, options: Ipv4Options = {}): Uint8Array {
  const ipOptions = options.options ?? new Uint8Array(0);
  const headerLength = 20 + ipOptions.length;
  const header = new Uint8Array(headerLength);
  header[0] = 0x40 | (headerLength / 4);
  header.set(uint16(options.totalLength ?? headerLength + payload.length), 2);
  header.set(uint16(options.identification ?? 0), 4);
  header.set(uint16((options.moreFragments ? 0x2000 : 0) | ((options.fragmentOffset ?? 0) / 8)), 6);
  header[8] = 64;
  header[9] = options.protocol ?? PROTOCOL.tcp;
  header.set(addressBytes(options.source ?? CLIENT), 12);
  header.set(addressBytes(options.destination ?? SERVER), 16);
  header.set(ipOptions, 20);
  return concat(header, payload);
}

export interface Ipv6Options extends IpOptions {
  readonly next?: number;
  readonly payloadLength?: number;
}

export function ipv6(payload: Uint8Array, options: Ipv6Options = {}): Uint8Array {
  return concat(
    uint32(0x6000_0000),
    uint16(options.payloadLength ?? payload.length),
    Uint8Array.of(options.next ?? PROTOCOL.tcp, 64),
    addressBytes(options.source ?? CLIENT6),
    addressBytes(options.destination ?? SERVER6),
    payload,
  );
}

/** Hop-by-hop (0), routing (43) or destination options (60), of `words` times eight bytes. */
export function ipv6Extension(next: number, payload: Uint8Array, words = 1): Uint8Array {
  const header = new Uint8Array(words * 8);
  header[0] = next;
  header[1] = words - 1;
  return concat(header, payload);
}

/** An authentication header (RFC 4302) with `words` times four bytes of integrity check value. */
export function authentication(next: number, payload: Uint8Array, words = 3): Uint8Array {
  const header = new Uint8Array(12 + words * 4);
  header[0] = next;
  header[1] = header.length / 4 - 2;
  return concat(header, payload);
}

export function ipv6Fragment(
  next: number,
  payload: Uint8Array,
  options: { readonly identification: number; readonly offset: number; readonly more: boolean },
): Uint8Array {
  return concat(
    Uint8Array.of(next, 0),
    uint16(options.offset | (options.more ? 1 : 0)),
    uint32(options.identification),
    payload,
  );
}

/** Cuts `datagram` (the payload of IP) at `cuts` (multiples of eight) into IPv4 datagrams, in order. */
export function fragmentIpv4(datagram: Uint8Array, cuts: readonly number[], options: Ipv4Options): Uint8Array[] {
  return pieces(datagram.length, cuts).map(({ start, end }) =>
    ipv4(datagram.subarray(start, end), {
      ...options,
      fragmentOffset: start,
      moreFragments: end < datagram.length,
    }),
  );
}

/** The same for IPv6; `next` is the protocol of `datagram`. */
export function fragmentIpv6(
  datagram: Uint8Array,
  cuts: readonly number[],
  options: IpOptions & { readonly next?: number },
): Uint8Array[] {
  const { identification = 0, next = PROTOCOL.tcp } = options;
  return pieces(datagram.length, cuts).map(({ start, end }) =>
    ipv6(
      ipv6Fragment(next, datagram.subarray(start, end), { identification, offset: start, more: end < datagram.length }),
      { ...options, next: 44 },
    ),
  );
}

function pieces(length: number, cuts: readonly number[]): { readonly start: number; readonly end: number }[] {
  const bounds = [0, ...cuts, length];
  return bounds.slice(1).map((end, index) => ({ start: bounds[index], end }));
}

/** The EtherType of an IP datagram, by its version. */
export function etherTypeOf(datagram: Uint8Array): number {
  return datagram[0] >> 4 === 6 ? ETHER_TYPE.ipv6 : ETHER_TYPE.ipv4;
}

/** Ethernet II around an IP datagram, or around whatever `type` says. */
export function ethernet(payload: Uint8Array, type = etherTypeOf(payload)): Uint8Array {
  return concat(Uint8Array.of(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1), uint16(type), payload);
}

/** Fills a frame up to Ethernet's shortest length. */
export function padded(frame: Uint8Array, length = 60): Uint8Array {
  return frame.length >= length ? frame : concat(frame, new Uint8Array(length - frame.length).fill(0xee));
}

/** What stands behind a tag's EtherType: priority and identifier, and the next EtherType. */
export function vlan(payload: Uint8Array, type = etherTypeOf(payload), identifier = 42): Uint8Array {
  return concat(uint16(identifier), uint16(type), payload);
}

/** LLC with SNAP (RFC 1042). */
export function snap(payload: Uint8Array, type = etherTypeOf(payload)): Uint8Array {
  return concat(Uint8Array.of(0xaa, 0xaa, 3, 0, 0, 0), uint16(type), payload);
}

/** A stack of MPLS labels. */
export function mpls(payload: Uint8Array, labels: readonly number[] = [100]): Uint8Array {
  return concat(
    ...labels.map((label, index) => uint32(((label << 12) | (index === labels.length - 1 ? 0x100 : 0) | 64) >>> 0)),
    payload,
  );
}

/** PPP without address and control. */
export function ppp(payload: Uint8Array): Uint8Array {
  return concat(uint16(etherTypeOf(payload) === ETHER_TYPE.ipv6 ? 0x0057 : 0x0021), payload);
}

export function pppoe(payload: Uint8Array): Uint8Array {
  const inner = ppp(payload);
  return concat(Uint8Array.of(0x11, 0), uint16(7), uint16(inner.length), inner);
}

export interface GreOptions {
  readonly checksum?: boolean;
  readonly key?: boolean;
  readonly sequence?: boolean;
}

export function gre(payload: Uint8Array, type = etherTypeOf(payload), options: GreOptions = {}): Uint8Array {
  const { checksum = false, key = false, sequence = false } = options;
  return concat(
    uint16((checksum ? 0x8000 : 0) | (key ? 0x2000 : 0) | (sequence ? 0x1000 : 0)),
    uint16(type),
    new Uint8Array((checksum ? 4 : 0) + (key ? 4 : 0) + (sequence ? 4 : 0)),
    payload,
  );
}

/** VXLAN around an Ethernet frame, without UDP. */
export function vxlan(frame: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(8, 0, 0, 0, 0, 1, 2, 0), frame);
}

/** Geneve with `words` times four bytes of options, without UDP. */
export function geneve(payload: Uint8Array, type: number, words = 0): Uint8Array {
  return concat(Uint8Array.of(words, 0), uint16(type), new Uint8Array(4 + words * 4), payload);
}

/** GTP-U with a sequence number and, on demand, one extension header, without UDP. */
export function gtp(payload: Uint8Array, extension = false): Uint8Array {
  const options = extension
    ? Uint8Array.of(0, 1, 0, 0x85, 1, 0, 0, 0) // next is 0x85, one word, nothing follows
    : Uint8Array.of(0, 1, 0, 0);
  return concat(
    Uint8Array.of(extension ? 0x36 : 0x32, 0xff),
    uint16(options.length + payload.length),
    uint32(1),
    options,
    payload,
  );
}

export interface CapturedPacket {
  readonly bytes: Uint8Array;
  /** Length on the wire, where it is not that of `bytes`. */
  readonly originalLength?: number;
  readonly seconds?: number;
  readonly microseconds?: number;
}

/** A classic pcap file, little-endian, microseconds. Without times, packets follow each other by a millisecond. */
export function pcapFile(packets: readonly (CapturedPacket | Uint8Array)[], linkType = 1): Uint8Array {
  const header = concat(
    uint32Little(0xa1b2c3d4),
    Uint8Array.of(2, 0, 4, 0),
    new Uint8Array(8),
    uint32Little(262_144),
    uint32Little(linkType),
  );
  const records = packets.map((entry, index) => {
    const packet: CapturedPacket = entry instanceof Uint8Array ? { bytes: entry } : entry;
    return concat(
      uint32Little(packet.seconds ?? 1_700_000_000 + Math.floor(index / 1000)),
      uint32Little(packet.microseconds ?? (index % 1000) * 1000),
      uint32Little(packet.bytes.length),
      uint32Little(packet.originalLength ?? packet.bytes.length),
      packet.bytes,
    );
  });
  return concat(header, ...records);
}
