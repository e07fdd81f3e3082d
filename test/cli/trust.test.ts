import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt, HAS_SCRIPT, ROOT, type RunOutcome, run, runOnTerminal } from '../support/command.ts';

beforeAll(ensureBuilt);

const BALTIMORE = '16af57a9f676b0ab126095aa5ebadef22ab31119d644ac95cd4b93dbf3f26aeb';
const BUILT_IN = ['mozilla', 'system', 'eop-2014', 'eop-2018', 'eop-2021', 'eop-2026'];
const STORY_POLICY = join(ROOT, 'examples/story/trust-policy.yaml');

const made: string[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starttrace-trust-'));
  made.push(folder);
});
afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true, force: true });
});

function trust(...args: readonly string[]): Promise<RunOutcome> {
  return run(['trust', ...args], {
    env: { XDG_DATA_HOME: folder, SSL_CERT_FILE: join(ROOT, 'test/lab/pki/roots.pem') },
  });
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('trust list', () => {
  it('names every policy with its day, its roots and their end', async () => {
    const { code, stdout, stderr } = await trust('list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(1).map((line) => line.split(' ')[0])).toEqual(BUILT_IN);
    expect(lines[3]).toMatch(
      /^eop-2014 +\d{4}-\d\d-\d\d +1 +over since 2025-05-12 +built in +Exchange Online Protection in 2014/,
    );
    expect(lines[2]).toMatch(/^system +\d{4}-\d\d-\d\d +2 +2039-12-31, 1 over/);
  });

  it('--json has every root with its fingerprints and dates', async () => {
    const { code, stdout } = await trust('list', '--json');
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document.schema).toBe('starttrace/trust@1');
    expect(document.policies.map(({ name }: { readonly name: string }) => name)).toEqual(BUILT_IN);
    expect(document.policies[2]).toMatchObject({
      origin: 'built-in',
      file: null,
      replacesBuiltIn: false,
      rules: { profile: 'path', sha1: true, time: 'capture' },
      anchors: [{ sha256: BALTIMORE, notAfter: '2025-05-12T23:59:00Z', state: 'over', trustedUntil: null }],
      intermediates: [],
      problems: [],
    });
  });

  it('a broken policy of the user: the others are listed, it is told, and the code is 1', async () => {
    await trust('update', STORY_POLICY);
    const kept = join(folder, 'starttrace/policies/story.yaml');
    writeFileSync(kept, 'version: 1\nnmae: story\n');
    const { code, stdout, stderr } = await trust('list');
    expect(code).toBe(1);
    expect(stdout).toContain('eop-2014');
    expect(stderr).toContain(`starttrace: ${kept}:2:1: "nmae" is not known here. Did you mean name?\n`);
    const json = JSON.parse((await trust('list', '--json')).stdout);
    expect(json.problems[0]).toMatchObject({ code: 'trust-policy' });
  });

  it.skipIf(!HAS_SCRIPT)('fits into a narrow terminal', async () => {
    const { stdout } = await runOnTerminal(['trust', 'list'], {
      columns: 60,
      env: { NO_COLOR: '1', XDG_DATA_HOME: folder },
    });
    expect(Math.max(...stdout.split(/\r?\n/).map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

describe('trust show', () => {
  it('says where a root is from, when it ends, that it is over, its rules and fingerprints', async () => {
    const { code, stdout, stderr } = await trust('show', 'eop-2014');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('CN=Baltimore CyberTrust Root,OU=CyberTrust,O=Baltimore,C=IE (RSA 2048 bits)');
    expect(stdout).toMatch(/ends +2025-05-12T23:59:00Z: it is over\n/);
    expect(stdout).toContain(`sha256   ${BALTIMORE}\n`);
    expect(stdout).toContain('sha1     d4de20d05e66fc53fe1a50882c78db2852cae474\n');
    expect(stdout).toMatch(/from +Named by the field note/);
    expect(stdout).toMatch(/Rules .*SHA-1 count.*the time of the capture decides/);
    expect(stdout).toMatch(/^1 root, over today$/m);
  });

  it('a file, with the dates that the policy sets', async () => {
    const text = readFileSync(STORY_POLICY, 'utf8').replace(
      /^ {4}source: .*partner-root.*$/m,
      '    trustedFrom: 2014-01-01\n    trustedUntil: 2014-12-31\n    distrustAfter: 2014-06-30',
    );
    const { stdout } = await trust('show', file('p.yaml', text));
    expect(stdout).toMatch(
      /trusted +from 2014-01-01T00:00:00Z, until 2014-12-31T23:59:59Z, for certificates issued until 2014-06-30T23:59:59Z\n/,
    );
    expect(stdout).toMatch(/ends +2039-12-31T23:59:59Z; the policy's trust is over\n/);
  });

  it('a folder: what is no authority is told, and the code is 1', async () => {
    const { code, stdout, stderr } = await trust('show', 'test/lab/pki');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^\d+ roots/m);
    expect(stderr).toMatch(/^starttrace: test\/lab\/pki\/[^:]+: .* is no certificate authority, and is left out\.$/m);
  });

  it('--document prints what can be changed and kept', async () => {
    const { stdout } = await trust('show', '--document', 'eop-2026');
    const changed = file('mine.yaml', stdout.replace('name: eop-2026', 'name: mine'));
    expect(await trust('update', changed)).toMatchObject({ code: 0, stderr: '' });
    expect((await trust('show', 'mine')).stdout).toMatch(/Kept +your policy in .*mine\.yaml\n/);
  });

  it('--json is one document, also where there is no such policy', async () => {
    const shown = JSON.parse((await trust('show', '--json', STORY_POLICY)).stdout);
    expect(shown.policies).toMatchObject([{ name: 'story', origin: 'given', issued: '2014-09-03' }]);
    const { code, stdout, stderr } = await trust('show', '--json', 'eop-2041');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ policies: [], problems: [{ code: 'trust-not-found' }] });
    expect(stderr).toMatch(/Did you mean eop-20\d\d\?/);
  });

  it('text of a policy is shown and not obeyed', async () => {
    const text = readFileSync(STORY_POLICY, 'utf8').replace(/^title: .*$/m, 'title: "\\e[31mred \\u202e"');
    const { stdout } = await trust('show', file('p.yaml', text));
    expect(stdout).toContain('\\u{1b}[31mred \\u{202e}');
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });
});

describe('trust update', () => {
  it('keeps a policy, lists it, and says what it stands in for', async () => {
    const first = await trust('update', STORY_POLICY);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Policy story of 2014-09-03 is kept in .*story\.yaml\.\n$/);
    expect((await trust('list')).stdout).toMatch(/^story +2014-09-03 +2 +2039-12-31, 1 over +yours +The story/m);
    const replacing = file(
      'r.yaml',
      readFileSync(STORY_POLICY, 'utf8')
        .replace('name: story', 'name: eop-2014')
        .replace('issued: 2014-09-03', 'issued: 2999-01-01'),
    );
    expect((await trust('update', replacing)).stdout).toMatch(
      /stands in for the one of \S+ that comes with StartTrace/,
    );
    expect((await trust('list')).stdout).toMatch(/^eop-2014 .*yours, in place of the built-in one/m);
  });

  it('an older day is refused with 1, and --force does it', async () => {
    const older = file(
      'o.yaml',
      readFileSync(STORY_POLICY, 'utf8').replace('issued: 2014-09-03', 'issued: 2014-09-02'),
    );
    await trust('update', STORY_POLICY);
    const refused = await trust('update', older);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /is of 2014-09-02, and the one in place \(.*story\.yaml\) is of 2014-09-03: nothing was changed\. --force/,
    );
    expect(await trust('update', '--force', older)).toMatchObject({ code: 0 });
  });

  it('a policy that cannot be read is refused with 2, and nothing is kept', async () => {
    const { code, stdout, stderr } = await trust('update', file('b.yaml', 'version: 1\nname: x\nissued: soon\n'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/b\.yaml:3:9: Write a day like 2014-09-03\.\n/);
    expect(readdirSync(folder)).toEqual(['b.yaml']);
  });

  it('a data folder that cannot be made is told', async () => {
    const { code, stderr } = await run(['trust', 'update', STORY_POLICY], {
      env: { XDG_DATA_HOME: file('in-the-way', '') },
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^starttrace: The policy cannot be kept: a part of the path is not a folder/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('bad usage ends with 2 and the next step', () => {
  it.each<[readonly string[], RegExp]>([
    [[], /list, show and update/],
    [['shwo'], /no part "shwo".*list, show, update/],
    [['list', 'eop-2014'], /starttrace trust show eop-2014/],
    [['show'], /Which policy\?/],
    [['show', 'a', 'b'], /One at a time/],
    [['show', '--document', 'mozilla'], /includes: \[mozilla\]/],
    [['show', '--document', '--json', 'eop-2014'], /exclude each other/],
    [['show', '--force', 'eop-2014'], /--force belongs to trust update/],
    [['list', '--document'], /--document belongs to trust show/],
    [['update'], /Which file\?/],
    [['update', '--json', 'x'], /has no --json/],
    [['list', '--frobnicate'], /--frobnicate/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await trust(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^See starttrace trust --help\.$/m);
  });
});
