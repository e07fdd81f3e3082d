import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasTool, SYSTEM_TOOLS } from '../support/tools.ts';

const SETUP = fileURLToPath(new URL('../../build/setup.mjs', import.meta.url));
const COMMANDS = SYSTEM_TOOLS.map((tool) => tool.command);

let folder = '';

/** A program in the folder that is the whole PATH of the set-up under test. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

function setUp(environment: Record<string, string> = {}): { status: number | null; output: string } {
  const result = spawnSync(process.execPath, [SETUP], { encoding: 'utf8', env: { PATH: folder, ...environment } });
  return { status: result.status, output: result.stdout + result.stderr };
}

/** `sudo` and `env` that only pass on, so that the tests are the same for root and for a user. */
function allow(): void {
  program('sudo', 'shift; [ "$1" = true ] || exec "$@"');
  program('env', 'shift; exec "$@"');
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'starttrace-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('set-up before the tests', () => {
  it('says nothing and installs nothing when every tool is there', () => {
    for (const command of COMMANDS) program(command, '');
    program('apt-get', `echo called > ${join(folder, 'called')}`);
    expect(setUp({ CI: 'true' })).toEqual({ status: 0, output: '' });
    expect(existsSync(join(folder, 'called'))).toBe(false);
  });

  it('names tool, package and skipped suites in a line each where it may not install', () => {
    const { status, output } = setUp();
    expect(status).toBe(0);
    for (const tool of SYSTEM_TOOLS) {
      expect(output).toContain(`${tool.command} is not here (package ${tool.package}); skipped: ${tool.neededBy}`);
    }
  });

  it('fails in CI when a tool is still missing', () => {
    expect(setUp({ CI: 'true' }).status).toBe(1);
  });

  it('does nothing under STARTTRACE_SKIP_SETUP=1, even in CI', () => {
    expect(setUp({ CI: 'true', STARTTRACE_SKIP_SETUP: '1' })).toEqual({ status: 0, output: '' });
  });

  it('updates the lists first, then installs what is missing without recommendations', () => {
    allow();
    for (const command of COMMANDS.slice(1)) program(command, '');
    const missing = SYSTEM_TOOLS[0];
    const calls = join(folder, 'calls');
    program(
      'apt-get',
      `echo "$@" >> ${calls}\ncase "$*" in *install*) echo '#!/bin/sh' > ${join(folder, missing.command)}; /bin/chmod +x ${join(folder, missing.command)};; esac`,
    );
    const { status, output } = setUp({ CI: 'true' });
    expect(output).toBe(`setup: installing ${missing.package}\n`);
    expect(status).toBe(0);
    const lines = readFileSync(calls, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/ update$/);
    expect(lines[1]).toMatch(new RegExp(`--no-install-recommends install ${missing.package}$`));
  });

  it('goes on without a network: apt-get fails, the tests run', () => {
    allow();
    program('apt-get', 'echo "Temporary failure resolving" >&2; exit 100');
    const { status, output } = setUp();
    expect(status).toBe(0);
    expect(output).not.toContain('Temporary failure');
    expect(output).toContain(`${COMMANDS[0]} is not here`);
  });

  it('knows every tool that a suite asks for', () => {
    expect(() => hasTool('no-such-tool')).toThrow('build/system-tools.json');
    expect(typeof hasTool('openssl')).toBe('boolean');
  });
});
