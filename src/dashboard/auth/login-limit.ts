/** Failed log-ins that one address, or one name, has within `WINDOW_MS`. */
const MAX_BY_ADDRESS = 10;
const MAX_BY_NAME = 30;
const WINDOW_MS = 15 * 60_000;
/** What is kept cannot grow without bound; the oldest are forgotten first. */
const MAX_KEPT = 10_000;

/** Slows down who guesses passwords. Kept by this process: a restart forgets, which helps nobody who guesses. */
export class LoginLimit {
  readonly #failures = new Map<string, number[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Milliseconds until this one may try; 0 is now. */
  waitMs(address: string, name: string): number {
    return Math.max(
      this.#waitFor(`address:${address}`, MAX_BY_ADDRESS),
      this.#waitFor(`name:${name}`, MAX_BY_NAME),
    );
  }

  /** To be called before the password is looked at, so that many tries at once count as many. */
  countTry(address: string, name: string): void {
    for (const key of [`address:${address}`, `name:${name}`]) {
      const recent = [...this.#recent(key), this.#now()];
      this.#failures.delete(key);
      this.#failures.set(key, recent);
    }
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= MAX_KEPT) break;
      this.#failures.delete(key);
    }
  }

  /** A success says that these tries were no guesses. */
  forget(address: string, name: string): void {
    this.#failures.delete(`address:${address}`);
    this.#failures.delete(`name:${name}`);
  }

  #waitFor(key: string, max: number): number {
    const recent = this.#recent(key);
    const decisive = recent.at(-max);
    return decisive === undefined ? 0 : decisive + WINDOW_MS - this.#now();
  }

  #recent(key: string): number[] {
    const since = this.#now() - WINDOW_MS;
    return (this.#failures.get(key) ?? []).filter((atMs) => atMs > since);
  }
}
