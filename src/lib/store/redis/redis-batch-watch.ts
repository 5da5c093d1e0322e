import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Batch } from '../../core/batch/batch.ts';
import { NOTICE_FORMATS, type NoticeTarget } from '../../core/notice/notice-target.ts';
import type { BatchStore } from '../batch-store.ts';
import type { BatchWatch, PendingNotice } from '../batch-watch.ts';
import type { Keys } from '../keys.ts';

const PAGE = 100;

const target: z.ZodType<NoticeTarget> = z.object({
  url: z.string(),
  format: z.enum(NOTICE_FORMATS),
});

/** The watch on Redis. The connection is the caller's and stays open. */
export class RedisBatchWatch implements BatchWatch {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #store: Pick<BatchStore, 'readBatch'>;

  constructor(redis: Redis, keys: Keys, store: Pick<BatchStore, 'readBatch'>) {
    this.#redis = redis;
    this.#keys = keys;
    this.#store = store;
  }

  async listPending(): Promise<PendingNotice[]> {
    const members = await this.#redis.srandmember(this.#keys.untold, PAGE);
    return members.map((member) => {
      const [batchId = '', atMs, paused] = member.split(' ');
      const what = paused === undefined ? 'ended' : 'paused_itself';
      return { batchId, what, atMs: Number(atMs) };
    });
  }

  async settle({ batchId, what, atMs }: PendingNotice): Promise<void> {
    const member = `${batchId} ${atMs}${what === 'ended' ? '' : ` ${what}`}`;
    await this.#redis.srem(this.#keys.untold, member);
  }

  async *listArranged(): AsyncIterable<Batch> {
    let cursor = '0';
    do {
      const [next, ids] = await this.#redis.sscan(this.#keys.arranged, cursor, 'COUNT', PAGE);
      for (const batch of await Promise.all(ids.map((id) => this.#store.readBatch(id)))) {
        if (batch !== null) yield batch;
      }
      cursor = next;
    } while (cursor !== '0');
  }

  async readNotify(batchId: string): Promise<NoticeTarget | null> {
    const text = await this.#redis.hget(this.#keys.batch(batchId), 'notify');
    return text === null ? null : target.parse(JSON.parse(text));
  }

  async noteRisk(batchId: string, nowMs: number): Promise<void> {
    await this.#redis.hset(this.#keys.batch(batchId), 'riskToldAtMs', nowMs);
  }
}
