import { chmodSync, readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'rolldown';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const COMMAND = 'dist/starttrace.js';

const common = {
  platform: 'node',
  transform: { define: { STARTTRACE_VERSION: JSON.stringify(version) } },
} as const;

/** npx runs the file itself, not a link that npm would have made executable. */
const executable: Plugin = {
  name: 'executable',
  writeBundle: () => chmodSync(COMMAND, 0o755),
};

export default defineConfig([
  /** The command line as one file that needs nothing beside Node. */
  {
    ...common,
    input: 'electron/cli/main.ts',
    plugins: [executable],
    // Commands that are imported when they are asked for stay in the file, and are run only then.
    output: { file: COMMAND, format: 'esm', minify: true, codeSplitting: false, banner: '#!/usr/bin/env node' },
  },
  /** What its second thread runs for large captures. Without this file everything happens on one thread. */
  {
    ...common,
    input: 'electron/worker/analysis-worker.ts',
    output: { file: 'dist/analysis-worker.js', format: 'esm', minify: true },
  },
]);
