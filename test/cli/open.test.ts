import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/application.ts';
import {
  COMMAND,
  ensureBuilt,
  HAS_SCRIPT,
  outcome,
  ROOT,
  run,
  runOnTerminal,
  STORY,
  start,
} from '../support/command.ts';

beforeAll(ensureBuilt);

/** Other tests run at the same time. */
const SLOW = { timeout: 10_000 };

const HAS_WINDOW = existsSync(join(ROOT, 'dist/renderer/index.html'));

describe('--help', () => {
  it.each(['open', 'serve'])('of %s', async (command) => {
    const { code, stdout } = await run([command, '--help']);
    expect(code).toBe(0);
    for (const section of ['Usage:', 'Options:', 'Examples:', 'Exit codes:'])
      expect(stdout).toContain(`\n${section}\n`);
  });
});

const NO_WINDOW = { env: { STARTTRACE_NO_WINDOW: '1' } };

describe('open where nobody could close a window', () => {
  it('prints the summary and ends', async () => {
    const [opened, analyzed] = await Promise.all([
      run(['open', STORY], NO_WINDOW),
      run(['analyze', '--summary', STORY]),
    ]);
    expect(opened).toEqual(analyzed);
    expect(opened).toMatchObject({ code: 0, stderr: '' });
  });

  it('judges as analyze does', async () => {
    const judging = ['--expect', join(ROOT, 'examples/story/expectations.yaml')];
    const [opened, analyzed] = await Promise.all([
      run(['open', ...judging, STORY], NO_WINDOW),
      run(['analyze', '--summary', ...judging, STORY]),
    ]);
    expect(opened.stdout).toBe(analyzed.stdout);
    // To show what does not hold is no failure of showing.
    expect([opened.code, analyzed.code]).toEqual([0, 1]);
  });

  it.skipIf(!HAS_SCRIPT).each(['STARTTRACE_NO_WINDOW', 'CI'])('also on a terminal with %s=1', async (variable) => {
    const { code, stdout } = await runOnTerminal(['open', STORY], { env: { [variable]: '1' } });
    expect(code).toBe(0);
    expect(stdout).toContain('12 SMTP sessions');
    expect(stdout).not.toContain('http://');
  });

  it('a file that is no capture ends with 2', async () => {
    const { code, stderr } = await run(['open', 'package.json'], NO_WINDOW);
    expect(code).toBe(2);
    expect(stderr).toContain('package.json');
  });

  it('without a file there is nothing to print', async () => {
    expect(await run(['open'], NO_WINDOW)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('which capture?'),
    });
  });

  it.each(['open', 'serve'])('%s reads no standard input', async (command) => {
    expect(await run([command, '-'])).toMatchObject({ code: 2, stderr: expect.stringContaining('analyze -') });
  });
});

/** Resolves to the address that the command prints. */
function addressOf(child: ReturnType<typeof start>): Promise<URL> {
  return new Promise((fulfil, reject) => {
    let text = '';
    child.stdout?.on('data', (piece: Buffer) => {
      text += piece.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+\/#code=[\w-]+(?=\s)/.exec(text);
      if (address) fulfil(new URL(address[0]));
    });
    child.once('close', () => reject(new Error(`No address: ${text}`)));
  });
}

describe.skipIf(!HAS_WINDOW)('open in a pipe, without a display', () => {
  it('prints the summary, the verdict in words, and the address', async () => {
    const expectations = join(ROOT, 'examples/story/expectations.yaml');
    const child = start(['open', '--expect', expectations, STORY], { env: { XDG_DATA_HOME: temporaryFolder() } });
    const ended = outcome(child);
    await addressOf(child);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toContain('12 SMTP sessions');
    expect(stdout).toMatch(/would be deferred/);
    expect(stdout).toContain('Set TlsDomain to mail.protection.outlook.com: Exchange Online Protection cannot present');
  });

  it('an expectation file that is not there ends it before anything is read', async () => {
    const { code, stdout, stderr } = await run(['open', '--expect', 'no-such.yaml', STORY]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('no-such.yaml: there is no such file');
  });
});

describe.skipIf(!HAS_WINDOW)('serve', () => {
  it('prints the address and the summary, serves the window, and ends in order with Ctrl-C', async () => {
    const data = temporaryFolder();
    const child = start(['serve', STORY], { env: { XDG_DATA_HOME: data } });
    const ended = outcome(child);
    const { origin, hash } = await addressOf(child);
    const page = await fetch(origin);
    expect(await page.text()).toContain('<div id="root">');
    const headers = { Origin: origin, 'Content-Type': 'application/json' };
    const exchanged = await fetch(`${origin}/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ code: hash.slice('#code='.length) }),
    });
    const { token } = (await exchanged.json()) as { token: string };
    await expect
      .poll(async () => {
        const answer = await fetch(`${origin}/api/recentFiles`, {
          method: 'POST',
          headers: { ...headers, Authorization: `Bearer ${token}` },
          body: '{}',
        });
        return (await answer.json()) as unknown;
      }, SLOW)
      .toMatchObject({ result: [{ file: STORY, sessions: 12 }] });
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('12 SMTP sessions');
  });

  it('ends in order when it is told to', async () => {
    const child = start(['serve'], { env: { XDG_DATA_HOME: temporaryFolder() } });
    const ended = outcome(child);
    await addressOf(child);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe.skipIf(!HAS_WINDOW || !HAS_SCRIPT)('open on a terminal', () => {
  /** A browser that notes its arguments, takes its time, and is closed. */
  function browser(): { readonly bin: string; readonly told: string } {
    const folder = temporaryFolder();
    const [bin, told] = [join(folder, 'bin'), join(folder, 'told')];
    mkdirSync(bin);
    writeFileSync(join(bin, 'chromium'), `#!/bin/sh\nprintf '%s\\n' "$@" > '${told}'\nsleep 0.2\n`);
    chmodSync(join(bin, 'chromium'), 0o755);
    return { bin, told };
  }

  it('prints the summary, opens a browser window with a profile of its own, and ends with it', async () => {
    const { bin, told } = browser();
    const { code, stdout } = await runOnTerminal(['open', STORY], {
      env: { DISPLAY: ':99', PATH: `${bin}:${process.env['PATH']}`, XDG_DATA_HOME: temporaryFolder() },
    });
    expect(code).toBe(0);
    expect(stdout).toContain('12 SMTP sessions');
    const args = readFileSync(told, 'utf8').split('\n');
    expect(args[0]).toMatch(/^--app=http:\/\/127\.0\.0\.1:\d+\/#code=[\w-]{43}$/);
    const profile = args.find((arg) => arg.startsWith('--user-data-dir='))?.split('=')[1] ?? '';
    expect(existsSync(profile)).toBe(false);
    expect(args.includes('--no-sandbox')).toBe(process.getuid?.() === 0);
  });

  it('without a display prints the address instead', async () => {
    const words = `'${process.execPath}' '${COMMAND}' open '${STORY}'`;
    const { stdout } = spawnSync('script', ['-qec', `timeout -s INT 4 ${words}`, '/dev/null'], {
      env: { PATH: process.env['PATH'], HOME: temporaryFolder(), TERM: 'xterm', SHELL: '/bin/sh' },
      encoding: 'utf8',
    });
    expect(stdout).toContain('12 SMTP sessions');
    expect(stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\/#code=/);
  });
});
