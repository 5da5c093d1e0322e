import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { TallyReporter } from './test/setup/tally-reporter.ts';

/**
 * Which projects run side by side, and which after those: the tests of `e2e` start half a dozen processes each, and a
 * browser is several more. Beside them on two cores, bounds on waiting would measure the machine.
 */
const TOGETHER = { groupOrder: 0 };
const THEN_E2E = { groupOrder: 1 };

/** A test that takes so long hangs. It is no statement about time: tests that make one have bounds of their own. */
const HUNG_MS = 60_000;

/** A contract suite runs with its fake among the unit tests, with each real adapter elsewhere. */
const contractsOfFakes = 'test/contract/**/*.fake.test.ts';

/**
 * A project of tests. Loading the same modules for each file took half of the time of all tests, so a worker loads them
 * once, and what a test changes is put back. A project takes over nothing that stands beside `projects`.
 */
function project(options: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  return { test: { isolate: false, unstubEnvs: true, ...options } };
}

export default defineConfig({
  test: {
    reporters: ['default', new TallyReporter()],
    // Most tests wait for processes, servers and clocks: with a worker per core, cores were idle a third of the time.
    maxWorkers: availableParallelism() + 1,
    maxConcurrency: 3,
    // Stripping the types took a fifth of the time of tests that only compute. What was stripped is kept by its content.
    experimental: { fsModuleCache: true },
    projects: [
      project({
        name: 'unit',
        sequence: TOGETHER,
        include: ['test/unit/**/*.test.ts', contractsOfFakes],
        setupFiles: ['test/setup/property-seed.ts'],
        globalSetup: ['test/setup/corpus-for-run.ts'],
        testTimeout: HUNG_MS,
      }),
      project({
        name: 'integration',
        sequence: TOGETHER,
        include: ['test/integration/**/*.test.ts', 'test/contract/**/*.test.ts'],
        exclude: [contractsOfFakes],
        setupFiles: ['test/setup/property-seed.ts'],
        globalSetup: ['test/setup/redis/redis-for-run.ts'],
        testTimeout: HUNG_MS,
        hookTimeout: HUNG_MS,
      }),
      project({
        name: 'e2e',
        sequence: THEN_E2E,
        include: ['test/e2e/**/*.test.ts'],
        globalSetup: ['test/setup/built-program.ts', 'test/setup/redis/redis-for-run.ts'],
        testTimeout: 180_000,
        hookTimeout: 120_000,
      }),
      project({
        name: 'browser',
        sequence: THEN_E2E,
        include: ['test/browser/**/*.test.ts'],
        globalSetup: ['test/setup/built-program.ts', 'test/setup/chromium-for-run.ts'],
        testTimeout: 180_000,
        hookTimeout: 120_000,
      }),
      project({
        name: 'faults',
        // Few files, and not part of `npm test`: each keeps modules of its own.
        isolate: true,
        sequence: TOGETHER,
        include: ['test/chaos/**/*.test.ts'],
        globalSetup: ['test/setup/built-program.ts', 'test/setup/redis/redis-for-run.ts'],
        testTimeout: 180_000,
        hookTimeout: 120_000,
      }),
    ],
  },
});
