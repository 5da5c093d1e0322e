import { failed, outcome, ref, SHAPE, withBatch } from '../../../contract/batch-store/examples.ts';
import { opened } from '../../store/steering-bench.ts';
import { DashboardLab } from '../dashboard-lab.ts';

export const NIGHTLY = {
  cron: '0 2 * * *',
  tz: 'Asia/Taipei',
  manifest: '/srv/{yyyy-MM-dd}.csv',
};

/** A running batch, with rows in several states. */
export async function openLab(): Promise<DashboardLab> {
  const lab = await DashboardLab.open();
  const { bench } = lab;
  await withBatch(bench.store, 700);
  const keys = bench.keyIndex.write(ref('batch-1'), ['name']);
  await keys.add((await bench.store.readChunk('batch-1', 0)) ?? [], SHAPE);
  await keys.finish();
  await bench.end(1, opened('session 1'));
  await bench.end(2, failed('http_404'));
  await bench.end(3, outcome({ status: 'rejected' }));
  await bench.begin(4);
  await lab.addWorker();
  return lab;
}
