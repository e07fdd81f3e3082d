import { existsSync } from 'node:fs';
import { runCommandLine } from './command-line.ts';

const workerScript = new URL('analysis-worker.js', import.meta.url);
await runCommandLine(existsSync(workerScript) ? workerScript : null, new URL('.', import.meta.url));
