/**
 * The benchmark: `npm run bench -- [--runs N] [--sizes 10,100,1000] [--slow-runs N]`. Builds StartTrace, makes the
 * captures, runs all peers in turns, checks the answers and prints a report. A missed budget is reported, not failed.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compressCapture, convertToPcapng, DATA_FOLDER, type GeneratedCapture, generateCapture } from './generate.ts';
import { hasGnuTime, type Measurement, measure, type Summary, summarise } from './measure.ts';
import {
  type Format,
  GUNZIP_INTO_TCPDUMP,
  PEERS,
  type Peer,
  STARTTRACE,
  TCPDUMP,
  TCPDUMP_INTO_TSHARK,
  TSHARK,
  TSHARK_TWO_PASS,
} from './peers.ts';
import { differences, foundByStarttrace, foundByTshark } from './verify.ts';
import {
  type FrameTimes,
  MANY_SESSIONS,
  manySessions,
  measureWindow,
  type WindowResult,
  windowIsMissing,
} from './window.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MEGABYTE = 1e6;
/** From this size on, slow peers run `--slow-runs` times. */
const SLOW_MEGABYTES = 500;
/** The size that is also measured compressed and as pcapng. */
const FORMATS_MEGABYTES = 100;
const BUDGET = { timesFasterThanTshark: 80, timesTcpdump: 1.2, peakMegabytes: 150 };

interface Result {
  readonly megabytes: number;
  readonly format: Format;
  readonly byteLength: number;
  readonly packets: number;
  readonly peers: Readonly<Record<string, Summary>>;
  readonly checks: readonly { readonly peer: string; readonly differences: readonly string[] }[];
}

interface Settings {
  readonly runs: number;
  readonly slowRuns: number;
  readonly sizes: readonly number[];
}

function settings(): Settings {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '5' },
      'slow-runs': { type: 'string', default: '1' },
      sizes: { type: 'string', default: '10,100,1000' },
    },
  });
  const read = {
    runs: Number(values.runs),
    slowRuns: Number(values['slow-runs']),
    sizes: values.sizes.split(',').map(Number),
  };
  if (![read.runs, read.slowRuns, ...read.sizes].every((value) => Number.isInteger(value) && value > 0)) {
    throw new Error('usage: npm run bench -- [--runs N] [--slow-runs N] [--sizes MEGABYTES,…]');
  }
  return read;
}

function build(): string | null {
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (built.status === 0) return null;
  const lines = `${built.stdout}\n${built.stderr}`.split('\n').map((each) => each.trim());
  return `the build failed: ${lines.find((each) => /error/i.test(each)) ?? 'npm run build says no more'}`;
}

/** Peers whose answer is checked, and how their output is read. */
const READERS = new Map([
  [STARTTRACE, foundByStarttrace],
  [TSHARK, foundByTshark],
  [TSHARK_TWO_PASS, foundByTshark],
  [TCPDUMP_INTO_TSHARK, foundByTshark],
]);

async function runOne(
  peers: readonly Peer[],
  capture: GeneratedCapture,
  file: string,
  format: Format,
  { runs, slowRuns }: Settings,
): Promise<Result> {
  const applicable = peers.filter((peer) => peer.formats.includes(format));
  const outputFile = join(DATA_FOLDER, 'output.part');
  await measure(['cat', file]);
  const measured = new Map<Peer, Measurement[]>(applicable.map((peer) => [peer, []]));
  // In turns, so that whatever else the machine is doing falls on all of them alike.
  for (let turn = 0; turn < runs; turn += 1) {
    for (const [peer, measurements] of measured) {
      const enough = peer.slow && capture.megabytes >= SLOW_MEGABYTES ? Math.min(runs, slowRuns) : runs;
      if (turn < enough) measurements.push(await measure(peer.command(file)));
    }
    process.stderr.write(`${capture.megabytes} MB ${format}: turn ${turn + 1} of ${runs}\n`);
  }
  const checks: { peer: string; differences: readonly string[] }[] = [];
  for (const peer of applicable) {
    const reader = READERS.get(peer);
    if (reader === undefined) continue;
    const { exitCode } = await measure(peer.command(file), outputFile);
    const differing =
      exitCode === 0 ? differences(reader(outputFile), capture.truth) : [`ended with exit code ${exitCode}`];
    checks.push({ peer: peer.name, differences: differing });
  }
  rmSync(outputFile, { force: true });
  return {
    ...{
      megabytes: capture.megabytes,
      format,
      byteLength: statSync(file).size,
      packets: capture.truth.packets,
      checks,
    },
    peers: Object.fromEntries([...measured].map(([peer, measurements]) => [peer.name, summarise(measurements)])),
  };
}

const milliseconds = (value: number): string =>
  value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;
const megabytes = (value: number | null): string => (value === null ? '?' : `${Math.round(value / MEGABYTE)} MB`);

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(`  ${cells.join('  ')}`.trimEnd());
  }
}

function printResult(result: Result): void {
  const { peers, format, byteLength, packets, checks } = result;
  console.log(`\n${result.megabytes} MB as ${format}: ${byteLength} bytes, ${packets} packets`);
  const own = peers[STARTTRACE.name];
  printTable([
    ['', 'runs', 'best', 'median', 'CPU', 'peak', 'of starttrace'],
    ...Object.entries(peers).map(([name, summary]) => [
      `${name}${summary.exitCode === 0 ? '' : ` (exit ${summary.exitCode})`}`,
      String(summary.runs),
      milliseconds(summary.bestMilliseconds),
      milliseconds(summary.medianMilliseconds),
      summary.processorMilliseconds === null ? '?' : milliseconds(summary.processorMilliseconds),
      megabytes(summary.peakBytes),
      own === undefined ? '-' : `${(summary.medianMilliseconds / own.medianMilliseconds).toFixed(2)} x`,
    ]),
  ]);
  for (const { peer, differences: found } of checks) {
    console.log(
      `  ${peer}: ${found.length === 0 ? 'finds all sessions and certificates' : `WRONG: ${found.join('; ')}`}`,
    );
  }
}

function judge(label: string, value: number | null, limit: number, wanted: 'at least' | 'at most', unit: string): void {
  if (value === null) {
    console.log(`  ${label}: not measured`);
    return;
  }
  const met = wanted === 'at least' ? value >= limit : value <= limit;
  console.log(`  ${label}: ${value.toFixed(2)}${unit} (${wanted} ${limit}${unit}): ${met ? 'met' : 'MISSED'}`);
}

function printBudgets(results: readonly Result[]): void {
  const plain = results.filter((result) => result.format === 'pcap');
  const largest = plain.at(-1);
  if (largest === undefined) return;
  console.log(
    `\nBudgets, by median, at ${largest.megabytes} MB${largest.megabytes === 1000 ? '' : ' (they are set for 1000 MB)'}`,
  );
  const own = largest.peers[STARTTRACE.name];
  if (own === undefined) {
    console.log('  StartTrace did not run: nothing to judge');
    return;
  }
  const ratio = (peer: Peer, result: Result = largest): number | null => {
    const [other, mine] = [result.peers[peer.name], result.peers[STARTTRACE.name]];
    return other === undefined || mine === undefined ? null : other.medianMilliseconds / mine.medianMilliseconds;
  };
  const inverse = (value: number | null): number | null => (value === null ? null : 1 / value);
  const { timesFasterThanTshark, timesTcpdump, peakMegabytes } = BUDGET;
  judge('faster than tshark', ratio(TSHARK), timesFasterThanTshark, 'at least', ' times');
  judge('time against tcpdump', inverse(ratio(TCPDUMP)), timesTcpdump, 'at most', ' times');
  judge('peak memory', own.peakBytes === null ? null : own.peakBytes / MEGABYTE, peakMegabytes, 'at most', ' MB');
  for (const peer of [TSHARK_TWO_PASS, TCPDUMP_INTO_TSHARK]) {
    const times = ratio(peer);
    if (times !== null) console.log(`  for comparison, faster than ${peer.name}: ${times.toFixed(2)} times`);
  }
  const compressed = results.find((result) => result.format === 'gzip');
  const gzipTimes = compressed === undefined ? null : inverse(ratio(GUNZIP_INTO_TCPDUMP, compressed));
  if (gzipTimes !== null) console.log(`  gzip, time against gzip -dc | tcpdump: ${gzipTimes.toFixed(2)} times`);
  if (
    results.some(({ checks }) =>
      checks.some(({ peer, differences: found }) => peer === STARTTRACE.name && found.length > 0),
    )
  ) {
    console.log("  StartTrace's answer is WRONG somewhere above: its times count for nothing");
  }
  console.log('\nLinearity of StartTrace, milliseconds for each MB (best run)');
  for (const [index, { peers, byteLength, megabytes: size }] of plain.entries()) {
    const best = peers[STARTTRACE.name].bestMilliseconds;
    const before = plain[index - 1];
    const marginal =
      before === undefined
        ? ''
        : `; ${(((best - before.peers[STARTTRACE.name].bestMilliseconds) * MEGABYTE) / (byteLength - before.byteLength)).toFixed(3)} for each further MB`;
    console.log(`  ${size} MB: ${((best * MEGABYTE) / byteLength).toFixed(3)}${marginal}`);
  }
}

function firstLine(command: string, ...options: readonly string[]): string | null {
  const { error, stdout, stderr } = spawnSync(command, options, { encoding: 'utf8' });
  return error === undefined ? `${stdout}${stderr}`.split('\n')[0] : null;
}

function machineFacts(): Readonly<Record<string, string | number | null>> {
  return {
    processor: cpus()[0]?.model ?? null,
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
    node: process.version,
    tshark: firstLine('tshark', '--version'),
    tcpdump: firstLine('tcpdump', '--version'),
    measuredBy: hasGnuTime ? 'GNU time -v' : '/proc, polled (peaks and processor times are lower bounds)',
  };
}

/** The window with the largest capture and with the one of many sessions, by name; as often as slow peers run, the fastest. */
async function measureWindows(
  largest: GeneratedCapture,
  runs: number,
): Promise<Readonly<Record<string, WindowResult>>> {
  const captures = [
    { name: `${largest.megabytes} MB`, file: largest.file, sessions: largest.truth.sessions.length },
    { name: `${MANY_SESSIONS} sessions`, file: manySessions(), sessions: MANY_SESSIONS },
  ];
  const results: Record<string, WindowResult> = {};
  for (const { name, file, sessions } of captures) {
    const measured: WindowResult[] = [];
    for (let run = 0; run < runs; run += 1) measured.push(await measureWindow(file, sessions));
    measured.sort((left, right) => left.wholeTableMilliseconds - right.wholeTableMilliseconds);
    results[name] = measured[0];
    process.stderr.write(`window, ${name}: measured\n`);
  }
  return results;
}

function printWindows(results: Readonly<Record<string, WindowResult>>): void {
  console.log('\nThe window');
  const rows = Object.entries(results).flatMap(([name, result]) => {
    const frames = ({ medianMilliseconds, percentile95Milliseconds, maximumMilliseconds }: FrameTimes): string =>
      [medianMilliseconds, percentile95Milliseconds, maximumMilliseconds].map((value) => value.toFixed(1)).join(' / ');
    return [
      [`${name}: first row`, milliseconds(result.firstRowMilliseconds)],
      [`${name}: whole table`, milliseconds(result.wholeTableMilliseconds)],
      [`${name}: judged`, milliseconds(result.judgedMilliseconds)],
      [`${name}: page, objects`, megabytes(result.pageBytes)],
      [`${name}: command, peak`, megabytes(result.servicePeakBytes)],
      [`${name}: frames by the wheel, p50 / p95 / max ms`, frames(result.scrolling.wheel)],
      [`${name}: frames by the scroll bar, p50 / p95 / max ms`, frames(result.scrolling.bar)],
    ];
  });
  printTable(rows);
}

async function main(): Promise<void> {
  const asked = settings();
  const notes = new Map<string, string>();
  const buildProblem = build();
  const peers = PEERS.filter((peer) => {
    const reason = (peer === STARTTRACE ? buildProblem : null) ?? peer.missing();
    if (reason !== null) notes.set(peer.name, reason);
    return reason === null;
  });
  const results: Result[] = [];
  let largest: GeneratedCapture | null = null;
  for (const size of asked.sizes) {
    const capture = generateCapture(size);
    largest = capture;
    results.push(await runOne(peers, capture, capture.file, 'pcap', asked));
    if (size !== FORMATS_MEGABYTES) continue;
    results.push(await runOne(peers, capture, await compressCapture(capture), 'gzip', asked));
    results.push(await runOne(peers, capture, convertToPcapng(capture), 'pcapng', asked));
  }
  const noWindow = buildProblem ?? windowIsMissing();
  if (noWindow !== null) notes.set('window', noWindow);
  const windows = noWindow !== null || largest === null ? {} : await measureWindows(largest, asked.slowRuns);
  const machine = machineFacts();
  console.log('StartTrace benchmark');
  for (const [name, value] of Object.entries(machine)) console.log(`  ${name}: ${value ?? 'not there'}`);
  for (const [name, reason] of notes) console.log(`  left out: ${name} (${reason})`);
  for (const result of results) printResult(result);
  printBudgets(results);
  if (noWindow === null) printWindows(windows);
  const report = { machine, leftOut: Object.fromEntries(notes), budget: BUDGET, runs: asked, results, windows };
  writeFileSync(join(DATA_FOLDER, 'results.json'), `${JSON.stringify(report, null, 2)}\n`);
}

await main();
