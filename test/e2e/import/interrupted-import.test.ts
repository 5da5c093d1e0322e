import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const ROWS = 60_000;
const IMPORT = ['import', 'clips.csv', '--batch', 'nightly'];

/** Starts an import and stops its process when it has stored some rows; returns a function that lets it continue. */
async function startAndFreeze(place: Workplace, redisUrl: string) {
  const importing = place.start(IMPORT);
  const redis = new Redis(redisUrl);
  const readRows = async (): Promise<number> =>
    Number(await redis.hget(createKeys().batch('nightly'), 'rows'));
  while ((await readRows()) === 0) await wait(1);
  importing.kill('SIGSTOP');
  const stored = await readRows();
  redis.disconnect();
  expect(stored).toBeLessThan(ROWS);
  return async () => {
    importing.kill('SIGCONT');
    return await importing.result();
  };
}

test('an import that a cancellation interrupts never looks finished, and can be completed', async ({
  place,
}) => {
  const { url } = await place.redis();
  await place.api();
  await place.write('clips.csv', klingManifest(ROWS));
  const thaw = await startAndFreeze(place, url);
  await place.cli(['cancel', 'nightly', '--reason', 'wrong night']);
  const cut = await thaw();
  const [retry, refresh, status, json, verify, report, list] = await Promise.all(
    [
      ['retry', 'nightly', '--status', 'cancelled'],
      ['refresh', 'nightly'],
      ['status', 'nightly'],
      ['status', 'nightly', '--json'],
      ['verify', 'nightly'],
      ['results', 'nightly'],
      ['batches'],
    ].map((args) => place.cli(args)),
  );

  expect(cut.exitCode).toBe(130);
  expect(cut.stdout).toBe('');
  expect(cut.stderr).toMatch(/was cancelled during its import \(wrong night\)\. .* rows of it/);
  for (const refused of [retry, refresh]) {
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused?.stderr).toContain('The manifest was not read to its end');
  }
  expect(status?.stdout).toContain('The manifest was not read to its end');
  expect(JSON.parse(json?.stdout ?? '').batch).toMatchObject({ isReadToEnd: false });
  expect(verify).toMatchObject({
    exitCode: 1,
    stdout: expect.stringContaining('The manifest was not read to its end'),
  });
  expect(report?.stderr).toContain('The manifest was not read to its end');
  expect(report?.stdout.trimEnd().split('\n').at(-1)).toMatch(
    /^,,,,not_imported,,,manifest_not_read_to_end,/,
  );
  expect(list?.stdout).toContain('manifest not read to its end');

  const again = await place.cli(IMPORT);
  const retried = await place.cli(['retry', 'nightly', '--status', 'cancelled']);
  expect(again).toMatchObject({
    exitCode: 0,
    stdout: 'nightly\n',
    stderr: expect.stringContaining('Now all of its 60,000 rows are stored.'),
  });
  expect(retried.stdout).toBe('60,000 rows of nightly wait again.\n');
  expect((await place.cli(['verify', 'nightly'])).exitCode).toBe(0);
});

test('an import whose batch is removed meanwhile says so', async ({ place }) => {
  const { url } = await place.redis();
  await place.api();
  await place.write('clips.csv', klingManifest(ROWS));
  const thaw = await startAndFreeze(place, url);
  await place.cli(['cancel', 'nightly']);
  await place.cli(['batches', 'rm', 'nightly']);
  expect(await thaw()).toMatchObject({
    exitCode: 130,
    stderr: expect.stringContaining('Batch nightly was removed during its import'),
  });
  expect((await place.cli(['batches', '--json'])).stdout).toBe('');
});
