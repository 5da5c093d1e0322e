import { expect, it } from 'vitest';
import { repairBatch } from '../../../src/lib/batch/repair-batch.ts';
import { verifyBatch } from '../../../src/lib/batch/verify-batch.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import {
  countsOf,
  failed,
  outcome,
  sourceOf,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { NOW_MS, opened, SteeringBench } from '../store/steering-bench.ts';

async function repair(bench: SteeringBench): Promise<void> {
  await using queues = new Queues(bench.redis, bench.keys);
  const { store, redis, keys } = bench;
  const repair = new RedisBatchRepair(redis, keys);
  await repairBatch({ store, repair, queues, now: () => NOW_MS }, 'batch-1');
}

it('a repair finds a session that was opened for a different source, and ends the row as unconfirmed', async () => {
  const bench = new SteeringBench();
  await withBatch(bench.store, 3);
  await bench.end(1, opened('s1'));
  await bench.end(2, opened('s2'), sourceOf(7));
  await bench.end(3, failed('1201'));
  const { problems } = await verifyBatch(bench.store, await bench.batch());
  expect(problems).toEqual([
    expect.stringMatching(/^Row 2 has the outcome of a call for a different/),
  ]);

  await repair(bench);

  const ended = (await bench.store.readOutcomesOf('batch-1', [2])).get(2);
  expect(ended).toMatchObject({ status: 'unconfirmed', error: { code: 'source_mismatch' } });
  expect(ended?.error?.message).toContain('Session s2 was opened for a different source');
  expect(ended?.session).toBeUndefined();
  expect(await countsOf(bench.store, 'batch-1')).toEqual({
    succeeded: 1,
    failed: 1,
    unconfirmed: 1,
  });
  expect(await bench.steering.readEarlier('batch-1', 2)).toMatchObject([{ session: { id: 's2' } }]);
  expect(await bench.overview.readSessions('batch-1', NOW_MS)).toMatchObject({ alive: 1 });
  expect(await bench.rowIndex.readMarks('batch-1', 1, 3)).toEqual(
    await bench.rightMarks('batch-1'),
  );
  expect(await bench.problems()).toEqual([]);
});

it('a repair finds a refusal of a different source, too', async () => {
  const bench = new SteeringBench();
  await withBatch(bench.store, 2);
  await bench.end(1, failed('1201'), sourceOf(7));
  await repair(bench);
  expect(await countsOf(bench.store, 'batch-1')).toEqual({ waiting: 1, unconfirmed: 1 });
  expect(await bench.store.readErrors('batch-1', 9)).toMatchObject([{ code: 'source_mismatch' }]);
  expect(await bench.problems()).toEqual([]);
});

it('a repair reports nothing about rows that were never called, or those from version 0.1', async () => {
  const bench = new SteeringBench();
  await withBatch(bench.store, 2);
  await bench.end(1, outcome({ status: 'rejected', attempts: 0 }), sourceOf(7));
  const { outcomes } = bench.keys;
  const old = JSON.stringify({ s: 'succeeded', t: NOW_MS, a: 1, i: ['s2', 86_400_000] });
  await bench.end(2, opened('s2'));
  await bench.redis.hset(outcomes('batch-1', 0), '2', old);
  expect(await bench.problems()).toEqual([]);
});
