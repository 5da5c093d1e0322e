import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Keys } from '../store/keys.ts';
import type { JobOf, QueueName } from './jobs.ts';
import { repeatStrategy } from './repeat-strategy.ts';

/** The pause after an unexpected error, such as lost Redis. */
const RETRY_MS = 5_000;

/** A queue whose jobs vanish when they end and never fail for good; its store knows the state of the work. */
export type TypedQueue<Q extends QueueName> = Queue<JobOf<Q>, void, string>;

/** Writes the queue's settings to Redis. Closing it leaves the connection open. */
export function openQueue<Q extends QueueName>(
  name: Q,
  connection: Redis,
  keys: Keys,
): TypedQueue<Q> {
  const queue: TypedQueue<Q> = new Queue(name, {
    connection,
    prefix: keys.bullmq,
    settings: { repeatStrategy },
    streams: { events: { maxLen: 100 } },
    defaultJobOptions: {
      removeOnComplete: true,
      // A handler never fails a job; an error comes from the engine or Redis, and passes.
      attempts: Number.MAX_SAFE_INTEGER,
      backoff: { type: 'fixed', delay: RETRY_MS },
    },
  });
  queue.on('error', () => undefined);
  return queue;
}
