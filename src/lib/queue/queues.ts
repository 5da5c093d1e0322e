import type { Redis } from 'ioredis';
import { type BatchRef, formatRef } from '../core/batch/batch.ts';
import type { Keys } from '../store/keys.ts';
import { batchOf, type DispatchJob, type RowJob } from './jobs.ts';
import { openQueue, type TypedQueue } from './open-queue.ts';

const ROW_STAGES = ['probe', 'init-selection'] as const;
type Stage = 'dispatch' | (typeof ROW_STAGES)[number];

/** The prefix of the ids of a batch's jobs. */
const prefixOf = (batch: BatchRef): string => `${formatRef(batch)}-`;
const dispatchId = (job: DispatchJob): string => `${prefixOf(batchOf(job))}d${job.epoch}`;
const rowId = (batch: BatchRef, row: number): string => `${prefixOf(batch)}${row}`;

/** The states in which BullMQ keeps jobs that have not ended. */
const PLACES = ['wait', 'active', 'delayed', 'prioritized'] as const;
const LIST_PAGE = 1_000;
const REMOVED_AT_ONCE = 100;

/**
 * The queues of the rows, for producers. They only carry rows between stages; the batch store has the state of a row.
 * So a job may run twice without harm. Closing leaves the connection open.
 */
export class Queues implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #queues: { [S in Stage]: TypedQueue<S> };

  constructor(connection: Redis, keys: Keys) {
    this.#redis = connection;
    this.#queues = {
      dispatch: openQueue('dispatch', connection, keys),
      probe: openQueue('probe', connection, keys),
      'init-selection': openQueue('init-selection', connection, keys),
    };
  }

  /** Starts dispatching a batch. Does nothing if it is already being dispatched in this epoch. */
  async addDispatch(job: DispatchJob): Promise<void> {
    await this.#queues.dispatch.add('dispatch', job, { jobId: dispatchId(job) });
  }

  /** Whether a batch is being dispatched in this epoch. */
  async hasDispatch(job: DispatchJob): Promise<boolean> {
    return (await this.#redis.exists(this.#queues.dispatch.toKey(dispatchId(job)))) === 1;
  }

  /** A row that is already in the queue stays where it is. */
  async addRows(stage: 'probe' | 'init-selection', jobs: RowJob[]): Promise<void> {
    await this.#queues[stage].addBulk(
      jobs.map((job) => ({
        name: stage,
        data: job,
        opts: { jobId: rowId(batchOf(job), job.row) },
      })),
    );
  }

  /** Of these rows, the ones that are in neither stage; at most some thousand at a time. */
  async findWithoutJob(batch: BatchRef, rows: number[]): Promise<number[]> {
    const { probe, 'init-selection': calls } = this.#queues;
    const found = await Promise.all(
      rows.map((row) => {
        const id = rowId(batch, row);
        return this.#redis.exists(probe.toKey(id), calls.toKey(id));
      }),
    );
    return rows.filter((_, index) => found[index] === 0);
  }

  /** Rows of a batch that are in a stage, according to the queues' own lists; one page of jobs at a time. */
  async *listRows(batch: BatchRef): AsyncIterable<number[]> {
    for (const stage of ROW_STAGES) {
      for await (const ids of this.#listJobs(stage, batch)) {
        yield ids.map((id) => Number(id.slice(prefixOf(batch).length)));
      }
    }
  }

  /**
   * Removes the jobs of a batch that has ended, in small steps. May run twice. A job that a worker holds stays; that
   * worker drops it by itself.
   */
  async removeJobs(batch: BatchRef): Promise<void> {
    for (const stage of ['dispatch', ...ROW_STAGES] as const) {
      // The next look finds a job that moved while the lists were read.
      while ((await this.#removeListed(stage, batch)) > 0);
    }
  }

  /** Returns how many were removed. A batch has at most some seconds of work in jobs. */
  async #removeListed(stage: Stage, batch: BatchRef): Promise<number> {
    const found: string[] = [];
    for await (const ids of this.#listJobs(stage, batch)) found.push(...ids);
    let removed = 0;
    for (let start = 0; start < found.length; start += REMOVED_AT_ONCE) {
      const some = found.slice(start, start + REMOVED_AT_ONCE);
      const counts = await Promise.all(some.map((id) => this.#queues[stage].remove(id)));
      removed += counts.filter((count) => count === 1).length;
    }
    return removed;
  }

  /** Ids of a batch's jobs in a stage, one page of the stage's jobs at a time. */
  async *#listJobs(stage: Stage, batch: BatchRef): AsyncIterable<string[]> {
    const prefix = prefixOf(batch);
    const isOwn = (id: string): boolean =>
      id.startsWith(prefix) && /^d?\d+$/.test(id.slice(prefix.length));
    for (let start = 0; ; start += LIST_PAGE) {
      const end = start + LIST_PAGE - 1;
      const ids = await this.#queues[stage].getRanges([...PLACES], start, end);
      if (ids.length === 0) return;
      yield ids.filter(isOwn);
    }
  }

  /**
   * Rows that may be in the calling stage at once, across all workers on all machines. Applies from the next row on;
   * rows that are already there stay.
   */
  async setRowsInHand(rows: number): Promise<void> {
    await this.#queues['init-selection'].setGlobalConcurrency(rows);
  }

  /** Jobs in a stage by state. */
  async countJobs(stage: Stage): Promise<Record<string, number>> {
    return await this.#queues[stage].getJobCounts(...PLACES);
  }

  /** For display. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.close()));
  }
}
