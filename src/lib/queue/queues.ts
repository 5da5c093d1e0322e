import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { type BatchRef, formatRef } from '../core/batch/batch.ts';
import type { Keys } from '../store/keys.ts';
import { batchOf, type DispatchJob, type RowJob } from './jobs.ts';
import { openQueue, type TypedQueue } from './open-queue.ts';

const ROW_STAGES = ['probe', 'init-selection'] as const;
type Stage = 'dispatch' | (typeof ROW_STAGES)[number];

/** What the ids of a batch's jobs begin with. */
const prefixOf = (batch: BatchRef): string => `${formatRef(batch)}-`;
const dispatchId = (job: DispatchJob): string => `${prefixOf(batchOf(job))}d${job.epoch}`;
const rowId = (batch: BatchRef, row: number): string => `${prefixOf(batch)}${row}`;

/** Where BullMQ keeps jobs that have not ended. */
const PLACES = ['wait', 'active', 'delayed', 'prioritized'] as const;
const LIST_PAGE = 1_000;
const REMOVED_AT_ONCE = 100;

/**
 * The queues of the rows as their producers see them. They only carry rows between stages; what a row's state is says
 * the batch store. So a job may run twice without harm. Closing leaves the connection open.
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

  /** Starts dispatching a batch; nothing happens when it is being dispatched in this epoch already. */
  async addDispatch(job: DispatchJob): Promise<void> {
    await this.#queues.dispatch.add('dispatch', job, { jobId: dispatchId(job) });
  }

  /** Whether a batch is being dispatched in this epoch. */
  async hasDispatch(job: DispatchJob): Promise<boolean> {
    return (await this.#redis.exists(this.#queues.dispatch.toKey(dispatchId(job)))) === 1;
  }

  /** A row that is in the queue already stays where it is. */
  async addRows(stage: 'probe' | 'init-selection', jobs: RowJob[]): Promise<void> {
    await this.#queues[stage].addBulk(
      jobs.map((job) => ({
        name: stage,
        data: job,
        opts: { jobId: rowId(batchOf(job), job.row) },
      })),
    );
  }

  /** Of some rows, those that are in neither stage; at most some thousand at a time. */
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

  /** Rows of a batch that are in a stage, by the queues' own lists; a page of jobs at a time. */
  async *listRows(batch: BatchRef): AsyncIterable<number[]> {
    for (const stage of ROW_STAGES) {
      for await (const ids of this.#listJobs(stage, batch)) {
        yield ids.map((id) => Number(id.slice(prefixOf(batch).length)));
      }
    }
  }

  /**
   * Removes the jobs of a batch that has ended, in small steps. May run twice. A job that a worker holds stays: the worker
   * lets go of it by itself.
   */
  async removeJobs(batch: BatchRef): Promise<void> {
    for (const stage of ['dispatch', ...ROW_STAGES] as const) {
      // A job that moves while the lists are read is found by the next look.
      while ((await this.#removeListed(stage, batch)) > 0);
    }
  }

  /** Returns how many were removed. A batch has some seconds' worth of jobs at most. */
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

  /** Ids of a batch's jobs in a stage, a page of the stage's jobs at a time. */
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
   * Rows that may be in the calling stage at once, across all workers of all machines. Holds from the next row
   * that is taken; rows that are in it already stay.
   */
  async setRowsInHand(rows: number): Promise<void> {
    await this.#queues['init-selection'].setGlobalConcurrency(rows);
  }

  /** Jobs in a stage by where they are. */
  async countJobs(stage: Stage): Promise<Record<string, number>> {
    return await this.#queues[stage].getJobCounts(...PLACES);
  }

  /** For looking at them. */
  all(): Queue[] {
    return Object.values(this.#queues);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.close()));
  }
}
