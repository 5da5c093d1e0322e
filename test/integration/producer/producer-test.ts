import { Redis } from 'ioredis';
import { test as base } from 'vitest';
import { retryRows } from '../../../src/lib/batch/steer-batch.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { createKeys, type Keys } from '../../../src/lib/store/keys.ts';
import { RedisKeyIndex } from '../../../src/lib/store/redis/indexes/redis-key-index.ts';
import { RedisRowIndex } from '../../../src/lib/store/redis/indexes/redis-row-index.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { RedisLedger } from '../../../src/lib/store/redis/redis-ledger.ts';
import { type ImportResult, importBatch } from '../../../src/producer/import-batch.ts';
import type { ImportOptions } from '../../../src/producer/import-options.ts';
import { type Manifest, openManifest } from '../../../src/producer/manifest/open-manifest.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { removeKeys, testRedisUrl, uniquePrefix } from '../../setup/redis/redis.ts';
import { signal, temporaryFile } from '../../unit/producer/manifest/manifest-fixture.ts';

const NOW_MS = Date.UTC(2026, 4, 31, 12);

/** A producer with a Redis key space of its own. */
export class Producer {
  readonly store: RedisBatchStore;
  readonly repair: RedisBatchRepair;
  readonly overview: RedisBatchOverview;
  readonly ledger: RedisLedger;
  readonly steering: RedisBatchSteering;
  readonly keyIndex: RedisKeyIndex;
  readonly rowIndex: RedisRowIndex;
  readonly redis: Redis;
  readonly keys: Keys;
  readonly queues: Queues;

  constructor(redis: Redis, keys: Keys) {
    this.redis = redis;
    this.keys = keys;
    this.store = new RedisBatchStore(redis, keys);
    this.repair = new RedisBatchRepair(redis, keys);
    this.overview = new RedisBatchOverview(redis, keys, this.store);
    this.ledger = new RedisLedger(redis, keys, this.store);
    this.steering = new RedisBatchSteering(redis, keys);
    this.keyIndex = new RedisKeyIndex(redis, keys);
    this.rowIndex = new RedisRowIndex(redis, keys);
    this.queues = new Queues(redis, keys);
  }

  async import(content: string, options: Partial<ImportOptions> = {}): Promise<ImportResult> {
    return await withManifest(content, (manifest) => this.importManifest(manifest, options));
  }

  async importManifest(
    manifest: Manifest,
    options: Partial<ImportOptions> = {},
  ): Promise<ImportResult> {
    return await importBatch(
      {
        store: this.store,
        repair: this.repair,
        steering: this.steering,
        keyIndex: this.keyIndex,
        queues: this.queues,
        now: () => NOW_MS,
        signal,
      },
      manifest,
      { ...IMPORT_OPTIONS, ...options },
    );
  }

  /** Null when it is refused. */
  async retryCancelled(batchId: string): Promise<number | null> {
    const batch = await this.store.readBatch(batchId);
    if (batch === null) throw new Error(`no batch ${batchId}`);
    const filter = { statuses: new Set(['cancelled' as const]), codes: null };
    const { store, steering } = this;
    const context = { store, steering, queues: this.queues, now: () => NOW_MS };
    const effect = await retryRows(context, batch, filter, { who: 'anna@here', reason: null });
    return effect?.rows ?? null;
  }

  /** The id of a new batch. */
  async importNew(content: string, options: Partial<ImportOptions> = {}): Promise<string> {
    const result = await this.import(content, options);
    if (result.kind !== 'imported') throw new Error(result.kind);
    return result.batch.id;
  }

  /** Ends a row that no stage has begun. */
  async end(
    batchId: string,
    row: number,
    outcome: Partial<Outcome>,
    videoUrl = 'https://a.example/1.mp4',
  ): Promise<void> {
    const batch = await this.store.readBatch(batchId);
    if (batch === null) throw new Error(`no batch ${batchId}`);
    await this.store.recordOutcome(
      batch,
      row,
      '',
      { status: 'succeeded', finishedAtMs: NOW_MS, attempts: 1, warnings: [], ...outcome },
      { kind: 'url', videoUrl },
    );
  }

  async close(): Promise<void> {
    await this.queues[Symbol.asyncDispose]();
  }
}

export async function withManifest<T>(
  content: string,
  use: (manifest: Manifest) => Promise<T>,
): Promise<T> {
  await using file = await temporaryFile(content);
  await using manifest = await openManifest(file.path, { signal });
  return await use(manifest);
}

export const test = base.extend<{ producer: Producer }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  producer: async ({}, use) => {
    const prefix = uniquePrefix();
    const redis = new Redis(testRedisUrl());
    const producer = new Producer(redis, createKeys(prefix));
    await use(producer);
    await producer.close();
    redis.disconnect();
    await removeKeys(prefix);
  },
});
