import { parseArgs } from 'node:util';
import { calendarTime, formatCalendarTime } from '../../shared/bytes/calendar.ts';
import { jsonText, printable } from '../../shared/bytes/printable.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import { type DescribedPolicy, TRUST_SCHEMA, type TrustDocument } from '../../shared/contract/trust.ts';
import { systemReason } from '../files/input-error.ts';
import {
  listTrustPolicies,
  locateTrust,
  OlderPolicyError,
  TrustError,
  type TrustUpdate,
  updateTrustPolicy,
} from '../files/trust-stores.ts';
import { describePolicy } from '../service/describe-trust.ts';
import type { CommandContext } from './command.ts';
import { TRUST_HELP } from './trust-help.ts';
import { policyLines, policyList } from './trust-text.ts';
import { EXIT, UsageError } from './usage.ts';

/** `starttrace trust`: see its help. Returns the exit code. */
export async function trustCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      document: { type: 'boolean' },
      force: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    await context.output.write(TRUST_HELP);
    return EXIT.ok;
  }
  const [part, ...operands] = positionals;
  const { document = false, force = false, json = false } = values;
  if (document && part !== 'show') throw new UsageError('--document belongs to trust show.');
  if (force && part !== 'update') throw new UsageError('--force belongs to trust update.');
  switch (part) {
    case 'list':
      if (operands.length > 0) {
        throw new UsageError(`trust list shows all policies; for one of them: starttrace trust show ${operands[0]}`);
      }
      return list(json, context);
    case 'show':
      if (document && json) throw new UsageError('--document and --json exclude each other.');
      return show(only(operands, 'Which policy? One of trust list, or a file: starttrace trust show eop-2014'), {
        document,
        json,
        context,
      });
    case 'update':
      if (json) throw new UsageError('trust update has no --json: its exit code says how it went.');
      return update(only(operands, 'Which file? starttrace trust update policy.yaml'), force, context);
    case undefined:
      throw new UsageError('What about trust? There is list, show and update: starttrace trust list');
    default:
      throw new UsageError(`trust has no part "${part}". What there is: list, show, update.`);
  }
}

function only(operands: readonly string[], question: string): string {
  if (operands.length === 0) throw new UsageError(question);
  if (operands.length > 1) throw new UsageError(`One at a time: ${operands.join(' and ')} are ${operands.length}.`);
  return operands[0];
}

async function list(json: boolean, context: CommandContext): Promise<number> {
  const now = Date.now() / 1000;
  const { policies, problems } = await listTrustPolicies();
  const described = policies.map((policy) => describePolicy(policy, now));
  tell(problems, context);
  if (json) await context.output.write(trustJson(described, problems, now));
  else for (const line of policyList(described, context)) await context.output.write(`${line}\n`);
  return problems.length > 0 || described.some((one) => one.problems.length > 0) ? EXIT.failed : EXIT.ok;
}

interface ShowOptions {
  readonly document: boolean;
  readonly json: boolean;
  readonly context: CommandContext;
}

async function show(specification: string, { document, json, context }: ShowOptions): Promise<number> {
  const now = Date.now() / 1000;
  try {
    const located = await locateTrust(specification);
    const { text, problems } = located;
    if (document) {
      if (text === null) {
        throw new UsageError(
          `${specification} has no document. One that takes up its roots has the line: includes: [mozilla] (or system).`,
        );
      }
      await context.output.write(text.endsWith('\n') ? text : `${text}\n`);
      return EXIT.ok;
    }
    tell(problems, context);
    const described = describePolicy(located, now);
    if (json) await context.output.write(trustJson([described], [], now));
    else for (const line of policyLines(described, context)) await context.output.write(`${line}\n`);
    return problems.length > 0 ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    tell(error.problems, context);
    if (json) await context.output.write(trustJson([], error.problems, now));
    return EXIT.usage;
  }
}

async function update(path: string, force: boolean, context: CommandContext): Promise<number> {
  let done: TrustUpdate;
  try {
    done = await updateTrustPolicy(path, force);
  } catch (error) {
    if (error instanceof TrustError) {
      tell(error.problems, context);
      return EXIT.usage;
    }
    if (error instanceof OlderPolicyError) {
      tell([error], context);
      return EXIT.failed;
    }
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    tell([{ message: `The policy cannot be kept: ${systemReason(error)} (${(error as Error).message}).` }], context);
    return EXIT.usage;
  }
  const { policy, before, file } = done;
  const dated = (issued: string | null) => (issued === null ? '' : ` of ${issued}`);
  const instead =
    before === null
      ? ''
      : before.origin === 'built-in'
        ? ` It stands in for the one${dated(before.policy.issued)} that comes with StartTrace; delete the file to go back.`
        : ` It replaces the one${dated(before.policy.issued)}.`;
  const text = `Policy ${policy.name}${dated(policy.issued)} is kept in ${file}.${instead}`;
  await context.output.write(`${printable(text)}\n`);
  return EXIT.ok;
}

function tell(problems: readonly Pick<Problem, 'message'>[], { stderr }: CommandContext): void {
  for (const { message } of problems) stderr.write(`starttrace: ${printable(message)}\n`);
}

/** One root a line. */
function trustJson(policies: readonly DescribedPolicy[], problems: readonly Problem[], now: number): string {
  const asOf = `${formatCalendarTime(calendarTime(Math.floor(now)))}Z`;
  const document: TrustDocument = { schema: TRUST_SCHEMA, asOf, policies, problems };
  return `${jsonText(document).replaceAll(/(?<=[{[,])(?=\{"(?:sha256|name)":)/g, '\n')}\n`;
}
