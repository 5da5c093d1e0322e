import { z } from 'zod';
import { jsonText } from './packing/stored-json.ts';
import { RedisPart } from './redis-part.ts';
import { redisTimeMs } from './worker-registry.ts';

/**
 * How many rows of each batch wait for a slow server, over all workers. An estimate, because workers report only from
 * time to time.
 */
export interface RowsAside {
  /** Replaces this worker's previous report. Call it again within 10 s. */
  announce(workerId: string, counts: ReadonlyMap<string, number>): Promise<void>;
  /** The sum over all workers that reported within the last 10 s, by the clock of Redis. */
  countOf(batchId: string): Promise<number>;
}

/** A worker that is silent for longer counts as having set nothing aside. */
const LIFETIME_MS = 10_000;

/** Reported at (ms), rows by batch. */
const entryText = jsonText(z.tuple([z.number(), z.record(z.string(), z.number().nonnegative())]));

export class RedisRowsAside extends RedisPart implements RowsAside {
  async announce(workerId: string, counts: ReadonlyMap<string, number>): Promise<void> {
    if (counts.size === 0) {
      await this.redis.hdel(this.keys.rowsAside, workerId);
      return;
    }
    const text = JSON.stringify([await redisTimeMs(this.redis), Object.fromEntries(counts)]);
    await this.redis.hset(this.keys.rowsAside, workerId, text);
  }

  async countOf(batchId: string): Promise<number> {
    const said = Object.entries(await this.redis.hgetall(this.keys.rowsAside));
    if (said.length === 0) return 0;
    const sinceMs = (await redisTimeMs(this.redis)) - LIFETIME_MS;
    let count = 0;
    for (const [workerId, text] of said) {
      const [atMs, counts] = entryText.safeParse(text).data ?? [0, {}];
      if (atMs > sinceMs) count += counts[batchId] ?? 0;
      // An entry of a worker that has ended, or of another version of the program.
      else await this.redis.hdel(this.keys.rowsAside, workerId);
    }
    return count;
  }
}
