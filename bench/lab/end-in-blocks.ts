import { recountBatch } from '../../src/lib/batch/recount-batch.ts';
import type { Batch } from '../../src/lib/core/batch/batch.ts';
import { CHUNK_ROWS, countChunks, firstRowOfChunk } from '../../src/lib/core/batch/chunk.ts';
import { sessionBucket } from '../../src/lib/core/time-buckets.ts';
import { packOutcome } from '../../src/lib/store/redis/packing/pack-outcome.ts';
import { withCalled } from '../../src/lib/store/redis/packing/pack-record.ts';
import { digestSource } from '../../src/lib/store/redis/packing/source-digest.ts';
import type { Stores } from '../../src/library/wiring/stores.ts';
import { LIFE_MS, sourceOf, success } from './end-all-rows.ts';

/**
 * The outcomes that `endAllRows` records, a chunk at a time and without what only other batches read (ledger, feed):
 * a million in a minute.
 */
export async function endInBlocks(
  { redis, keys, store, repair }: Pick<Stores, 'redis' | 'keys' | 'store' | 'repair'>,
  batch: Batch,
): Promise<void> {
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const first = firstRowOfChunk(chunk);
    const count = Math.min(CHUNK_ROWS, batch.rows - first + 1);
    const texts: Record<string, string> = {};
    for (let row = first; row < first + count; row += 1) {
      texts[row] = packOutcome(withCalled(success(row), digestSource(sourceOf(row))));
    }
    await redis.hset(keys.outcomes(batch.id, chunk), texts);
    const bucket = sessionBucket(Date.now() + LIFE_MS);
    await redis.hincrby(keys.sessions(batch.id), String(bucket), count);
  }
  await recountBatch({ store, repair, now: Date.now }, batch.id);
}
