import { spawn } from 'node:child_process';
import { copyFileSync, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  COMMAND,
  capture,
  ensureBuilt,
  HAS_SCRIPT,
  outcome,
  ROOT,
  run,
  runOnTerminal,
  STORY,
  start,
} from '../support/command.ts';
import { ATTACK, hostileCapture } from '../support/hostile-session.ts';
import { contractViolations } from './contract.ts';

const ESCAPE = '\u001b';
let folder = '';
let hostile = '';

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'starttrace-test-'));
  hostile = join(folder, 'hostile.pcap');
  writeFileSync(hostile, hostileCapture());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a terminal shows: without colours, without the carriage returns that the terminal driver adds. */
function shownText(output: string): string {
  return output.replace(/\u001b\[[0-9;]*m/g, '').replaceAll('\r\n', '\n');
}

describe('colour', () => {
  it('there is none where the output is no terminal', async () => {
    const { stdout } = await run(['analyze', STORY], { env: { TERM: 'xterm-256color' } });
    expect(stdout).not.toContain(ESCAPE);
  });

  describe.skipIf(!HAS_SCRIPT)('on a terminal', () => {
    it('there is colour', async () => {
      const { code, stdout } = await runOnTerminal(['analyze', STORY]);
      expect(code).toBe(0);
      expect(stdout).toContain(`${ESCAPE}[36m`);
      // Every sequence is a plain colour or weight, and each is taken back on its line.
      for (const line of stdout.split('\n')) {
        expect(line.replace(/\u001b\[(1|2|22|3[1-6]|39)m/g, '')).not.toContain(ESCAPE);
        expect(line.match(/\u001b\[3[1-6]m/g)?.length ?? 0).toBe(line.match(/\u001b\[39m/g)?.length ?? 0);
      }
    });

    it.each<[string, Record<string, string>]>([
      ['NO_COLOR', { NO_COLOR: '1' }],
      ['TERM=dumb', { TERM: 'dumb' }],
    ])('%s forbids it', async (_, env) => {
      expect((await runOnTerminal(['analyze', STORY], { env })).stdout).not.toContain(ESCAPE);
    });

    it('an empty NO_COLOR forbids nothing (no-color.org)', async () => {
      expect((await runOnTerminal(['analyze', STORY], { env: { NO_COLOR: '' } })).stdout).toContain(ESCAPE);
    });

    it('says the same with and without it', async () => {
      const [coloured, plain] = await Promise.all([
        runOnTerminal(['analyze', STORY]),
        runOnTerminal(['analyze', STORY], { env: { NO_COLOR: '1' } }),
      ]);
      expect(shownText(coloured.stdout)).toBe(shownText(plain.stdout));
    });
  });
});

describe.skipIf(!HAS_SCRIPT)('width', () => {
  it.each([40, 60, 80, 100, 120, 200])('no line of the overview is wider than %i columns', async (columns) => {
    const { stdout } = await runOnTerminal(['analyze', '--summary', STORY], { columns });
    const lines = shownText(stdout).split('\n');
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    expect(lines.filter((line) => /^s\d+ /.test(line))).toHaveLength(12);
  });

  it('a path that is longer than a line is wrapped behind the indent', async () => {
    const long = mkdtempSync(join(tmpdir(), 'long-name-'.repeat(12)));
    try {
      const path = join(long, 'story.pcapng');
      copyFileSync(STORY, path);
      for (const columns of [40, 41, 60]) {
        const { stdout } = await runOnTerminal(['analyze', '--summary', path], { columns });
        expect(
          shownText(stdout)
            .split('\n')
            .filter((line) => line.length > columns),
        ).toEqual([]);
      }
    } finally {
      rmSync(long, { recursive: true });
    }
  });

  it.each([80, 100, 120, 200])(
    'in the detail at %i columns only what is there to be copied is longer',
    async (columns) => {
      const { stdout } = await runOnTerminal(['analyze', STORY], { columns });
      const long = shownText(stdout)
        .split('\n')
        .filter((line) => line.length > columns);
      expect(long.filter((line) => !/^ {2}Wireshark {4}ip\.addr|^ +sha256 {2}[0-9a-f]{64}/.test(line))).toEqual([]);
    },
  );

  it('a narrow terminal is told which columns are left out', async () => {
    const { stdout } = await runOnTerminal(['analyze', '--summary', STORY], { columns: 80 });
    expect(shownText(stdout)).toContain('\nLeft out for want of room: client certificate, frames.\n');
    expect(shownText(stdout)).toMatch(
      /^s1 +10:00:04 {2}10\.99\.0\.1 → 10\.99\.0\.10:25 {2}accepted +1\.2 {2}mail\.\S+…\S+com$/m,
    );
  });

  it('where the output is no terminal, nothing is cut or wrapped', async () => {
    const { stdout } = await run(['analyze', STORY], { env: { COLUMNS: '40' } });
    expect(stdout).not.toContain('…');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeGreaterThan(140);
  });

  it('standard input that is the terminal is a mistake, not a long wait', async () => {
    const child = spawn('script', ['-qec', `'${process.execPath}' '${COMMAND}' analyze -`, '/dev/null'], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { code, stdout } = await outcome(child);
    expect(code).toBe(2);
    expect(stdout).toContain('Standard input is this terminal.');
  });
});

describe('a reader that has seen enough', () => {
  it.each(['', '--json'])('head -1 %s', async (option) => {
    const command = `'${process.execPath}' '${COMMAND}' analyze --details ${option} '${capture('many-interleaved-sessions.pcap.gz')}' | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await outcome(spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] }));
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stdout.trimEnd().split('\n')[1]).toBe('0');
  });

  it('a full disk is an error with its reason', async () => {
    const command = `'${process.execPath}' '${COMMAND}' analyze '${STORY}' > /dev/full`;
    const { code, stderr } = await outcome(spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] }));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^starttrace: writing the output failed: .*ENOSPC/);
  });
});

describe('Ctrl-C during a read that never ends', () => {
  const bytes = readFileSync(capture('tls-1.2.pcap'));

  async function interrupted(args: readonly string[], begin: (child: ReturnType<typeof start>) => () => void) {
    const child = start(['analyze', ...args]);
    const ended = outcome(child);
    const end = begin(child);
    await sleep(600);
    const signalled = performance.now();
    child.kill('SIGINT');
    const result = await ended;
    end();
    return { ...result, milliseconds: performance.now() - signalled };
  }

  function expectInterrupted(result: Awaited<ReturnType<typeof interrupted>>) {
    expect(result).toMatchObject({ code: 130, signal: null, stdout: '' });
    expect(result.stderr).toBe('starttrace: interrupted before the result was complete.\n');
    expect(result.milliseconds).toBeLessThan(2000);
  }

  it.each<[string, Uint8Array]>([
    ['that is silent from the start', new Uint8Array(0)],
    ['that stops inside the file header', bytes.subarray(0, 10)],
    ['that stops behind some packets', bytes],
    ['that stops behind more packets than are looked at first', repeated(bytes, 30_000)],
  ])('standard input %s', async (_, input) => {
    expectInterrupted(
      await interrupted(['-'], (child) => {
        child.stdin?.write(input);
        return () => child.stdin?.destroy();
      }),
    );
  });

  it('a FIFO that nobody writes to', async () => {
    expectInterrupted(await interrupted([await fifo('silent')], () => () => {}));
  });

  it('a FIFO whose writer never stops', async () => {
    const path = await fifo('endless');
    const result = await interrupted([path], () => {
      const writer = createWriteStream(path, { flags: 'w' });
      writer.on('error', () => {}); // The reader has gone.
      const next = () => {
        if (!writer.destroyed && writer.write(repeated(bytes.subarray(24), 60_000))) setImmediate(next);
      };
      writer.on('drain', next);
      writer.write(bytes.subarray(0, 24));
      next();
      return () => writer.destroy();
    });
    expectInterrupted(result);
  });

  async function fifo(name: string): Promise<string> {
    const path = join(folder, name);
    await outcome(spawn('mkfifo', [path], { stdio: ['ignore', 'pipe', 'pipe'] }));
    return path;
  }
});

function repeated(bytes: Uint8Array, atLeast: number): Uint8Array {
  return Buffer.concat(Array.from({ length: Math.ceil(atLeast / bytes.length) }, () => bytes));
}

/** Everything that a terminal or an eye would obey, but for the line feeds of the output itself. */
const OBEYED =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

describe('text from a capture is shown, not obeyed', () => {
  it('in the text: greeting, client name, replies, addresses, server name, subject, issuer, names', async () => {
    const { code, stdout } = await run(['analyze', hostile]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(OBEYED);
    for (const place of [
      /Greeting +220 greeting \\u\{1b\}\]0;owned\\u\{7\}/,
      /Client name +client\\u\{1b\}/,
      /Envelope +<sender\\u\{1b\}.*> to <recipient\\u\{1b\}/,
      /Server name +mail\\u\{1b\}/,
      /CN=mail.*\\u\{202e\}EDISTUO/,
      /issuer {2}CN=issuer.*\\u\{202e\}/,
      /names {3}name\\1B\]0;owned/,
      /ClientHello: server name mail\\u\{1b\}/,
      /250 host \\u\{1b\}/,
    ]) {
      expect(stdout).toMatch(place);
    }
  });

  it.skipIf(!HAS_SCRIPT)('on a terminal too', async () => {
    const { stdout } = await runOnTerminal(['analyze', hostile], { columns: 80 });
    expect(shownText(stdout)).not.toMatch(OBEYED);
    expect(stdout).not.toMatch(/\u001b(?!\[(1|2|22|3[1-6]|39)m)/);
  });

  it('in JSON: escaped, sound, and the same text for a program', async () => {
    const { stdout } = await run(['analyze', '--json', hostile]);
    expect(stdout).not.toMatch(OBEYED);
    const analysis = JSON.parse(stdout);
    expect(contractViolations(analysis)).toEqual([]);
    const [{ smtp, tls }] = analysis.sessions;
    expect(smtp.greeting.text).toBe(`greeting ${ATTACK}`);
    expect(tls.serverName).toBe(`mail${ATTACK}.example.com`);
    expect(JSON.stringify(analysis.certificates)).toContain('\u202e');
  });

  it('in JSON that comes from the second thread, as everything from a pipe does', async () => {
    const { stdout } = await run(['analyze', '--json', '-'], { input: hostileCapture() });
    expect(stdout).not.toMatch(OBEYED);
    expect(JSON.parse(stdout).sessions[0].smtp.greeting.text).toBe(`greeting ${ATTACK}`);
  });

  it('in a file name', async () => {
    const path = join(folder, `evil\u001b[31m\u202e.pcap`);
    writeFileSync(path, readFileSync(capture('tls-1.2.pcap')));
    const [there, missing] = await Promise.all([run(['analyze', path]), run(['analyze', `${path}.gone`])]);
    expect(there.code).toBe(0);
    expect(there.stdout).toMatch(/evil\\u\{1b\}\[31m\\u\{202e\}\.pcap: pcap/);
    expect(there.stdout).not.toMatch(OBEYED);
    expect(missing.stderr).not.toMatch(OBEYED);
  });
});
