import type { Analysis } from '../../shared/contract/analysis.ts';
import type { InputError } from '../files/input-error.ts';

/**
 * The analysis as JSON, in pieces that are small enough for any number of sessions: one session, one certificate and
 * one capture a line. `errors` names inputs that could not be read; it is absent when there are none.
 */
export function* analysisJson(analysis: Analysis, errors: readonly InputError[]): Generator<string> {
  yield `{ "schema": ${JSON.stringify(analysis.schema)},\n`;
  if (errors.length > 0) {
    yield `  "errors": ${JSON.stringify(errors.map(({ file, problem }) => ({ file, ...problem })))},\n`;
  }
  yield '  "captures": [';
  yield* list(analysis.captures, JSON.stringify);
  yield '],\n  "certificates": {';
  yield* list(Object.entries(analysis.certificates), ([sha256, facts]) => `"${sha256}": ${JSON.stringify(facts)}`);
  yield '},\n  "sessions": [';
  yield* list(analysis.sessions, JSON.stringify);
  yield '] }\n';
}

function* list<T>(items: readonly T[], text: (item: T) => string): Generator<string> {
  for (const [index, item] of items.entries()) yield `${index === 0 ? '\n' : ',\n'}    ${text(item)}`;
}
