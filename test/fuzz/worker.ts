/** Runs one target until its time is over or an input fails. The input at hand lies in shared memory. */
import { parentPort, workerData } from 'node:worker_threads';
import { Chance } from '../support/planted.ts';
import { mutate } from './mutate.ts';

export interface FuzzTarget {
  readonly name: string;
  seeds(): Uint8Array[];
  run(input: Uint8Array): void;
}

export interface FuzzOrder {
  readonly file: string;
  readonly seconds: number;
  readonly seed: number;
  readonly limitSeconds: number;
  /** Two integers: how many inputs were begun, and the length of the last. */
  readonly state: Int32Array;
  readonly input: Uint8Array;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly seeds: number;
  readonly seconds: number;
  readonly slowestSeconds: number;
  readonly slowestBytes: number;
  /** Highest growth of the process since the seeds were run. */
  readonly grownBytes: number;
  /** Why the last input failed; null when the time was over. */
  readonly failure: string | null;
}

const SAMPLE_INPUTS = 500;

const { file, seconds, seed, limitSeconds, state, input: shared } = workerData as FuzzOrder;
const { target } = (await import(file)) as { readonly target: FuzzTarget };
const seeds = target.seeds();
const chance = new Chance(seed);
const started = performance.now();
let inputs = 0;
let slowestSeconds = 0;
let slowestBytes = 0;
let baseline = 0;
let grownBytes = 0;
let failure: string | null = null;

function attempt(input: Uint8Array): boolean {
  shared.set(input);
  Atomics.store(state, 1, input.length);
  Atomics.store(state, 0, ++inputs);
  const before = performance.now();
  try {
    target.run(input);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return false;
  }
  const took = (performance.now() - before) / 1_000;
  if (took > slowestSeconds) {
    slowestSeconds = took;
    slowestBytes = input.length;
  }
  if (took > limitSeconds) failure = `hang: ${took.toFixed(1)} s`;
  if (inputs % SAMPLE_INPUTS === 0) grownBytes = Math.max(grownBytes, process.memoryUsage().rss - baseline);
  return failure === null;
}

let isFine = seeds.every(attempt);
baseline = process.memoryUsage().rss;
while (isFine && (performance.now() - started) / 1_000 < seconds) isFine = attempt(mutate(seeds, chance));

const report: FuzzReport = {
  inputs,
  seeds: seeds.length,
  seconds: (performance.now() - started) / 1_000,
  slowestSeconds,
  slowestBytes,
  grownBytes,
  failure,
};
parentPort?.postMessage(report);
