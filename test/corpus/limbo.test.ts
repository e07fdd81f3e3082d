/** Agreement with C2SP's x509-limbo. Runs where the suite lies beside the project, and shows as skipped elsewhere. */
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMBO_MISSES } from './limbo-misses.ts';
import { hasLimbo, judgeCase, type LimboCase, type LimboOutcome, limboCases, suiteOf } from './limbo-suite.ts';

const outcomes = new Map<LimboCase, LimboOutcome>();

describe.skipIf(!hasLimbo)('x509-limbo', () => {
  beforeAll(async () => {
    for (const limboCase of limboCases) outcomes.set(limboCase, await judgeCase(limboCase));
  });

  const agrees = (limboCase: LimboCase): boolean =>
    outcomes.get(limboCase)?.accepted === (limboCase.expected_result === 'SUCCESS');

  it('has all its suites', () => {
    expect(new Set(limboCases.map(suiteOf)).size).toBeGreaterThanOrEqual(9);
    expect(limboCases.length).toBeGreaterThan(850);
  });

  it('the misses are those listed, each with its reason', () => {
    const misses = limboCases.filter((limboCase) => !agrees(limboCase)).map(({ id }) => id);
    expect(misses.sort()).toEqual([...LIMBO_MISSES.keys()].sort());
  });

  it.each(['SERVER', 'CLIENT'])('at least 97 % of the %s cases agree', (kind) => {
    const cases = limboCases.filter(({ validation_kind }) => validation_kind === kind);
    expect(cases.filter(agrees).length / cases.length).toBeGreaterThanOrEqual(0.97);
  });

  it('no case is accepted that is to be refused', () => {
    const accepted = limboCases.filter((limboCase) => limboCase.expected_result === 'FAILURE' && !agrees(limboCase));
    expect(accepted.map(({ id }) => id)).toEqual([]);
  });

  it('every refusal says why, and every finding has its rule', () => {
    for (const [{ id }, { accepted, result }] of outcomes) {
      if (result === null) continue;
      const errors = result.findings.filter(({ severity }) => severity === 'error');
      if (!accepted && result.outcome !== 'valid') expect(errors.length, id).toBeGreaterThan(0);
      if (result.outcome === 'valid') expect(errors, id).toEqual([]);
      for (const { rule, message } of result.findings) {
        expect(rule, id).toMatch(/section|policy|limit|case/);
        expect(message, id).toMatch(/\.$/);
      }
    }
  });
});
