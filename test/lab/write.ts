/** Writing packets in the variants of pcap and pcapng. */
import { gzipSync } from 'node:zlib';
import type { Packet } from './rewrite.ts';

type ByteOrder = 'little' | 'big';

export interface PcapOptions {
  readonly byteOrder?: ByteOrder;
  readonly precision?: 'micro' | 'nano';
  readonly linkType?: number;
  readonly snapLength?: number;
  /** Kuznetzov's and Nokia's variants put more fields behind each packet's lengths. */
  readonly variant?: 'modified' | 'nokia';
}

/** Writes numbers in one byte order. */
function numbers(byteOrder: ByteOrder) {
  const make = (bytes: number) => (value: number) => {
    const buffer = Buffer.alloc(bytes);
    if (byteOrder === 'little') buffer.writeUIntLE(value, 0, bytes);
    else buffer.writeUIntBE(value, 0, bytes);
    return buffer;
  };
  return { u8: make(1), u16: make(2), u32: make(4) };
}

export function writePcap(packets: readonly Packet[], options: PcapOptions = {}): Buffer {
  const { u8, u16, u32 } = numbers(options.byteOrder ?? 'little');
  const nano = options.precision === 'nano';
  const magic = options.variant === 'modified' ? 0xa1b2cd34 : nano ? 0xa1b23c4d : 0xa1b2c3d4;
  const parts: Buffer[] = [
    u32(magic),
    u16(2),
    u16(4),
    u32(0),
    u32(0),
    u32(options.snapLength ?? 262_144),
    u32(options.linkType ?? 1),
  ];
  for (const { at, bytes, length } of packets) {
    const rest = Number(at % 1_000_000_000n);
    parts.push(
      u32(Number(at / 1_000_000_000n)),
      u32(nano ? rest : Math.floor(rest / 1000)),
      u32(bytes.length),
      u32(length),
    );
    if (options.variant === 'modified') parts.push(u32(2), u16(0x0008), u8(0), u8(0));
    if (options.variant === 'nokia') parts.push(Buffer.from([0, 0, 0, 1]));
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

interface Interface {
  readonly linkType: number;
  readonly name?: string;
  readonly description?: string;
  readonly snapLength?: number;
  /** Value of if_tsresol: 6 is microseconds, 9 nanoseconds, 0x80 | n is 2^-n. */
  readonly resolution?: number;
}

type Block =
  | { readonly kind: 'packet'; readonly interface: number; readonly packet: Packet }
  | { readonly kind: 'simple'; readonly packet: Packet }
  | { readonly kind: 'old-packet'; readonly interface: number; readonly packet: Packet }
  | { readonly kind: 'secrets'; readonly text: string }
  | { readonly kind: 'unknown'; readonly type: number; readonly body: Buffer };

export interface Section {
  readonly byteOrder?: ByteOrder;
  readonly comment?: string;
  readonly interfaces: readonly Interface[];
  readonly blocks: readonly Block[];
  /** Whether the section says how long it is; most writers do not. */
  readonly lengthKnown?: boolean;
}

const padded = (buffer: Buffer) => Buffer.concat([buffer, Buffer.alloc(-buffer.length & 3)]);

function ticks(at: bigint, resolution: number): bigint {
  if (resolution & 0x80) return (at * 2n ** BigInt(resolution & 0x7f)) / 1_000_000_000n;
  return resolution <= 9 ? at / 10n ** BigInt(9 - resolution) : at * 10n ** BigInt(resolution - 9);
}

function writeSection(section: Section): Buffer {
  const { u16, u32 } = numbers(section.byteOrder ?? 'little');
  const block = (type: number, ...body: Buffer[]) => {
    const content = padded(Buffer.concat(body));
    return Buffer.concat([u32(type), u32(content.length + 12), content, u32(content.length + 12)]);
  };
  const options = (...list: [number, Buffer | string | undefined][]) => {
    const present = list.flatMap(([code, value]) => (value === undefined ? [] : [[code, Buffer.from(value)] as const]));
    if (present.length === 0) return Buffer.alloc(0);
    return Buffer.concat([
      ...present.flatMap(([code, value]) => [u16(code), u16(value.length), padded(value)]),
      u16(0),
      u16(0),
    ]);
  };
  const stamp = (packet: Packet, on: number) => {
    const value = ticks(packet.at, section.interfaces[on].resolution ?? 6);
    return Buffer.concat([u32(Number(value >> 32n)), u32(Number(value & 0xffff_ffffn))]);
  };
  const body = Buffer.concat([
    ...section.interfaces.map((each) =>
      block(
        1,
        u16(each.linkType),
        u16(0),
        u32(each.snapLength ?? 0),
        options(
          [2, each.name],
          [3, each.description],
          [9, each.resolution === undefined ? undefined : Buffer.from([each.resolution])],
        ),
      ),
    ),
    ...section.blocks.map((each) => {
      switch (each.kind) {
        case 'packet':
          return block(
            6,
            u32(each.interface),
            stamp(each.packet, each.interface),
            u32(each.packet.bytes.length),
            u32(each.packet.length),
            padded(each.packet.bytes),
            options([1, each.packet.comment]),
          );
        case 'old-packet':
          return block(
            2,
            u16(each.interface),
            u16(0xffff),
            stamp(each.packet, each.interface),
            u32(each.packet.bytes.length),
            u32(each.packet.length),
            padded(each.packet.bytes),
          );
        case 'simple':
          return block(3, u32(each.packet.length), each.packet.bytes);
        case 'secrets':
          return block(10, u32(0x544c534b), u32(Buffer.byteLength(each.text)), padded(Buffer.from(each.text)));
        case 'unknown':
          return block(each.type, each.body);
        default:
          return each satisfies never;
      }
    }),
  ]);
  const length = section.lengthKnown ? u32(body.length) : u32(0xffff_ffff);
  const high = u32(section.lengthKnown ? 0 : 0xffff_ffff);
  const lengthField = section.byteOrder === 'big' ? [high, length] : [length, high];
  const header = block(
    0x0a0d0d0a,
    u32(0x1a2b3c4d),
    u16(1),
    u16(0),
    ...lengthField,
    options([1, section.comment], [4, 'StartTrace test lab']),
  );
  return Buffer.concat([header, body]);
}

export const writePcapng = (sections: readonly Section[]): Buffer => Buffer.concat(sections.map(writeSection));

/** One section, one interface, all packets. */
export const simplePcapng = (packets: readonly Packet[], comment?: string): Buffer =>
  writePcapng([
    {
      ...(comment === undefined ? {} : { comment }),
      interfaces: [{ linkType: 1, name: 'eth0', resolution: 9, snapLength: 262_144 }],
      blocks: packets.map((packet) => ({ kind: 'packet', interface: 0, packet })),
    },
  ]);

export const gzip = (file: Buffer): Buffer => gzipSync(file, { level: 9 });
