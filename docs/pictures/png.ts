/** Makes a browser's picture smaller without a change to any point of it. */
import { deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE_LENGTH = 8;
const HEADER = 'IHDR';
const DATA = 'IDAT';
const END = 'IEND';
const TRUE_COLOUR = 2;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Width and height as the header has them (PNG, section 11.2.2). Throws for anything but a PNG file. */
export function sizeOfPng(png: Buffer): PictureSize {
  if (png.toString('latin1', 1, 4) !== 'PNG' || png.toString('latin1', 12, 16) !== HEADER) {
    throw new Error('This is no PNG file.');
  }
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

/**
 * The same picture with all lines unfiltered (PNG, section 9): flat areas and text that repeats are packed better so
 * than with the browser's quick choice of filters. Only for what browsers write: eight bits of red, green and blue.
 */
export function shrinkPng(png: Buffer): Buffer {
  const { width, height } = sizeOfPng(png);
  if (png[24] !== 8 || png[25] !== TRUE_COLOUR || png[28] !== 0) throw new Error('This is no picture of a browser.');
  const data: Buffer[] = [];
  for (let at = SIGNATURE_LENGTH; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === DATA) data.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const lines = unfilter(inflateSync(Buffer.concat(data)), width * 3, height);
  return Buffer.concat([
    png.subarray(0, SIGNATURE_LENGTH + 25),
    chunk(DATA, deflateSync(lines, { level: 9, memLevel: 9 })),
    chunk(END, Buffer.alloc(0)),
  ]);
}

/** Filter types 0 to 4 undone, with the type byte of each line set to 0. */
function unfilter(filtered: Buffer, stride: number, height: number): Buffer {
  const lines = Buffer.from(filtered);
  for (let line = 0; line < height; line += 1) {
    const start = line * (stride + 1) + 1;
    const type = lines[start - 1];
    lines[start - 1] = 0;
    for (let at = 0; at < stride; at += 1) {
      const left = at < 3 ? 0 : lines[start + at - 3];
      const above = line === 0 ? 0 : lines[start + at - stride - 1];
      const corner = at < 3 || line === 0 ? 0 : lines[start + at - stride - 4];
      lines[start + at] += predicted(type, left, above, corner);
    }
  }
  return lines;
}

function predicted(type: number, left: number, above: number, corner: number): number {
  switch (type) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4: {
      const estimate = left + above - corner;
      const [toLeft, toAbove, toCorner] = [left, above, corner].map((value) => Math.abs(estimate - value));
      return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }
    default:
      return 0;
  }
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(content.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(checksum(body), body.length + 4);
  return whole;
}

/** CRC-32 (PNG, annex D). */
function checksum(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xedb8_8320);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
