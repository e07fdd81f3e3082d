import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The command line as one file that needs nothing beside Node. */
export default defineConfig({
  input: 'electron/cli/main.ts',
  platform: 'node',
  transform: { define: { STARTTRACE_VERSION: JSON.stringify(version) } },
  output: { file: 'dist/starttrace.js', format: 'esm', minify: true, banner: '#!/usr/bin/env node' },
});
