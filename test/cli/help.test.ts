import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, ROOT, run, STORY } from '../support/command.ts';

beforeAll(ensureBuilt);

/** Every command there is; each must answer --help. */
const COMMANDS: readonly (readonly string[])[] = [[], ['analyze'], ['verify'], ['trust'], ['open'], ['serve']];

describe('--help', () => {
  it.each(COMMANDS)('of "%s" names usage, options, examples and exit codes', async (...command) => {
    const { code, stdout, stderr } = await run([...command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const section of ['Usage:', 'Options:', 'Examples:', 'Exit codes:'])
      expect(stdout).toContain(`\n${section}\n`);
    expect(stdout).toMatch(/^ {2}0 .*\n {2}1 .*\n {2}2 /m);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('is the same text by every way to ask for it', async () => {
    const [main, short, word] = await Promise.all([run(['--help']), run(['-h']), run(['help'])]);
    expect(short.stdout).toBe(main.stdout);
    expect(word.stdout).toBe(main.stdout);
    const [analyze, behindHelp, between] = await Promise.all([
      run(['analyze', '--help']),
      run(['help', 'analyze']),
      run(['analyze', STORY, '-h', '--json']),
    ]);
    expect(behindHelp.stdout).toBe(analyze.stdout);
    expect(between.stdout).toBe(analyze.stdout);
  });

  it('of the command line lists every command', async () => {
    const { stdout } = await run(['--help']);
    for (const [command] of COMMANDS.filter((words) => words.length > 0)) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });
});

describe('--version', () => {
  it.each(['--version', '-V'])('%s prints the version of package.json', async (option) => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(await run([option])).toMatchObject({ code: 0, stdout: `starttrace ${version}\n`, stderr: '' });
  });
});

describe('usage errors end with 2, are said on standard error, and print nothing on standard output', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['no command', [], /Which command\?.*analyze/s],
    ['an unknown command', ['frobnicate'], /"frobnicate" is no command.*analyze/s],
    ['a file in place of the command', ['capture.pcapng'], /starttrace analyze capture\.pcapng/],
    ['a property of every object as a command', ['constructor'], /"constructor" is no command/],
    ['an option in front of the command', ['--json', STORY], /--json.*starttrace analyze/s],
    ['an unknown option', ['analyze', '--frobnicate', STORY], /--frobnicate/],
    ['an unknown short option', ['analyze', '-x', STORY], /-x/],
    ['no file', ['analyze'], /Which capture\?/],
    ['options and no file', ['analyze', '--json'], /Which capture\?/],
    ['a scope that is not there', ['analyze', '--scope', 'web', STORY], /--scope is mail or tls, not "web"/],
    ['a scope without a value', ['analyze', STORY, '--scope'], /--scope/],
    ['a value for an option that has none', ['analyze', '--json=yes', STORY], /--json/],
    ['details and summary', ['analyze', '--details', '--summary', STORY], /--details and --summary/],
    ['an unknown session', ['analyze', '--session', 's99', STORY], /no session "s99".*s1 to s12/],
    ['an unknown session with --json', ['analyze', '--json', '--session', '1', STORY], /no session "1".*s1 to s12/],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^starttrace: /);
    expect(stderr).toMatch(/^See starttrace( analyze)? --help\.$/m);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('shows what it was given without obeying it', async () => {
    const { stderr } = await run(['\u001b[31mred\u202e']);
    expect(stderr).toContain('\\u{1b}[31mred\\u{202e}');
    expect(stderr).not.toMatch(/[\u001b\u202e]/);
  });
});
