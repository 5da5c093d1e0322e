import { expect, it } from 'vitest';
import { statusOf } from '../../../src/lib/report/read-entries.ts';
import { type FollowOptions, followResults } from '../../../src/lib/results/follow-results.ts';
import type { ResultsContext } from '../../../src/lib/results/read-results.ts';
import {
  chunk,
  draft,
  failed,
  NOW_MS,
  outcome,
  ref,
  SHAPE,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { opened, SteeringBench } from '../store/steering-bench.ts';

const follow = async function* (
  context: ResultsContext,
  options: Partial<FollowOptions> = {},
): AsyncGenerator<string> {
  const signal = AbortSignal.timeout(30_000);
  const whole = { from: null, batch: ref('batch-1'), signal, everyMs: 5, ...options };
  for await (const page of followResults(context, whole)) {
    for (const { entry } of page) yield `${entry.row.row} ${statusOf(entry.result)}`;
  }
};

it('the feed returns ended rows, then rows as they end, and stops with the batch', async () => {
  const bench = new SteeringBench();
  await withBatch(bench.store, 3);
  await bench.end(2, opened('session 2'));
  const seen: string[] = [];

  for await (const line of follow(bench)) {
    seen.push(line);
    if (seen.length === 1) await bench.end(1, failed('1'));
    if (seen.length === 2) await bench.end(3, opened('session 3'));
  }

  expect(seen).toEqual(['2 succeeded', '1 failed', '3 succeeded']);
});

it('the feed returns rows that ended with their import once, though the row that one repeats ends later', async () => {
  const bench = new SteeringBench();
  const known = [
    [2, outcome({ status: 'duplicate', duplicateOf: 1 })],
    [3, outcome({ status: 'invalid', error: { code: 'no_source', message: 'words' } })],
    [4, outcome({ status: 'reused', session: { id: 'kept', expiresAtMs: NOW_MS } })],
  ] as const;
  await bench.store.openBatch(draft(), NOW_MS);
  await bench.store.appendChunk(
    ref('batch-1'),
    chunk(
      0,
      4,
      known.map(([row, ended]) => [row, ended]),
    ),
  );
  await bench.store.finishImport(ref('batch-1'), SHAPE, NOW_MS);
  const seen: string[] = [];

  for await (const line of follow(bench)) {
    seen.push(line);
    if (seen.length === 3) await bench.end(1, opened('session 1'));
  }

  expect(seen).toEqual(['2 duplicate', '3 invalid', '4 reused', '1 succeeded']);
});

it('the feed stops when the batch is removed', async () => {
  const bench = new SteeringBench();
  await withBatch(bench.store, 3);
  await bench.end(2, opened('session 2'));
  for await (const line of follow(bench)) {
    expect(line).toBe('2 succeeded');
    await bench.steering.remove(await bench.batch(), NOW_MS);
  }
});

it('the feed waits through trouble of Redis, reports it once, and misses nothing', async () => {
  const bench = new SteeringBench();
  await withBatch(bench.store, 2);
  await bench.end(1, opened('session 1'));
  const said: (string | null)[] = [];
  let failures = 0;
  const shaky: ResultsContext = {
    store: bench.store,
    rowIndex: bench.rowIndex,
    feed: {
      readId: () => bench.feed.readId(),
      readLatest: () => bench.feed.readLatest(),
      firstEventOf: (batch) => bench.feed.firstEventOf(batch),
      listExpired: (...asked) => bench.feed.listExpired(...asked),
      readEvents: async (from, limit) => {
        failures += 1;
        if (failures < 4) throw new Error('Connection is closed.');
        return await bench.feed.readEvents(from, limit);
      },
    },
  };
  const onTrouble = (error: Error | null): void => void said.push(error?.message ?? null);

  const seen: string[] = [];
  for await (const line of follow(shaky, { onTrouble })) {
    seen.push(line);
    if (seen.length === 1) await bench.end(2, opened('session 2'));
  }

  expect(seen).toEqual(['1 succeeded', '2 succeeded']);
  expect(said).toEqual(['Connection is closed.', null]);
});

it('the feed passes on errors that are no trouble of Redis', async () => {
  const bench = new SteeringBench();
  await withBatch(bench.store, 2);
  const all = follow(bench, { from: { event: 7, row: 0 } });
  await expect(all.next()).rejects.toThrow('Position 7-0 is beyond the end');
});
