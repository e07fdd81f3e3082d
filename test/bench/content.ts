/** What flows carry: byte streams of any length that are made where they are written, never held whole. */
import { Random } from './random.ts';

export interface Content {
  readonly length: number;
  /** Writes `length` bytes of the stream, from `offset` on, into `target` at `at`. */
  copy(offset: number, target: Buffer, at: number, length: number): void;
}

const POOL_LENGTH = 8 << 20;
/** No segment is longer, so a copy that starts inside the pool proper never runs off its end. */
const POOL_MARGIN = 1 << 16;

function noisePool(): Buffer {
  const random = new Random(0x5eed);
  const pool = Buffer.allocUnsafe(POOL_LENGTH + POOL_MARGIN);
  for (let at = 0; at < pool.length; at += 4) pool.writeUInt32LE(random.next(), at);
  return pool;
}

const WORDS =
  'the of and to in for is on that by this with you it not or be are from at as your all have new more an was we will can us about if my has search free but our one other do no information time they site he up may what which their news out use any there see only so his when contact here business who web also now help get view online'.split(
    ' ',
  );

function textPool(): Buffer {
  const random = new Random(0x7e87);
  const pool = Buffer.alloc(POOL_LENGTH + POOL_MARGIN, 0x20);
  let column = 0;
  for (let at = 0; at < pool.length - 16; ) {
    const word = random.pick(WORDS);
    pool.write(word, at, 'latin1');
    at += word.length;
    column += word.length + 1;
    if (column > 68) {
      pool.write('\r\n', at, 'latin1');
      at += 2;
      column = 0;
    } else {
      at += 1;
    }
  }
  return pool;
}

const NOISE = noisePool();
const TEXT = textPool();

function pooled(pool: Buffer, length: number, random: Random): Content {
  const start = random.below(POOL_LENGTH);
  return {
    length,
    copy(offset, target, at, count) {
      const from = (start + offset) % POOL_LENGTH;
      pool.copy(target, at, from, from + count);
    },
  };
}

export const fixed = (bytes: Buffer): Content => ({
  length: bytes.length,
  copy(offset, target, at, count) {
    bytes.copy(target, at, offset, offset + count);
  },
});

export const line = (text: string): Content => fixed(Buffer.from(text, 'latin1'));

/** Bytes that do not compress: images, archives, anything encrypted. */
export const noise = (length: number, random: Random): Content => pooled(NOISE, length, random);

/** Lines of words, none of which begins with a dot. */
export const prose = (length: number, random: Random): Content => pooled(TEXT, length, random);

const RECORD_HEADER_LENGTH = 5;
const FULL_RECORD_LENGTH = 16_384;
const APPLICATION_DATA = 23;
const ALERT = 21;

/** `length` bytes of ciphertext in TLS records of 16 KB. */
export function encrypted(length: number, random: Random, type: number = APPLICATION_DATA): Content {
  const stride = RECORD_HEADER_LENGTH + FULL_RECORD_LENGTH;
  const total = length + Math.ceil(length / FULL_RECORD_LENGTH) * RECORD_HEADER_LENGTH;
  const body = noise(total, random);
  return {
    length: total,
    copy(offset, target, at, count) {
      body.copy(offset, target, at, count);
      let start = Math.floor(offset / stride) * stride;
      for (; start < offset + count; start += stride) {
        const recordLength = Math.min(stride, total - start) - RECORD_HEADER_LENGTH;
        const header = [type, 3, 3, recordLength >> 8, recordLength & 255];
        for (let index = 0; index < RECORD_HEADER_LENGTH; index += 1) {
          const position = start + index - offset;
          if (position >= 0 && position < count) target[at + position] = header[index];
        }
      }
    },
  };
}

/** An encrypted close_notify, as TLS 1.2 frames it. */
export const encryptedAlert = (random: Random): Content => encrypted(26, random, ALERT);
