/** Fuzzing of the whole analysis: mutated capture files in, sessions out that keep to the contract. */
import { LIMITS } from '../../../shared/bytes/limits.ts';
import { detect } from '../../../shared/capture/detect.ts';
import type { Session } from '../../../shared/contract/analysis.ts';
import { analyzeBytes } from '../../support/analyze.ts';
import { Chance, plantedDialogue, talkOf } from '../../support/planted.ts';
import { captureOf } from '../../support/talk.ts';
import { seeds as captures } from './capture.ts';

export const target = { name: 'pipeline', seeds, run };

function seeds(): Uint8Array[] {
  const dialogues = Array.from({ length: 12 }, (_, seed) => {
    const chance = new Chance(seed);
    return captureOf(talkOf(plantedDialogue(chance, { data: true, chunks: true }).turns, chance).packets);
  });
  return [...captures(), ...dialogues];
}

function run(input: Uint8Array): void {
  if (detect(input).kind !== 'capture') return;
  const mail = analyze(input, 'mail');
  const again = analyze(input, 'mail');
  assert(mail === again, 'two runs differ');
  analyze(input, 'tls');
}

function analyze(input: Uint8Array, scope: 'mail' | 'tls'): string {
  const { sessions, certificates, problems } = analyzeBytes(input, scope);
  for (const session of sessions) check(session, certificates);
  const output = JSON.stringify({ sessions, certificates, problems });
  const odd = /.{0,80}\b(?:NaN|undefined|Infinity)\b.{0,80}/.exec(output);
  assert(odd === null, `something is no number: ${odd?.[0]}`);
  return output;
}

function check(session: Session, certificates: Readonly<Record<string, unknown>>): void {
  const { timeline, problems, firstFrame, lastFrame } = session;
  assert(firstFrame >= 1 && lastFrame >= 1, 'a session without frames');
  assert(timeline.length <= LIMITS.timelineEvents, 'too many events');
  assert(problems.length <= LIMITS.problems + 1, 'too many problems');
  for (const { frame } of timeline) assert(frame >= firstFrame, 'an event before the session');
  for (const side of ['client', 'server'] as const) {
    const { visibility, explanation, chain } = session.certificates[side];
    assert(explanation.length > 20, 'no explanation');
    assert(visibility !== 'visible' || chain.length > 0, 'visible, and nothing there');
    for (const { sha256 } of chain) assert(sha256 in certificates, 'a certificate that is not listed');
  }
}

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
