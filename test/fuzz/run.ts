/**
 * `npm run fuzz -- [--seconds 60] [--target NAME] [--seed 1]`: mutates the seeds of all targets in targets/ for so many
 * seconds together. The order of inputs follows from the seed. An input that breaks an invariant, or takes longer than
 * two seconds, is written to failures/ and ends the run with exit code 1.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { FuzzOrder, FuzzReport } from './worker.ts';

const TARGETS = new URL('targets/', import.meta.url);
const FAILURES = new URL('failures/', import.meta.url);
const LIMIT_SECONDS = 2;
const SHARED_BYTES = 1024 * 1024;
/** Loading a target and running its seeds take time before the first input. */
const START_SECONDS = 60;

const WORKER = new URL('worker.ts', import.meta.url).href;
/** A thread does not inherit the loader for TypeScript. */
const START = `
  const { workerData } = require('node:worker_threads');
  import('tsx/esm/api').then(({ register }) => {
    register();
    return import(workerData.script);
  });
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string', multiple: true, default: [] },
  },
});
const seed = Number(values.seed);
const all = readdirSync(TARGETS).map((file) => file.replace(/\.ts$/, ''));
const names = values.target.length > 0 ? values.target : all;
const unknown = names.filter((name) => !all.includes(name));
const seconds = Number(values.seconds) / Math.max(1, names.length);
if (unknown.length > 0 || !(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error(`Usage: npm run fuzz -- [--seconds N] [--seed N] [--target ${all.join('|')}]`);
  process.exit(2);
}

let failed = false;
for (const name of names) {
  const input = new Uint8Array(new SharedArrayBuffer(SHARED_BYTES));
  const state = new Int32Array(new SharedArrayBuffer(8));
  const report = await fuzz({
    file: new URL(`${name}.ts`, TARGETS).href,
    seconds,
    seed,
    limitSeconds: LIMIT_SECONDS,
    state,
    input,
  });
  if (typeof report === 'string') fail(name, state, input, report);
  else {
    const { inputs, seconds: took, slowestSeconds, slowestBytes, grownBytes, failure } = report;
    console.log(
      `${name.padEnd(12)} ${Math.round(inputs / took)} inputs/s, ${inputs} inputs (${report.seeds} seeds), slowest ` +
        `${(slowestSeconds * 1_000).toFixed(1)} ms (${slowestBytes} bytes), memory +${(grownBytes / 1e6).toFixed(0)} MB`,
    );
    if (failure !== null) fail(name, state, input, failure);
  }
}
process.exit(failed ? 1 : 0);

/** Runs a target on a thread of its own, so that one that hangs can be ended. A string says why there is no report. */
function fuzz(order: FuzzOrder): Promise<FuzzReport | string> {
  return new Promise((resolve) => {
    const worker = new Worker(START, { eval: true, workerData: { ...order, script: WORKER } });
    let seen = 0;
    let since = performance.now();
    const watch = setInterval(() => {
      const begun = Atomics.load(order.state, 0);
      if (begun !== seen) {
        seen = begun;
        since = performance.now();
        return;
      }
      const patience = begun === 0 ? START_SECONDS : 2 * LIMIT_SECONDS;
      if (performance.now() - since > patience * 1_000) end(`hang: no end after ${patience} s`);
    }, 250);
    const end = (result: FuzzReport | string) => {
      clearInterval(watch);
      resolve(result);
      void worker.terminate();
    };
    worker.on('message', (report: FuzzReport) => end(report));
    worker.on('error', (error) => end(error.stack ?? error.message));
    worker.on('exit', () => end('The thread ended without a report.'));
  });
}

function fail(name: string, state: Int32Array, input: Uint8Array, failure: string): void {
  failed = true;
  mkdirSync(FAILURES, { recursive: true });
  const number = Atomics.load(state, 0);
  const file = new URL(`${name}-seed${seed}-input${number}.bin`, FAILURES);
  writeFileSync(file, input.slice(0, Atomics.load(state, 1)));
  console.error(
    `${name}: input ${number} failed, kept as test/fuzz/failures/${file.pathname.split('/').at(-1)}\n${failure}`,
  );
}
