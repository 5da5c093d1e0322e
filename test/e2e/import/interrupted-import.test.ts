import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { removeBatch } from '../../../src/lib/batch/remove-batch.ts';
import { cancelBatch, type SteeringContext } from '../../../src/lib/batch/steer-batch.ts';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import { openStores } from '../../../src/library/wiring/stores.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const ROWS = 60_000;
const IMPORT = ['import', 'clips.csv', '--batch', 'nightly'];

/**
 * Starts an import, stops its process when it has stored some rows, and does something to the batch before it
 * continues. At once: a command that the import sent before times out after some seconds.
 */
async function interrupt(
  place: Workplace,
  redisUrl: string,
  act: (context: SteeringContext, batch: Batch) => Promise<unknown>,
) {
  await using stores = await openStores(
    { REDIS_URL: redisUrl },
    { name: 'test', patience: 'impatient' },
  );
  const importing = place.start(IMPORT);
  const readBatch = () => stores.store.readBatch('nightly');
  let batch = await readBatch();
  for (; batch === null || batch.rows === 0; batch = await readBatch()) await wait(1);
  importing.kill('SIGSTOP');
  expect((await readBatch())?.rows).toBeLessThan(ROWS);
  await act({ ...stores, now: Date.now }, batch);
  importing.kill('SIGCONT');
  return await importing.result();
}

test('an import that a cancellation interrupts never looks finished, and can be completed', async ({
  place,
}) => {
  const { url } = await place.redis();
  await place.api();
  await place.write('clips.csv', klingManifest(ROWS));
  const cut = await interrupt(place, url, (context, batch) =>
    cancelBatch(context, batch, { who: 'test', reason: 'wrong night' }),
  );
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
  expect(retried.stdout).toBe('60,000 rows of nightly queued for retry.\n');
  expect((await place.cli(['verify', 'nightly'])).exitCode).toBe(0);
});

test('an import whose batch is removed meanwhile says so', async ({ place }) => {
  const { url } = await place.redis();
  await place.api();
  await place.write('clips.csv', klingManifest(ROWS));
  const cut = await interrupt(place, url, async (context, batch) => {
    await cancelBatch(context, batch, { who: 'test', reason: null });
    await removeBatch(context, batch);
  });
  expect(cut).toMatchObject({
    exitCode: 130,
    stderr: expect.stringContaining('Batch nightly was removed during its import'),
  });
  expect((await place.cli(['batches', '--json'])).stdout).toBe('');
});
