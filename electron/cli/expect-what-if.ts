import { parseArgs } from 'node:util';
import { calendarTime, formatCalendarTime } from '../../shared/bytes/calendar.ts';
import { jsonText, printable } from '../../shared/bytes/printable.ts';
import type { WhatIf } from '../../shared/contract/what-if.ts';
import type { CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import { catalogueEntry } from '../../shared/expect/catalogue.ts';
import { closestWord } from '../../shared/expect/closest-word.ts';
import type { Expectations } from '../../shared/expect/expectations.ts';
import { judgePartner } from '../../shared/expect/judge-partner.ts';
import { allDomains } from '../../shared/expect/what-if/concerned.ts';
import { type TrustView, whatIf } from '../../shared/expect/what-if.ts';
import { resolveTrust, TrustError } from '../files/trust-stores.ts';
import { trustSpecification } from '../service/judge-captures.ts';
import { trustViewOf } from '../service/trust-view.ts';
import type { CommandContext } from './command.ts';
import { catalogueWith, expectationsFrom } from './document-problems.ts';
import { WHAT_IF_HELP } from './expect-help.ts';
import { parseMoment } from './moment.ts';
import { EXIT, UsageError } from './usage.ts';
import { whatIfText } from './what-if-text.ts';

const DEFAULT_TRUST = 'mozilla';

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
  const entry = catalogueEntry(parsed.movesTo, entries);
  if (entry === null) throw new UsageError(unknownEntry(parsed.movesTo, entries));
  const expectations = await expectationsFrom(parsed.file, context);
  if (expectations === null) return EXIT.usage;
  const at = parsed.at ?? momentOf(entry, Math.floor(Date.now() / 1000));
  const views = await trustViews(expectations, parsed, at, context);
  if (views === null) return EXIT.usage;
  const answer = whatIf({
    expectations,
    entry,
    only: parsed.only,
    direction: parsed.direction,
    ...views,
    asOf: `${formatCalendarTime(calendarTime(at))}Z`,
    judge: judgePartner,
  });
  if (answer.partners.length === 0) throw new UsageError(nobody(expectations, parsed));
  await print(answer, parsed, context);
  return answer.partners.some(({ effect }) => effect === 'breaks') ? EXIT.failed : EXIT.ok;
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

/** Roots of an era that is over are judged while it lasted: nobody moves there any more, so the question is of then. */
function momentOf({ until }: CatalogueEntry, now: number): number {
  const end = until === null ? null : parseMoment(until) - 1;
  return end === null || end > now ? now : end;
}

interface Views {
  readonly trust: TrustView;
  readonly partnerTrust: ReadonlyMap<string, TrustView>;
}

/**
 * By what `--trust` says, else the file, else the roots that Mozilla trusts, as `analyze` has it. Null once it was told
 * why there is no such policy.
 */
async function trustViews(
  expectations: Expectations,
  { file, trust }: WhatIfArguments,
  at: number,
  { stderr }: CommandContext,
): Promise<Views | null> {
  const view = async (name: string): Promise<TrustView> => {
    const { policy, problems } = await resolveTrust(name);
    for (const { message } of problems) stderr.write(`starttrace: ${printable(message)}\n`);
    return trustViewOf(policy, at);
  };
  const inFile = expectations.trust === undefined ? null : trustSpecification(expectations.trust, file);
  try {
    const partnerTrust = new Map<string, TrustView>();
    for (const { trust: name } of expectations.partners) {
      if (name === undefined || partnerTrust.has(name)) continue;
      partnerTrust.set(name, await view(trustSpecification(name, file)));
    }
    return { trust: await view(trust ?? inFile ?? DEFAULT_TRUST), partnerTrust };
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    for (const { message } of error.problems) stderr.write(`starttrace: ${printable(message)}\n`);
    return null;
  }
}

function unknownEntry(given: string, entries: readonly CatalogueEntry[]): string {
  const ids = [...new Set(entries.map(({ id }) => id))];
  const meant = closestWord(given, ids);
  return `The catalogue has no entry "${given}"${meant === null ? '' : `; is ${meant} meant?`} There are ${ids.join(', ')}.`;
}

function nobody({ partners }: Expectations, { only, direction }: WhatIfArguments): string {
  const which = direction === 'both' ? 'expectation' : `expectation of that direction (${direction})`;
  if (only === null) return `There is no ${which} in the file.`;
  const domains = allDomains(partners).slice(0, 20);
  const named = domains.length === 0 ? 'It names no domains.' : `It names ${domains.join(', ')}.`;
  return `No ${which} in the file concerns ${only}. ${named}`;
}
