/** A probe that has taken this long may take its full time limit. */
const SLOW_AFTER_MS = 1_000;

/** A fixed number of places. Callers wait in line when all are taken. */
class Places {
  #free: number;
  readonly #line: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Calls `onPlace` as soon as there is a place. Returns the function that leaves the line, which does nothing
   * afterwards.
   */
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
 * Keeps slow probes from delaying quick ones. Each probe begins in a lane of `places`. If it is not done after a
 * second, it moves to a second lane of the same size, if that has room. So servers that never answer delay nothing
 * unless there are more of them than places.
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

  /** `run` may have this many calls at once before the next one certainly waits. */
  static workAtOnce = (places: number): number => 2 * places;

  /**
   * Settles as `work` does, which starts when there is a place. `onSlow` is called once the work is known to be slow.
   */
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
