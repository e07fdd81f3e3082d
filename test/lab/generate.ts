/**
 * Makes `test/captures` from real mail servers and clients in network namespaces. Needs root.
 *
 *   npx tsx test/lab/generate.ts            everything
 *   npx tsx test/lab/generate.ts story      only the groups named (see GROUPS in inside.ts)
 *
 * This file prepares two namespaces and runs `inside.ts` in the client's, so that nothing it does can reach the
 * machine's own network; then it takes everything down again, whatever happened.
 */
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeNetwork, openNetwork } from './network.ts';
import { isPkiComplete, makePki } from './pki.ts';
import { missingTools, start, stopAll } from './processes.ts';

const TOOLS = [
  'ip',
  'ethtool',
  'tcpdump',
  'dumpcap',
  'editcap',
  'tshark',
  'openssl',
  'postfix',
  'swaks',
  'gnutls-cli',
  'python3',
  'gzip',
  'faketime',
];

async function generate(groups: readonly string[]): Promise<number> {
  if (process.getuid?.() !== 0) throw new Error('the generator needs root: it makes network namespaces');
  const missing = missingTools(TOOLS);
  if (missing.length > 0) throw new Error(`the generator needs ${missing.join(', ')} (see test/lab/README.md)`);
  if (groups.length > 0 && !isPkiComplete()) {
    throw new Error(
      'keys are missing, so all certificates have to be made anew, and with them all captures: name no group',
    );
  }
  makePki(false);
  const directory = mkdtempSync(join(tmpdir(), 'starttrace-lab-'));
  // Postfix's own user has to reach its folders in here.
  chmodSync(directory, 0o755);
  const network = openNetwork();
  const inside = start(
    'ip',
    [
      'netns',
      'exec',
      network.client,
      process.execPath,
      '--import',
      'tsx',
      fileURLToPath(new URL('inside.ts', import.meta.url)),
      directory,
      network.server,
      ...groups,
    ],
    { stdio: 'inherit' },
  );
  const interrupt = () => inside.kill('SIGTERM');
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    const [status] = (await once(inside, 'close')) as [number | null];
    return status ?? 1;
  } finally {
    await stopAll();
    closeNetwork(network);
    if (process.env['STARTTRACE_LAB_KEEP'] === undefined) {
      rmSync(directory, { recursive: true, force: true });
    } else {
      console.log(`kept ${directory}`);
    }
  }
}

process.exitCode = await generate(process.argv.slice(2));
