/** Whole processes, timed from outside: wall clock, processor time and peak memory. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Measurement {
  readonly wallMilliseconds: number;
  /** User and system time of the process and its children; null where nothing could tell. */
  readonly processorMilliseconds: number | null;
  /** Of the largest process; null where nothing could tell. */
  readonly peakBytes: number | null;
  readonly exitCode: number | null;
}

export type Command = readonly [string, ...string[]];

const GNU_TIME = '/usr/bin/time';
const POLL_MILLISECONDS = 5;
const CLOCK_TICKS_PER_SECOND = 100;

export const hasGnuTime: boolean = existsSync(GNU_TIME);

function fromGnuTime(report: string): Pick<Measurement, 'processorMilliseconds' | 'peakBytes'> {
  const found = (label: string): number | null => {
    const value = report.split('\n').find((each) => each.includes(label));
    return value === undefined ? null : Number(value.slice(value.lastIndexOf(':') + 1));
  };
  const user = found('User time');
  const system = found('System time');
  const kilobytes = found('Maximum resident');
  return {
    processorMilliseconds: user === null || system === null ? null : (user + system) * 1000,
    peakBytes: kilobytes === null ? null : kilobytes * 1024,
  };
}

function readIfThere(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** What /proc says of a running process: it misses what happens after the last look, and knows nothing of pipelines. */
function fromProc(process: number): Pick<Measurement, 'processorMilliseconds' | 'peakBytes'> | null {
  try {
    const status = readIfThere(`/proc/${process}/status`);
    const numbers = readIfThere(`/proc/${process}/stat`);
    const peak = status === null ? undefined : /VmHWM:\s+(\d+) kB/.exec(status)?.[1];
    if (numbers === null || peak === undefined) return null;
    const fields = numbers.slice(numbers.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { processorMilliseconds: (ticks * 1000) / CLOCK_TICKS_PER_SECOND, peakBytes: Number(peak) * 1024 };
  } catch {
    // The process ended between two looks: what was seen before stands.
    return null;
  }
}

/**
 * Runs a command to its end. Standard output goes to `outputFile`, or to /dev/null; standard error to /dev/null.
 * The wall clock includes the start of the process, as a user would feel it, and about 2 ms of our own.
 */
export async function measure(command: Command, outputFile: string | null = null): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'starttrace-bench-'));
  const reportFile = join(folder, 'time');
  const output = openSync(outputFile ?? '/dev/null', 'w');
  const [program, ...options] = hasGnuTime ? [GNU_TIME, '-v', '-o', reportFile, ...command] : command;
  const began = process.hrtime.bigint();
  const child = spawn(program, options, { stdio: ['ignore', output, 'ignore'] });
  let seen: Pick<Measurement, 'processorMilliseconds' | 'peakBytes'> = { processorMilliseconds: null, peakBytes: null };
  const { pid } = child;
  const poll =
    hasGnuTime || pid === undefined
      ? null
      : setInterval(() => {
          seen = fromProc(pid) ?? seen;
        }, POLL_MILLISECONDS);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code));
  });
  const wallMilliseconds = Number(process.hrtime.bigint() - began) / 1e6;
  if (poll !== null) clearInterval(poll);
  closeSync(output);
  const report = hasGnuTime ? readIfThere(reportFile) : null;
  if (report !== null) seen = fromGnuTime(report);
  rmSync(folder, { recursive: true });
  return { wallMilliseconds, ...seen, exitCode };
}

export interface Summary {
  readonly runs: number;
  readonly bestMilliseconds: number;
  readonly medianMilliseconds: number;
  /** The least over the runs. */
  readonly processorMilliseconds: number | null;
  /** The most over the runs. */
  readonly peakBytes: number | null;
  readonly exitCode: number | null;
}

const known = (values: readonly (number | null)[]): readonly number[] => values.filter((value) => value !== null);

export function summarise(measurements: readonly Measurement[]): Summary {
  const wall = measurements.map((each) => each.wallMilliseconds).sort((left, right) => left - right);
  const processor = known(measurements.map((each) => each.processorMilliseconds));
  const peak = known(measurements.map((each) => each.peakBytes));
  const middle = (wall.length - 1) / 2;
  return {
    runs: wall.length,
    bestMilliseconds: wall[0],
    medianMilliseconds: (wall[Math.floor(middle)] + wall[Math.ceil(middle)]) / 2,
    processorMilliseconds: processor.length === 0 ? null : Math.min(...processor),
    peakBytes: peak.length === 0 ? null : Math.max(...peak),
    exitCode: measurements.find((each) => each.exitCode !== 0)?.exitCode ?? 0,
  };
}
