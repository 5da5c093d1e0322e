import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const vitest = fileURLToPath(new URL('../../../node_modules/vitest/vitest.mjs', import.meta.url));
const reporter = fileURLToPath(new URL('../../setup/tally-reporter.ts', import.meta.url));

const config = `
import { TallyReporter } from ${JSON.stringify(reporter)};
export default {
  test: { globals: true, include: ['*.test.js'], reporters: ['default', new TallyReporter()] },
};`;

/** Runs vitest over one test file, in a folder of its own. */
async function runVitest(testFile: string, vitestConfig = config) {
  const folder = await mkdtemp(join(tmpdir(), 'tally-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'vitest.config.mjs'), vitestConfig);
  await writeFile(join(folder, 'one.test.js'), testFile);
  const run = spawn(process.execPath, [vitest, 'run', '--root', folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [output, [exitCode]] = await Promise.all([text(run.stdout), once(run, 'exit')]);
  return { lastLine: output.trimEnd().split('\n').at(-1), exitCode };
}

it.each([
  ['a good run', 'it("a", () => {}); it.skip("b", () => {});', '1 passed, 0 failed, 1 skipped', 0],
  [
    'a failed test',
    'it("a", () => {}); it("b", () => { throw 1; });',
    '1 passed, 1 failed, 0 skipped',
    1,
  ],
  ['a file that cannot be loaded', 'throw new Error("no");', '0 passed, 1 failed, 0 skipped', 1],
  [
    'an error that no test caught',
    'it("a", () => { void Promise.reject(new Error("no")); });',
    '1 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a broken set-up',
    'beforeAll(() => { throw 1; }); it("a", () => {});',
    '0 passed, 1 failed, 1 skipped',
    1,
  ],
])('a run ends %s with its tally', async (_run, testFile, lastLine, exitCode) => {
  expect(await runVitest(testFile)).toEqual({ lastLine, exitCode });
});

it('the tally counts a global set-up that fails', async () => {
  const broken = config.replace('globals:', 'globalSetup: "./nowhere.js", globals:');
  const { lastLine, exitCode } = await runVitest('it("a", () => {});', broken);
  expect({ lastLine, exitCode }).toEqual({
    lastLine: '0 passed, 1 failed, 0 skipped',
    exitCode: 1,
  });
});
