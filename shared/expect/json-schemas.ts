/** The published JSON Schemas of expectation files, catalogues and trust policies, made from the definitions that read them. */
import * as z from 'zod/mini';
import { CATALOGUE_FILE } from './catalogue/schema.ts';
import { EXPECTATIONS } from './expectations.ts';
import { TRUST_POLICY } from './trust-policy-document.ts';

/** JSON Schema, draft 2020-12. */
export function expectationsJsonSchema(): object {
  return z.toJSONSchema(EXPECTATIONS, { target: 'draft-2020-12', io: 'input' });
}

/** JSON Schema, draft 2020-12. */
export function catalogueJsonSchema(): object {
  return z.toJSONSchema(CATALOGUE_FILE, { target: 'draft-2020-12', io: 'input' });
}

/** JSON Schema, draft 2020-12. */
export function trustPolicyJsonSchema(): object {
  return z.toJSONSchema(TRUST_POLICY, { target: 'draft-2020-12', io: 'input' });
}
