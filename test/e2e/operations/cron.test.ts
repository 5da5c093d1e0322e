import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { klingManifest, test } from '../e2e-test.ts';

/**
 * The command that cron passes to its shell for each line: up to the first `%` without a backslash, others unescaped.
 */
async function documentedCrontab(): Promise<string[]> {
  const text = await readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const blocks = Array.from(
    text.matchAll(/^```cron\n([\s\S]*?)^```$/gm),
    ([, block = '']) => block,
  );
  return blocks
    .flatMap((block) => block.trimEnd().split('\n'))
    .map((line) => line.replace(/^(\S+\s+){5}/, ''))
    .map((command) => command.replace(/(?<!\\)%.*$/, '').replaceAll('\\%', '%'));
}

test("the handbook's crontab works as described", async ({ place }) => {
  await place.redis();
  const api = await place.api();
  await place.write('nightly.csv', klingManifest(2));
  await place.write('daily.csv', klingManifest(3));
  place.start(['worker']);
  const commands = await documentedCrontab();
  expect(commands).toHaveLength(2);

  for (const command of commands) {
    const { exitCode } = await place.shell(command.replaceAll('/srv/clips', place.folder));
    expect(exitCode).toBe(0);
  }

  expect(api.calls).toHaveLength(5);
  const today = new Date().toLocaleDateString('sv');
  const batches = await place.cli(['batches', '--json']);
  expect(batches.stdout).toContain(`"clips-${today}"`);
  expect(await place.report('nightly.results.csv')).toHaveLength(2);
});
