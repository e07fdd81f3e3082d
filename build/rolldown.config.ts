import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const common = {
  platform: 'node',
  transform: { define: { STARTTRACE_VERSION: JSON.stringify(version) } },
} as const;

export default defineConfig([
  /** The command line as one file that needs nothing beside Node. */
  {
    ...common,
    input: 'electron/cli/main.ts',
    output: { file: 'dist/starttrace.js', format: 'esm', minify: true, banner: '#!/usr/bin/env node' },
  },
  /** What its second thread runs for large captures. Without this file everything happens on one thread. */
  {
    ...common,
    input: 'electron/worker/analysis-worker.ts',
    output: { file: 'dist/analysis-worker.js', format: 'esm', minify: true },
  },
]);
