import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaFiles } from '../../build/schemas.ts';
import { CATALOGUE_FILE, type CatalogueEntry } from '../../shared/expect/catalogue/schema.ts';
import { EXPECTATIONS } from '../../shared/expect/expectations.ts';
import { readYamlDocument } from '../../shared/expect/yaml-document.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const PAGE = readFileSync(join(DOCS, 'expectations.md'), 'utf8');
const NAMED = new Set([...PAGE.matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code.split(/[^A-Za-z0-9-]+/)));

/** The keys of all `properties` in a JSON Schema, and the words of its enumerations. */
function wordsOf(schema: unknown, words = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const item of schema) wordsOf(item, words);
  else if (typeof schema === 'object' && schema !== null) {
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') for (const name of Object.keys(value as object)) words.add(name);
      if (key === 'enum' || key === 'const') for (const word of [value].flat()) words.add(String(word));
      wordsOf(value, words);
    }
  }
  return words;
}

describe('the published JSON Schemas', () => {
  it.each(schemaFiles())('%s is up to date: npx tsx build/schemas.ts makes it anew', (name, text) => {
    expect(readFileSync(join(DOCS, 'schemas', name), 'utf8') === text).toBe(true);
  });

  const here = schemaFiles().filter(([name]) => /^(expectations|catalogue)\./.test(name));

  it.each(here)('every field and word of %s is in docs/expectations.md', (_, text) => {
    const words = [...wordsOf(JSON.parse(text))].filter((word) => word !== '1');
    expect(words.length).toBeGreaterThan(15);
    expect(words.filter((word) => !NAMED.has(word))).toEqual([]);
  });
});

describe('docs/expectations.md', () => {
  const blocks = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text]) => text);

  it('has examples that are right', () => {
    expect(blocks).toHaveLength(2);
    expect(readYamlDocument(blocks[0], EXPECTATIONS)).toMatchObject({ kind: 'value' });
    expect(readYamlDocument<{ entries: readonly CatalogueEntry[] }>(blocks[1], CATALOGUE_FILE)).toMatchObject({
      kind: 'value',
    });
  });

  it('names every field of the contract of what-if', () => {
    const contract = readFileSync(join(DOCS, '../shared/contract/what-if.ts'), 'utf8');
    const fields = new Set([...contract.matchAll(/readonly (\w+)\??:/g)].map(([, field]) => field));
    expect(fields.size).toBeGreaterThan(25);
    expect([...fields].filter((field) => !NAMED.has(field))).toEqual([]);
  });

  it.each(['expectations.yaml', 'expectations-after-the-move.yaml'])('examples/story/%s is right', (name) => {
    const text = readFileSync(join(DOCS, '../examples/story', name), 'utf8');
    expect(readYamlDocument(text, EXPECTATIONS)).toMatchObject({ kind: 'value' });
  });
});
