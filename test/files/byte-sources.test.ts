import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '../../electron/files/byte-source.ts';
import { openFileSource } from '../../electron/files/file-source.ts';
import { GzipSource } from '../../electron/files/gzip-source.ts';
import { spool } from '../../electron/files/spool.ts';
import { StreamSource } from '../../electron/files/stream-source.ts';
import { concat } from '../support/octets.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'starttrace-sources-'));
  // Temporary files go where nobody else has any.
  process.env['TMPDIR'] = folder;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Content that compresses in part, so that deflate blocks of all kinds appear. */
function content(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 12_345;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = (at >> 9) % 3 === 0 ? state >>> 24 : (at * 3) & 0x3f;
  }
  return bytes;
}

async function fileSource(bytes: Uint8Array): Promise<ByteSource> {
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  return openFileSource(path);
}

/** A pipe that hands out pieces of odd lengths. */
function pipeSource(bytes: Uint8Array, piece = 1021): ByteSource {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += piece) pieces.push(Buffer.from(bytes.subarray(at, at + piece)));
  return new StreamSource(Readable.from(pieces, { objectMode: false }));
}

async function readAll(source: ByteSource, length = 10_000): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(length + 2);
    const count = await source.read(chunk, 1, length);
    if (count === 0) break;
    chunks.push(chunk.subarray(1, 1 + count));
  }
  await source.close();
  return Buffer.concat(chunks);
}

const KINDS: readonly [string, (bytes: Uint8Array) => Promise<ByteSource> | ByteSource][] = [
  ['of a file', fileSource],
  ['of a pipe', (bytes) => pipeSource(bytes)],
];

describe.each(KINDS)('gzip %s', (kind, sourceOf) => {
  const plain = content(400_000);
  const packed = gzipSync(plain);
  const gunzip = async (bytes: Uint8Array) => {
    const source = new GzipSource(await sourceOf(bytes));
    const read = await readAll(source);
    return { read, problems: source.problems };
  };

  it('one member', async () => {
    const { read, problems } = await gunzip(packed);
    expect(read.equals(plain)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('several members (RFC 1952 section 2.2), one of them empty, zeros behind them', async () => {
    const parts = [packed, gzipSync(Buffer.alloc(0)), gzipSync(Buffer.from('end')), Buffer.alloc(100_000)];
    const { read, problems } = await gunzip(Buffer.concat(parts));
    expect(read.equals(Buffer.concat([plain, Buffer.from('end')]))).toBe(true);
    expect(problems).toEqual([]);
  });

  it('a thousand members', async () => {
    const members = Array.from({ length: 1000 }, (_, i) => gzipSync(Buffer.from(`${i},`)));
    const { read } = await gunzip(Buffer.concat(members));
    expect(read.toString()).toBe(Array.from({ length: 1000 }, (_, i) => `${i},`).join(''));
  });

  it('all optional header fields (RFC 1952 section 2.3.1)', async () => {
    const flags = 2 | 4 | 8 | 16;
    const header = concat(packed.subarray(0, 3), Uint8Array.of(flags), packed.subarray(4, 10));
    const extra = Uint8Array.of(3, 0, 0xaa, 0, 0xbb);
    const names = Buffer.from('capture.pcap\0a comment\0');
    const { read, problems } = await gunzip(concat(header, extra, names, Uint8Array.of(1, 2), packed.subarray(10)));
    expect(read.equals(plain)).toBe(true);
    expect(problems).toEqual([]);
  });

  it('other data behind it is ignored, and told', async () => {
    const { read, problems } = await gunzip(concat(packed, Buffer.from('signature')));
    expect(read.equals(plain)).toBe(true);
    expect(problems).toMatchObject([{ code: 'trailing-data', offset: packed.length }]);
  });

  it.each([11, 12, 100, 33_000, packed.length - 9, packed.length - 8, packed.length - 1])(
    'cut behind %i bytes',
    async (length) => {
      const { read, problems } = await gunzip(packed.subarray(0, length));
      expect(plain.subarray(0, read.length).equals(read)).toBe(true);
      // Deflate cannot hold much back: the output in front of the cut is in proportion.
      expect(read.length).toBeGreaterThanOrEqual(Math.min(plain.length, length - 3000));
      expect(problems).toMatchObject([{ code: 'cut-gzip' }]);
    },
  );

  it('a checksum that does not fit', async () => {
    const damaged = Buffer.from(packed);
    damaged[damaged.length - 5] ^= 1;
    const { read, problems } = await gunzip(damaged);
    expect(read.equals(plain)).toBe(true);
    expect(problems).toMatchObject([{ code: 'damaged-gzip', offset: packed.length - 8 }]);
  });

  it('damage in the second member: the first is whole, the second up to the damage', async () => {
    // A stored block, then a block of the type that does not exist.
    const stored = concat(Uint8Array.of(0, 5, 0, 0xfa, 0xff), Buffer.from('hello'), Uint8Array.of(0x07, 0, 0));
    const member = concat(packed.subarray(0, 10), stored, new Uint8Array(50));
    const { read, problems } = await gunzip(concat(packed, member));
    const whole = Buffer.concat([plain, Buffer.from('hello')]);
    expect(whole.subarray(0, read.length).equals(read)).toBe(true);
    // What zlib had decoded of a pipe's last piece is lost with Node's stream.
    expect(read.length).toBe(kind === 'of a file' ? whole.length : plain.length);
    expect(problems).toMatchObject([{ code: 'damaged-gzip' }]);
  });
});

describe('gzip, mutated', () => {
  it('never fails, and delivers the content in front of the damage', async () => {
    const plain = content(60_000);
    const packed = gzipSync(plain);
    const { length } = packed;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const damaged = Buffer.from(packed);
          damaged[at] ^= change;
          const source = new GzipSource(pipeSource(damaged, 30_011));
          const read = await readAll(source);
          if (!read.equals(plain)) expect(source.problems.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('pipes', () => {
  it('an error of the stream ends it, and is told', async () => {
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from('abc');
        throw Object.assign(new Error('read'), { code: 'EIO' });
      })(),
      { objectMode: false },
    );
    const source = new StreamSource(stream);
    expect((await readAll(source)).toString()).toBe('abc');
    expect(source.problems).toMatchObject([{ code: 'read-error', offset: 3 }]);
  });
});

describe('spool', () => {
  it('a pipe becomes seekable, and leaves nothing behind', async () => {
    const plain = content(600_000);
    const source = await spool(pipeSource(plain, 65_536));
    source.seek?.(599_990);
    expect(await source.read(Buffer.alloc(100), 0, 100)).toBe(10);
    source.seek?.(0);
    expect((await readAll(source)).equals(plain)).toBe(true);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('starttrace-'))).toEqual([]);
  });
});
