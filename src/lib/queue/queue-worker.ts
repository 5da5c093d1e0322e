import { DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Keys } from '../store/keys.ts';
import { describeIssues } from '../store/redis/packing/stored-json.ts';
import { UnreadableRecord } from '../store/unreadable-record.ts';
import { JOBS, type JobOf, type QueueName } from './jobs.ts';
import { repeatStrategy } from './repeat-strategy.ts';

/** A worker that died gives its jobs back within lock + check: measured 8.5 s. */
const LOCK_MS = 8_000;
const STALLED_CHECK_MS = 3_000;
/** Rows that one process may hold in a stage whose limit is global. */
export const NO_LOCAL_LIMIT = 2_000;
/** How long an idle worker takes at most to notice a slot that another left. */
const IDLE_WAIT_S = 1;

/** What a handler makes of a job. */
export type JobResult =
  /** Nothing left to do in this queue; the job vanishes. */
  | { kind: 'done' }
  /** Again after `delayMs`, behind those that wait. */
  | { kind: 'later'; delayMs: number }
  /** Not now, through no fault of the row: back to the head of the queue. */
  | { kind: 'back' };

export interface QueueWorker extends AsyncDisposable {
  /** Takes no new job; resolves when the running ones have ended, which without Redis is never. */
  stop(): Promise<void>;
  /** Lets go of Redis at once. Jobs that run are found stalled by the other workers. */
  abandon(): void;
}

/** What the workers of one process have in common. */
export interface WorkerConnection {
  connection: Redis;
  keys: Keys;
  onError: (error: Error) => void;
}

interface QueueWorkerOptions<Q extends QueueName> extends WorkerConnection {
  queue: Q;
  /** Jobs at once in this process. */
  concurrency: number;
  /** `attempt` counts how often the job has been taken, from 1. */
  handle: (job: JobOf<Q>, attempt: number) => Promise<JobResult>;
}

/** Works on a queue's jobs until it is stopped. */
export function startQueueWorker<Q extends QueueName>(options: QueueWorkerOptions<Q>): QueueWorker {
  const { queue, handle } = options;
  const process = async (job: Job, token?: string): Promise<void> => {
    const payload = JOBS[queue].safeParse(job.data);
    if (!payload.success) {
      // It goes, so that the sweep can requeue the work from the store, where a job is missing.
      options.onError(
        new UnreadableRecord(`Job ${job.id} of ${queue}`, describeIssues(payload.error)),
      );
      return;
    }
    await carryOut(await handle(payload.data as JobOf<Q>, job.attemptsStarted), job, token);
  };
  const worker = new Worker(queue, process, {
    connection: options.connection,
    prefix: options.keys.bullmq,
    concurrency: options.concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    // Rows survive any number of crashes; the batch store counts what a row did to its workers.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    drainDelay: IDLE_WAIT_S,
    settings: { repeatStrategy },
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
async function carryOut(result: JobResult, job: Job, token?: string): Promise<void> {
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
 * the lock. Nothing is wrong then, as the batch store knows what became of the row.
 */
export const isJobGone = (error: unknown): boolean =>
  error instanceof Error &&
  /could not renew lock|Missing (lock|key) for job|Lock mismatch/.test(error.message);
