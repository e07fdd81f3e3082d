import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveCaptures } from '../../electron/files/capture-set.ts';
import { analyzeCaptures } from '../../electron/service/analyze-captures.ts';
import { analyzeOnTwoThreads } from '../../electron/service/two-threads.ts';
import { BLOCK_BYTES } from '../../electron/worker/segment-ring.ts';
import { generateCapture } from '../bench/generate.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CAPTURES = resolve(ROOT, 'test/captures');
const WORKER = pathToFileURL(resolve(ROOT, 'dist/analysis-worker.js'));

/** The same document from one thread and from two. */
async function bothWays(files: readonly string[]) {
  const options = { scope: 'mail' } as const;
  const one = await analyzeCaptures(files, options);
  const { inputs } = await resolveCaptures(files);
  const two = await analyzeOnTwoThreads(inputs, options, WORKER);
  const problems = one.captures.map((_, index) => two.problems(index));
  return { one, two, problems };
}

describe('two threads find what one finds', () => {
  beforeAll(() => {
    // `npm test` builds first; a run of vitest alone has to be told.
    if (!existsSync(WORKER)) throw new Error('dist/analysis-worker.js is missing: run npm run build first.');
  });

  it('in every capture of the project, all at once', async () => {
    const files = readdirSync(CAPTURES)
      .filter(
        (file) => /\.(?:pcap|pcapng|cap|snoop)(?:\.gz)?$/.test(file) && !/^damage-(?:empty|no-capture|gzip)/.test(file),
      )
      .map((file) => resolve(CAPTURES, file));
    expect(files.length).toBeGreaterThan(120);
    const { one, two } = await bothWays(files);
    expect(two.sessions.count).toBe(one.sessions.count);
    expect(two.sessions.all()).toEqual(one.sessions.all());
    expect(two.certificates).toEqual(one.certificates);
    expect([...two.certificateBytes.keys()]).toEqual([...one.certificateBytes.keys()]);
  });

  it('in a capture that goes round the ring several times', async () => {
    const { file } = generateCapture(100);
    const { one, two, problems } = await bothWays([file]);
    expect(one.captures[0].byteLength).toBeGreaterThan(16 * BLOCK_BYTES);
    expect(two.sessions.all()).toEqual(one.sessions.all());
    expect(one.captures[0].problems).toEqual([...two.summaries[0].problems, ...problems[0]]);
    const json = [...two.sessions.json()].map((piece) => Buffer.from(piece)).join('');
    expect(JSON.parse(`[${json}]`)).toEqual(one.sessions.all());
  });

  it('a worker that cannot start is an error, not a wait without end', async () => {
    const { inputs } = await resolveCaptures([resolve(CAPTURES, 'tls-1.2.pcap')]);
    const missing = pathToFileURL(resolve(ROOT, 'dist/no-such-worker.js'));
    await expect(analyzeOnTwoThreads(inputs, { scope: 'mail' }, missing)).rejects.toThrow(/no-such-worker/);
  });
});
