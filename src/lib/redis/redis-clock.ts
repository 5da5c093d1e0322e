import type { Redis } from 'ioredis';

/** An answer that took longer says too little about when it was given. */
const LONGEST_ANSWER_MS = 1_000;

/**
 * The clock of Redis, which all processes share, as this process last read it. Between readings it uses a monotonic
 * clock, so a wrong time of day on this machine, or its correction, has no effect.
 */
export class RedisClock {
  readonly #redis: Redis;
  /** How much Redis' time is ahead of `performance.now()`, in ms. */
  #aheadMs = 0;

  private constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** @throws Redis' error when it cannot be read. */
  static async open(redis: Redis): Promise<RedisClock> {
    const clock = new RedisClock(redis);
    await clock.#read(Number.POSITIVE_INFINITY);
    return clock;
  }

  /** Milliseconds since the epoch. */
  readonly now = (): number => Math.round(performance.now() + this.#aheadMs);

  /** By how much the time of day on this machine is ahead of Redis' time; negative when it is behind. */
  get machineAheadMs(): number {
    return Date.now() - this.now();
  }

  /** Reads it again; an answer that takes longer than a second changes nothing. @throws as `open`. */
  async correct(): Promise<void> {
    await this.#read(LONGEST_ANSWER_MS);
  }

  async #read(longestMs: number): Promise<void> {
    const askedAtMs = performance.now();
    const [seconds, micros] = await this.#redis.time();
    const answeredAtMs = performance.now();
    if (answeredAtMs - askedAtMs > longestMs) return;
    const redisMs = Number(seconds) * 1_000 + Number(micros) / 1_000;
    this.#aheadMs = redisMs - (askedAtMs + answeredAtMs) / 2;
  }
}
