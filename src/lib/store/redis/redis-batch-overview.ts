import type { Redis } from 'ioredis';
import { BATCH_STATES, type Batch } from '../../core/batch/batch.ts';
import type { SessionsToday } from '../../core/budget/session-day.ts';
import { countSessions, rowsPerSecond, type SessionCounts } from '../../core/time-buckets.ts';
import { explainRefusedWrite } from '../../redis/trouble.ts';
import type { BatchOverview, BatchRecord, BatchStanding } from '../batch-overview.ts';
import type { BatchStore } from '../batch-store.ts';
import type { Keys } from '../keys.ts';
import { UnreadableRecord } from '../unreadable-record.ts';
import { ignoreType } from './reading/ignore-type.ts';
import { RedisPart } from './redis-part.ts';

const LIST_PAGE = 100;

/** The overview on Redis. */
export class RedisBatchOverview extends RedisPart implements BatchOverview {
  readonly #store: Pick<BatchStore, 'readBatch'>;

  constructor(redis: Redis, keys: Keys, store: Pick<BatchStore, 'readBatch'>) {
    super(redis, keys);
    this.#store = store;
  }

  async *listBatches(): AsyncIterable<Batch> {
    for await (const record of this.listRecords()) if (record.kind === 'batch') yield record.batch;
  }

  listRecords(): AsyncIterable<BatchRecord> {
    return this.#list((id) => this.#readRecord(id));
  }

  async #readRecord(id: string): Promise<BatchRecord | null> {
    try {
      const batch = await this.#store.readBatch(id);
      return batch && { kind: 'batch', batch };
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      return { kind: 'unreadable', id, reason: error.message };
    }
  }

  listStandings(): AsyncIterable<BatchStanding> {
    return this.#list(async (id) => {
      const [state, finishedAtMs] = await this.redis
        .hmget(this.keys.batch(id), 'state', 'finishedAtMs')
        .catch(ignoreType);
      const known = BATCH_STATES.find((name) => name === state);
      if (known === undefined) return null;
      return { id, state: known, finishedAtMs: finishedAtMs ? Number(finishedAtMs) : null };
    });
  }

  /** Newest first, without batches that are gone. */
  async *#list<T>(read: (id: string) => Promise<T | null>): AsyncIterable<T> {
    for (let start = 0; ; start += LIST_PAGE) {
      const ids = await this.redis.zrevrange(this.keys.batches, start, start + LIST_PAGE - 1);
      for (const found of await Promise.all(ids.map(read))) if (found !== null) yield found;
      if (ids.length < LIST_PAGE) return;
    }
  }

  async listMending(batchId: string): Promise<string[]> {
    return await this.redis.zrange(this.keys.mending(batchId), 0, '-1');
  }

  async readPace(batchId: string, nowMs: number): Promise<number> {
    return rowsPerSecond(await this.#readBuckets(this.keys.pace(batchId)), nowMs);
  }

  async readSessions(batchId: string, nowMs: number): Promise<SessionCounts> {
    return countSessions(await this.#readBuckets(this.keys.sessions(batchId)), nowMs);
  }

  async readSessionsToday(nowMs: number): Promise<SessionsToday> {
    const [used, endsMs] = await this.redis.hmget(this.keys.sessionsToday, 'used', 'endsMs');
    const untilMs = Number(endsMs ?? 0);
    return untilMs > nowMs ? { used: Number(used ?? 0), untilMs } : { used: 0, untilMs: null };
  }

  /** Tries a write that changes nothing, because the key never exists. A full Redis refuses it all the same. */
  async readWriteRefusal(): Promise<string | null> {
    try {
      await this.redis.set(this.keys.writeTest, '', 'XX');
      return null;
    } catch (error) {
      const refusal = explainRefusedWrite(error);
      if (refusal === null) throw error;
      return refusal;
    }
  }

  /** Some dozens or hundreds of counters, whatever the number of rows. */
  async #readBuckets(key: string): Promise<Map<number, number>> {
    const hash = await this.redis.hgetall(key);
    return new Map(Object.entries(hash).map(([bucket, count]) => [Number(bucket), Number(count)]));
  }
}
