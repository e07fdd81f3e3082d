/** Expectation files in an editor: checked, opened, saved, imported, and asked "what if". */
import { randomUUID } from 'node:crypto';
import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LIMITS } from '../../shared/bytes/limits.ts';
import type { ExpectationsCheck, OperationInput, OperationResult } from '../../shared/contract/operations.ts';
import type { WhatIf } from '../../shared/contract/what-if.ts';
import { CATALOGUE } from '../../shared/expect/catalogue.ts';
import { demands } from '../../shared/expect/demands.ts';
import { importConnectors } from '../../shared/expect/import/import-connectors.ts';
import { judgedSide } from '../../shared/expect/match-partner.ts';
import { readExpectations } from '../files/expectation-file.ts';
import { openError, systemReason } from '../files/input-error.ts';
import { TrustError } from '../files/trust-stores.ts';
import { ApplicationFailure } from './application-failure.ts';
import type { HostServices } from './host-services.ts';
import { answerWhatIf, WhatIfError, whatIfEntry } from './what-if-question.ts';

export function checkExpectations(text: string): ExpectationsCheck {
  const reading = readExpectations(text);
  if (reading.kind === 'problems') {
    const problems = reading.problems.map(({ message, line, column }) => ({ message, line, column }));
    return { problems, partners: null };
  }
  const partners = reading.expectations.partners.map(({ name, connector }) => ({
    name,
    kind: connector.kind,
    side: judgedSide(connector),
    demands: demands(connector).join(' '),
  }));
  return { problems: [], partners };
}

export function importedConnectors(text: string): OperationResult<'importConnectors'> {
  const result = importConnectors(new TextEncoder().encode(text));
  if (result.kind === 'problems') {
    const message = result.problems
      .map(({ line, message: said }) => (line === null ? said : `Line ${line}: ${said}`))
      .join('\n');
    throw new ApplicationFailure('import-not-understood', message);
  }
  return { text: result.yaml, problems: result.warnings.map(({ name, message }) => `${name}: ${message}`) };
}

export async function askWhatIf(input: OperationInput<'whatIf'>): Promise<WhatIf> {
  const { expectations: document, movesTo, only, direction, trust } = input;
  const reading = readExpectations(document.text);
  if (reading.kind === 'problems') {
    const [{ line, column, message }] = reading.problems;
    throw new ApplicationFailure('expectations-invalid', `${document.name}:${line}:${column}: ${message}`);
  }
  const { expectations } = reading;
  try {
    const entry = whatIfEntry(movesTo, CATALOGUE);
    const question = { expectations, file: document.name, entry, only, direction, trust, at: null };
    return (await answerWhatIf(question)).answer;
  } catch (error) {
    if (error instanceof WhatIfError) throw new ApplicationFailure('what-if', error.message);
    if (error instanceof TrustError) throw new ApplicationFailure('trust', error.message);
    throw error;
  }
}

const ENDING = /\.(?:ya?ml|json)$/i;

/** The files of one application: what it did not open itself it does not write over. */
export class ExpectationFiles {
  readonly #host: HostServices;
  readonly #own = new Set<string>();

  constructor(host: HostServices) {
    this.#host = host;
  }

  async open(given: string | null): Promise<OperationResult<'openExpectations'>> {
    const chosen = given ?? (await this.#host.chooseExpectations());
    if (chosen === null) return null;
    const file = resolve(chosen);
    try {
      const { size, isRegular } = await stat(file).then((one) => ({ size: one.size, isRegular: one.isFile() }));
      // A pipe or a device may never end.
      if (!isRegular) {
        throw new ApplicationFailure('not-an-expectation-file', `${file} is no file: choose a .yaml or .json file.`);
      }
      // Four bytes are the most that UTF-8 has for a character.
      if (size > 4 * LIMITS.documentCharacters) {
        throw new ApplicationFailure('expectations-too-large', `${file}: ${size} bytes are no expectation file.`);
      }
      const text = await readFile(file, 'utf8');
      this.#own.add(file);
      return { file, text };
    } catch (error) {
      if (error instanceof ApplicationFailure) throw error;
      throw new ApplicationFailure('expectations-unreadable', openError(file, error).problem.message);
    }
  }

  /** Writes as a whole or not at all. */
  async save(given: string | null, text: string): Promise<OperationResult<'saveExpectations'>> {
    const asked = given === null ? await this.#host.chooseSaveFile('expectations.yaml') : given;
    if (asked === null) return null;
    const file = resolve(asked);
    if (!ENDING.test(file)) {
      throw new ApplicationFailure('not-an-expectation-file', `${file}: an expectation file ends in .yaml or .json.`);
    }
    // A dialog has asked already whether to write over what is there.
    if (given === null) this.#own.add(file);
    try {
      if (this.#own.has(file)) await replaceFile(file, text);
      else await writeFile(file, text, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        throw new ApplicationFailure(
          'file-exists',
          `${file}: the file is there already and was not opened here. Open it first, or choose another name.`,
        );
      }
      throw new ApplicationFailure('not-saved', `${file}: it cannot be written: ${systemReason(error)}.`);
    }
    this.#own.add(file);
    return { file };
  }
}

async function replaceFile(given: string, text: string): Promise<void> {
  // A link stays one; what it leads to is replaced.
  const file = await realpath(given).catch(() => given);
  const half = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    // Who may read it stays as it was.
    const mode = await stat(file).then(
      (one) => one.mode & 0o777,
      () => 0o666,
    );
    await writeFile(half, text, { flag: 'wx', mode });
    await rename(half, file);
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}
