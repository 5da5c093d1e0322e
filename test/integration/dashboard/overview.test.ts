import { expect, it } from 'vitest';
import { NOTHING_COPIED } from '../../../src/lib/core/feed/copy-state.ts';
import { CopyStateStore } from '../../../src/lib/database/copy-state-store.ts';
import { reportRefusal } from '../../../src/lib/store/redis/worker-registry.ts';
import { withBatch } from '../../contract/batch-store/examples.ts';
import { opened } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

const SHOWN = 8;
const NEW_SCHEDULE = '/schedules/-/new';
const SCHEDULE = {
  ...{ name: 'nightly', cron: '0 2 * * *', tz: 'Asia/Taipei' },
  manifest: '/srv/clips.csv',
};

it('the overview shows running batches and those that ended last, on the page and in the API', async () => {
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

it('the pages of the overview, of a batch and of a schedule name the right that all workers wait for', async () => {
  const lab = await DashboardLab.open();
  const { redis, keys } = lab.bench;
  await withBatch(lab.bench.store, 1);
  await lab.submit(NEW_SCHEDULE, NEW_SCHEDULE, SCHEDULE);
  const paths = ['/', '/batches/batch-1', '/schedules/nightly'];
  const read = () => Promise.all(paths.map(async (path) => await (await lab.look(path)).text()));
  for (const page of await read()) expect(page).toContain('No worker is running');
  await reportRefusal(redis, keys, { id: 'worker-1' }, 'NOPERM … evalsha');

  for (const page of await read()) {
    expect(page).toContain('1 worker is running, but Redis refuses it a right: NOPERM … evalsha.');
    expect(page).not.toContain('No worker is running');
  }
});

it('the overview says how far the results database is, and why, where one is in use', async () => {
  const lab = await DashboardLab.open();
  const { bench } = lab;
  const copyState = new CopyStateStore(bench.redis, bench.keys);
  const place = 'postgres://owner@db.example:5432/videos';
  expect(await (await lab.ask('/api/v1/overview')).json()).toMatchObject({ database: null });
  expect(await (await lab.look('/')).text()).not.toContain('results database');
  await copyState.write({ ...NOTHING_COPIED, place });
  const good = await (await lab.look('/')).text();
  expect(good).toContain(`The results database ${place} is up to date.`);
  await withBatch(bench.store, 1);
  await bench.end(1, opened('session 1'));
  const trouble = `The results database ${place} says: no space left (53100). Make room.`;
  await copyState.write({ ...NOTHING_COPIED, place, behindSinceMs: Date.now(), trouble });

  const overview = await (await lab.ask('/api/v1/overview')).json();
  expect(overview).toMatchObject({ database: { changesBehind: 1, trouble } });
  const page = await (await lab.look('/')).text();
  expect(page).toContain('The results database is 1 change behind since');
  expect(page).toContain(trouble);
});
