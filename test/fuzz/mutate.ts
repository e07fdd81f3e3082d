import type { Chance } from '../support/planted.ts';

const LONGEST = 256 * 1024;
const NUMBERS = [
  0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
];

/** Words of the formats under test. */
const DICTIONARY: readonly Uint8Array[] = [
  ...['\r\n', '\n', '\r', '.\r\n', '\r\n.\r\n', 'EHLO x\r\n', 'STARTTLS\r\n', 'X-ANONYMOUSTLS\r\n', 'AUTH LOGIN\r\n'],
  ...['AUTH PLAIN ', 'MAIL FROM:<a@b>\r\n', 'RCPT TO:<a@b>\r\n', 'DATA\r\n', 'BDAT 9 LAST\r\n', 'XEXCH50 9 2\r\n'],
  ...[
    '220 ',
    '250-',
    '250 ',
    '334 ',
    '354 ',
    '454 ',
    '535 ',
    'XXXXXXXA',
    'PROXY TCP4 ',
    'CONNECT a:25 HTTP/1.1\r\n\r\n',
  ],
  ...[
    'HTTP/1.1 200 ',
    '\xfe\x00',
    '\xfe\x01',
    '\xfe\x82',
    '\xfe\x85',
    '\x14\x03\x03\x00\x01\x01',
    '\x15\x03\x03\x00\x02\x02\x28',
  ],
  ...[
    '\x16\x03\x01\x02\x00\x01',
    '\x16\x03\x03\x40\x00\x0b',
    '\x17\x03\x03\x00\x20',
    '\x80\x2e\x01\x03\x01',
    '\x0b\x00\x00\x03',
  ],
  ...[
    '\x30\x80',
    '\x30\x82\xff\xff',
    '\x30\x84\x7f\xff\xff\xff',
    '\x06\x03\x55\x04\x03',
    '\x00\x00',
    '\x1f\x8b\x08\x00',
  ],
  ...[
    '\x0a\x0d\x0d\x0a',
    '\x4d\x3c\x2b\x1a',
    '\xd4\xc3\xb2\xa1',
    '\xa1\xb2\x3c\x4d',
    '\x06\x00\x00\x00',
    'GMBU',
    'snoop\0\0\0',
  ],
  ...['\x08\x00\x45\x00', '\x86\xdd\x60', '\x81\x00\x00\x2a', '\x88\x47', '\x60\x00\x00\x00'],
].map((text) => Uint8Array.from(Buffer.from(text, 'latin1')));

/** A new input made of one or two old ones: between one and eight small accidents. */
export function mutate(seeds: readonly Uint8Array[], chance: Chance): Uint8Array {
  let bytes: Uint8Array = chance.pick(seeds).slice();
  const accidents = 1 + chance.int(chance.pick([1, 3, 8]));
  for (let i = 0; i < accidents; i++) bytes = accident(bytes, seeds, chance);
  return bytes.subarray(0, LONGEST);
}

function accident(bytes: Uint8Array, seeds: readonly Uint8Array[], chance: Chance): Uint8Array {
  const at = chance.int(bytes.length + 1);
  const length = Math.min(bytes.length - at, 1 + chance.int(chance.pick([4, 64, 4_096])));
  switch (chance.int(11)) {
    case 0: // a bit
      if (at < bytes.length) bytes[at] ^= 1 << chance.int(8);
      return bytes;
    case 1: // a byte
      if (at < bytes.length) bytes[at] = chance.int(256);
      return bytes;
    case 2: // a length field
      return withNumber(bytes, at, chance.pick([...NUMBERS, bytes.length - at, bytes.length - at - 1]), chance);
    case 3: // a word of the formats
      return spliced(bytes, at, at, chance.pick(DICTIONARY));
    case 4: // the same, in place
      return spliced(bytes, at, Math.min(bytes.length, at + 4), chance.pick(DICTIONARY));
    case 5: // something missing
      return spliced(bytes, at, at + length, new Uint8Array(0));
    case 6: // the end missing
      return bytes.slice(0, at);
    case 7: // something twice
      return spliced(bytes, at, at, bytes.slice(at, at + length));
    case 8: {
      // something many times
      const piece = bytes.slice(at, at + Math.min(length, 64));
      const times = Math.min(
        1 + chance.int(chance.pick([4, 64, 2_000])),
        Math.floor(LONGEST / Math.max(1, piece.length)),
      );
      const run = new Uint8Array(piece.length * times);
      for (let i = 0; i < times; i++) run.set(piece, i * piece.length);
      return spliced(bytes, at, at, run);
    }
    case 9: {
      // a piece of another input
      const other = chance.pick(seeds);
      const from = chance.int(other.length + 1);
      return spliced(bytes, at, chance.once(2) ? at : at + length, other.slice(from, from + 1 + chance.int(2_048)));
    }
    default:
      // a run of one byte
      bytes.fill(chance.pick([0, 0xff, 0x20, 0x30, 0x80]), at, at + length);
      return bytes;
  }
}

function spliced(bytes: Uint8Array, from: number, to: number, piece: Uint8Array): Uint8Array {
  if (bytes.length + piece.length > LONGEST) return bytes;
  const joined = new Uint8Array(bytes.length - (to - from) + piece.length);
  joined.set(bytes.subarray(0, from));
  joined.set(piece, from);
  joined.set(bytes.subarray(to), from + piece.length);
  return joined;
}

function withNumber(bytes: Uint8Array, at: number, value: number, chance: Chance): Uint8Array {
  const width = chance.pick([1, 2, 3, 4]);
  const isLittle = chance.once(2);
  for (let i = 0; i < width && at + i < bytes.length; i++) {
    bytes[at + i] = (value >>> (8 * (isLittle ? i : width - 1 - i))) & 0xff;
  }
  return bytes;
}
