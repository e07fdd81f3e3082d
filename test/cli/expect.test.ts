import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVERY_KIND } from '../expect/pastes.ts';
import { ensureBuilt, HAS_SCRIPT, ROOT, run, runOnTerminal } from '../support/command.ts';

const STORY = 'examples/story/expectations.yaml';
const AFTER = 'examples/story/expectations-after-the-move.yaml';
const AS_OF_2014 = ['--moves-to', 'eop-2014', '--trust', 'eop-2014', '--at', '2014-09-03', '--only', 'fabrikam.com'];

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'starttrace-expect-'));
  await ensureBuilt();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const expectRun = (...args: string[]) => run(['expect', ...args]);

describe('help', () => {
  it.each(['import', 'check', 'what-if', 'catalogue', 'schema'])(
    'expect %s --help, and expect help %s',
    async (part) => {
      const { code, stdout } = await expectRun(part, '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^starttrace expect ${part}: `));
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
      expect((await expectRun('help', part)).stdout).toBe(stdout);
      expect((await expectRun('--help')).stdout).toContain(`starttrace expect ${part}`);
    },
  );

  it.each([
    [[]],
    [['nonsense']],
    [['what-if', STORY]],
    [['import']],
    [['check', 'a', 'b']],
    [['what-if', STORY, '--moves-to', 'eop-2014', '--at', 'soon']],
    [['what-if', STORY, '--moves-to', 'eop-2014', '--direction', 'up']],
  ])('bad usage %j is 2 with the next step', async (args) => {
    const { code, stdout, stderr } = await expectRun(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('See starttrace expect --help.');
  });
});

describe('import', () => {
  it('from standard input to standard output, warnings and the count to standard error; check accepts it', async () => {
    const { code, stdout, stderr } = await run(['expect', 'import', '-'], {
      input: new TextEncoder().encode(EVERY_KIND),
    });
    expect(code).toBe(0);
    expect(stderr).toContain('5 connectors written');
    const checked = await expectRun('check', file('imported.yaml', stdout));
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    expect(checked.stdout).toContain('mail.fabrikam.com');
    expect(checked.stdout).toContain('The connector is disabled');
  });

  it('to a file, which is not overwritten without --force', async () => {
    const paste = file('paste.txt', Buffer.from(`\ufeff${EVERY_KIND}`, 'utf16le'));
    const out = join(folder, 'out.yaml');
    expect(await expectRun('import', paste, '--out', out)).toMatchObject({ code: 0, stdout: '' });
    const first = readFileSync(out, 'utf8');
    writeFileSync(out, 'mine');
    const second = await expectRun('import', paste, '--out', out);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain('--force');
    expect(readFileSync(out, 'utf8')).toBe('mine');
    expect((await expectRun('import', paste, '--out', out, '--force')).code).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe(first);
  });

  it('mistakes have file and line; nothing is written', async () => {
    const paste = file('cut.txt', 'Name : a\nTlsSettings : EncryptionOnly\nRecipientDomains : {a, b, c, d...}\n');
    const { code, stdout, stderr } = await expectRun('import', paste);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${paste}:3: RecipientDomains`);
    expect((await expectRun('import', join(folder, 'nothing.txt'))).stderr).toContain('no such file');
  });

  it('no control character reaches the terminal', async () => {
    const { stdout, stderr } = await run(['expect', 'import', '-'], {
      input: new TextEncoder().encode(
        'Name : a\u001b]0;x\u0007\u202e\nTlsSettings : EncryptionOnly\nTlsDomain : b.example\nRecipientDomains : {a.example}',
      ),
    });
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stderr).toContain('TlsDomain');
  });
});

describe('check', () => {
  it('tells mistakes by line and column', async () => {
    const path = file(
      'wrong.yaml',
      'version: 1\npartners:\n  - name: a\n    servers: [10.0.0.1]\n    connector: { kind: pinned, comonName: a }\n',
    );
    const { code, stdout, stderr } = await expectRun('check', path);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/wrong\.yaml:5:\d+: .*commonName/);
  });
});

describe('what-if', () => {
  it('the story before the move breaks in both directions: 1', async () => {
    const { code, stdout, stderr } = await expectRun('what-if', STORY, ...AS_OF_2014);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('2 connectors: 2 break, 0 go on as before.');
    expect(stdout).toContain("Set-OutboundConnector -Identity 'To Fabrikam' -TlsDomain 'mail.protection.outlook.com'");
    expect(stdout).toContain("Set-InboundConnector -Identity 'From Fabrikam' -TlsSenderCertificateName");
  });

  it('after the move nothing breaks while the era lasts: 0; today the root has expired: 1', async () => {
    expect((await expectRun('what-if', AFTER, ...AS_OF_2014)).code).toBe(0);
    const now = await expectRun(
      'what-if',
      AFTER,
      '--moves-to',
      'eop-2014',
      '--trust',
      'eop-2014',
      '--only',
      'fabrikam.com',
      '--at',
      'now',
    );
    expect(now.code).toBe(1);
    expect(now.stdout).toContain('expired on 2025-05-12');
    expect(now.stdout).toContain('--at DATE');
  });

  it('one direction', async () => {
    const inbound = await expectRun('what-if', STORY, ...AS_OF_2014, '--direction', 'inbound');
    expect(inbound.stdout).toContain('1 connector: 1 breaks');
    expect(inbound.stdout).not.toContain('Set-InboundConnector');
  });

  it('--json is JSON alone, with the notices', async () => {
    const { code, stdout } = await expectRun('what-if', STORY, ...AS_OF_2014, '--json');
    expect(code).toBe(1);
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({
      schema: 'starttrace/what-if@1',
      asOf: '2014-09-03T00:00:00Z',
      only: 'fabrikam.com',
    });
    const { stdout: notices } = await expectRun('what-if', STORY, ...AS_OF_2014, '--notice');
    for (const { notice } of answer.partners) expect(notices).toContain(notice);
  });

  it('a catalogue of the user', async () => {
    const page = readFileSync(join(ROOT, 'docs/expectations.md'), 'utf8');
    const [, text] = /^```yaml\n(version: 1\nentries[\s\S]*?)^```$/m.exec(page) ?? [];
    const catalogue = file('catalogue.yaml', text);
    const { code, stdout } = await expectRun(
      'what-if',
      STORY,
      '--catalogue',
      catalogue,
      '--moves-to',
      'our-gateway',
      '--only',
      'fabrikam.com',
    );
    expect(code).toBe(1);
    expect(stdout).toContain('mx.gateway.example');
    expect((await expectRun('catalogue', '--catalogue', catalogue)).stdout).toContain('our-gateway');
    expect((await expectRun('catalogue', '--catalogue', file('bad.yaml', 'version: 1\nentries: []'))).code).toBe(2);
  });

  it.skipIf(!HAS_SCRIPT)('fits a narrow terminal, but for what is copied', async () => {
    const { stdout } = await runOnTerminal(['expect', 'what-if', STORY, ...AS_OF_2014], { columns: 70 });
    const lines = stdout.replace(/\u001b\[[0-9;]*m/g, '').split(/\r?\n/);
    for (const line of lines.filter((text) => !/Set-|https:|[0-9a-f]{64}/.test(text)))
      expect(line.length, line).toBeLessThanOrEqual(70);
  });
});

describe('catalogue and schema', () => {
  it('catalogue --json is a catalogue file', async () => {
    const { stdout } = await expectRun('catalogue', '--json');
    expect(JSON.parse(stdout).entries.map(({ id }: { id: string }) => id)).toContain('eop-2014');
    expect(await expectRun('catalogue', '--catalogue', file('own.json', stdout), 'eop-2018')).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it('schema prints the published one', async () => {
    const { stdout } = await expectRun('schema');
    expect(stdout).toBe(readFileSync(join(ROOT, 'docs/schemas/expectations.schema.json'), 'utf8'));
  });
});
