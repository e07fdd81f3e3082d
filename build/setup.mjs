/**
 * Before `npm test`: installs the system tools that the tests use and that are missing, where that is allowed
 * (Debian or Ubuntu; root, or sudo without a password), and otherwise says which suites will be skipped.
 *
 * Which tools stand in system-tools.json. With CI=true a tool that is still missing ends this with 1; everywhere else
 * nothing here makes the tests fail. STARTTRACE_SKIP_SETUP=1 does nothing at all.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Forbids Debian's packages to start what they install (postfix is a service); removed again behind the installation. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';
const MINUTE = 60_000;

function isThere(command) {
  // Services lie where a user's PATH does not lead.
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}

/** The words before `apt-get` that let it install, or the reason why it may not. */
function permission() {
  if (!isThere('apt-get')) return { reason: 'no apt-get here' };
  if (process.getuid?.() === 0) return { prefix: [] };
  if (isThere('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
    return { prefix: ['sudo', '-n'] };
  }
  return { reason: 'neither root nor sudo without a password' };
}

function aptGet(prefix, args, timeout) {
  const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
  const result = spawnSync(command, rest, { encoding: 'utf8', timeout, stdio: ['ignore', 'pipe', 'pipe'] });
  return result.status === 0;
}

function install(tools, prefix) {
  const packages = [...new Set(tools.map((tool) => tool.package))];
  console.log(`setup: installing ${packages.join(', ')}`);
  const forbidServices = prefix.length === 0 && tools.some((tool) => tool.service) && !existsSync(SERVICE_POLICY);
  if (forbidServices) writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const patience = ['-o', 'Acquire::Retries=0', '-o', 'Acquire::http::Timeout=15', '-o', 'DPkg::Lock::Timeout=60'];
    // Old lists are better than none: without a network this fails, and the packages may lie in apt's cache.
    aptGet(prefix, [...patience, 'update'], 2 * MINUTE);
    const settings = [...patience, '-y', '--no-install-recommends'];
    if (aptGet(prefix, [...settings, 'install', ...packages], 10 * MINUTE)) return;
    // One package that cannot be had must not keep the others away.
    for (const name of packages) aptGet(prefix, [...settings, 'install', name], 10 * MINUTE);
  } finally {
    if (forbidServices) rmSync(SERVICE_POLICY, { force: true });
  }
}

function setUp() {
  if (process.env.STARTTRACE_SKIP_SETUP === '1') return 0;
  const tools = JSON.parse(readFileSync(new URL('system-tools.json', import.meta.url), 'utf8'));
  const missing = tools.filter((tool) => !isThere(tool.command));
  if (missing.length === 0) return 0;
  const { prefix, reason } = permission();
  if (prefix === undefined) console.log(`setup: not installing anything: ${reason}`);
  else install(missing, prefix);
  const still = missing.filter((tool) => !isThere(tool.command));
  for (const tool of still) {
    console.log(`setup: ${tool.command} is not here (package ${tool.package}); skipped: ${tool.neededBy}`);
  }
  return still.length > 0 && process.env.CI === 'true' ? 1 : 0;
}

process.exitCode = setUp();
