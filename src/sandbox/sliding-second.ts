const SECOND_MS = 1000;

/** Counts events in the second that ends now. Times must not go backwards. */
export class SlidingSecond {
  #timesMs: number[] = [];
  /** Index of the oldest time that may still count; earlier ones are dropped in bulk. */
  #start = 0;

  add(nowMs: number): void {
    this.#timesMs.push(nowMs);
  }

  count(nowMs: number): number {
    while ((this.#timesMs[this.#start] ?? nowMs) <= nowMs - SECOND_MS) this.#start += 1;
    if (this.#start > 1024) {
      this.#timesMs = this.#timesMs.slice(this.#start);
      this.#start = 0;
    }
    return this.#timesMs.length - this.#start;
  }
}
