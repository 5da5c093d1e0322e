// @ts-check
// Runs the integration tests on a Redis in a container, and fails without a container engine. `npm test` skips an
// engine that does not work. TEST_REDIS_IMAGE replaces the image. Arguments choose among the tests by their paths.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { TEST_REDIS_URL: _, TEST_REDIS_IMAGE = 'redis:7-alpine', ...rest } = process.env;
const args = [vitest, 'run', '--project', 'integration', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, {
  stdio: 'inherit',
  env: { ...rest, TEST_REDIS_IMAGE },
});
process.exitCode = status ?? 1;
