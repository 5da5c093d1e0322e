import { expect, test } from 'vitest';
import { chunk, draft, ref, SHAPE } from '../../contract/batch-store/examples.ts';
import { NOW_MS } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

test('pages and API show that a manifest was not read to its end, and refuse to retry its batch', async () => {
  const lab = await DashboardLab.open();
  const { store, steering } = lab.bench;
  await store.openBatch(draft(), NOW_MS);
  await store.appendChunk(ref('batch-1'), chunk(0, 500));
  await steering.cancel(ref('batch-1'), null, NOW_MS);
  await store.leaveImport(ref('batch-1'), SHAPE);

  const json = async (path: string) => await (await fetch(new URL(path, lab.url))).json();
  const page = async (path: string) => await (await fetch(new URL(path, lab.url))).text();
  expect(await json('/api/v1/batches')).toMatchObject({ batches: [{ isReadToEnd: false }] });
  expect(await json('/api/v1/batches/batch-1')).toMatchObject({ batch: { isReadToEnd: false } });
  expect(await page('/batches')).toContain('not read to its end');
  expect(await page('/batches/batch-1')).toContain(
    'The manifest was not read to its end: 500 rows',
  );
  expect(await page('/batches/batch-1/report.csv')).toContain('manifest_not_read_to_end');
  for (const verb of ['retry', 'refresh']) {
    const refused = await lab.send(`/api/v1/batches/batch-1/${verb}`, {}, '{}');
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('The manifest was not read to its end');
  }
});
