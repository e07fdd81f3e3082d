import { readFile } from 'node:fs/promises';
import { EXPECTATIONS, type Expectations } from '../../shared/expect/expectations.ts';
import { type DocumentProblem, readYamlDocument } from '../../shared/expect/yaml-document.ts';

export type ExpectationFile =
  | { readonly kind: 'expectations'; readonly expectations: Expectations }
  | { readonly kind: 'problems'; readonly problems: readonly DocumentProblem[] };

/** Reads an expectation file. Rejects as `readFile` does where there is no such file. */
export async function readExpectationFile(path: string): Promise<ExpectationFile> {
  return readExpectations(await readFile(path, 'utf8'));
}

/** Reads the text of an expectation file. */
export function readExpectations(text: string): ExpectationFile {
  const reading = readYamlDocument<Expectations>(text, EXPECTATIONS);
  return reading.kind === 'value' ? { kind: 'expectations', expectations: reading.value } : reading;
}
