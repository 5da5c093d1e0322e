import { describe, expect, it, vi } from 'vitest';
import { EVENTS_PER_SEGMENT } from '../../../src/lib/store/redis/packing/pack-feed-event.ts';
import {
  failed,
  NOW_MS,
  outcome,
  ref,
  sourceOf,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { opened, SteeringBench } from '../store/steering-bench.ts';
import { Reader } from './results-lab.ts';

async function benchWith(rows: number): Promise<SteeringBench> {
  const bench = new SteeringBench();
  await withBatch(bench.store, rows);
  return bench;
}

describe('results', () => {
  it('results come in the order in which rows ended, with their cells', async () => {
    const bench = await benchWith(700);
    await bench.end(600, opened('session 600'));
    await bench.end(2, failed('1301'));

    const reader = await new Reader(bench).catchUp();

    const entries = [...reader.rows.values()].map(({ entry }) => entry);
    expect(entries.map(({ row }) => row.row)).toEqual([600, 2]);
    expect(entries[0]).toMatchObject({
      row: { cells: ['clip 600', 'https://videos.example/600.mp4'] },
      result: { status: 'succeeded', session: { id: 'session 600' } },
    });
  });

  it('results are given once to a reader that continues from any of them', async () => {
    const bench = await benchWith(700);
    for (const row of [3, 650, 7, 4]) await bench.end(row, outcome({ status: 'rejected' }));
    const whole = await new Reader(bench, { limit: 1 }).catchUp();
    const results = [...whole.rows.values()];
    expect(whole.given).toBe(4);

    for (const [index, { position }] of results.entries()) {
      const rest = await new Reader(bench, { from: position }).catchUp();
      expect([...rest.rows.keys()]).toEqual([...whole.rows.keys()].slice(index + 1));
    }
  });

  it('results are read from the store as far as the page has room for them', async () => {
    const bench = await benchWith(40);
    for (let row = 1; row <= 40; row += 1) await bench.end(row, outcome({ status: 'rejected' }));
    const reader = new Reader(bench, { limit: 7 });
    await reader.readPage();
    const read = vi.spyOn(bench.store, 'readOutcomesOf');

    await reader.readPage();

    expect(Object.keys(reader.statuses())).toHaveLength(14);
    expect(read.mock.calls.flatMap(([, rows]) => rows)).toEqual([8, 9, 10, 11, 12, 13, 14]);
  });

  it('results include rows that ended at the import, page by page', async () => {
    const bench = new SteeringBench();
    const invalid = outcome({ status: 'invalid' });
    const rows = Array.from({ length: 500 }, (_, index) => index + 1).filter((row) => row !== 250);
    await withBatch(
      bench.store,
      500,
      rows.map((row) => [row, invalid]),
    );

    const reader = await new Reader(bench, { limit: 7 }).catchUp();

    expect(reader.given).toBe(499);
    expect(Object.keys(reader.statuses())).not.toContain('250');
  });

  it('results include every row of a cancelled batch once, and again when the rows wait again', async () => {
    const bench = await benchWith(1_200);
    await bench.end(1, opened('session 1'));
    await bench.begin(2);
    const reader = await new Reader(bench).catchUp();
    await bench.steering.cancel(ref('batch-1'), 'mistake', NOW_MS);

    await reader.catchUp();

    expect(Object.values(reader.statuses()).filter((one) => one === 'cancelled')).toHaveLength(
      1_199,
    );
    expect(reader.statuses()[1]).toBe('succeeded');
    expect(reader.given).toBeLessThanOrEqual(1_201);
    await bench.steering.uncancelRows(ref('batch-1'));
    await reader.catchUp();
    expect(Object.values(reader.statuses()).filter((one) => one === 'waiting')).toHaveLength(1_199);
  });

  it('results show a retried row as waiting, and then its new outcome', async () => {
    const bench = await benchWith(3);
    await bench.end(1, failed('5001'));
    const reader = await new Reader(bench).catchUp();
    const outcomes = await bench.store.readOutcomes('batch-1', 0);
    await bench.steering.reopenRows(ref('batch-1'), 0, outcomes);
    await reader.catchUp();
    expect(reader.statuses()).toEqual({ 1: 'waiting' });

    await bench.end(1, opened('second'));
    await reader.catchUp();

    expect(reader.statuses()).toEqual({ 1: 'succeeded' });
  });

  it('results cross segments without a gap, and distinguish one batch from many', async () => {
    const bench = await benchWith(5);
    await withBatch(bench.store, 5, [], 'batch-2');
    await bench.end(1, failed('1'));
    const filler = EVENTS_PER_SEGMENT - 2;
    await bench.redis.hset(bench.keys.feed, 'events', filler);
    for (const row of [2, 3, 4, 5]) await bench.end(row, failed('1'));

    const { event } = (await new Reader(bench).catchUp()).position;
    const own = await new Reader(bench, { batch: ref('batch-1') }).catchUp();
    const other = await new Reader(bench, { batch: ref('batch-2') }).catchUp();

    expect(event).toBe(filler + 5);
    expect(Object.keys(own.statuses())).toEqual(['1', '2', '3', '4', '5']);
    expect(other.given).toBe(0);
    expect(await bench.redis.strlen(bench.keys.feedSegment(0))).toBe(EVENTS_PER_SEGMENT * 9);
    expect(await bench.redis.strlen(bench.keys.feedSegment(1))).toBe(2 * 9);
  });

  it('results of a removed batch are skipped, and its segments are deleted', async () => {
    const bench = await benchWith(3);
    await bench.end(1, failed('1'));
    await bench.redis.hset(bench.keys.feed, 'events', EVENTS_PER_SEGMENT * 2);
    await withBatch(bench.store, 3, [], 'batch-2');
    await bench.end(1, failed('1'), sourceOf(1), 'batch-2');

    await bench.steering.remove(await bench.batch('batch-1'), NOW_MS);
    const reader = await new Reader(bench).catchUp();

    expect([...reader.rows.keys()]).toEqual(['batch-2:1']);
    expect(await bench.redis.exists(bench.keys.feedSegment(0))).toBe(0);
    expect(await bench.redis.exists(bench.keys.feedSegment(2))).toBe(1);
  });

  it('results of a batch that ended before the feed existed are complete once they are requested', async () => {
    const bench = await benchWith(3);
    await bench.end(2, opened('session 2'));
    await bench.redis.del(bench.keys.feed, bench.keys.feedSegment(0), bench.keys.feedBatches);
    await bench.redis.hdel(bench.keys.batch('batch-1'), 'feedFrom');

    const first = await bench.feed.firstEventOf(ref('batch-1'));
    const again = await bench.feed.firstEventOf(ref('batch-1'));

    expect([first, again]).toEqual([1, 1]);
    expect((await new Reader(bench).catchUp()).statuses()).toEqual({ 2: 'succeeded' });
  });

  it('results are refused for a position that this Redis never gave out', async () => {
    const bench = await benchWith(3);
    await expect(new Reader(bench, { from: { event: 9, row: 0 } }).readPage()).rejects.toThrow(
      'Position 9-0 is beyond the end of the results (0 changes so far)',
    );
  });
});
