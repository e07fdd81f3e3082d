import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { LIMITS } from '../../shared/bytes/limits.ts';
import { printable } from '../../shared/bytes/printable.ts';
import { importConnectors } from '../../shared/expect/import/import-connectors.ts';
import { systemReason } from '../files/input-error.ts';
import type { CommandContext } from './command.ts';
import { IMPORT_HELP } from './expect-help.ts';
import { EXIT, UsageError } from './usage.ts';

export async function expectImport(args: readonly string[], context: CommandContext): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      force: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    await context.output.write(IMPORT_HELP);
    return EXIT.ok;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    throw new UsageError('Give one file, or - for standard input: starttrace expect import connectors.txt');
  }
  if (file === '-' && process.stdin.isTTY) {
    throw new UsageError('Standard input is this terminal. Save what PowerShell printed to a file, and give that.');
  }
  const { stderr } = context;
  const name = file === '-' ? 'standard input' : file;
  const bytes = await readPaste(file);
  if (typeof bytes === 'string') {
    stderr.write(`starttrace: ${printable(name)}: it cannot be read: ${bytes}.\n`);
    return EXIT.usage;
  }
  const result = importConnectors(bytes);
  if (result.kind === 'problems') {
    for (const { line, message } of result.problems) {
      stderr.write(`${printable(name)}${line === null ? '' : `:${line}`}: ${printable(message)}\n`);
    }
    return EXIT.usage;
  }
  for (const warning of result.warnings) {
    stderr.write(`starttrace: ${printable(warning.name)}: ${printable(warning.message)}\n`);
  }
  if (values.out === undefined) {
    await context.output.write(result.yaml);
  } else {
    const failure = await writeNew(values.out, result.yaml, values.force ?? false);
    if (failure !== null) {
      stderr.write(`starttrace: ${printable(values.out)}: ${failure}\n`);
      return EXIT.usage;
    }
  }
  const { partners } = result.expectations;
  const where = values.out === undefined ? '' : ` to ${printable(values.out)}`;
  stderr.write(
    `starttrace: ${counted(partners.length, 'connector')} written${where}; ${ignoredText(result.ignored)}.\n`,
  );
  return EXIT.ok;
}

/** The bytes, or why not. UTF-16 has two of them for a character. */
async function readPaste(file: string): Promise<Uint8Array | string> {
  const limit = 2 * LIMITS.pastedCharacters + 2;
  try {
    if (file !== '-') {
      const bytes = await readFile(file);
      return bytes.length > limit ? `it has more than ${limit} bytes` : bytes;
    }
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of process.stdin as AsyncIterable<Buffer>) {
      pieces.push(piece);
      length += piece.length;
      if (length > limit) return `it has more than ${limit} bytes`;
    }
    return Buffer.concat(pieces);
  } catch (error) {
    return systemReason(error);
  }
}

/** Null, or why the file was not written. */
async function writeNew(path: string, text: string, overwrite: boolean): Promise<string | null> {
  try {
    await writeFile(path, text, { flag: overwrite ? 'w' : 'wx' });
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return 'the file is there already. Choose another name, or overwrite it with --force.';
    }
    return `it cannot be written: ${systemReason(error)}.`;
  }
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function ignoredText(count: number): string {
  return count === 1
    ? '1 property has no meaning for certificates and was left out'
    : `${count} properties have no meaning for certificates and were left out`;
}
