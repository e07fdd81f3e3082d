import type { Command, CommandContext } from './command.ts';
import { expectCatalogue } from './expect-catalogue.ts';
import { expectCheck } from './expect-check.ts';
import { EXPECT_HELP } from './expect-help.ts';
import { expectImport } from './expect-import.ts';
import { expectSchema } from './expect-schema.ts';
import { expectWhatIf } from './expect-what-if.ts';
import { EXIT, UsageError } from './usage.ts';

const SUBCOMMANDS: Readonly<Record<string, Command>> = {
  import: expectImport,
  check: expectCheck,
  'what-if': expectWhatIf,
  catalogue: expectCatalogue,
  schema: expectSchema,
};

/** `starttrace expect`: see its help. Returns the exit code. */
export async function expectCommand([name, ...rest]: readonly string[], context: CommandContext): Promise<number> {
  const which = name === 'help' && rest[0] !== undefined ? rest[0] : name;
  const args = name === 'help' ? ['--help'] : rest;
  if (which === undefined) {
    throw new UsageError(`Which part? starttrace expect ${Object.keys(SUBCOMMANDS).join(' | ')}`);
  }
  if (which === '--help' || which === '-h' || which === 'help') {
    await context.output.write(EXPECT_HELP);
    return EXIT.ok;
  }
  const subcommand = Object.hasOwn(SUBCOMMANDS, which) ? SUBCOMMANDS[which] : undefined;
  if (!subcommand) {
    const hint = /[./\\]/.test(which) ? ` To check a file: starttrace expect check ${which}` : '';
    throw new UsageError(`"${which}" is no part of expect: ${Object.keys(SUBCOMMANDS).join(', ')}.${hint}`);
  }
  return subcommand(args, context);
}
