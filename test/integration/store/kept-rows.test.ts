import { expect, it } from 'vitest';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import { RedisSessionRenewals } from '../../../src/lib/store/redis/renewing/redis-session-renewals.ts';
import {
  countsOf,
  failed,
  progress,
  ref,
  sourceOf,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { keptFrom, NOW_MS, opened, SteeringBench } from './steering-bench.ts';

const ROWS = 600;
const KEPT = [2, 3, 7, 500, 501, 600];

/** A batch in which these rows keep a session. */
async function benchWithKept(): Promise<SteeringBench> {
  const bench = new SteeringBench();
  await withBatch(
    bench.store,
    ROWS,
    KEPT.map((row) => [row, keptFrom('night', row)]),
  );
  return bench;
}

const outcomeOf = async ({ store }: SteeringBench, row: number) =>
  (await store.readOutcomesOf('batch-1', [row])).get(row);

it('the store counts and marks kept rows, and gives their outcomes to every reader', async () => {
  const bench = await benchWithKept();
  expect(await countsOf(bench.store, 'batch-1')).toEqual({ waiting: ROWS - 6, reused: 6 });
  expect(await bench.store.readOutcomesOf('batch-1', KEPT)).toEqual(
    new Map(KEPT.map((row) => [row, keptFrom('night', row)])),
  );
  const entries = await bench.entries();
  expect(
    entries.filter(({ result }) => typeof result !== 'string').map(({ row }) => row.row),
  ).toEqual(KEPT);
  const marks = await bench.rowIndex.readMarks('batch-1', 1, ROWS);
  expect([...(marks ?? [])].flatMap((mark, at) => (mark === 0 ? [] : [at + 1]))).toEqual(KEPT);
  expect(await bench.overview.readSessions('batch-1', NOW_MS)).toMatchObject({ alive: 6 });
  expect(await bench.searchIndex.findInOutcomes('batch-1', 0, 'kept 7')).toEqual([7]);
  const repair = new RedisBatchRepair(bench.redis, bench.keys);
  expect(await repair.countEnded('batch-1', 2)).toBe(6);
  expect(await bench.problems()).toEqual([]);
});

it('no stage begins a kept row', async () => {
  const { store } = await benchWithKept();
  expect(await store.findUntouched('batch-1', [1, 2, 3, 4])).toEqual([1, 4]);
  await store.markDispatched(ref('batch-1'), [{ row: 2, state: 'probing' }], 4, 0);
  expect(await store.readRow(ref('batch-1'), 2)).toMatchObject({
    hasOutcome: true,
    progress: null,
  });
  const swapped = await store.swapProgress(ref('batch-1'), 3, '', progress('ready', 'w'));
  expect(swapped).toEqual({ kind: 'has_outcome' });
  const recorded = await store.recordOutcome(ref('batch-1'), 3, '', opened('x'), sourceOf(3));
  expect(recorded).toEqual({ kind: 'has_outcome' });
  expect(await countsOf(store, 'batch-1')).toEqual({ waiting: ROWS - 6, reused: 6 });
});

it('a reopened row keeps its session in its history, and the other kept rows stay as they were', async () => {
  const bench = await benchWithKept();
  const stale = keptFrom('night', 2);
  expect(await bench.steering.reopenRows(ref('batch-1'), 0, new Map([[2, stale]]))).toBe(1);
  expect(await bench.steering.reopenRows(ref('batch-1'), 0, new Map([[2, stale]]))).toBe(0);
  expect(await outcomeOf(bench, 2)).toBeUndefined();
  expect(await outcomeOf(bench, 3)).toEqual(keptFrom('night', 3));
  expect(await bench.steering.readEarlier('batch-1', 2)).toEqual([keptFrom('night', 2)]);
  expect(await bench.end(2, opened('next 2'))).toBe('recorded');
  expect(await outcomeOf(bench, 2)).toMatchObject({ session: { id: 'next 2' } });
  expect(await bench.problems()).toEqual([]);

  await bench.steering.cancel(ref('batch-1'), null, NOW_MS);
  expect(await countsOf(bench.store, 'batch-1')).toEqual({
    cancelled: ROWS - 6,
    reused: 5,
    succeeded: 1,
  });
  expect(await bench.problems()).toEqual([]);
});

it('the session of a kept row is renewed', async () => {
  const bench = await benchWithKept();
  const { store, keys, redis, steering } = bench;
  await steering.setKeepAlive(ref('batch-1'), { untilMs: NOW_MS + 1e9, zone: 'UTC' });
  const renewals = new RedisSessionRenewals(redis, keys);
  const found = keptFrom('night', 7);
  const renewal = {
    attempts: 0,
    unconfirmed: 0,
    isCalling: true,
    callBeganMs: NOW_MS,
    faults: 0,
    firstCallOpenMs: null,
    writer: 'w',
    failedAttempts: [],
    givenUp: null,
  };
  const calling = { ...found, renewal };
  const dayEnds: [number, number] = [NOW_MS + 1e8, NOW_MS + 2e8];
  const begun = await renewals.note(
    ref('batch-1'),
    7,
    { found, next: calling },
    { beginsCall: { perDay: 0, dayEnds } },
  );
  expect(begun).toMatchObject({ kind: 'begun' });
  expect(await outcomeOf(bench, 7)).toEqual(calling);
  const next = opened('next 7');
  const renewed = await renewals.renew(ref('batch-1'), 7, { found: calling, next }, sourceOf(7));
  expect(renewed).toEqual({ kind: 'renewed' });
  expect(await outcomeOf(bench, 7)).toMatchObject({ session: { id: 'next 7' } });
  expect(await store.readOutcomesOf('batch-1', [3])).toEqual(new Map([[3, keptFrom('night', 3)]]));
  expect(await countsOf(store, 'batch-1')).toEqual({ waiting: ROWS - 6, reused: 5, succeeded: 1 });
  expect(await bench.problems()).toEqual([]);
});

it('a kept row is marked and replaced only where it still has the outcome that was read', async () => {
  const bench = await benchWithKept();
  const repair = new RedisBatchRepair(bench.redis, bench.keys);
  const outcomes = await bench.store.readOutcomes('batch-1', 0);
  await bench.redis.unlink(bench.keys.marks('batch-1'));
  await repair.markRows(
    ref('batch-1'),
    0,
    [1, 2, 3],
    new Map([
      [2, keptFrom('night', 2)],
      [3, keptFrom('night', 3)],
    ]),
  );
  const marks = await bench.rowIndex.readMarks('batch-1', 1, 3);
  expect([...(marks ?? [])].map((mark) => mark > 0)).toEqual([false, true, true]);
  const found = outcomes.get(2) ?? failed('x');
  expect(await repair.replaceOutcome(ref('batch-1'), 2, found, failed('wrong'))).toBe(true);
  expect(await repair.replaceOutcome(ref('batch-1'), 2, found, failed('again'))).toBe(false);
  expect(await outcomeOf(bench, 2)).toMatchObject({ error: { code: 'wrong' } });
});

it('kept rows are removed with their batch', async () => {
  const bench = await benchWithKept();
  await bench.steering.cancel(ref('batch-1'), null, NOW_MS);
  await bench.steering.remove(await bench.batch(), NOW_MS);
  expect((await bench.keysLeft()).filter((key) => key.includes('batch-1'))).toEqual([]);
});
