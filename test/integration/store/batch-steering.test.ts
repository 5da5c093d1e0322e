import { describe, expect, it, test, vi } from 'vitest';
import {
  chunk,
  countsOf,
  draft,
  failed,
  ref,
  SHAPE,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { HOUR_MS, NOW_MS, opened, SteeringBench } from './steering-bench.ts';

describe('cancelling', () => {
  it('cancelling ends at once every row without a call under way, wherever it is', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 900);
    await bench.end(1, opened('s1'));
    await bench.begin(2);
    await bench.begin(3, { state: 'ready' });
    await bench.begin(4, { state: 'waiting' }, true);
    await bench.begin(5, { state: 'opening', isCalling: true });
    expect(await bench.steering.cancel(ref('batch-1'), 'wrong file', NOW_MS)).toBe('cancelling');
    const expected = { succeeded: 1, opening: 1, cancelled: 898 };
    expect(await countsOf(bench.store, 'batch-1')).toEqual(expected);
    expect(await bench.store.readDispatch('batch-1')).toMatchObject({ underWay: 1, handedBack: 0 });
    expect(await bench.problems()).toEqual([]);
  });

  it('cancelling is complete when the last call has ended, whose session is kept', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 3);
    await bench.begin(2, { state: 'opening', isCalling: true });
    await bench.steering.cancel(ref('batch-1'), null, NOW_MS);
    expect(await bench.end(2, opened('s2'))).toBe('recorded');
    expect(await bench.batch()).toMatchObject({ state: 'cancelled', finishedAtMs: NOW_MS });
    expect(await bench.statuses()).toEqual(['cancelled', 'succeeded', 'cancelled']);
  });

  it('cancelling is in the report with its reason and time', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 1);
    await bench.steering.cancel(ref('batch-1'), 'wrong file', NOW_MS);
    const [entry] = await bench.entries();
    expect(entry?.result).toMatchObject({
      status: 'cancelled',
      finishedAtMs: NOW_MS,
      error: { code: 'cancelled', message: expect.stringContaining('(wrong file)') },
    });
  });

  it('cancelling also ends an import under way', async () => {
    const bench = new SteeringBench();
    const { store, steering } = bench;
    await store.openBatch(draft(), NOW_MS);
    expect(await store.appendChunk(ref('batch-1'), chunk(0, 500, [[1, failed('no_source')]]))).toBe(
      true,
    );
    expect(await steering.cancel(ref('batch-1'), null, NOW_MS)).toBe('cancelled');
    expect(await store.appendChunk(ref('batch-1'), chunk(1, 600))).toBe(false);
    await store.leaveImport(ref('batch-1'), SHAPE);
    expect(await bench.batch()).toMatchObject({
      state: 'cancelled',
      rows: 500,
      isReadToEnd: false,
    });
    expect(await countsOf(store, 'batch-1')).toEqual({ failed: 1, cancelled: 499 });
    expect(await bench.problems()).toEqual([expect.stringContaining('not read to its end')]);
  });

  test.each(['cancelled', 'completed'])('a batch that is %s comes to nothing', async (state) => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 1);
    if (state === 'completed') await bench.end(1, opened('s1'));
    else await bench.steering.cancel(ref('batch-1'), null, NOW_MS);
    const before = await bench.batch();
    expect(await bench.steering.cancel(ref('batch-1'), 'again', NOW_MS + 9)).toBeNull();
    expect(await bench.batch()).toEqual(before);
  });

  it('cancelling keeps what is known of rows that were called before, until they end one by one', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 4);
    await bench.begin(1, { lostCalls: 2, state: 'ready' });
    await bench.begin(2, { state: 'waiting', isCalling: true, lostCalls: 1 }, true);
    await bench.begin(3, { state: 'waiting', attempts: 1 }, true);
    expect(await bench.steering.cancel(ref('batch-1'), null, NOW_MS)).toBe('cancelling');
    expect(await countsOf(bench.store, 'batch-1')).toEqual({ ready: 1, waiting: 2, cancelled: 1 });
    expect(await bench.store.readDispatch('batch-1')).toMatchObject({ underWay: 3, handedBack: 0 });
    expect(await bench.problems()).toEqual([]);
  });

  it('a worker begins no row that cancelling has ended', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.steering.cancel(ref('batch-1'), null, NOW_MS);
    expect(await bench.store.readRow(ref('batch-1'), 1)).toMatchObject({ hasOutcome: true });
    await bench.begin(1);
    expect(await bench.end(2, opened('s2'))).toBe('has_outcome');
    expect(await countsOf(bench.store, 'batch-1')).toEqual({ cancelled: 2 });
  });

  it('cancelling ends returned rows page by page, and leaves those that were called', async () => {
    const bench = new SteeringBench();
    const rows = 1_700;
    await withBatch(bench.store, rows);
    const all = Array.from({ length: rows }, (_, index) => index + 1);
    await Promise.all(all.map((row) => bench.begin(row, { state: 'waiting' }, true)));
    await bench.begin(rows, { state: 'ready', lostCalls: 1 });
    expect(await bench.steering.cancel(ref('batch-1'), null, NOW_MS)).toBe('cancelling');
    expect(await countsOf(bench.store, 'batch-1')).toEqual({ cancelled: rows - 1, ready: 1 });
    expect(await bench.problems()).toEqual([]);
  });

  it('cancelling ends no more rows once cancelled rows are retried', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 3);
    await bench.begin(1, { state: 'waiting' }, true);
    const { redis } = bench;
    const scan = redis.hscan.bind(redis);
    // The retry comes before the first page.
    vi.spyOn(redis, 'hscan').mockImplementationOnce(async (...args) => {
      await bench.steering.uncancelRows(ref('batch-1'));
      return await scan(...args);
    });
    await bench.steering.cancel(ref('batch-1'), null, NOW_MS);
    expect(await countsOf(bench.store, 'batch-1')).toEqual({ waiting: 3 });
    expect(await bench.problems()).toEqual([]);
  });

  it('a quarter of a million rows takes no longer than one', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 1);
    await bench.redis.hincrby(bench.keys.batch('batch-1'), 'rows', 250_000);
    await bench.redis.hincrby(bench.keys.batch('batch-1'), 'n:waiting', 250_000);
    const startMs = performance.now();
    await bench.steering.cancel(ref('batch-1'), null, NOW_MS);
    expect(performance.now() - startMs).toBeLessThan(500);
    expect(await bench.batch()).toMatchObject({ counts: { cancelled: 250_001 } });
  });
});

describe('reopening rows', () => {
  it('reopening rows subtracts counters, error codes, session counts and orphans, and keeps the outcome', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 3);
    await bench.end(1, opened('s1'));
    await bench.end(2, { ...failed('1201'), possibleOrphans: 2 });
    await bench.end(3, failed('1201'));
    const outcomes = await bench.store.readOutcomes('batch-1', 0);
    expect(await bench.steering.reopenRows(ref('batch-1'), 0, outcomes)).toBe(3);
    expect(await countsOf(bench.store, 'batch-1')).toEqual({ waiting: 3 });
    expect(await bench.batch()).toMatchObject({ possibleOrphans: 0 });
    expect(await bench.store.readErrors('batch-1', 9)).toEqual([]);
    expect(await bench.overview.readSessions('batch-1', NOW_MS)).toMatchObject({ alive: 0 });
    for (const [row, outcome] of outcomes) {
      expect(await bench.steering.readEarlier('batch-1', row)).toEqual([outcome]);
    }
    expect(await bench.problems()).toEqual([]);
  });

  it('reopening rows keeps the number of lost calls', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.end(1, { ...failed('timeout'), possibleOrphans: 2 });
    await bench.steering.reopenRows(
      ref('batch-1'),
      0,
      await bench.store.readOutcomes('batch-1', 0),
    );
    expect(await bench.store.readAgain('batch-1', 9)).toEqual([1]);
    expect(await bench.store.readRow(ref('batch-1'), 1)).toMatchObject({
      progress: { lostCalls: 2 },
    });
  });

  it('reopening rows moves the cursor back to the first of them', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 600);
    await bench.store.markDispatched(ref('batch-1'), [], 600, 0);
    for (const row of [3, 7]) await bench.end(row, failed('x'));
    const outcomes = await bench.store.readOutcomes('batch-1', 0);
    await bench.steering.reopenRows(ref('batch-1'), 0, outcomes);
    expect(await bench.store.readDispatch('batch-1')).toMatchObject({ cursor: 3, reopenings: 1 });
  });

  it('twice has the same effect as once', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.end(1, failed('x'));
    const outcomes = await bench.store.readOutcomes('batch-1', 0);
    expect(await bench.steering.reopenRows(ref('batch-1'), 0, outcomes)).toBe(1);
    expect(await bench.steering.reopenRows(ref('batch-1'), 0, outcomes)).toBe(0);
    expect(await bench.steering.readEarlier('batch-1', 1)).toHaveLength(1);
  });

  it('reopening rows leaves a row alone that has ended otherwise meanwhile', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.end(1, failed('x'));
    const stale = new Map([[1, failed('y')]]);
    expect(await bench.steering.reopenRows(ref('batch-1'), 0, stale)).toBe(0);
    expect(await countsOf(bench.store, 'batch-1')).toEqual({ failed: 1, waiting: 1 });
  });

  it('a reopened row keeps the outcome of every turn, oldest first', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 1);
    for (const code of ['first', 'second']) {
      await bench.end(1, failed(code));
      await bench.steering.reopenRows(
        ref('batch-1'),
        0,
        await bench.store.readOutcomes('batch-1', 0),
      );
      await bench.store.changeState(ref('batch-1'), 'reopen', null, NOW_MS);
    }
    const earlier = await bench.steering.readEarlier('batch-1', 1);
    expect(earlier.map(({ error }) => error?.code)).toEqual(['first', 'second']);
  });

  it('reopening rows of a paused batch leaves it paused, with its reason', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.end(1, failed('x'));
    await bench.store.changeState(ref('batch-1'), 'pause', 'lunch', NOW_MS);
    await bench.steering.reopenRows(
      ref('batch-1'),
      0,
      await bench.store.readOutcomes('batch-1', 0),
    );
    expect(await bench.store.changeState(ref('batch-1'), 'reopen', null, NOW_MS)).toBe('paused');
    expect(await bench.batch()).toMatchObject({ state: 'paused', stateReason: 'lunch' });
  });
});

describe('lists and pages', () => {
  it('a list of batches shows the newest first, over any number of pages', async () => {
    const { store, overview } = new SteeringBench();
    const ids = Array.from({ length: 205 }, (_, i) => `batch-${i}`);
    await Promise.all(ids.map((id, i) => store.openBatch(draft({ id, identity: id }), NOW_MS + i)));
    const listed: string[] = [];
    for await (const { id } of overview.listBatches()) listed.push(id);
    expect(listed).toEqual(ids.reverse());
  });

  it('the history of a batch shows the newest first, up to a thousand entries', async () => {
    const { steering, store } = new SteeringBench();
    await withBatch(store, 1);
    for (let atMs = 1; atMs <= 1_003; atMs += 1) {
      await steering.addHistory(ref('batch-1'), {
        atMs,
        who: 'mia@desk',
        what: 'paused',
        reason: 'lunch',
      });
    }
    const history = await steering.readHistory('batch-1');
    expect(history).toHaveLength(1_000);
    expect(history[0]).toEqual({ atMs: 1_003, who: 'mia@desk', what: 'paused', reason: 'lunch' });
  });

  it('a batch counts sessions by how long they still live', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 4);
    for (const [row, hours] of [
      [1, 24],
      [2, 3],
      [3, 1],
    ] as const) {
      await bench.end(row, opened(`s${row}`, hours * HOUR_MS));
    }
    const later = NOW_MS + 2 * HOUR_MS;
    expect(await bench.overview.readSessions('batch-1', NOW_MS)).toEqual({
      alive: 3,
      expiringSoon: 2,
      expired: 0,
    });
    expect(await bench.overview.readSessions('batch-1', later)).toEqual({
      alive: 2,
      expiringSoon: 1,
      expired: 1,
    });
  });

  it('the pace of a batch is measured over the last minute', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 40);
    for (let row = 1; row <= 30; row += 1)
      await bench.end(row, { ...opened(`s${row}`), finishedAtMs: NOW_MS });
    const soonMs = (Math.floor(NOW_MS / 10_000) + 1) * 10_000;
    expect(await bench.overview.readPace('batch-1', soonMs)).toBe(3);
    expect(await bench.overview.readPace('batch-1', soonMs + 60_000)).toBe(0);
  });

  it('the priority of a batch can be changed', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 1);
    await bench.steering.setPriority(ref('batch-1'), 40);
    expect(await bench.batch()).toMatchObject({ priority: 40 });
  });
});
