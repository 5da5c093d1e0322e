import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { HistoryEntry } from '../batch-steering.ts';
import type { Keys } from '../keys.ts';

const KEPT = 1_000;

const entry: z.ZodType<HistoryEntry> = z.object({
  atMs: z.number(),
  who: z.string(),
  what: z.string(),
  reason: z.string().nullable(),
});

/** Who changed what belongs to no single batch: the gate, its limits, schedules. The last 1000 are kept. */
export class AuditLog {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async add(what: HistoryEntry): Promise<void> {
    await this.#redis
      .multi()
      .lpush(this.#keys.audit, JSON.stringify(what))
      .ltrim(this.#keys.audit, 0, KEPT - 1)
      .exec();
  }

  /** Newest first. */
  async read(limit: number): Promise<HistoryEntry[]> {
    const texts = await this.#redis.lrange(this.#keys.audit, 0, limit - 1);
    return texts.map((text) => entry.parse(JSON.parse(text)));
  }
}
