import type { Logger } from 'pino';
import { isJobGone } from '../../lib/queue/queue-worker.ts';
import { isMissingRight, isRedisTrouble, redisReason } from '../../lib/redis/trouble.ts';

/** A failover breaks connections one after the other: trouble this soon after an answer is the same outage. */
const QUIET_MS = 5_000;

interface Outage {
  startedAtMs: number;
  /** In the words of Redis. */
  reason: string;
  /** The right that was refused last; null if none was. */
  missingRight: string | null;
  /** The first answer after the latest error; null while there is none. */
  answeredAtMs: number | null;
  /** Including the first, which is logged. */
  errors: number;
}

/**
 * Logs trouble between this worker and Redis. An outage, or a failover, is one line at its start and one when Redis has
 * answered without trouble for 5 s, with the number of errors that were not logged one by one. Jobs that other workers
 * took over meanwhile are one line with their number.
 */
export class TroubleLog {
  readonly #log: Logger;
  /** In milliseconds, never backwards. */
  readonly #now: () => number;
  #reason: string | null = null;
  #outage: Outage | null = null;
  #takenOver = 0;
  #takenOverBefore = 0;

  constructor(log: Logger, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** Why the worker waits for Redis, in the words of Redis; null when it does not. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Why Redis was in trouble within the last seconds, in its words: until it has answered without trouble for 5 s. */
  get outage(): string | null {
    return this.#outage?.reason ?? null;
  }

  /** The right that Redis refuses during this outage, in its words; null if none. */
  get missingRight(): string | null {
    return this.#outage?.missingRight ?? null;
  }

  report(error: unknown): void {
    if (isRedisTrouble(error)) this.#suffer(error as Error);
    else if (isJobGone(error)) this.#takenOver += 1;
    else this.#log.error({ err: error }, 'engine error');
  }

  /** Must be called every few seconds while Redis answers. */
  settle(): void {
    this.#reason = null;
    if (this.#outage !== null && !this.#hasPassed(this.#outage)) return;
    this.#outage = null;
    this.#sayTakenOver();
  }

  /** Once no more of them come, because each row finds out by itself that its job is gone. */
  #sayTakenOver(): void {
    const isAll = this.#takenOver === this.#takenOverBefore;
    if (this.#takenOver > 0 && isAll) {
      this.#log.info({ jobs: this.#takenOver }, 'jobs were taken over');
      this.#takenOver = 0;
    }
    this.#takenOverBefore = this.#takenOver;
  }

  #hasPassed(outage: Outage): boolean {
    outage.answeredAtMs ??= this.#now();
    if (this.#now() - outage.answeredAtMs < QUIET_MS) return false;
    const forMs = Math.round(outage.answeredAtMs - outage.startedAtMs);
    this.#log.info({ forMs, errors: outage.errors }, 'redis is back');
    return true;
  }

  #suffer(error: Error): void {
    const reason = redisReason(error);
    const missingRight = isMissingRight(error) ? reason : null;
    this.#reason ??= reason;
    if (this.#outage !== null) {
      this.#outage.missingRight = missingRight ?? this.#outage.missingRight;
      this.#outage.answeredAtMs = null;
      this.#outage.errors += 1;
      return;
    }
    const startedAtMs = this.#now();
    this.#outage = { startedAtMs, reason, missingRight, answeredAtMs: null, errors: 1 };
    if (missingRight !== null)
      this.#log.error({ err: error }, 'redis refuses a right, waiting for it');
    else this.#log.warn({ err: error }, 'redis lost, waiting for it');
  }
}
