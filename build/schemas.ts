/** Writes the published JSON Schemas (docs/schemas/) from the definitions that read the files: npx tsx build/schemas.ts */
import { mkdirSync, writeFileSync } from 'node:fs';
import { catalogueJsonSchema, expectationsJsonSchema, trustPolicyJsonSchema } from '../shared/expect/json-schemas.ts';

/** Each file's name and content. */
export function schemaFiles(): readonly (readonly [string, string])[] {
  return [
    ['expectations.schema.json', `${JSON.stringify(expectationsJsonSchema(), null, 2)}\n`],
    ['catalogue.schema.json', `${JSON.stringify(catalogueJsonSchema(), null, 2)}\n`],
    ['trust-policy.schema.json', `${JSON.stringify(trustPolicyJsonSchema(), null, 2)}\n`],
  ];
}

if (process.argv[1] === import.meta.filename) {
  const folder = new URL('../docs/schemas/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of schemaFiles()) writeFileSync(new URL(name, folder), text);
}
