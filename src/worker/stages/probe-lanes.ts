/** A probe that has taken so long may take as long as it is allowed to. */
const SLOW_AFTER_MS = 1_000;

/** Places of which so many may be taken at once; whoever comes later waits in line. */
class Places {
  #free: number;
  readonly #line: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Calls `onPlace` as soon as there is one. Returns the way to leave the line, which does nothing afterwards. */
  take(onPlace: () => void): () => void {
    if (this.#free > 0) {
      this.#free -= 1;
      onPlace();
      return () => undefined;
    }
    this.#line.push(onPlace);
    return () => {
      const at = this.#line.indexOf(onPlace);
      if (at >= 0) this.#line.splice(at, 1);
    };
  }

  giveBack(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/**
 * Keeps slow probes from holding up quick ones. Each begins in a lane of `places`; one that is not done after a second moves to
 * a second lane of as many, when that has room. So servers that never answer hold up nothing, as long as there are
 * not more of them than places.
 */
export class ProbeLanes {
  readonly #quick: Places;
  readonly #slow: Places;
  readonly #slowAfterMs: number;

  constructor(places: number, slowAfterMs = SLOW_AFTER_MS) {
    this.#quick = new Places(places);
    this.#slow = new Places(places);
    this.#slowAfterMs = slowAfterMs;
  }

  /** So many may be given to `run` at once before the next one has to wait for certain. */
  static workAtOnce = (places: number): number => 2 * places;

  /** Settles as `work` does, which begins when there is a place. `onSlow` is called once it turns out to be slow. */
  async run<T>(work: () => Promise<T>, onSlow: () => void): Promise<T> {
    await new Promise<void>((resolve) => this.#quick.take(resolve));
    let place = this.#quick;
    let leaveLine = (): void => undefined;
    const timer = setTimeout(() => {
      onSlow();
      leaveLine = this.#slow.take(() => {
        place = this.#slow;
        this.#quick.giveBack();
      });
    }, this.#slowAfterMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      leaveLine();
      place.giveBack();
    }
  }
}
