import { expect, test } from 'vitest';
import { NO_ARRANGEMENTS } from '../../../src/lib/core/batch/batch.ts';
import { draft, withBatch } from '../../contract/batch-store/examples.ts';
import { exampleSchedule } from '../../setup/examples/schedule.ts';
import { NOW_MS } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

const WINDOW = { from: '22:00', to: '06:00' };
const REASON = 'Batch bad cannot be read: arrangements.window.zone';

async function openLab(): Promise<DashboardLab> {
  const lab = await DashboardLab.open();
  const { store, redis, keys } = lab.bench;
  await withBatch(store, 1);
  await store.openBatch(draft({ id: 'bad', identity: 'bad' }), NOW_MS);
  const arrangements = JSON.stringify({ ...NO_ARRANGEMENTS, window: WINDOW });
  await redis.hset(keys.batch('bad'), 'arrangements', arrangements);
  await lab.schedules.set(exampleSchedule(), NOW_MS);
  await lab.schedules.set(exampleSchedule({ name: 'weekly' }), NOW_MS);
  await redis.hset(keys.schedule('weekly'), 'definition', '{"name":"weekly"}');
  await redis.zadd(keys.workers, '+inf', 'scribble');
  await redis.set(keys.gate, 'scribble');
  await redis.hset(keys.activityTotals, 'probes', 'many');
  await redis.lpush(keys.audit, 'scribble');
  return lab;
}

test('every page works despite damaged records, and lists them', async () => {
  const lab = await openLab();
  const page = async (path: string) => {
    const response = await fetch(new URL(path, lab.url), { headers: { accept: 'text/html' } });
    return { status: response.status, text: await response.text() };
  };
  for (const path of ['/', '/batches']) {
    const { status, text } = await page(path);
    expect(status).toBe(200);
    expect(text).toContain(REASON);
    expect(text).toContain('batch-1');
  }
  const schedules = await page('/schedules');
  expect(schedules.status).toBe(200);
  expect(schedules.text).toContain('Schedule weekly cannot be read: definition.cron');
  expect(schedules.text).toContain('/schedules/nightly');
  for (const path of ['/limits', '/batches/batch-1', '/schedules/nightly', '/metrics']) {
    expect((await page(path)).status, path).toBe(200);
  }
  const bad = await page('/batches/bad');
  expect(bad.status).toBe(409);
  expect(bad.text).toContain('<code>kling-sessions batches rm bad</code> removes it.');
  expect((await page('/batches/bad/report.csv')).status).toBe(409);
});

test('the API works despite damaged records, and names them', async () => {
  const lab = await openLab();
  const ask = async (path: string) => {
    const response = await fetch(new URL(`/api/v1${path}`, lab.url));
    return { status: response.status, json: await response.json() };
  };
  const unreadable = [{ id: 'bad', reason: expect.stringContaining(REASON) }];
  expect(await ask('/batches')).toMatchObject({
    status: 200,
    json: { batches: [{ id: 'batch-1' }], unreadable, next: null },
  });
  const first = (await ask('/batches?limit=1')).json as { next: string | null };
  expect(first).toMatchObject({ unreadable, next: expect.any(String) });
  expect((await ask(`/batches?limit=1&after=${first.next}`)).json).toMatchObject({
    unreadable: [],
  });
  expect((await ask('/batches?state=running')).json).toMatchObject({ unreadable: [] });
  expect((await ask('/batches?search=BAD')).json).toMatchObject({ batches: [], unreadable });
  expect(await ask('/overview')).toMatchObject({ status: 200, json: { unreadable } });
  expect(await ask('/schedules')).toMatchObject({
    json: { schedules: [{ name: 'nightly' }], unreadable: [{ id: 'weekly' }] },
  });
  for (const path of ['/gate', '/activity', '/history']) expect((await ask(path)).status).toBe(200);
  expect(await ask('/batches/bad')).toMatchObject({
    status: 409,
    json: { error: { code: 'unreadable', message: expect.stringContaining(REASON) } },
  });
});

test('a damaged log-in does not count as one', async () => {
  const lab = await DashboardLab.open();
  const { SessionStore } = await import('../../../src/dashboard/auth/session-store.ts');
  const { redis, keys, prefix } = lab.bench;
  const sessions = new SessionStore(redis, keys);
  const token = await sessions.begin({ name: 'ann', mark: 'm' });
  const [key = ''] = await redis.keys(`${prefix}:login:*`);
  await redis.set(key, '{"name":');
  expect(await sessions.find(token)).toBeNull();
});
