import type { Batch } from '../core/batch.ts';
import type { SessionCounts } from '../core/time-buckets.ts';

/** What people look at, whose cost does not grow with a batch's rows. */
export interface BatchOverview {
  /** Newest first. */
  listBatches(): AsyncIterable<Batch>;
  /** Ids of the batches that mend this one, oldest first. */
  listMending(batchId: string): Promise<string[]>;
  /** Rows that ended per second over the last minute. */
  readPace(batchId: string, nowMs: number): Promise<number>;
  readSessions(batchId: string, nowMs: number): Promise<SessionCounts>;
}
