import { SlidingSecond } from './sliding-second.ts';

export type Admission = 'admitted' | 'too_fast' | 'too_many';

/** The API's own limits. Only admitted calls count, not refused ones. */
export class Limits {
  readonly #concurrency: number | null;
  readonly #ratePerSecond: number | null;
  readonly #admitted = new SlidingSecond();
  #inFlight = 0;

  /** `null` means no limit. */
  constructor(concurrency: number | null, ratePerSecond: number | null) {
    this.#concurrency = concurrency;
    this.#ratePerSecond = ratePerSecond;
  }

  /** Takes a place when it returns `admitted`; the caller frees it with `release()`. */
  admit(nowMs: number): Admission {
    if (this.#concurrency !== null && this.#inFlight >= this.#concurrency) return 'too_many';
    if (this.#ratePerSecond !== null && this.#admitted.count(nowMs) >= this.#ratePerSecond) {
      return 'too_fast';
    }
    this.#admitted.add(nowMs);
    this.#inFlight += 1;
    return 'admitted';
  }

  release(): void {
    this.#inFlight -= 1;
  }
}
