import { DelayedError, type Job, Queue, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Source } from '../core/source.ts';
import type { Keys } from '../store/keys.ts';

/**
 * The one place that speaks BullMQ. The engine only carries rows between stages; what a row's state is says
 * the batch store. So jobs vanish when they end, and a job may run twice without harm.
 */
const STAGES = ['dispatch', 'probe', 'init-selection'] as const;
type Stage = (typeof STAGES)[number];
const ROW_STAGES = ['probe', 'init-selection'] as const;

/** A worker that died gives its rows back within lock + check: measured 8.5 s. */
const LOCK_MS = 8_000;
const STALLED_CHECK_MS = 3_000;
/** Rows that one process may hold in a stage whose limit is global. */
export const NO_LOCAL_LIMIT = 1_000;
/** How long an idle worker takes at most to notice a slot that another left. */
const IDLE_WAIT_S = 1;
/** After an unforeseen error, such as lost Redis. */
const RETRY_MS = 5_000;

const source: z.ZodType<Source> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('url'), videoUrl: z.string() }),
  z.object({
    kind: z.literal('kling'),
    videoId: z.string(),
    taskId: z.string(),
    createdAtMs: z.number().exactOptional(),
  }),
]);

const rowJob = z.object({ batchId: z.string(), row: z.int().positive(), source });
export type RowJob = z.infer<typeof rowJob>;

const dispatchJob = z.object({ batchId: z.string(), epoch: z.int() });
export type DispatchJob = z.infer<typeof dispatchJob>;

interface JobTypes {
  dispatch: DispatchJob;
  probe: RowJob;
  'init-selection': RowJob;
}

const schemas: { [S in Stage]: z.ZodType<JobTypes[S]> } = {
  dispatch: dispatchJob,
  probe: rowJob,
  'init-selection': rowJob,
};

/** What a stage makes of a job. */
export type StageResult =
  /** Nothing left to do in this stage; the job vanishes. */
  | { kind: 'done' }
  /** Again after `delayMs`, behind those that wait. */
  | { kind: 'later'; delayMs: number }
  /** Not now, by nobody's fault: back to the head of the line. */
  | { kind: 'back' };

export type StageHandler<S extends Stage> = (job: JobTypes[S]) => Promise<StageResult>;

const dispatchId = ({ batchId, epoch }: DispatchJob): string => `${batchId}-d${epoch}`;
const rowId = (batchId: string, row: number): string => `${batchId}-${row}`;

/** Where BullMQ keeps jobs that have not ended. */
const PLACES = ['wait', 'active', 'delayed', 'prioritized'] as const;
const LIST_PAGE = 1_000;

/** The queues as their producers see them. Closing leaves the connection open. */
export class Queues implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #queues: Record<Stage, Queue>;

  constructor(connection: Redis, keys: Keys) {
    this.#redis = connection;
    const open = (stage: Stage): Queue =>
      new Queue(stage, {
        connection,
        prefix: keys.bullmq,
        streams: { events: { maxLen: 100 } },
        defaultJobOptions: {
          removeOnComplete: true,
          // A stage never fails a job; what throws is the engine's or Redis' trouble, and passes.
          attempts: Number.MAX_SAFE_INTEGER,
          backoff: { type: 'fixed', delay: RETRY_MS },
        },
      });
    this.#queues = {
      dispatch: open('dispatch'),
      probe: open('probe'),
      'init-selection': open('init-selection'),
    };
    for (const queue of Object.values(this.#queues)) queue.on('error', () => undefined);
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
        opts: { jobId: rowId(job.batchId, job.row) },
      })),
    );
  }

  /** Of some rows, those that are in neither stage; at most some thousand at a time. */
  async findWithoutJob(batchId: string, rows: number[]): Promise<number[]> {
    const { probe, 'init-selection': calls } = this.#queues;
    const found = await Promise.all(
      rows.map((row) => {
        const id = rowId(batchId, row);
        return this.#redis.exists(probe.toKey(id), calls.toKey(id));
      }),
    );
    return rows.filter((_, index) => found[index] === 0);
  }

  /** Rows of a batch that are in a stage, by the queues' own lists; a page of jobs at a time. */
  async *listRows(batchId: string): AsyncIterable<number[]> {
    const prefix = `${batchId}-`;
    for (const stage of ROW_STAGES) {
      for (let start = 0; ; start += LIST_PAGE) {
        const end = start + LIST_PAGE - 1;
        const ids = await this.#queues[stage].getRanges([...PLACES], start, end);
        if (ids.length === 0) break;
        yield ids
          .filter((id) => id.startsWith(prefix) && /^\d+$/.test(id.slice(prefix.length)))
          .map((id) => Number(id.slice(prefix.length)));
      }
    }
  }

  /**
   * Rows that may be in the calling stage at once, across all workers of all machines. Holds from the next row
   * that is taken; rows that are in it already stay.
   */
  async setCallConcurrency(calls: number): Promise<void> {
    await this.#queues['init-selection'].setGlobalConcurrency(calls);
  }

  /** Jobs in a stage by where they are. */
  async countJobs(stage: Stage): Promise<Record<string, number>> {
    return await this.#queues[stage].getJobCounts(...PLACES);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.close()));
  }
}

export interface StageWorker extends AsyncDisposable {
  /** Takes no new job; resolves when the running ones have ended, which without Redis is never. */
  stop(): Promise<void>;
  /** Lets go of Redis at once. Jobs that run are found stalled by the other workers. */
  abandon(): void;
}

interface StageWorkerOptions<S extends Stage> {
  stage: S;
  connection: Redis;
  keys: Keys;
  concurrency: number;
  handle: StageHandler<S>;
  onError: (error: Error) => void;
}

/** Runs a stage's jobs until it is stopped. */
export function startStageWorker<S extends Stage>(options: StageWorkerOptions<S>): StageWorker {
  const { stage, handle } = options;
  const process = async (job: Job, token?: string): Promise<void> => {
    await carryOut(await handle(schemas[stage].parse(job.data)), job, token);
  };
  const worker = new Worker(stage, process, {
    connection: options.connection,
    prefix: options.keys.bullmq,
    concurrency: options.concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    // Rows survive any number of crashes; the batch store counts what a row did to its workers.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    drainDelay: IDLE_WAIT_S,
  });
  worker.on('error', options.onError);
  worker.on('failed', (_job, error) => options.onError(error));
  return {
    stop: () => worker.close(),
    abandon: () => {
      worker
        .getBackend()
        .disconnect()
        .catch(() => undefined);
    },
    [Symbol.asyncDispose]: () => worker.close(),
  };
}

/** BullMQ wants an error thrown for everything but "completed"; these two cost a job no attempt. */
async function carryOut(result: StageResult, job: Job, token?: string): Promise<void> {
  switch (result.kind) {
    case 'done':
      return;
    case 'later':
      await job.moveToDelayed(Date.now() + result.delayMs, token);
      throw new DelayedError();
    case 'back':
      await job.moveToWait(token);
      throw new WaitingError();
  }
}

/**
 * Whether an error only says that a job is not this worker's any more: it was frozen or without Redis for longer than
 * the lock. Nothing is wrong then, as what became of the row stands in the batch store.
 */
export const isJobGone = (error: unknown): boolean =>
  error instanceof Error &&
  /could not renew lock|Missing (lock|key) for job|Lock mismatch/.test(error.message);
