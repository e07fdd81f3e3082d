import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
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

const SAMPLE = [
  'test/captures/contoso-to-fabrikam-via-eop.pcapng',
  'examples/story/expectations.yaml',
  'examples/story/trust-policy.yaml',
];

/** The story comes with the application. */
const sample: Plugin = {
  name: 'sample',
  writeBundle: () => {
    mkdirSync('dist/sample', { recursive: true });
    for (const file of SAMPLE) cpSync(file, `dist/sample/${file.split('/').at(-1)}`);
  },
};

/** Linux windows show the picture that the application gives them; elsewhere the executable holds it. */
const windowIcon: Plugin = {
  name: 'window-icon',
  writeBundle: () => cpSync('build/icons/256x256.png', 'dist/electron/icon.png'),
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
  /** The thread that each run of the window lives in. */
  {
    ...common,
    input: 'electron/service/run-worker.ts',
    plugins: [sample],
    output: { file: 'dist/run-worker.js', format: 'esm', minify: true, codeSplitting: false },
  },
  /** Electron's main process; Electron itself gives it `electron`. */
  {
    ...common,
    input: 'electron/main/main.ts',
    external: ['electron'],
    plugins: [windowIcon],
    output: { file: 'dist/electron/main.js', format: 'esm', minify: true, codeSplitting: false },
  },
  /** What runs beside the page, in its sandbox: one CommonJS file, as Electron wants it there. */
  {
    input: 'electron/preload/preload.ts',
    external: ['electron'],
    platform: 'browser',
    output: { file: 'dist/electron/preload.cjs', format: 'cjs', minify: true, codeSplitting: false },
  },
]);
