import { parseArgs } from 'node:util';
import { printable } from '../../shared/bytes/printable.ts';
import type { Analysis } from '../../shared/contract/analysis.ts';
import type { JudgedSession, Judgement } from '../../shared/contract/verdict.ts';
import { adviceOf } from '../../shared/expect/headline.ts';
import type { Scope } from '../../shared/trace/session-recorder.ts';
import { type AnalyzedCaptures, analysisOf, analyzeCaptures } from '../service/analyze-captures.ts';
import type { JudgeQuestion } from '../service/judge-request.ts';
import { listOf } from '../service/session-list.ts';
import type { CommandContext } from './command.ts';
import { analyzeHelp } from './help.ts';
import { analysisJson } from './json-output.ts';
import { JUDGE_OPTIONS, judgeQuestion } from './judge-arguments.ts';
import { outcomeWord } from './judgement-detail.ts';
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
  /** Null: nothing is judged. */
  readonly question: JudgeQuestion | null;
  /** Whether an unknown outcome counts as a failure. */
  readonly strict: boolean;
}

/** `starttrace analyze`: see its help. Returns the exit code. */
export async function analyzeCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parse(args);
  if (parsed === 'help') {
    await context.output.write(analyzeHelp(DETAILED_SESSIONS));
    return EXIT.ok;
  }
  // Before the long work: a mistake in these files should not cost minutes.
  const judging = parsed.question === null ? null : await prepareJudging(parsed.question, context);
  if (judging === 'unreadable') return EXIT.usage;
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
  const judgement = judging === null ? null : await judging(chosen, context.signal);
  if (parsed.json) {
    for (const piece of analysisJson(chosen, judgement)) await context.output.write(piece);
  } else if (chosen.captures.length > 0) {
    for (const line of text(analysisOf(chosen), judgement, parsed, context)) await context.output.write(`${line}\n`);
  }
  const failed = judgement !== null && judgementFails(judgement, parsed.strict);
  return Math.max(exitCode(chosen), failed ? EXIT.failed : EXIT.ok);
}

type Judging = (analyzed: AnalyzedCaptures, signal: AbortSignal) => Promise<Judgement>;

/** Reads what is to be judged by. Only runs that judge load the code for it. */
async function prepareJudging(question: JudgeQuestion, context: CommandContext): Promise<Judging | 'unreadable'> {
  const { judgeRequest, JudgeInputError } = await import('../service/judge-request.ts');
  const { judgeAll } = await import('../service/judge-captures.ts');
  const now = Math.floor(Date.now() / 1000);
  try {
    const { request, problems } = await judgeRequest(question, now);
    for (const { message } of problems) context.stderr.write(`starttrace: ${printable(message)}\n`);
    return (analyzed, signal) => judgeAll(analyzed, request, signal);
  } catch (error) {
    if (!(error instanceof JudgeInputError)) throw error;
    for (const message of error.messages) context.stderr.write(`starttrace: ${printable(message)}\n`);
    return 'unreadable';
  }
}

/**
 * Whether something that was asked for does not hold at the moment that counts: the expectations, or, where there are
 * none, the servers' paths.
 */
function judgementFails({ judgedBy, sessions }: Judgement, strict: boolean): boolean {
  const failing = (judged: JudgedSession): boolean => {
    if (judgedBy.expectations === null) {
      const moment = judgedBy.at === 'capture' || judgedBy.at === 'now' ? judgedBy.at : 'date';
      const paths = judged.paths.filter((path) => path.side === 'server' && path.moment === moment);
      return paths.some(({ outcome }) => outcome === 'invalid' || (strict && outcome === 'undetermined'));
    }
    const outcome = judged.verdict?.outcome;
    return outcome === 'defer' || outcome === 'reject' || (strict && outcome === 'unknown');
  };
  return [...sessions.values()].some(failing);
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
      ...JUDGE_OPTIONS,
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
    question: judgeQuestion(values),
    strict: values.strict ?? false,
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
  judgement: Judgement | null,
  { detail, session, scope }: AnalyzeArguments,
  context: CommandContext,
): Generator<string> {
  const { style } = context;
  const { sessions } = analysis;
  if (session === null) {
    yield* overview(analysis, judgement, style, context.width);
    if (sessions.length === 0) {
      yield* wrap(nextStep(analysis, scope), context.width);
      return;
    }
    if (judgement !== null) yield* adviceLines(judgement, context);
  }
  const detailed = detail === 'all' || session !== null || (detail === 'auto' && sessions.length <= DETAILED_SESSIONS);
  if (detailed) {
    const shared = { analysis, judgement, style, width: context.width, shownIn: new Map<string, string>() };
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

/** Sessions that are named in one line of advice. */
const NAMED_SESSIONS = 8;

function* adviceLines({ sessions }: Judgement, { style, width }: CommandContext): Generator<string> {
  const advice = adviceOf(sessions);
  if (advice.length > 0) yield* ['', style.bold('What to change')];
  for (const { partner, sessions: ids, outcome, evidence, remedy } of advice) {
    const named = ids.slice(0, NAMED_SESSIONS).join(', ');
    const more = ids.length > NAMED_SESSIONS ? ` and ${ids.length - NAMED_SESSIONS} more` : '';
    const head = `${printable(partner)}, ${named}${more}: ${outcomeWord(outcome)}. ${printable(evidence)}`;
    const room = width === null ? null : width - 4;
    const [first, ...rest] = wrap(head, room);
    yield `  ${first}`;
    yield* rest.map((line) => `    ${line}`);
    yield* wrap(printable(remedy), room).map((line, index) => `  ${index === 0 ? '→' : ' '} ${style.bold(line)}`);
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
