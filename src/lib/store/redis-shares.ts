import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Share } from '../core/decide-dispatch.ts';
import type { Keys } from './keys.ts';

/** What each running batch claims of the work, shared between all dispatchers. */
export interface Shares {
  /** Says what a batch claims, and hears what all claimed within the last 10 s, itself included. */
  announce(share: Share, nowMs: number): Promise<Share[]>;
  /** The batch has nothing to hand over any more. */
  withdraw(batchId: string): Promise<void>;
}

/** A batch whose dispatch is silent for longer claims nothing. */
const LIFETIME_MS = 10_000;

/** Priority, rows per second, said at (ms). */
const entry = z.tuple([z.number(), z.number(), z.number()]);

export class RedisShares implements Shares {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async announce(share: Share, nowMs: number): Promise<Share[]> {
    const text = JSON.stringify([share.priority, share.endedPerSecond, nowMs]);
    await this.#redis.hset(this.#keys.shares, share.batchId, text);
    // One entry for each batch that runs.
    const hash = await this.#redis.hgetall(this.#keys.shares);
    return Object.entries(hash).flatMap(([batchId, claimed]) => {
      const [priority, endedPerSecond, atMs] = entry.parse(JSON.parse(claimed));
      return atMs > nowMs - LIFETIME_MS ? [{ batchId, priority, endedPerSecond }] : [];
    });
  }

  async withdraw(batchId: string): Promise<void> {
    await this.#redis.hdel(this.#keys.shares, batchId);
  }
}
