import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { verifyBatch } from '../../../src/lib/batch/verify-batch.ts';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { markOf, NO_MARK } from '../../../src/lib/core/row/row-mark.ts';
import type { RowProgress } from '../../../src/lib/core/row/row-progress.ts';
import { readEntries, statusOf } from '../../../src/lib/report/read-entries.ts';
import type { ReportEntry } from '../../../src/lib/report/report-formatter.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { RedisKeyIndex } from '../../../src/lib/store/redis/indexes/redis-key-index.ts';
import { RedisRowIndex } from '../../../src/lib/store/redis/indexes/redis-row-index.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { RedisLedger } from '../../../src/lib/store/redis/redis-ledger.ts';
import { RedisResultFeed } from '../../../src/lib/store/redis/redis-result-feed.ts';
import { RedisShares } from '../../../src/lib/store/redis/redis-shares.ts';
import { RedisSearchIndex } from '../../../src/lib/store/redis/searching/redis-search-index.ts';
import { progress, ref, sourceOf, viewOf } from '../../contract/batch-store/examples.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';

/** Sessions expire in Redis, too, which has a clock of its own. */
export const NOW_MS = Date.now();
export const HOUR_MS = 3_600_000;

/** Everything that works on one batch's keys, with its own prefix. */
export class SteeringBench {
  readonly redis = new Redis(testRedisUrl());
  readonly prefix = prefixForTest();
  readonly keys = createKeys(this.prefix);
  readonly store = new RedisBatchStore(this.redis, this.keys);
  readonly steering = new RedisBatchSteering(this.redis, this.keys);
  readonly overview = new RedisBatchOverview(this.redis, this.keys, this.store);
  readonly ledger = new RedisLedger(this.redis, this.keys, this.store);
  readonly rowIndex = new RedisRowIndex(this.redis, this.keys);
  readonly keyIndex = new RedisKeyIndex(this.redis, this.keys);
  readonly searchIndex = new RedisSearchIndex(this.redis, this.keys);
  readonly feed = new RedisResultFeed(this.redis, this.keys);
  readonly shares = new RedisShares(this.redis, this.keys);

  constructor() {
    onTestFinished(() => this.redis.disconnect());
  }

  async batch(id = 'batch-1'): Promise<Batch> {
    const batch = await this.store.readBatch(id);
    if (batch === null) throw new Error(`no batch ${id}`);
    return batch;
  }

  /** Brings a row under way. */
  async begin(row: number, others: Partial<RowProgress> = {}, isHandedBack = false): Promise<void> {
    const { version } = await viewOf(this.store, 'batch-1', row);
    const next = { ...progress('probing', `writer of ${row}`), ...others };
    await this.store.swapProgress(ref('batch-1'), row, version, next, { isHandedBack });
  }

  async end(
    row: number,
    outcome: Outcome,
    source = sourceOf(row),
    id = 'batch-1',
  ): Promise<string> {
    const { version } = await viewOf(this.store, id, row);
    const result = await this.store.recordOutcome(ref(id), row, version, outcome, source);
    return result.kind;
  }

  /** The marks that follow from the outcomes of the first chunk. */
  async rightMarks(id: string): Promise<Uint16Array> {
    const { rows } = await this.batch(id);
    const outcomes = await this.store.readOutcomes(id, 0);
    return Uint16Array.from({ length: rows }, (_, index) => {
      const ended = outcomes.get(index + 1);
      return ended === undefined ? NO_MARK : markOf(ended);
    });
  }

  /** The state of every row, as in the report. */
  async entries(id = 'batch-1'): Promise<ReportEntry[]> {
    const entries: ReportEntry[] = [];
    for await (const some of readEntries(this.store, await this.batch(id))) entries.push(...some);
    return entries;
  }

  async statuses(id = 'batch-1'): Promise<string[]> {
    return (await this.entries(id)).map(({ result }) => statusOf(result));
  }

  async problems(id = 'batch-1'): Promise<string[]> {
    return (await verifyBatch(this.store, await this.batch(id))).problems;
  }

  async keysLeft(): Promise<string[]> {
    const found: string[] = [];
    const match = `${this.prefix.replace(/[\\*?[\]^-]/g, '\\$&')}*`;
    for await (const some of this.redis.scanStream({ match })) found.push(...some);
    return found.map((key) => key.slice(this.prefix.length + 1)).sort();
  }
}

/** A success whose session lives for another 24 hours, or so long. */
export const opened = (id: string, lifeMs = 24 * HOUR_MS): Outcome => ({
  status: 'succeeded',
  finishedAtMs: NOW_MS,
  attempts: 1,
  warnings: [],
  session: { id, expiresAtMs: NOW_MS + lifeMs },
});

/** A row that keeps the session of the same row of another batch. */
export const keptFrom = (batchId: string, row: number): Outcome => ({
  ...opened(`kept ${row}`),
  status: 'reused',
  keptFrom: { batchId, row },
});
