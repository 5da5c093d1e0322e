import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** Why a process cannot do its work now, as one sentence; null when it can. */
export type Readiness = () => Promise<string | null>;

const PATIENCE_MS = 1_000;
const NO_ANSWER = 'Redis does not answer.';

/** Ready while Redis answers, and until the process shuts down. */
export function readinessOf(redis: Redis, stopping: AbortSignal): Readiness {
  return async () => {
    if (stopping.aborted) return 'It is shutting down.';
    const time = new AbortController();
    const answer = redis.ping().then(
      () => null,
      () => NO_ANSWER,
    );
    const tooLate = wait(PATIENCE_MS, NO_ANSWER, { signal: time.signal }).catch(() => NO_ANSWER);
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      time.abort();
    }
  };
}
