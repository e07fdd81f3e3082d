import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Ends every run with one plain line, and names what was skipped: a skipped suite must not hide in a green run. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const skippedSuites = new Set<string>();
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state]++;
        if (state === 'skipped') skippedSuites.add(suiteOf(test));
      }
      // A file that cannot even be loaded has no tests to fail.
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) count.failed++;
    }
    if (skippedSuites.size > 0) {
      console.log('\nSkipped (what they need is not here):');
      for (const suite of skippedSuites) console.log(`  ${suite}`);
    }
    console.log(
      `\n${count.passed} passed, ${count.failed + errors.length} failed, ${count.skipped + count.pending} skipped`,
    );
  }
}

function suiteOf(test: TestCase): string {
  return test.parent.type === 'suite'
    ? `${test.module.relativeModuleId}: ${test.parent.fullName}`
    : test.module.relativeModuleId;
}
