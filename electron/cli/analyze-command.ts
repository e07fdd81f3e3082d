import { parseArgs } from 'node:util';
import { printable } from '../../shared/bytes/printable.ts';
import type { Analysis } from '../../shared/contract/analysis.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { type AnalyzedCaptures, analysisOf, analyzeCaptures } from '../service/analyze-captures.ts';
import { listOf } from '../service/session-list.ts';
import type { CommandContext } from './command.ts';
import { analyzeHelp } from './help.ts';
import { analysisJson } from './json-output.ts';
import { wrap } from './layout.ts';
import { overview } from './overview.ts';
import { ProgressLine } from './progress.ts';
import { sessionDetail } from './session-detail.ts';
import { EXIT, UsageError } from './usage.ts';

/** With more sessions than this, only the overview is printed unless all details are asked for. */
const DETAILED_SESSIONS = 20;

interface AnalyzeArguments {
  readonly files: readonly string[];
  readonly scope: Scope;
  readonly session: string | null;
  readonly detail: 'auto' | 'all' | 'none';
  readonly json: boolean;
}

/** `starttrace analyze`: see its help. Returns the exit code. */
export async function analyzeCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parse(args);
  if (parsed === 'help') {
    await context.output.write(analyzeHelp(DETAILED_SESSIONS));
    return EXIT.ok;
  }
  const progress = new ProgressLine(context.stderr);
  let analyzed: AnalyzedCaptures;
  try {
    analyzed = await analyzeCaptures(parsed.files, {
      scope: parsed.scope,
      signal: context.signal,
      workerScript: context.workerScript,
      onProgress: (state) => progress.show(state),
    });
  } finally {
    progress.clear();
  }
  const { errors, skipped } = analyzed;
  for (const { problem } of errors) context.stderr.write(`starttrace: ${printable(problem.message)}\n`);
  if (!parsed.json) {
    for (const { problem } of skipped) context.stderr.write(`starttrace: skipped: ${printable(problem.message)}\n`);
  }
  const chosen = parsed.session === null ? analyzed : chooseSession(analyzed, parsed.session);
  if (parsed.json) {
    for (const piece of analysisJson(chosen)) await context.output.write(piece);
  } else if (chosen.captures.length > 0) {
    for (const line of text(analysisOf(chosen), parsed, context)) await context.output.write(`${line}\n`);
  }
  return exitCode(chosen);
}

function parse(args: readonly string[]): AnalyzeArguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      scope: { type: 'string' },
      session: { type: 'string' },
      details: { type: 'boolean' },
      summary: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  if (positionals.length === 0) {
    throw new UsageError(
      'Which capture? Give a file, a folder, or - for standard input: starttrace analyze capture.pcapng',
    );
  }
  if (positionals.includes('-') && process.stdin.isTTY) {
    throw new UsageError(
      'Standard input is this terminal. Pipe a capture into it: tcpdump -w - | starttrace analyze -',
    );
  }
  const scope = values.scope ?? 'mail';
  if (scope !== 'mail' && scope !== 'tls') throw new UsageError(`--scope is mail or tls, not "${scope}".`);
  if (values.details && values.summary) throw new UsageError('--details and --summary exclude each other.');
  return {
    files: positionals,
    scope,
    session: values.session ?? null,
    detail: values.details ? 'all' : values.summary ? 'none' : 'auto',
    json: values.json ?? false,
  };
}

/** The analysis reduced to one session and its certificates. */
function chooseSession(analyzed: AnalyzedCaptures, id: string): AnalyzedCaptures {
  const { count } = analyzed.sessions;
  const session = analyzed.sessions.all().find((candidate) => candidate.id === id);
  if (!session) {
    throw new UsageError(
      `There is no session "${id}": ${count === 0 ? 'there are none' : `they are s1 to s${count}`}.`,
    );
  }
  const { server, client } = session.certificates;
  const shown = new Set([...server.chain, ...client.chain].map(({ sha256 }) => sha256));
  const certificates = Object.fromEntries(
    Object.entries(analyzed.certificates).filter(([sha256]) => shown.has(sha256)),
  );
  return { ...analyzed, certificates, sessions: listOf([session]) };
}

function* text(
  analysis: Analysis,
  { detail, session, scope }: AnalyzeArguments,
  context: CommandContext,
): Generator<string> {
  const { style } = context;
  const { sessions } = analysis;
  if (session === null) {
    yield* overview(analysis, style, context.width);
    if (sessions.length === 0) {
      yield* wrap(nextStep(analysis, scope), context.width);
      return;
    }
  }
  const detailed = detail === 'all' || session !== null || (detail === 'auto' && sessions.length <= DETAILED_SESSIONS);
  if (detailed) {
    const shared = { analysis, style, width: context.width, shownIn: new Map<string, string>() };
    for (const one of sessions) {
      if (session === null) yield '';
      yield* sessionDetail(one, shared);
    }
    // The overview has scrolled out of a terminal by now.
    if (sessions.length > 1 && context.width !== null) {
      yield* hint(`One session: --session ${sessions[0].id}; the overview alone: --summary.`, context);
    }
  } else {
    yield* hint(`One session in full: --session ${sessions[0].id}; all of them: --details.`, context);
  }
}

function hint(text: string, { style, width }: CommandContext): string[] {
  return ['', ...wrap(text, width).map(style.dim)];
}

/** What to do when there is no session. */
function nextStep({ captures }: Analysis, scope: Scope): string {
  if (captures.every(({ packetCount }) => packetCount === 0)) {
    return 'No packet was captured: check the interface and the capture filter, then capture again.';
  }
  return scope === 'mail'
    ? 'Was mail on this network path at that time? Other TLS connections are shown with --scope tls.'
    : 'No TLS stream over TCP either. Was the capture made on the path of the traffic?';
}

function exitCode({ certificates, errors }: AnalyzedCaptures): number {
  if (errors.length > 0) return EXIT.usage;
  return Object.values(certificates).some((certificate) => 'unreadable' in certificate) ? EXIT.failed : EXIT.ok;
}
