import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
/** The practice API refuses this id by content policy. */
const REFUSED_ID = '900000000000001301';
const ROWS = 60;
const NEEDS_PERSON = 4;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kling-paused-'));
  const rows = Array.from({ length: ROWS }, (_, n) => `clip ${n},${REFUSED_ID},784912345678905681`);
  await writeFile(
    join(folder, 'refused.csv'),
    `${['title,video_id,task_id', ...rows].join('\n')}\n`,
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Summary {
  state: string;
  failed: number;
  pending: number;
  reasons: number;
}

function run(): Promise<{ exitCode: number; summary: Summary }> {
  const args = [MAIN, 'run', 'refused.csv', '--sandbox', '--sandbox-port', '0', '--json'];
  const { REDIS_URL: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: folder, env }, (_error, stdout) => {
      const { batch, errors } = JSON.parse(stdout);
      const { failed, waiting, probing, ready, opening } = batch.counts;
      const pending = waiting + probing + ready + opening;
      const summary = { state: batch.state, failed, pending, reasons: errors[0].count };
      resolve({ exitCode: child.exitCode ?? -1, summary });
    });
  });
}

test('a batch that paused itself continues when the same command is given again', async () => {
  const first = await run();
  expect(first.exitCode).toBe(NEEDS_PERSON);
  expect(first.summary.state).toBe('paused');
  expect(first.summary.failed).toBeLessThan(ROWS);
  expect(first.summary.failed).toBe(first.summary.reasons);
  expect(first.summary.failed + first.summary.pending).toBe(ROWS);

  const second = await run();
  expect(second.summary.failed).toBeGreaterThan(first.summary.failed);
});
