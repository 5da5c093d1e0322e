import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { outcome, ref, withBatch } from '../../contract/batch-store/examples.ts';
import { HOUR_MS, keptFrom, NOW_MS, opened, SteeringBench } from '../store/steering-bench.ts';
import { Reader } from './results-lab.ts';

const MINUTE_MS = 60_000;
/** An expiry is announced when the 5 minutes in which it falls are over. */
const EXPIRED_MS = NOW_MS + 24 * HOUR_MS + 5 * MINUTE_MS;

async function benchWith(rows: number, known: [number, Outcome][] = []): Promise<SteeringBench> {
  const bench = new SteeringBench();
  await withBatch(bench.store, rows, known);
  return bench;
}

/** The rows whose sessions have expired, as far as the reader did not know. */
async function readExpired(reader: Reader): Promise<number[]> {
  const known = reader.expired.length;
  await reader.catchUp();
  return reader.expired.slice(known).map(({ entry }) => entry.row.row);
}

async function reopen({ store, steering }: SteeringBench): Promise<void> {
  await steering.reopenRows(ref('batch-1'), 0, await store.readOutcomes('batch-1', 0));
}

describe('expired session', () => {
  it('an expired session comes once, after all that changed before, and with its row as it was', async () => {
    const bench = await benchWith(700);
    for (const row of [600, 2]) await bench.end(row, opened(`session ${row}`));
    await bench.end(3, outcome({ status: 'rejected' }));
    const reader = await new Reader(bench).catchUp();

    await bench.feed.announceExpired(NOW_MS + 24 * HOUR_MS - MINUTE_MS);
    expect(await readExpired(reader)).toEqual([]);
    await bench.feed.announceExpired(EXPIRED_MS);
    expect(await readExpired(reader)).toEqual([2, 600]);
    expect(reader.expired[0]).toMatchObject({
      entry: {
        row: { cells: ['clip 2', 'https://videos.example/2.mp4'] },
        result: opened('session 2'),
      },
    });
    await bench.feed.announceExpired(EXPIRED_MS + HOUR_MS);
    expect(await readExpired(reader)).toEqual([]);
  });

  it('an expired session comes from each part of a large batch', async () => {
    const rows = Array.from({ length: 30 }, (_, chunk) => chunk * 500 + 1);
    const bench = await benchWith(15_000);
    for (const row of rows) await bench.end(row, opened(`session ${row}`));
    const reader = await new Reader(bench).catchUp();

    await bench.feed.announceExpired(EXPIRED_MS);

    expect(await readExpired(reader)).toEqual(rows);
  });

  it('an expired session is announced once by workers that look at the same time', async () => {
    const bench = await benchWith(3);
    await bench.end(1, opened('session 1'));
    const before = await bench.feed.readLatest();

    await Promise.all([1, 2, 3, 4].map(() => bench.feed.announceExpired(EXPIRED_MS)));

    expect(await bench.feed.readLatest()).toBe(before + 1);
  });

  it('an expired session costs one event for each 5 minutes of a batch, however many rows expire then', async () => {
    const rows = Array.from({ length: 1_200 }, (_, index) => index + 1);
    const known = rows.map((row): [number, Outcome] => [row, keptFrom('night', row)]);
    const bench = await benchWith(1_200, known);
    await bench.end(1, opened('later', 25 * HOUR_MS));
    const before = await bench.feed.readLatest();

    await bench.feed.announceExpired(EXPIRED_MS);

    expect(await bench.feed.readLatest()).toBe(before + 1);
    const reader = new Reader(bench, { limit: 70, from: { event: before + 1, row: 0 } });
    expect(await readExpired(reader)).toEqual(rows);
  });

  it('an expired session is given once to a reader that continues from any of them, in chunks far apart', async () => {
    const bench = await benchWith(8_600);
    const rows = [1, 500, 501, 3_501, 4_000, 4_001, 8_600];
    for (const row of rows) await bench.end(row, opened(`session ${row}`));
    const before = await bench.feed.readLatest();
    await bench.feed.announceExpired(EXPIRED_MS);

    for (const [index, row] of [0, ...rows].entries()) {
      const reader = new Reader(bench, { limit: 2, from: { event: before + 1, row } });
      expect(await readExpired(reader)).toEqual(rows.slice(index));
    }
  });

  it('an expired session does not come for a row that got its next session before', async () => {
    const bench = await benchWith(2);
    for (const row of [1, 2]) await bench.end(row, opened(`session ${row}`));
    await reopen(bench);
    await bench.end(1, opened('next', 30 * HOUR_MS));
    const reader = await new Reader(bench).catchUp();
    const before = await bench.feed.readLatest();

    await bench.feed.announceExpired(EXPIRED_MS);
    expect(await bench.feed.readLatest()).toBe(before);
    await bench.feed.announceExpired(EXPIRED_MS + 6 * HOUR_MS);

    expect(await readExpired(reader)).toEqual([1]);
  });

  it('an expired session does not come to a late reader if its row already has the next one', async () => {
    const bench = await benchWith(2);
    for (const row of [1, 2]) await bench.end(row, opened(`session ${row}`));
    await bench.feed.announceExpired(EXPIRED_MS);
    await reopen(bench);
    await bench.end(1, opened('next', 30 * HOUR_MS));

    expect(await readExpired(new Reader(bench))).toEqual([]);
  });

  it('an expired session comes, too, when it was recorded long after it had expired', async () => {
    const bench = await benchWith(2);
    await bench.end(1, opened('session 1'));
    await bench.feed.announceExpired(EXPIRED_MS);
    const reader = await new Reader(bench).catchUp();

    await bench.end(2, opened('session 2'));
    await bench.feed.announceExpired(EXPIRED_MS);

    expect(await readExpired(reader)).toContain(2);
  });

  it('an expired session comes though the records of other batches are damaged', async () => {
    const bench = await benchWith(2);
    for (const id of ['batch-a', 'batch-b']) {
      await withBatch(bench.store, 2, [[1, keptFrom('night', 1)]], id);
    }
    await bench.end(1, opened('session 1'));
    await bench.redis.set(bench.keys.batch('batch-a'), 'damaged');
    await bench.redis.set(bench.keys.expiringChunks('batch-b'), 'damaged');

    await bench.feed.announceExpired(EXPIRED_MS);

    const reader = new Reader(bench, { batch: ref('batch-1') });
    expect(await readExpired(reader)).toEqual([1]);
    expect(await readExpired(new Reader(bench, { batch: ref('batch-b') }))).toEqual([]);
    expect(await bench.keysLeft()).not.toContain('expiring');
  });

  it('an expired session of a removed batch does not come, and leaves nothing behind', async () => {
    const bench = await benchWith(2);
    await bench.end(1, opened('session 1'));
    await withBatch(bench.store, 2, [[1, keptFrom('night', 1)]], 'damaged');
    await bench.steering.remove(await bench.batch(), NOW_MS);
    await bench.steering.removeDamaged('damaged');
    await withBatch(bench.store, 2);

    await bench.feed.announceExpired(EXPIRED_MS);

    expect(await readExpired(new Reader(bench))).toEqual([]);
    expect(await bench.keysLeft()).not.toContain('expiring');
  });
});
