import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Position } from '../../core/feed/position.ts';
import { hold, release } from '../../redis/lease.ts';
import type { Keys } from '../../store/keys.ts';
import { storedJson } from '../../store/redis/packing/stored-json.ts';

/** The progress of a receiver: everything before `position` is confirmed. */
export interface RowsPlace {
  feedId: string;
  position: Position;
}

const stored = storedJson<RowsPlace>(
  'How far rows were sent',
  z.object({ feedId: z.string(), position: z.object({ event: z.number(), row: z.number() }) }),
);

/** Longer than one attempt at a request. */
const LEASE_MS = 30_000;

/** Which worker sends rows to a webhook, and its progress. */
export class RowNoticeStore {
  readonly #redis: Redis;
  readonly #place: string;
  readonly #lease: string;

  /** `url` is a secret, so the keys have its digest. */
  constructor(redis: Redis, keys: Pick<Keys, 'rowNotices' | 'rowNoticesLease'>, url: string) {
    const receiver = createHash('sha256').update(url).digest('hex').slice(0, 12);
    this.#redis = redis;
    this.#place = keys.rowNotices(receiver);
    this.#lease = keys.rowNoticesLease(receiver);
  }

  /** Whether the worker `me` may send for the next 30 s. Must be repeated before they are over. */
  async hold(me: string): Promise<boolean> {
    return await hold(this.#redis, this.#lease, { me, leaseMs: LEASE_MS });
  }

  async release(me: string): Promise<void> {
    await release(this.#redis, this.#lease, me);
  }

  /** Null before the first row, and for a damaged record. */
  async read(): Promise<RowsPlace | null> {
    const text = await this.#redis.get(this.#place);
    return text === null ? null : stored.tryRead(text);
  }

  async write(place: RowsPlace): Promise<void> {
    await this.#redis.set(this.#place, stored.write(place));
  }
}
