import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../shared/contract/analysis.ts';
import { CAPTURES, capture, ensureBuilt, run, STORY } from '../support/command.ts';
import { contractViolations } from './contract.ts';

beforeAll(ensureBuilt);

interface TruthCapture {
  readonly file: string;
  readonly readable: boolean;
}

const MANIFEST: { readonly captures: readonly TruthCapture[] } = JSON.parse(
  readFileSync(capture('manifest.json'), 'utf8'),
);
const READABLE = MANIFEST.captures.filter(({ readable }) => readable).map(({ file }) => file);

async function document(args: readonly string[]): Promise<Analysis> {
  const { stdout } = await run(['analyze', '--json', ...args]);
  return JSON.parse(stdout);
}

describe('--json prints one document and nothing else', () => {
  it('the story', async () => {
    const { code, stdout, stderr } = await run(['analyze', '--json', STORY]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const analysis: Analysis = JSON.parse(stdout);
    expect(contractViolations(analysis)).toEqual([]);
    expect(analysis.sessions).toHaveLength(12);
    expect(analysis.sessions.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, at) => `s${at + 1}`));
    expect(analysis.captures).toHaveLength(1);
    expect(analysis.captures[0]).toMatchObject({ file: STORY, format: 'pcapng', packetCount: 284, problems: [] });
  });

  it('the same bytes each time', async () => {
    const [first, second] = await Promise.all([run(['analyze', '--json', STORY]), run(['analyze', '--json', STORY])]);
    expect(second.stdout).toBe(first.stdout);
  });

  it('one session a line, for tools that read lines', async () => {
    const { stdout } = await run(['analyze', '--json', STORY]);
    const lines = stdout.split('\n').filter((line) => line.trim().startsWith('{"id":"s'));
    expect(lines.map((line) => JSON.parse(line.trim().replace(/(,|\] \})$/, '')).id)).toHaveLength(12);
  });

  it('--session leaves one session and only its certificates', async () => {
    const analysis = await document(['--session', 's7', STORY]);
    expect(contractViolations(analysis)).toEqual([]);
    expect(analysis.sessions.map(({ id }) => id)).toEqual(['s7']);
    const [{ certificates }] = analysis.sessions;
    const presented = [...certificates.server.chain, ...certificates.client.chain].map(({ sha256 }) => sha256);
    expect(new Set(Object.keys(analysis.certificates))).toEqual(new Set(presented));
  });

  it('--summary and --details change nothing about it', async () => {
    const whole = await run(['analyze', '--json', STORY]);
    for (const option of ['--summary', '--details']) {
      expect((await run(['analyze', '--json', option, STORY])).stdout).toBe(whole.stdout);
    }
  });

  it('files of a folder that are no captures are no part of it', async () => {
    const { code, stdout, stderr } = await run(['analyze', '--json', CAPTURES]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const analysis = JSON.parse(stdout);
    expect(contractViolations(analysis)).toEqual([]);
    expect(analysis.captures.length).toBeGreaterThan(100);
    expect(analysis).not.toHaveProperty('errors');
  });
});

describe('--json on failure', () => {
  it.each(['damage-empty.pcap', 'damage-no-capture.pcap', 'damage-gzip-of-text.pcap.gz', 'missing.pcap'])(
    '%s: a document with the error, the message on standard error too, exit 2',
    async (name) => {
      const { code, stdout, stderr } = await run(['analyze', '--json', capture(name)]);
      expect(code).toBe(2);
      const analysis = JSON.parse(stdout);
      expect(contractViolations(analysis)).toEqual([]);
      expect(analysis).toMatchObject({ captures: [], certificates: {}, sessions: [] });
      expect(analysis.errors).toHaveLength(1);
      expect(analysis.errors[0].file).toBe(capture(name));
      expect(stderr).toBe(`starttrace: ${analysis.errors[0].message}\n`);
    },
  );

  it('one of two inputs fails: what could be read is there', async () => {
    const { code, stdout } = await run(['analyze', '--json', capture('missing.pcap'), STORY]);
    expect(code).toBe(2);
    const analysis = JSON.parse(stdout);
    expect(contractViolations(analysis)).toEqual([]);
    expect(analysis.sessions).toHaveLength(12);
    expect(analysis.errors).toMatchObject([{ code: 'file-not-found' }]);
  });

  it('an unreadable certificate is in the document, exit 1', async () => {
    const { code, stdout } = await run(['analyze', '--json', capture('certificate-is-noise.pcap')]);
    expect(code).toBe(1);
    const analysis: Analysis = JSON.parse(stdout);
    expect(contractViolations(analysis)).toEqual([]);
    expect(Object.values(analysis.certificates)).toMatchObject([{ byteLength: 57, unreadable: { message: /./ } }]);
  });
});

describe('every capture of test/captures keeps the contract', () => {
  it.each(READABLE)('%s', async (name) => {
    const scope = name.length % 2 === 0 ? 'tls' : 'mail';
    expect(contractViolations(await document(['--scope', scope, capture(name)]))).toEqual([]);
  });

  it('and every file of it is either in the manifest or no capture', () => {
    const known = new Set(MANIFEST.captures.map(({ file }) => file));
    const files = readdirSync(CAPTURES).filter((name) => /\.(pcap|pcapng|cap|snoop)(\.gz)?$/.test(name));
    expect(files.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('the checker itself can fail', () => {
  const sound = () => document([STORY]);
  it.each<[string, (analysis: Record<string, unknown> & Analysis) => void, RegExp]>([
    [
      'a missing field',
      ({ sessions }) => Reflect.deleteProperty(sessions[0], 'displayFilter'),
      /displayFilter is missing/,
    ],
    ['one field more', ({ sessions }) => Reflect.set(sessions[0], 'verdict', 1), /verdict is not in the contract/],
    ['another type', ({ captures }) => Reflect.set(captures[0], 'packetCount', '284'), /packetCount is not a count/],
    [
      'a word that is none of the union',
      ({ sessions }) => Reflect.set(sessions[0], 'service', 'imap'),
      /service is not one of/,
    ],
    ['a certificate that is not there', (analysis) => Reflect.set(analysis, 'certificates', {}), /is not listed/],
  ])('%s', async (_, spoil, expected) => {
    const analysis = (await sound()) as Record<string, unknown> & Analysis;
    spoil(analysis);
    expect(contractViolations(analysis).join('\n')).toMatch(expected);
  });
});
