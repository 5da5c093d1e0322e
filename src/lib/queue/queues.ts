import type { Redis } from 'ioredis';
import { type BatchRef, formatRef } from '../core/batch/batch.ts';
import type { Keys } from '../store/keys.ts';
import { batchOf, type DispatchJob, type RowJob } from './jobs.ts';
import { LazyQueue } from './lazy-queue.ts';

const ROW_STAGES = ['probe', 'init-selection'] as const;
type Stage = 'dispatch' | (typeof ROW_STAGES)[number];

/** The prefix of the ids of a batch's jobs. */
const prefixOf = (batch: BatchRef): string => `${formatRef(batch)}-`;
const dispatchId = (job: DispatchJob): string => `${prefixOf(batchOf(job))}d${job.epoch}`;
const rowId = (batch: BatchRef, row: number): string => `${prefixOf(batch)}${row}`;
/** Differs from the row's own job id: a retried row must not wait for the end of its renewal. */
const renewalId = (batch: BatchRef, row: number): string => `${prefixOf(batch)}r${row}`;

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
  readonly #queues: { [S in Stage]: LazyQueue<S> };

  constructor(connection: Redis, keys: Keys) {
    this.#redis = connection;
    this.#queues = {
      dispatch: new LazyQueue('dispatch', connection, keys),
      probe: new LazyQueue('probe', connection, keys),
      'init-selection': new LazyQueue('init-selection', connection, keys),
    };
  }

  /** Starts dispatching a batch. Does nothing if it is already being dispatched in this epoch. */
  async addDispatch(job: DispatchJob): Promise<void> {
    const dispatch = await this.#queues.dispatch.open();
    await dispatch.add('dispatch', job, { jobId: dispatchId(job) });
  }

  /** Whether a batch is being dispatched in this epoch. */
  async hasDispatch(job: DispatchJob): Promise<boolean> {
    const dispatch = await this.#queues.dispatch.open();
    return (await this.#redis.exists(dispatch.toKey(dispatchId(job)))) === 1;
  }

  /** A row that is already in the queue stays where it is. */
  async addRows(stage: 'probe' | 'init-selection', jobs: RowJob[]): Promise<void> {
    const queue = await this.#queues[stage].open();
    await queue.addBulk(
      jobs.map((job) => ({
        name: stage,
        data: job,
        opts: { jobId: (job.renews ? renewalId : rowId)(batchOf(job), job.row) },
      })),
    );
  }

  /** Of these rows, the ones that are in neither stage; at most some thousand at a time. */
  async findWithoutJob(batch: BatchRef, rows: number[]): Promise<number[]> {
    const probe = await this.#queues.probe.open();
    const calls = await this.#queues['init-selection'].open();
    const found = await Promise.all(
      rows.map((row) => {
        const id = rowId(batch, row);
        return this.#redis.exists(probe.toKey(id), calls.toKey(id));
      }),
    );
    return rows.filter((_, index) => found[index] === 0);
  }

  /** Of these rows, the ones whose renewal is in no queue; at most some thousand at a time. */
  async findWithoutRenewal(batch: BatchRef, rows: number[]): Promise<number[]> {
    const calls = await this.#queues['init-selection'].open();
    const found = await Promise.all(
      rows.map((row) => this.#redis.exists(calls.toKey(renewalId(batch, row)))),
    );
    return rows.filter((_, index) => found[index] === 0);
  }

  /**
   * Rows of a batch that are in a stage, according to the queues' own lists; one page of jobs at a time. Rows whose
   * sessions are renewed are left out: they have ended.
   */
  async *listRows(batch: BatchRef): AsyncIterable<number[]> {
    for (const stage of ROW_STAGES) {
      for await (const ids of this.#listJobs(stage, batch)) {
        const own = ids.map((id) => id.slice(prefixOf(batch).length));
        yield own.filter((id) => !id.startsWith('r')).map(Number);
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
    const queue = await this.#queues[stage].open();
    const found: string[] = [];
    for await (const ids of this.#listJobs(stage, batch)) found.push(...ids);
    let removed = 0;
    for (let start = 0; start < found.length; start += REMOVED_AT_ONCE) {
      const some = found.slice(start, start + REMOVED_AT_ONCE);
      const counts = await Promise.all(some.map((id) => queue.remove(id)));
      removed += counts.filter((count) => count === 1).length;
    }
    return removed;
  }

  /** Ids of a batch's jobs in a stage, one page of the stage's jobs at a time. */
  async *#listJobs(stage: Stage, batch: BatchRef): AsyncIterable<string[]> {
    const queue = await this.#queues[stage].open();
    const prefix = prefixOf(batch);
    const isOwn = (id: string): boolean =>
      id.startsWith(prefix) && /^[dr]?\d+$/.test(id.slice(prefix.length));
    for (let start = 0; ; start += LIST_PAGE) {
      const end = start + LIST_PAGE - 1;
      const ids = await queue.getRanges([...PLACES], start, end);
      if (ids.length === 0) return;
      yield ids.filter(isOwn);
    }
  }

  /**
   * Rows that may be in the calling stage at once, across all workers on all machines. Applies from the next row on;
   * rows that are already there stay.
   */
  async setRowsInHand(rows: number): Promise<void> {
    const calls = await this.#queues['init-selection'].open();
    await calls.setGlobalConcurrency(rows);
  }

  /** Jobs in a stage by state. */
  async countJobs(stage: Stage): Promise<Record<string, number>> {
    const queue = await this.#queues[stage].open();
    return await queue.getJobCounts(...PLACES);
  }

  /** For display. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue[Symbol.asyncDispose]()));
  }
}
