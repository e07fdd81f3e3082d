/** The two containers in which Windows and macOS keep an icon's sizes. Both hold PNG files as they are. */

export interface IconImage {
  /** Width and height in pixels. */
  readonly size: number;
  readonly png: Uint8Array;
}

const ICO_HEADER = 6;
const ICO_ENTRY = 16;

/** ICO: a table of entries, then the pictures. A size of 256 is written as 0; there are none above it. */
export function writeIco(images: readonly IconImage[]): Buffer {
  const table = Buffer.alloc(ICO_HEADER + ICO_ENTRY * images.length);
  table.writeUInt16LE(1, 2);
  table.writeUInt16LE(images.length, 4);
  let offset = table.length;
  for (const [index, { size, png }] of images.entries()) {
    if (size > 256) throw new RangeError(`An ICO file holds no picture of ${size} pixels.`);
    const entry = ICO_HEADER + ICO_ENTRY * index;
    table.writeUInt8(size % 256, entry);
    table.writeUInt8(size % 256, entry + 1);
    table.writeUInt16LE(1, entry + 4);
    table.writeUInt16LE(32, entry + 6);
    table.writeUInt32LE(png.length, entry + 8);
    table.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  }
  return Buffer.concat([table, ...images.map(({ png }) => png)]);
}

/** Types of an ICNS file whose content is PNG, by pixels; where two have one size, one of them is for Retina screens. */
const ICNS_TYPES: readonly (readonly [type: string, size: number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** ICNS: four letters, the length of it all, then one block for each type. */
export function writeIcns(images: readonly IconImage[]): Buffer {
  const blocks = ICNS_TYPES.flatMap(([type, size]) => {
    const image = images.find((one) => one.size === size);
    return image === undefined ? [] : [icnsBlock(type, image.png)];
  });
  return icnsBlock('icns', Buffer.concat(blocks));
}

function icnsBlock(type: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32BE(header.length + content.length, 4);
  return Buffer.concat([header, content]);
}
