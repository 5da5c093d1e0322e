import type { Redis } from 'ioredis';
import { z } from 'zod';
import { type CopyState, NOTHING_COPIED } from '../core/feed/copy-state.ts';
import { hold, release } from '../redis/lease.ts';
import type { Keys } from '../store/keys.ts';
import { storedJson } from '../store/redis/packing/stored-json.ts';

const stored = storedJson<CopyState>(
  'How far the results database is',
  z.object({
    place: z.string().nullable().default(null),
    position: z.object({ event: z.number(), row: z.number() }).nullable(),
    currentAtMs: z.number().nullable(),
    behindSinceMs: z.number().nullable(),
    trouble: z.string().nullable(),
  }),
);

/** After a week without a copying worker, the database counts as abandoned. */
const KEPT_MS = 7 * 86_400_000;

/**
 * What the workers share about the results database: which of them copies, and its progress. Only the database knows
 * the position for certain; this is for people and metrics.
 */
export class CopyStateStore {
  readonly #redis: Redis;
  readonly #keys: Pick<Keys, 'databaseState' | 'databaseWriter'>;

  constructor(redis: Redis, keys: Pick<Keys, 'databaseState' | 'databaseWriter'>) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /**
   * Whether the worker `me` may copy for the next `leaseMs` ms. Must be repeated before the lease
   * ends.
   */
  async hold(me: string, leaseMs: number): Promise<boolean> {
    return await hold(this.#redis, this.#keys.databaseWriter, { me, leaseMs });
  }

  async release(me: string): Promise<void> {
    await release(this.#redis, this.#keys.databaseWriter, me);
  }

  /** Null when no results database is in use. */
  async read(): Promise<CopyState | null> {
    const text = await this.#redis.get(this.#keys.databaseState);
    return text === null ? null : (stored.tryRead(text) ?? NOTHING_COPIED);
  }

  async write(state: CopyState): Promise<void> {
    await this.#redis.set(this.#keys.databaseState, stored.write(state), 'PX', KEPT_MS);
  }
}
