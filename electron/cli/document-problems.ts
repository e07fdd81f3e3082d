/** Files that people write, read with their mistakes told by line and column. */
import { printable } from '../../shared/bytes/printable.ts';
import type { CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import { CATALOGUE } from '../../shared/expect/catalogue.ts';
import type { Expectations } from '../../shared/expect/expectations.ts';
import type { DocumentProblem } from '../../shared/expect/yaml-document.ts';
import { readCatalogueFile } from '../files/catalogue-file.ts';
import { readExpectationFile } from '../files/expectation-file.ts';
import { systemReason } from '../files/input-error.ts';
import type { CommandContext } from './command.ts';

/** The file's expectations, or null once its problems were told on standard error. */
export async function expectationsFrom(path: string, context: CommandContext): Promise<Expectations | null> {
  const reading = await opened(path, context, () => readExpectationFile(path));
  if (reading === null) return null;
  if (reading.kind === 'problems') return tellProblems(path, reading.problems, context);
  return reading.expectations;
}

/** The built-in catalogue, with the user's entries in front; null once problems were told. */
export async function catalogueWith(
  path: string | undefined,
  context: CommandContext,
): Promise<readonly CatalogueEntry[] | null> {
  if (path === undefined) return CATALOGUE;
  const reading = await opened(path, context, () => readCatalogueFile(path));
  if (reading === null) return null;
  if (reading.kind === 'problems') return tellProblems(path, reading.problems, context);
  return [...reading.entries, ...CATALOGUE];
}

async function opened<T>(path: string, { stderr }: CommandContext, read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    stderr.write(`starttrace: ${printable(path)}: it cannot be read: ${systemReason(error)}.\n`);
    return null;
  }
}

function tellProblems(path: string, problems: readonly DocumentProblem[], { stderr }: CommandContext): null {
  for (const { line, column, message } of problems) {
    stderr.write(`${printable(path)}:${line}:${column}: ${printable(message)}\n`);
  }
  return null;
}
