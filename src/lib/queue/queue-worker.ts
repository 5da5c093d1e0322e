import { DelayedError, type Job, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Keys } from '../store/keys.ts';
import { describeIssues } from '../store/redis/packing/stored-json.ts';
import { UnreadableRecord } from '../store/unreadable-record.ts';
import { JOBS, type JobOf, type QueueName } from './jobs.ts';
import { repeatStrategy } from './repeat-strategy.ts';

/** Other workers take the jobs of a dead one within lock + check: measured 8.5 s. */
const LOCK_MS = 8_000;
const STALLED_CHECK_MS = 3_000;
/** Rows that one process may hold in a stage with a global limit. */
export const NO_LOCAL_LIMIT = 2_000;
/** How long an idle worker takes at most to notice a free slot. */
const IDLE_WAIT_S = 1;

/** What a handler decides about a job. */
export type JobResult =
  /** Nothing left to do in this queue; the job vanishes. */
  | { kind: 'done' }
  /** Again after `delayMs`, behind the waiting jobs. */
  | { kind: 'later'; delayMs: number }
  /** Not now, through no fault of the row: the job returns to the head of the queue. */
  | { kind: 'back' };

export interface QueueWorker extends AsyncDisposable {
  /** Takes no new job; resolves when the current ones have ended, which never happens without Redis. */
  stop(): Promise<void>;
  /** Disconnects from Redis at once. Other workers find the running jobs stalled. */
  abandon(): void;
}

/** Shared by the workers of one process. */
export interface WorkerConnection {
  connection: Redis;
  keys: Keys;
  onError: (error: Error) => void;
  /** The clock of Redis. Default: that of this machine. */
  now?: () => number;
}

interface QueueWorkerOptions<Q extends QueueName> extends WorkerConnection {
  queue: Q;
  /** Jobs at once in this process. */
  concurrency: number;
  /** `attempt` counts how often the job was taken, from 1. */
  handle: (job: JobOf<Q>, attempt: number) => Promise<JobResult>;
}

/** Processes a queue's jobs until it is stopped. */
export function startQueueWorker<Q extends QueueName>(options: QueueWorkerOptions<Q>): QueueWorker {
  const { queue, handle } = options;
  const process = async (job: Job, token?: string): Promise<void> => {
    const payload = JOBS[queue].safeParse(job.data);
    if (!payload.success) {
      // The job is removed, so that the sweep can requeue the work from the store.
      options.onError(
        new UnreadableRecord(`Job ${job.id} of ${queue}`, describeIssues(payload.error)),
      );
      return;
    }
    const result = await handle(payload.data as JobOf<Q>, job.attemptsStarted);
    await carryOut(result, { worker, job, token, redisNow: options.now ?? Date.now });
  };
  const worker = new Worker(queue, process, {
    connection: options.connection,
    prefix: options.keys.bullmq,
    concurrency: options.concurrency,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_CHECK_MS,
    // Rows survive any number of crashes; the batch store counts worker deaths per row.
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

interface TakenJob {
  worker: Worker;
  job: Job;
  token: string | undefined;
  redisNow: () => number;
}

/** BullMQ needs a thrown error for everything but "completed"; these two cost a job no attempt. */
async function carryOut(result: JobResult, taken: TakenJob): Promise<void> {
  switch (result.kind) {
    case 'done':
      return;
    case 'later':
      await delay(taken, result.delayMs);
      throw new DelayedError();
    case 'back':
      await taken.job.moveToWait(taken.token);
      throw new WaitingError();
  }
}

/**
 * BullMQ takes delayed jobs up by the clock of any worker's machine. So it uses the earlier of two clocks: a clock
 * that is a day ahead would delay the row for all other workers by a day. `Job.moveToDelayed` cannot do this: it
 * moves a time that has passed by this machine's clock to the present of that clock.
 */
async function delay({ worker, job, token, redisNow }: TakenJob, delayMs: number): Promise<void> {
  const { id } = job;
  if (id === undefined) throw new Error(`a job of ${job.queueName} has no id`);
  const nowMs = Math.min(Date.now(), redisNow());
  const backend = worker.getBackend();
  await backend.moveToDelayed(id, nowMs, delayMs, token, { skipAttempt: true });
}

/**
 * Whether an error only means that this worker has lost the job: it was frozen, or without Redis for longer than the
 * lock. That is no problem, because the batch store knows the state of the row.
 */
export const isJobGone = (error: unknown): boolean =>
  error instanceof Error &&
  /could not renew lock|Missing (lock|key) for job|Lock mismatch/.test(error.message);
