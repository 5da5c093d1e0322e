import type { RowsAside } from '../../../lib/store/redis/redis-rows-aside.ts';

/** How often changes are announced, and how often unchanged counts are repeated. */
const CHANGES_MS = 500;
const REPEAT_MS = 3_000;

export interface AsideCounterOptions {
  rowsAside: Pick<RowsAside, 'announce'>;
  workerId: string;
}

/**
 * Counts the rows of this worker that wait for a slow server, by batch, and announces them to the dispatchers of all
 * workers.
 */
export class AsideCounter implements Disposable {
  readonly #options: AsideCounterOptions;
  readonly #counts = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #hasChanged = false;
  #isAnnouncing = false;
  #announcedAtMs = 0;

  constructor(options: AsideCounterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#announce(), CHANGES_MS).unref();
  }

  /** Counts a row of this batch. Returns the function that ends the count, which does nothing the second time. */
  add(batchId: string): () => void {
    this.#change(batchId, 1);
    let isCounted = true;
    return () => {
      if (isCounted) this.#change(batchId, -1);
      isCounted = false;
    };
  }

  /** Counts a row of this batch for this long. */
  addFor(batchId: string, durationMs: number): void {
    setTimeout(this.add(batchId), durationMs).unref();
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  #change(batchId: string, by: number): void {
    const count = (this.#counts.get(batchId) ?? 0) + by;
    if (count === 0) this.#counts.delete(batchId);
    else this.#counts.set(batchId, count);
    this.#hasChanged = true;
  }

  async #announce(): Promise<void> {
    const isDue = this.#counts.size > 0 && performance.now() - this.#announcedAtMs >= REPEAT_MS;
    if (this.#isAnnouncing || !(this.#hasChanged || isDue)) return;
    this.#isAnnouncing = true;
    this.#hasChanged = false;
    this.#announcedAtMs = performance.now();
    const { rowsAside, workerId } = this.#options;
    // If Redis is away, the heartbeat reports it, and nothing is dispatched anyway.
    await rowsAside.announce(workerId, this.#counts).catch(() => {
      this.#hasChanged = true;
    });
    this.#isAnnouncing = false;
  }

  /** The announcement expires by itself. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
