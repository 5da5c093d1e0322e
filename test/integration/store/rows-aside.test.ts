import { describe, expect, it } from 'vitest';
import { RedisRowsAside } from '../../../src/lib/store/redis/redis-rows-aside.ts';
import { SteeringBench } from './steering-bench.ts';

describe('rows that wait for slow servers', () => {
  it("rows that wait for slow servers are counted over all workers, by each worker's latest report", async () => {
    const { redis, keys } = new SteeringBench();
    const aside = new RedisRowsAside(redis, keys);
    await aside.announce('worker-1', new Map([['a', 9]]));
    await aside.announce(
      'worker-1',
      new Map([
        ['a', 3],
        ['b', 1],
      ]),
    );
    await aside.announce('worker-2', new Map([['a', 4]]));
    expect(await Promise.all(['a', 'b', 'c'].map((id) => aside.countOf(id)))).toEqual([7, 1, 0]);
    await aside.announce('worker-2', new Map());
    expect(await aside.countOf('a')).toBe(3);
  });

  it('rows that wait for slow servers do not count if their worker is silent or its report is unreadable', async () => {
    const { redis, keys } = new SteeringBench();
    const aside = new RedisRowsAside(redis, keys);
    await aside.announce('living', new Map([['a', 2]]));
    await redis.hset(keys.rowsAside, 'dead', JSON.stringify([1_000, { a: 30 }]), 'odd', 'a lot');
    expect(await aside.countOf('a')).toBe(2);
    expect(await redis.hkeys(keys.rowsAside)).toEqual(['living']);
  });
});
