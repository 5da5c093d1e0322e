import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * The result of the whole run. A run that ends badly without a failed test (a file that cannot be loaded, a broken
 * set-up, an unhandled rejection) still counts one failure.
 */
export function settleTally(tally: Tally, exitCode: number): Tally {
  const isUnexplained = exitCode !== 0 && tally.failed === 0;
  return isUnexplained ? { ...tally, failed: 1 } : tally;
}

export function formatTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Makes `N passed, N failed, N skipped` the very last line of a run, for people and scripts. */
export class TallyReporter implements Reporter {
  #tally: Tally = { passed: 0, failed: 0, skipped: 0 };

  onInit(): void {
    // Other reporters and the global tear-downs may print until the end.
    process.once('exit', (exitCode) => {
      process.stdout.write(`${formatTally(settleTally(this.#tally, exitCode))}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) counts[test.result().state] += 1;
      const hasFailedTest = tests.some((test) => test.result().state === 'failed');
      if (module.state() === 'failed' && !hasFailedTest) counts.failed += 1;
    }
    const { passed, failed, skipped, pending } = counts;
    this.#tally = { passed, failed, skipped: skipped + pending };
  }
}
