import { expect, it } from 'vitest';
import type { SearchView } from '../../../src/dashboard/api/search-schemas.ts';
import {
  draft,
  failed,
  manifestRow,
  NOW_MS,
  ref,
  SHAPE,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { opened } from '../store/steering-bench.ts';
import { DashboardLab } from './dashboard-lab.ts';

const SIGNED = 'https://clips.example/spring/7.mp4?X-Amz-Signature=0123abc';

/** `batch-1` with some outcomes, and two others of 3 rows. */
async function openLab(options: { now?: () => number } = {}): Promise<DashboardLab> {
  const lab = await DashboardLab.open(options);
  const { bench } = lab;
  await withBatch(bench.store, 600);
  await bench.end(1, opened('784912000000000001'));
  await bench.end(2, { ...failed('http_404'), requestId: 'req-4f1c' });
  await bench.end(3, failed('http_404'));
  await bench.store.openBatch(
    draft({ id: 'spring-ads', identity: 'spring', name: 'Frühling.csv' }),
    NOW_MS + 5,
  );
  const rows = [1, 2, 3].map((row) => manifestRow(row, { cells: [`Klée ${row}`, SIGNED] }));
  await bench.store.appendChunk(ref('spring-ads'), {
    index: 0,
    rows,
    outcomes: new Map(),
    sharedUrls: [],
  });
  await bench.store.finishImport(ref('spring-ads'), SHAPE, NOW_MS + 6);
  await lab.openBatch('tagged', { tags: ['Summer'] });
  return lab;
}

const find = async (lab: DashboardLab, q: string, from = ''): Promise<SearchView> =>
  (await (
    await lab.ask(
      `/api/v1/search?${new URLSearchParams({ q, ...(from !== '' && { after: from }) })}`,
    )
  ).json()) as SearchView;

const rowsOf = ({ rows }: SearchView): [string, number, string][] =>
  rows.map(({ batchId, row, place }) => [batchId, row, place]);

it('the search finds batches by id, manifest and tag, an exact id first', async () => {
  const lab = await openLab();
  const batchesOf = async (q: string): Promise<string[]> =>
    (await find(lab, q)).batches.map(({ id }) => id);
  expect(await batchesOf('SPRING')).toEqual(['spring-ads']);
  expect(await batchesOf('frühling')).toEqual(['spring-ads']);
  expect(await batchesOf('summer')).toEqual(['tagged']);
  await withBatch(lab.bench.store, 1, [], 'batch-10');
  expect(await batchesOf('batch-1')).toEqual(['batch-1', 'batch-10']);
  await lab.bench.redis.zrem(lab.bench.keys.batches, 'batch-10');
  expect(await batchesOf('batch-1')).toEqual(['batch-1']);
});

it('the search finds rows by any cell, by the address of a video with any signature, and by batch and number', async () => {
  const lab = await openLab();
  expect(rowsOf(await find(lab, 'KLÉE 2'))).toEqual([['spring-ads', 2, 'name']]);
  const byAddress = await find(lab, SIGNED.replace('0123abc', 'another'));
  expect(rowsOf(byAddress).map(([, row]) => row)).toEqual([1, 2, 3]);
  expect(byAddress.rows[0]?.excerpt).toContain('7.mp4');
  expect(JSON.stringify(byAddress)).not.toContain('0123abc');
  expect((await find(lab, '0123abc')).rows).toEqual([]);
  for (const q of ['batch-1 501', 'batch-1/501', 'batch-1~501']) {
    expect(rowsOf(await find(lab, q))).toEqual([['batch-1', 501, 'name']]);
  }
  expect((await find(lab, 'batch-1 601')).rows).toEqual([]);
});

it('the search finds a row by its session and its request, whole, and by those from before a retry', async () => {
  const lab = await openLab();
  const { bench } = lab;
  expect(rowsOf(await find(lab, '784912000000000001'))).toEqual([['batch-1', 1, 'session']]);
  expect(rowsOf(await find(lab, '78491200000000000'))).toEqual([]);
  expect(rowsOf(await find(lab, 'req-4f1c'))).toEqual([['batch-1', 2, 'request id']]);
  // A session that its batch no longer remembers is found by reading the outcomes.
  await bench.redis.unlink(bench.keys.latestSessions('batch-1'));
  expect(rowsOf(await find(lab, '784912000000000001'))).toEqual([['batch-1', 1, 'session']]);
  await bench.steering.reopenRows(ref('batch-1'), 0, await bench.store.readOutcomes('batch-1', 0));
  const before = 'before it was retried';
  expect(rowsOf(await find(lab, '784912000000000001'))).toEqual([['batch-1', 1, before]]);
  expect(rowsOf(await find(lab, 'req-4f1c'))).toEqual([['batch-1', 2, before]]);
});

it('the search finds a row by its own key, also one of several columns', async () => {
  const lab = await openLab();
  const csv =
    'sku,lang,video_url\nSKU-7,en,https://a.example/7.mp4\nSKU-8,en,https://a.example/8.mp4\n';
  const sent = await lab.sendFile('/api/v1/uploads?name=keyed.csv', csv);
  const { id } = (await sent.json()) as { id: string };
  const started = await lab.ask(`/api/v1/uploads/${id}/start`, 'POST', { key: ['sku', 'lang'] });
  const { batchId } = (await started.json()) as { batchId: string };
  expect(rowsOf(await find(lab, 'SKU-8,en'))).toEqual([[batchId, 2, 'key']]);
  expect(rowsOf(await find(lab, 'SKU-8'))).toEqual([[batchId, 2, 'sku']]);
});

it('the search finds the batches with an error code, and how many rows ended with it', async () => {
  const lab = await openLab();
  expect(await find(lab, 'http_404')).toMatchObject({
    codes: [{ batchId: 'batch-1', count: 2 }],
    rows: [],
    next: null,
  });
  expect((await find(lab, 'http_40')).codes).toEqual([]);
  const page = await (await lab.look('/search?q=http_404')).text();
  expect(page).toContain('href="/batches/batch-1/rows?code=http_404"');
});

it('the search survives a damaged batch, and still finds it by its id', async () => {
  const lab = await openLab();
  const { redis, keys } = lab.bench;
  await redis.hset(keys.batch('spring-ads'), 'rows', 'many', 'arrangements', '{');
  await redis.del(keys.errors('batch-1'));
  await redis.set(keys.errors('batch-1'), 'no hash');
  expect((await find(lab, 'spring')).batches.map(({ id }) => id)).toEqual(['spring-ads']);
  expect(rowsOf(await find(lab, 'req-4f1c'))).toEqual([['batch-1', 2, 'request id']]);
});

it('the search says how far it has come when its time is over, and continues there without missing a row', async () => {
  let nowMs = Date.now();
  const lab = await openLab({
    now: () => {
      nowMs += 100;
      return nowMs;
    },
  });
  await withBatch(lab.bench.store, 9_000, [], 'long');
  const first = await (await lab.look('/search?q=clip+7000')).text();
  expect(first).toContain('No match so far.');
  expect(first).toContain('the rest of 4 batches is not searched yet');
  const [, onward = ''] = /<a href="([^"]+)" rel="next" data-onward="yes">/.exec(first) ?? [];
  expect(onward).toMatch(/from=\d+-long%7E/);
  const last = await (await lab.look(onward.replaceAll('&amp;', '&'))).text();
  expect(last).toContain('/batches/long/rows/7000"');
  expect(last).toContain('Searched another');

  const seen: number[] = [];
  let from: string | null = '';
  while (from !== null) {
    const found: SearchView = await find(lab, 'clip 1', from);
    seen.push(...found.rows.filter(({ batchId }) => batchId === 'long').map(({ row }) => row));
    from = found.next;
  }
  const all = Array.from({ length: 9_000 }, (_, at) => at + 1);
  expect(seen).toEqual(all.filter((row) => `clip ${row}`.includes('clip 1')));

  const { next } = await find(lab, 'clip 7000');
  await lab.bench.redis.zrem(lab.bench.keys.batches, 'long');
  expect(rowsOf(await find(lab, 'Klée 1', next ?? ''))).toEqual([]);
});

it('the search says what of a query it does not use, on every page, and refuses it where nothing can be said', async () => {
  const lab = await openLab();
  const said = async (path: string): Promise<string> => await (await lab.look(path)).text();
  expect(await said('/search?q=x&qq=1')).toContain('This page has no parameter <code>qq</code>');
  expect(await said('/batches?state=runing')).toContain('state takes one of importing, running');
  expect(await said('/batches/batch-1?tab=2')).toContain('no parameter <code>tab</code>');
  expect(await said('/batches/batch-1?done=pause&rows=0')).not.toContain('was ignored');
  expect(await said('/batches/batch-1/rows?from=0')).toContain('from takes a whole number from 1');
  const download = await lab.look('/batches/batch-1/report.csv?status=failed,invald');
  expect([download.status, await download.text()]).toEqual([
    400,
    expect.stringContaining('status takes some of'),
  ]);
  const api = await lab.ask('/api/v1/batches/batch-1/rows?stauts=failed');
  expect([api.status, await api.text()]).toEqual([400, expect.stringContaining('stauts')]);
});
