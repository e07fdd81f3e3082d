import { readFile } from 'node:fs/promises';
import { CATALOGUE_FILE, type CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import { type DocumentProblem, readYamlDocument } from '../../shared/expect/yaml-document.ts';

export type CatalogueFile =
  | { readonly kind: 'entries'; readonly entries: readonly CatalogueEntry[] }
  | { readonly kind: 'problems'; readonly problems: readonly DocumentProblem[] };

/** Reads a catalogue of a user's own. Rejects as `readFile` does where there is no such file. */
export async function readCatalogueFile(path: string): Promise<CatalogueFile> {
  const reading = readYamlDocument<{ readonly entries: readonly CatalogueEntry[] }>(
    await readFile(path, 'utf8'),
    CATALOGUE_FILE,
  );
  return reading.kind === 'value' ? { kind: 'entries', entries: reading.value.entries } : reading;
}
