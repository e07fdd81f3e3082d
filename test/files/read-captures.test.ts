import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resolveCaptures } from '../../electron/files/capture-set.ts';
import { openCapture } from '../../electron/files/capture-stream.ts';
import { openError } from '../../electron/files/input-error.ts';
import { type ReadOptions, readCaptures } from '../../electron/files/read-captures.ts';
import { type SeenPacket, seenPacket } from '../support/capture-reading.ts';
import {
  block,
  enhancedPacket,
  interfaceDescription,
  LITTLE,
  netmonFile,
  pattern,
  pcapFile,
  sectionHeader,
  simplePacket,
  snoopFile,
} from '../support/capture-writers.ts';
import { concat } from '../support/octets.ts';

let root = '';
let folder = '';
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'starttrace-files-'));
  // Temporary files go where nobody else has any.
  process.env['TMPDIR'] = root;
});
beforeEach(() => {
  count += 1;
  folder = join(root, String(count));
  mkdirSync(folder);
});
afterAll(() => rmSync(root, { recursive: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

interface Run {
  readonly packets: (SeenPacket & { readonly capture: number })[];
  readonly summaries: Awaited<ReturnType<typeof readCaptures>>;
}

async function run(names: readonly string[], options: ReadOptions = {}, stdin?: Readable): Promise<Run> {
  const set = await resolveCaptures(names, stdin);
  expect(set.errors).toEqual([]);
  const packets: Run['packets'] = [];
  const sink = {
    packet: (capture: number, reader: Parameters<typeof seenPacket>[0]) => {
      packets.push({ capture, ...seenPacket(reader) });
    },
  };
  return { summaries: await readCaptures(set.inputs, sink, options), packets };
}

const at = (seconds: number, fraction = 0) => ({
  seconds: 1_409_738_531 + seconds,
  fraction,
  data: pattern(60, seconds),
});
const pipe = (bytes: Uint8Array, piece = 997) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) =>
      Buffer.from(bytes.subarray(i * piece, (i + 1) * piece)),
    ),
    { objectMode: false },
  );

describe('one capture', () => {
  it('the summary has what the analysis shows of it', async () => {
    const bytes = pcapFile({}, [at(5), at(1, 7), at(9)]);
    const name = file('a.pcap', bytes);
    const { summaries } = await run([name]);
    expect(summaries).toEqual([
      {
        file: name,
        format: 'pcap',
        compression: null,
        byteLength: bytes.length,
        packetCount: 3,
        linkTypes: ['ETHERNET'],
        firstPacketAt: '2014-09-03T10:02:12.000007Z',
        lastPacketAt: '2014-09-03T10:02:20.000000Z',
        problems: [],
        secrets: [],
      },
    ]);
  });

  const many = Array.from({ length: 3000 }, (_, i) => ({ ...at(i), data: pattern((i * 131) % 1500, i) }));
  const FORMATS: readonly [string, Uint8Array][] = [
    ['pcap', pcapFile({}, many)],
    [
      'pcapng',
      concat(
        sectionHeader(),
        interfaceDescription(),
        Buffer.concat(many.map((one) => enhancedPacket({ data: one.data }))),
      ),
    ],
    ['snoop', snoopFile(4, many)],
    ['netmon', netmonFile({ version: [2, 1], fileOrder: many.map((_, i) => (i + 1500) % 3000) }, many)],
  ];
  const expected = many.map((one) => Buffer.from(one.data).toString('hex'));

  it.each(FORMATS)('%s: as a file, compressed, through a pipe, compressed through a pipe', async (format, bytes) => {
    const packed = gzipSync(bytes);
    const ways = [
      await run([file('plain', bytes)]),
      await run([file('packed', packed)]),
      await run(['-'], {}, pipe(bytes)),
      await run(['-'], {}, pipe(packed)),
    ];
    for (const { packets, summaries } of ways) {
      expect(packets.map((packet) => packet.data)).toEqual(expected);
      expect(summaries[0]).toMatchObject({ format, packetCount: 3000, problems: [] });
    }
    expect(ways.map(({ summaries: [one] }) => [one.compression, one.byteLength])).toEqual([
      [null, bytes.length],
      ['gzip', packed.length],
      [null, bytes.length],
      ['gzip', packed.length],
    ]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('starttrace-spool-'))).toEqual([]);
  });

  it('a block larger than the buffers (pcapng secrets of 3 MB) between packets', async () => {
    const size = 3_000_000;
    const secrets = concat(LITTLE.u32(0x544c534b), LITTLE.u32(size), new Uint8Array(size).fill(0x41));
    const bytes = concat(
      sectionHeader(),
      interfaceDescription(),
      enhancedPacket({ data: pattern(9) }),
      block(10, secrets),
      enhancedPacket({ data: pattern(8) }),
      block(10, secrets),
      enhancedPacket({ data: pattern(7) }),
    );
    for (const { packets, summaries } of [await run([file('big', bytes)]), await run(['-'], {}, pipe(bytes, 65_536))]) {
      expect(packets.map((packet) => packet.data.length / 2)).toEqual([9, 8, 7]);
      expect(summaries[0].secrets.map((one) => one.bytes.every((byte) => byte === 0x41) && one.bytes.length)).toEqual([
        size,
        size,
      ]);
    }
  });

  it('cut and compressed: problems of both, in that order', async () => {
    const bytes = pcapFile({}, many);
    const packed = gzipSync(bytes);
    const { summaries, packets } = await run([file('cut.gz', packed.subarray(0, packed.length >> 1))]);
    expect(packets.length).toBeGreaterThan(100);
    expect(summaries[0].problems.map((problem) => problem.code)).toEqual(['cut-gzip', 'cut-file']);
  });

  it('in chunks of any size it is the same', async () => {
    const name = file('chunks', FORMATS[1][1]);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 16_384, max: 300_000 }), async (chunkBytes) => {
        const opened = await openCapture(name, chunkBytes);
        if (opened.kind === 'error') throw new Error(opened.error.problem.message);
        const seen: string[] = [];
        while (await opened.stream.advance()) seen.push(seenPacket(opened.stream.reader).data);
        await opened.stream.close();
        expect(seen).toEqual(expected);
      }),
      { numRuns: 10 },
    );
  });

  it('a file that grows while it is read is read to its end', async () => {
    const name = file('live', pcapFile({}, [at(1)]));
    const set = await resolveCaptures([name]);
    let packets = 0;
    const sink = {
      packet: () => {
        packets += 1;
        if (packets === 1) appendFileSync(name, pcapFile({}, [at(2)]).subarray(24));
      },
    };
    const [summary] = await readCaptures(set.inputs, sink);
    // Whether the second packet is seen depends on when the end was reached; it is never half a packet.
    expect([1, 2]).toContain(packets);
    expect(summary).toMatchObject({ packetCount: packets, problems: [] });
  });
});

describe('several captures', () => {
  it('merged by time; equal times in the order of the arguments', async () => {
    const a = file('a', pcapFile({}, [at(1), at(3), at(5)]));
    const b = file('b', pcapFile({ magic: 0xa1b23c4d }, [at(1), at(2, 999_999_999), at(3), at(5, 1)]));
    const { packets, summaries } = await run([b, a]);
    expect(packets.map((packet) => [packet.capture, packet.frame])).toEqual([
      [0, 1],
      [1, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [0, 4],
    ]);
    expect(summaries.map((one) => one.packetCount)).toEqual([4, 3]);
  });

  it('the order inside of a file is kept where its times go back', async () => {
    const a = file('a', pcapFile({}, [at(10), at(2), at(11)]));
    const b = file('b', pcapFile({}, [at(1), at(10, 5), at(12)]));
    const { packets } = await run([a, b]);
    expect(packets.map((packet) => `${'ab'[packet.capture]}${packet.frame}`)).toEqual([
      'b1',
      'a1',
      'a2',
      'b2',
      'a3',
      'b3',
    ]);
  });

  it('packets without times follow their predecessor', async () => {
    const a = file('a', pcapFile({}, [at(1), at(3)]));
    const b = file(
      'b',
      concat(
        sectionHeader(),
        interfaceDescription(),
        enhancedPacket({ time: 1_409_738_533_000_000n }),
        simplePacket(pattern(4)),
      ),
    );
    const { packets } = await run([a, b]);
    expect(packets.map((packet) => `${'ab'[packet.capture]}${packet.frame}`)).toEqual(['a1', 'b1', 'b2', 'a2']);
  });

  it('agrees with a sort, for any files whose times rise', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 12 }), { minLength: 2, maxLength: 6 }),
        async (times) => {
          const sorted = times.map((one) => one.toSorted((x, y) => x - y));
          const names = sorted.map((one, i) =>
            file(
              `${i}`,
              pcapFile(
                {},
                one.map((second) => at(second)),
              ),
            ),
          );
          const { packets } = await run(names);
          const all = sorted.flatMap((one, capture) => one.map((second, i) => ({ second, capture, frame: i + 1 })));
          all.sort((x, y) => x.second - y.second || x.capture - y.capture || x.frame - y.frame);
          expect(packets.map(({ capture, frame }) => [capture, frame])).toEqual(
            all.map(({ capture, frame }) => [capture, frame]),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  it('a ring of files that follow each other: few are open at one time', async () => {
    const names = Array.from({ length: 60 }, (_, i) =>
      file(`ring_${String(60 - i).padStart(3, '0')}`, pcapFile({}, [at(2 * i), at(2 * i + 1)])),
    );
    const set = await resolveCaptures(names.toSorted());
    let most = 0;
    let seconds = -1;
    const sink = {
      packet: (_: number, reader: { timeSeconds(): number }) => {
        const open = readdirSync('/proc/self/fd').length;
        most = Math.max(most, open);
        expect(reader.timeSeconds()).toBeGreaterThan(seconds);
        seconds = reader.timeSeconds();
      },
    };
    const before = readdirSync('/proc/self/fd').length;
    await readCaptures(set.inputs, sink);
    expect(most - before).toBeLessThanOrEqual(3);
  });

  it('standard input beside a file', async () => {
    const a = file('a', pcapFile({}, [at(1), at(3)]));
    const { packets } = await run(['-', a], {}, pipe(pcapFile({}, [at(2), at(4)])));
    expect(packets.map((packet) => `${packet.capture}/${packet.frame}`)).toEqual(['1/1', '0/1', '1/2', '0/2']);
  });
});

describe('progress and end', () => {
  it('progress ends with all bytes and packets', async () => {
    const bytes = pcapFile({}, [at(1), at(2)]);
    const seen: unknown[] = [];
    await run([file('a', bytes)], { onProgress: (progress) => seen.push(progress) });
    // The head is read once more to recognise the file.
    expect(seen.at(-1)).toMatchObject({ totalBytes: bytes.length, packets: 2 });
  });

  it('an aborted signal rejects with its reason, also while a pipe is silent', async () => {
    const silent = new PassThrough();
    silent.write(Buffer.concat([pcapFile({}, [at(1)]), Buffer.alloc(20_000)]));
    const controller = new AbortController();
    const set = await resolveCaptures(['-'], silent);
    const reading = readCaptures(set.inputs, { packet: () => {} }, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 20);
    await expect(reading).rejects.toThrow('enough');
    silent.destroy();
  });

  it('a file that went away since it was resolved', async () => {
    const name = file('a', pcapFile({}, [at(1)]));
    const set = await resolveCaptures([name]);
    rmSync(name);
    await expect(readCaptures(set.inputs, { packet: () => {} })).rejects.toMatchObject({
      name: 'CaptureOpenError',
      input: { file: name, problem: { code: 'file-not-found' } },
    });
  });
});

describe('resolveCaptures', () => {
  const capture = pcapFile({}, [at(1)]);

  it('folders: recursive, by content whatever the names, the rest skipped with its reason', async () => {
    mkdirSync(join(folder, 'sub'));
    const names = [file('b.txt', capture), file('c.gz', gzipSync(capture)), file('sub/a', capture)];
    const skipped = [file('notes.pcap', 'no capture at all\n'), file('sub/empty.pcap', '')];
    const set = await resolveCaptures([folder]);
    expect(set.inputs.map((input) => input.file)).toEqual(names);
    expect(set.skipped.map((one) => [one.file, one.problem.code])).toEqual([
      [skipped[0], 'not-a-capture'],
      [skipped[1], 'empty-file'],
    ]);
    expect(set.errors).toEqual([]);
  });

  it('one file under several names counts once', async () => {
    const a = file('a', capture);
    linkSync(a, join(folder, 'hard'));
    symlinkSync(a, join(folder, 'soft'));
    symlinkSync(folder, join(folder, 'round'));
    const set = await resolveCaptures([a, join(folder, 'soft'), a, folder, join(folder, 'hard')]);
    expect(set.inputs.map((input) => input.file)).toEqual([a]);
    expect(set.errors).toEqual([]);
  });

  it('each error names the file and the next step', async () => {
    mkdirSync(join(folder, 'none'));
    const names = [
      join(folder, 'missing'),
      join(folder, 'none'),
      file('keys', `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}\n`),
      file('twice.gz', gzipSync(gzipSync(capture))),
      file('packed.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0])),
    ];
    const { errors, inputs } = await resolveCaptures(names);
    expect(inputs).toEqual([]);
    expect(errors.map((error) => error.problem.code)).toEqual([
      'file-not-found',
      'no-captures',
      'key-log-file',
      'compressed-file',
      'compressed-file',
    ]);
    for (const [i, error] of errors.entries()) {
      expect(error.file).toBe(names[i]);
      expect(error.problem.message).toContain(names[i]);
    }
  });

  it('gzip data that is no capture inside, or breaks at once', async () => {
    const set = await resolveCaptures([
      file('text.gz', gzipSync('hello')),
      file('cut.gz', gzipSync(capture).subarray(0, 5)),
    ]);
    expect(set.errors.map((error) => error.problem.code)).toEqual(['not-a-capture', 'cut-gzip']);
  });

  it.each([
    ['EACCES', 'permission-denied', 'make it readable'],
    ['EMFILE', 'too-many-files', 'ulimit -n'],
    ['EBUSY', 'cannot-open', 'locked'],
  ])('%s of the operating system', (code, expected, advice) => {
    const { problem } = openError('a.pcap', Object.assign(new Error('open'), { code }));
    expect(problem.code).toBe(expected);
    expect(problem.message).toContain(advice);
  });

  it('standard input that is no capture', async () => {
    const set = await resolveCaptures(['-'], pipe(Buffer.from('%PDF-1.4\n')));
    expect(set.errors).toMatchObject([{ file: '-', problem: { message: expect.stringContaining('PDF') } }]);
  });
});
