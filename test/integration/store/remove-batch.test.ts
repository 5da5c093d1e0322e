import { describe, expect, it } from 'vitest';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import {
  draft,
  failed,
  ref,
  SHAPE,
  sourceOf,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { NOW_MS, opened, SteeringBench } from './steering-bench.ts';

describe('removing a batch', () => {
  it('removing a batch leaves no key behind', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 1_200, [[3, failed('no_source')]]);
    await bench.end(1, failed('x'));
    await bench.end(700, failed('x'));
    await bench.begin(2, { state: 'waiting' }, true);
    for (const index of [0, 1]) {
      const outcomes = await bench.store.readOutcomes('batch-1', index);
      await bench.steering.reopenRows(ref('batch-1'), index, outcomes);
    }
    await bench.end(5, { ...opened('s'), status: 'reused' });
    const facts = { priority: 10, endedPerSecond: 1, begun: 1, underWay: 1 };
    await bench.shares.announce('batch-1', facts, NOW_MS);
    await bench.steering.addHistory(ref('batch-1'), {
      atMs: 1,
      who: 'mia',
      what: 'paused',
      reason: null,
    });
    const writer = bench.keyIndex.write(ref('batch-1'), ['name']);
    for (const index of [0, 1, 2]) {
      await writer.add((await bench.store.readChunk('batch-1', index)) ?? [], SHAPE);
    }
    await writer.finish();
    await bench.redis.hset(bench.keys.probeMemory('batch-1'), 'digest', '');
    expect(await bench.keysLeft()).not.toEqual([]);
    await bench.steering.remove(await bench.batch(), NOW_MS);
    // How many events there were: positions are never given out twice.
    expect(await bench.keysLeft()).toEqual(['feed']);
  });

  it('removing a batch leaves nothing to the next batch with its id, whatever workers do meanwhile', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 3);
    for (const row of [1, 2, 3]) await bench.end(row, opened(`s${row}`));
    const lateAnswers = async (): Promise<void> => {
      await bench.store.recordOutcome(ref('batch-1'), 1, '', opened('late'), sourceOf(1));
      const rows = [{ row: 2, state: 'probing' as const }];
      await bench.store.markDispatched(ref('batch-1'), rows, 3, 0);
    };
    const watched = new Proxy(bench.redis, {
      get: (redis, name) =>
        name !== 'evalsha'
          ? Reflect.get(redis, name)
          : async (...given: Parameters<typeof redis.evalsha>) => {
              const reply = await redis.evalsha(...given);
              await lateAnswers();
              return reply;
            },
    });

    await new RedisBatchSteering(watched, bench.keys).remove(await bench.batch(), NOW_MS);

    const left = await bench.keysLeft();
    expect(left.filter((key) => key.startsWith('batch:'))).toEqual([]);
  });

  it('removing a batch leaves other batches alone, and may be done twice', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 3);
    const removed = await bench.batch();
    await bench.store.openBatch(draft({ id: 'batch-11', identity: 'other' }), NOW_MS);
    await bench.steering.remove(removed, NOW_MS);
    await bench.steering.remove(removed, NOW_MS);
    expect(await bench.store.readBatch('batch-11')).not.toBeNull();
    expect(await bench.store.openBatch(draft(), NOW_MS)).toMatchObject({ kind: 'created' });
  });
});
