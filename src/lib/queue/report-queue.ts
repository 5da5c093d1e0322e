import type { Redis } from 'ioredis';
import { formatRef } from '../core/batch/batch.ts';
import type { Keys } from '../store/keys.ts';
import { batchOf, type ReportJob } from './jobs.ts';
import { openQueue, type TypedQueue } from './open-queue.ts';

/** The queue of reports that workers write. Closing leaves the connection open. */
export class ReportQueue implements AsyncDisposable {
  readonly #queue: TypedQueue<'report'>;

  constructor(connection: Redis, keys: Keys) {
    this.#queue = openQueue('report', connection, keys);
  }

  /** A report for the same end of its batch is not queued twice; if it waits after a failure, it is tried at once. */
  async add(job: ReportJob): Promise<void> {
    const jobId = `${formatRef(batchOf(job))}-${job.endedAtMs ?? 'look'}`;
    const queued = await this.#queue.add('report', job, { jobId });
    // The job is not delayed if it is new, or if a worker has just taken it.
    if (await queued.isDelayed()) await queued.promote().catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
  }
}
