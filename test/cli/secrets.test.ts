import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { CAPTURES, capture, ensureBuilt, run } from '../support/command.ts';

beforeAll(ensureBuilt);

interface TruthCapture {
  readonly file: string;
  readonly secrets: readonly string[];
}

const MANIFEST: { readonly captures: readonly TruthCapture[] } = JSON.parse(
  readFileSync(capture('manifest.json'), 'utf8'),
);
const PLANTED = MANIFEST.captures.filter(({ secrets }) => secrets.length > 0);

/** Master and traffic secrets of the pcapng Decryption Secrets Blocks, which the captures carry for other programs. */
const KEYS = MANIFEST.captures
  .filter(({ file }) => file.startsWith('secrets-inside-'))
  .flatMap(({ file }) => [
    ...readFileSync(capture(file), 'latin1').matchAll(/^[A-Z_0-9]+ [0-9a-f]{64} ([0-9a-f]{64,96})\s*$/gm),
  ])
  .map(([, key]) => key);

describe('credentials, message content and keys are in no output', () => {
  it('there are secrets to be found', () => {
    expect(PLANTED.length).toBeGreaterThanOrEqual(5);
    expect(KEYS.length).toBeGreaterThanOrEqual(3);
    for (const { file, secrets } of PLANTED) {
      const bytes = readFileSync(capture(file), 'latin1');
      // AUTH LOGIN's are in the capture in base64, and the manifest has both forms.
      expect(
        secrets.some((secret) => bytes.includes(secret)),
        file,
      ).toBe(true);
    }
  });

  it.each(PLANTED.map(({ file, secrets }) => [file, secrets] as const))('%s', async (file, secrets) => {
    for (const args of [['--details'], ['--json'], ['--json', '--scope', 'tls']]) {
      const { stdout, stderr } = await run(['analyze', ...args, capture(file)]);
      expect(stdout.length).toBeGreaterThan(100);
      for (const secret of secrets) expect(`${stdout}${stderr}`).not.toContain(secret);
    }
  });

  it.each([['--details'], ['--json']])('all captures at once, %s', async (option) => {
    const { stdout } = await run(['analyze', option, CAPTURES]);
    expect(stdout.length).toBeGreaterThan(100_000);
    for (const secret of [...PLANTED.flatMap(({ secrets }) => secrets), ...KEYS]) expect(stdout).not.toContain(secret);
  });
});
