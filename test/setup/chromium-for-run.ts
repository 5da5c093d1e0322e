// Global set-up of the tests in a browser: says in one line which Chromium they use, or that they are skipped.

import type { TestProject } from 'vitest/node';
import { findChromium } from '../../scripts/install/chromium.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null without a Chromium: then these tests are skipped. */
    chromiumPath: string | null;
  }
}

export function setup(project: TestProject): void {
  const path = findChromium(process.env.PATH) ?? null;
  if (path === null && process.env.CI)
    throw new Error('There is no Chromium for the browser tests.');
  const which = path ?? 'none was found, so the tests of the dashboard are skipped';
  process.stdout.write(`Chromium for the ${project.name} tests: ${which}\n`);
  project.provide('chromiumPath', path);
}
