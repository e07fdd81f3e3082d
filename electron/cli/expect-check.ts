import { parseArgs } from 'node:util';
import type { CommandContext } from './command.ts';
import { expectationsFrom } from './document-problems.ts';
import { CHECK_HELP } from './expect-help.ts';
import { expectationSummary } from './expectation-summary.ts';
import { EXIT, UsageError } from './usage.ts';

/** `starttrace expect check`: see its help. Returns the exit code. */
export async function expectCheck(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    await context.output.write(CHECK_HELP);
    return EXIT.ok;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new UsageError('Give one expectation file: starttrace expect check expectations.yaml');
  }
  const expectations = await expectationsFrom(file, context);
  if (expectations === null) return EXIT.usage;
  for (const line of expectationSummary(expectations, context.style, context.width)) {
    await context.output.write(`${line}\n`);
  }
  return EXIT.ok;
}
