import type { Redis } from 'ioredis';
import { BATCH_STATES, type Batch } from '../../core/batch/batch.ts';
import type { SessionsToday } from '../../core/budget/session-day.ts';
import type { ListPlace } from '../../core/list-place.ts';
import {
  countExpiring,
  countSessions,
  firstExpiry,
  rowsPerSecond,
  type SessionCounts,
} from '../../core/time-buckets.ts';
import { explainRefusedWorkers, explainRefusedWrite } from '../../redis/trouble.ts';
import type {
  BatchOverview,
  BatchRecord,
  BatchStanding,
  WantedBatches,
} from '../batch-overview.ts';
import type { BatchStore } from '../batch-store.ts';
import type { Keys } from '../keys.ts';
import { UnreadableRecord } from '../unreadable-record.ts';
import { ignoreType } from './reading/ignore-type.ts';
import { listPlaces } from './reading/list-places.ts';
import { RedisPart } from './redis-part.ts';
import { readRefusal } from './worker-registry.ts';

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

  listRecords(wanted: WantedBatches = {}): AsyncIterable<BatchRecord> {
    const { state } = wanted;
    if (state === undefined) return this.#list((place) => this.#readRecord(place), wanted);
    return this.#list(async (place) => {
      const [found] = await this.redis.hmget(this.keys.batch(place.id), 'state').catch(ignoreType);
      return found === state ? await this.#readRecord(place) : null;
    }, wanted);
  }

  countBatches(): Promise<number> {
    return this.redis.zcard(this.keys.batches);
  }

  async #readRecord(place: ListPlace): Promise<BatchRecord | null> {
    try {
      const batch = await this.#store.readBatch(place.id);
      return batch && { kind: 'batch', batch, place };
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      return { kind: 'unreadable', id: place.id, reason: error.message, place };
    }
  }

  listStandings(): AsyncIterable<BatchStanding> {
    return this.#list(async ({ id }) => {
      const [state, finishedAtMs] = await this.redis
        .hmget(this.keys.batch(id), 'state', 'finishedAtMs')
        .catch(ignoreType);
      const known = BATCH_STATES.find((name) => name === state);
      if (known === undefined) return null;
      return { id, state: known, finishedAtMs: finishedAtMs ? Number(finishedAtMs) : null };
    });
  }

  /** Without batches that are gone. */
  async *#list<T>(
    read: (place: ListPlace) => Promise<T | null>,
    { from = null, towards = 'older' }: WantedBatches = {},
  ): AsyncIterable<T> {
    for await (const places of listPlaces(this.redis, this.keys.batches, { from, towards })) {
      for (const found of await Promise.all(places.map(read))) if (found !== null) yield found;
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

  async readFirstExpiry(batchId: string): Promise<number | null> {
    return firstExpiry(await this.#readBuckets(this.keys.sessions(batchId)));
  }

  async countExpiring(batchId: string, nowMs: number, withinMs: number): Promise<number> {
    return countExpiring(await this.#readBuckets(this.keys.sessions(batchId)), nowMs, withinMs);
  }

  async readSessionsToday(nowMs: number): Promise<SessionsToday> {
    const [used, endsMs] = await this.redis.hmget(this.keys.sessionsToday, 'used', 'endsMs');
    const untilMs = Number(endsMs ?? 0);
    return untilMs > nowMs ? { used: Number(used ?? 0), untilMs } : { used: 0, untilMs: null };
  }

  async readWorkerRefusal(): Promise<string | null> {
    const refusal = await readRefusal(this.redis, this.keys);
    return refusal && explainRefusedWorkers(refusal.workers, refusal.reason);
  }

  /** Tries a write that changes nothing, because the key never exists. A full Redis refuses it anyway. */
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
