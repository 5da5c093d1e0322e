import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { TallyReporter } from './test/setup/tally-reporter.ts';

/** A contract suite runs with its fake among the unit tests, with each real adapter elsewhere. */
const contractsOfFakes = 'test/contract/**/*.fake.test.ts';

export default defineConfig({
  test: {
    reporters: ['default', new TallyReporter()],
    // Most tests wait for processes, servers and clocks; one worker less than cores would leave cores idle.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', contractsOfFakes],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/contract/**/*.test.ts'],
          exclude: [contractsOfFakes],
          globalSetup: ['test/setup/redis-for-run.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/setup/built-program.ts', 'test/setup/redis-for-run.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/setup/built-program.ts', 'test/setup/chromium-for-run.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: ['test/setup/built-program.ts', 'test/setup/redis-for-run.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
