import { jsonText } from '../../shared/bytes/printable.ts';
import { ANALYSIS_SCHEMA } from '../../shared/contract/analysis.ts';
import type { Judgement } from '../../shared/contract/verdict.ts';
import type { AnalyzedCaptures } from '../service/analyze-captures.ts';

/**
 * The analysis as JSON, in pieces that are small enough for any number of sessions: one session, one certificate and
 * one capture a line. `errors` names inputs that could not be read; it is absent when there are none. What judging adds
 * stands in each session, and about the run as a whole behind them.
 */
export function* analysisJson(
  { captures, certificates, sessions, errors }: Omit<AnalyzedCaptures, 'certificateBytes' | 'skipped'>,
  judgement: Judgement | null,
): Generator<string | Uint8Array> {
  yield `{ "schema": ${JSON.stringify(ANALYSIS_SCHEMA)},\n`;
  if (errors.length > 0) {
    yield `  "errors": ${jsonText(errors.map(({ file, problem }) => ({ file, ...problem })))},\n`;
  }
  yield '  "captures": [';
  yield* list(captures, jsonText);
  yield '],\n  "certificates": {';
  yield* list(Object.entries(certificates), ([sha256, facts]) => `"${sha256}": ${jsonText(facts)}`);
  yield '},\n  "sessions": [\n';
  if (judgement === null) {
    yield* sessions.json();
    yield '] }\n';
    return;
  }
  for (const [index, session] of sessions.all().entries()) {
    yield (index === 0 ? '' : ',\n') + jsonText({ ...session, ...judgement.sessions.get(session.id) });
  }
  yield `],\n  "judgedBy": ${jsonText(judgement.judgedBy)},\n  "pools": [`;
  yield* list(judgement.pools, jsonText);
  yield '] }\n';
}

function* list<T>(items: readonly T[], text: (item: T) => string): Generator<string> {
  for (const [index, item] of items.entries()) yield `${index === 0 ? '\n' : ',\n'}    ${text(item)}`;
}
