import type { Logger } from 'pino';
import { isJobGone } from '../../lib/queue/queue-worker.ts';
import { isMissingRight, isRedisTrouble, redisReason } from '../../lib/redis/trouble.ts';

/**
 * Logs trouble between this worker and Redis. An outage is one line at its start and one at its end. Jobs that other
 * workers took over meanwhile are one line with their number.
 */
export class TroubleLog {
  readonly #log: Logger;
  #reason: string | null = null;
  #takenOver = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Why the worker waits for Redis, in the words of Redis; null when it does not. */
  get reason(): string | null {
    return this.#reason;
  }

  report(error: unknown): void {
    if (isRedisTrouble(error)) this.#begin(error as Error);
    else if (isJobGone(error)) this.#takenOver += 1;
    else this.#log.error({ err: error }, 'engine error');
  }

  /** Must be called whenever Redis answers. */
  settle(): void {
    if (this.#reason !== null) this.#log.info('redis is back');
    this.#reason = null;
    if (this.#takenOver > 0) this.#log.info({ jobs: this.#takenOver }, 'jobs were taken over');
    this.#takenOver = 0;
  }

  #begin(error: Error): void {
    if (this.#reason !== null) return;
    this.#reason = redisReason(error);
    if (isMissingRight(error))
      this.#log.error({ err: error }, 'redis refuses a right, waiting for it');
    else this.#log.warn({ err: error }, 'redis lost, waiting for it');
  }
}
