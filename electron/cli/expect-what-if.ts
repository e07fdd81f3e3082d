import { parseArgs } from 'node:util';
import { jsonText, printable } from '../../shared/bytes/printable.ts';
import type { Problem } from '../../shared/bytes/problem.ts';
import type { WhatIf } from '../../shared/contract/what-if.ts';
import { TrustError } from '../files/trust-stores.ts';
import { answerWhatIf, WhatIfError, whatIfEntry } from '../service/what-if-question.ts';
import type { CommandContext } from './command.ts';
import { catalogueWith, expectationsFrom } from './document-problems.ts';
import { WHAT_IF_HELP } from './expect-help.ts';
import { parseMoment } from './moment.ts';
import { EXIT, UsageError } from './usage.ts';
import { whatIfText } from './what-if-text.ts';

interface WhatIfArguments {
  readonly file: string;
  readonly movesTo: string;
  readonly only: string | null;
  readonly direction: WhatIf['direction'];
  readonly trust: string | null;
  /** Seconds since 1970; null: now, or the last day of an era that is over. */
  readonly at: number | null;
  readonly catalogue: string | undefined;
  readonly print: 'report' | 'notices' | 'json';
}

/** `starttrace expect what-if`: see its help. Returns the exit code. */
export async function expectWhatIf(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parse(args);
  if (parsed === 'help') {
    await context.output.write(WHAT_IF_HELP);
    return EXIT.ok;
  }
  const entries = await catalogueWith(parsed.catalogue, context);
  if (entries === null) return EXIT.usage;
  try {
    const entry = whatIfEntry(parsed.movesTo, entries);
    const expectations = await expectationsFrom(parsed.file, context);
    if (expectations === null) return EXIT.usage;
    const { answer, problems } = await answerWhatIf({ ...parsed, expectations, entry });
    tell(problems, context);
    await print(answer, parsed, context);
    return answer.partners.some(({ effect }) => effect === 'breaks') ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (error instanceof WhatIfError) throw new UsageError(error.message);
    if (!(error instanceof TrustError)) throw error;
    tell(error.problems, context);
    return EXIT.usage;
  }
}

function tell(problems: readonly Problem[], { stderr }: CommandContext): void {
  for (const { message } of problems) stderr.write(`starttrace: ${printable(message)}\n`);
}

async function print(answer: WhatIf, { print: what }: WhatIfArguments, context: CommandContext): Promise<void> {
  const { output, width } = context;
  switch (what) {
    case 'json':
      await output.write(`${jsonText(answer)}\n`);
      return;
    case 'notices':
      await output.write(answer.partners.map(({ notice }) => notice).join(`\n${'-'.repeat(76)}\n\n`));
      return;
    case 'report':
      for (const line of whatIfText(answer, context.style, width)) await output.write(`${line}\n`);
  }
}

function parse(args: readonly string[]): WhatIfArguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'moves-to': { type: 'string' },
      only: { type: 'string' },
      direction: { type: 'string' },
      trust: { type: 'string' },
      at: { type: 'string' },
      catalogue: { type: 'string' },
      notice: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new UsageError('Give one expectation file: starttrace expect what-if expectations.yaml --moves-to eop-2026');
  }
  const movesTo = values['moves-to'];
  if (movesTo === undefined) {
    throw new UsageError(
      'Where does the domain move to? --moves-to eop-2026; starttrace expect catalogue lists the entries.',
    );
  }
  const direction = values.direction ?? 'both';
  if (direction !== 'inbound' && direction !== 'outbound' && direction !== 'both') {
    throw new UsageError(`--direction is inbound, outbound or both, not "${direction}".`);
  }
  if (values.notice && values.json) {
    throw new UsageError('--notice and --json exclude each other: the JSON has the notices in it.');
  }
  return {
    file,
    movesTo,
    only: values.only ?? null,
    direction,
    trust: values.trust ?? null,
    at: values.at === undefined ? null : values.at === 'now' ? Math.floor(Date.now() / 1000) : parseMoment(values.at),
    catalogue: values.catalogue,
    print: values.json ? 'json' : values.notice ? 'notices' : 'report',
  };
}
