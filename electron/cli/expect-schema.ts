import { parseArgs } from 'node:util';
import { expectationsJsonSchema } from '../../shared/expect/json-schemas.ts';
import type { CommandContext } from './command.ts';
import { SCHEMA_HELP } from './expect-help.ts';
import { EXIT } from './usage.ts';

export async function expectSchema(args: readonly string[], { output }: CommandContext): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { help: { type: 'boolean', short: 'h' } } });
  await output.write(values.help ? SCHEMA_HELP : `${JSON.stringify(expectationsJsonSchema(), null, 2)}\n`);
  return EXIT.ok;
}
