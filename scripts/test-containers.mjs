// @ts-check
// Runs the integration tests on a Redis in a container, and fails without a container engine. `npm test` skips an
// engine that does not work. TEST_REDIS_IMAGE replaces the image.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { TEST_REDIS_URL: _, TEST_REDIS_IMAGE = 'redis:7-alpine', ...rest } = process.env;
const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'integration'], {
  stdio: 'inherit',
  env: { ...rest, TEST_REDIS_IMAGE },
});
process.exitCode = status ?? 1;
