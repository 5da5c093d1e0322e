import { expect, it } from 'vitest';
import { withBatch } from '../../contract/batch-store/examples.ts';
import { opened } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

const SHOWN = 8;

it('shows running batches and those that ended last, on the page and in the API', async () => {
  const lab = await DashboardLab.open();
  await withBatch(lab.bench.store, 1);
  await lab.bench.end(1, opened('session 1'));
  for (let number = 1; number <= 52; number += 1) await lab.openBatch(`night-${number}`, {});

  const overview = await (await lab.ask('/api/v1/overview')).json();
  expect(overview).toMatchObject({ moreRunning: 2, recent: [{ id: 'batch-1' }] });
  expect((overview as { running: object[] }).running).toHaveLength(50);
  const page = await (await lab.look('/')).text();
  expect(page.match(/<strong>night-\d+<\/strong>/g)).toHaveLength(SHOWN);
  expect(page).toContain('>44 more batches<');
  expect(page).toContain('<a href="/batches/batch-1">batch-1</a>');
});
