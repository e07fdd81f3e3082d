/** Tunnels, tags, link types and fragments: each takes Ethernet frames and gives other bytes for the same packets. */
import { onesComplement, type Packet } from './rewrite.ts';

const bytesOf = (...values: number[]) => Buffer.from(values);
const macs = (frame: Buffer) => frame.subarray(0, 12);
const etherType = (frame: Buffer) => frame.subarray(12, 14);
const ipOf = (frame: Buffer) => frame.subarray(14);

function ipv4Header(
  protocol: number,
  payload: Buffer,
  source: string,
  destination: string,
  identification = 0x5154,
): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(identification, 4);
  header[8] = 64;
  header[9] = protocol;
  for (const [i, part] of source.split('.').entries()) header[12 + i] = Number(part);
  for (const [i, part] of destination.split('.').entries()) header[16 + i] = Number(part);
  header.writeUInt16BE(onesComplement([header]), 10);
  return header;
}

const isIpv6 = (frame: Buffer) => frame.readUInt16BE(12) === 0x86dd;
const tunnel = (frame: Buffer, protocol: number, payload: Buffer) =>
  Buffer.concat([macs(frame), bytesOf(8, 0), ipv4Header(protocol, payload, '192.0.2.1', '192.0.2.2'), payload]);
const udp = (port: number, payload: Buffer) => {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(49_152, 0);
  header.writeUInt16BE(port, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  return Buffer.concat([header, payload]);
};

export interface Wrapping {
  readonly linkType: number;
  readonly name: string;
  readonly wrap: (frame: Buffer, index: number) => Buffer;
}

const ETHERNET = { linkType: 1, name: 'ETHERNET' };
const sent = (frame: Buffer) => frame[5] === 0x10;

export const WRAPPINGS = {
  vlan: { ...ETHERNET, wrap: (f) => Buffer.concat([macs(f), bytesOf(0x81, 0, 0x20, 0x63), f.subarray(12)]) },
  qinq: {
    ...ETHERNET,
    wrap: (f) => Buffer.concat([macs(f), bytesOf(0x88, 0xa8, 0x00, 0x0a, 0x81, 0x00, 0x00, 0x63), f.subarray(12)]),
  },
  'linux-cooked-v1': {
    linkType: 113,
    name: 'LINUX_SLL',
    wrap: (f) =>
      Buffer.concat([bytesOf(0, sent(f) ? 4 : 0, 0, 1, 0, 6), f.subarray(6, 12), bytesOf(0, 0), etherType(f), ipOf(f)]),
  },
  'linux-cooked-v2': {
    linkType: 276,
    name: 'LINUX_SLL2',
    wrap: (f) =>
      Buffer.concat([
        etherType(f),
        bytesOf(0, 0, 0, 0, 0, 2, 0, 1, sent(f) ? 4 : 0, 6),
        f.subarray(6, 12),
        bytesOf(0, 0),
        ipOf(f),
      ]),
  },
  'raw-ip': { linkType: 101, name: 'RAW', wrap: ipOf },
  null: { linkType: 0, name: 'NULL', wrap: (f) => Buffer.concat([bytesOf(isIpv6(f) ? 24 : 2, 0, 0, 0), ipOf(f)]) },
  loop: { linkType: 108, name: 'LOOP', wrap: (f) => Buffer.concat([bytesOf(0, 0, 0, isIpv6(f) ? 24 : 2), ipOf(f)]) },
  pppoe: {
    ...ETHERNET,
    wrap: (f) => {
      const ip = ipOf(f);
      const length = ip.length + 2;
      return Buffer.concat([
        macs(f),
        bytesOf(0x88, 0x64, 0x11, 0x00, 0x12, 0x34, length >> 8, length & 255, 0x00, isIpv6(f) ? 0x57 : 0x21),
        ip,
      ]);
    },
  },
  mpls: {
    ...ETHERNET,
    wrap: (f) => Buffer.concat([macs(f), bytesOf(0x88, 0x47, 0x00, 0x01, 0x00, 0x40, 0x00, 0x02, 0x11, 0x40), ipOf(f)]),
  },
  gre: { ...ETHERNET, wrap: (f) => tunnel(f, 47, Buffer.concat([bytesOf(0, 0), etherType(f), ipOf(f)])) },
  'ip-in-ip': { ...ETHERNET, wrap: (f) => tunnel(f, isIpv6(f) ? 41 : 4, ipOf(f)) },
  vxlan: {
    ...ETHERNET,
    wrap: (f) => tunnel(f, 17, udp(4789, Buffer.concat([bytesOf(8, 0, 0, 0, 0, 0, 99, 0), f]))),
  },
  geneve: {
    ...ETHERNET,
    // With one option of four bytes: the header's length field must be obeyed.
    wrap: (f) =>
      tunnel(f, 17, udp(6081, Buffer.concat([bytesOf(2, 0, 0x65, 0x58, 0, 0, 99, 0, 1, 2, 3, 1, 1, 2, 3, 4), f]))),
  },
  erspan: {
    ...ETHERNET,
    // Type II: GRE with a sequence number, then eight bytes.
    wrap: (f, index) => {
      const gre = bytesOf(0x10, 0, 0x88, 0xbe, 0, 0, index >> 8, index & 255);
      return tunnel(f, 47, Buffer.concat([gre, bytesOf(0x10, 0x63, 0, 1, 0, 0, 0, 0), f]));
    },
  },
} satisfies Record<string, Wrapping>;

export const wrapAll = (packets: readonly Packet[], wrapping: Wrapping): Packet[] =>
  packets.map((packet, index) => {
    const bytes = wrapping.wrap(packet.bytes, index);
    return { ...packet, bytes, length: bytes.length };
  });

/** Cuts IP packets with more payload than `bytes` (a multiple of 8) into fragments, the last one first if asked. */
export function fragment(packets: readonly Packet[], bytes: number, lastFirst = false): Packet[] {
  return packets.flatMap((packet, index) => {
    const frame = packet.bytes;
    const six = isIpv6(frame);
    const payloadAt = 14 + (six ? 40 : (frame[14] & 15) * 4);
    const payload = frame.subarray(payloadAt);
    if (payload.length <= bytes) return [packet];
    const parts: Packet[] = [];
    for (let at = 0; at < payload.length; at += bytes) {
      const part = payload.subarray(at, at + bytes);
      const more = at + bytes < payload.length ? 1 : 0;
      const header = Buffer.from(frame.subarray(0, payloadAt));
      let piece: Buffer;
      if (six) {
        header[14 + 6] = 44;
        header.writeUInt16BE(8 + part.length, 14 + 4);
        const extension = Buffer.alloc(8);
        extension[0] = 6;
        extension.writeUInt16BE(at | more, 2);
        extension.writeUInt32BE(0x99_0000 + index, 4);
        piece = Buffer.concat([header, extension, part]);
      } else {
        header.writeUInt16BE(payloadAt - 14 + part.length, 16);
        header.writeUInt16BE(0x4000 + index, 18);
        header.writeUInt16BE((more << 13) | (at >> 3), 20);
        header.writeUInt16BE(0, 24);
        header.writeUInt16BE(onesComplement([header.subarray(14)]), 24);
        piece = Buffer.concat([header, part]);
      }
      parts.push({ ...packet, at: packet.at + BigInt(parts.length) * 500n, bytes: piece, length: piece.length });
    }
    if (!lastFirst) return parts;
    return parts.reverse().map((part, i) => ({ ...part, at: packet.at + BigInt(i) * 500n }));
  });
}
