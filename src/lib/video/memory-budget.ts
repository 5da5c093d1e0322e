import { ReadError } from './read-error.ts';

/** Sizes below this do not count; nearly every video needs less. */
const FREE_BYTES = 256 * 1024;
/** A header is in memory three times: as read, as laid out for ffprobe, and inside ffprobe. */
const COPIES = 3;

/** Other probes hold the memory; catch this, wait with `MemoryShare.wait` and begin again. */
export class MemoryNeeded extends Error {
  override readonly name = 'MemoryNeeded';
  readonly bytes: number;

  constructor(bytes: number) {
    super('the memory for large headers is in use');
    this.bytes = bytes;
  }
}

interface Waiting {
  bytes: number;
  take: () => void;
}

/** Memory that the probes of one process may use together for headers. */
export class MemoryBudget {
  readonly #totalBytes: number;
  #usedBytes = 0;
  readonly #line: Waiting[] = [];

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** For one probe; disposing returns what it holds. */
  share(): MemoryShare {
    return new MemoryShare(this);
  }

  /** A header larger than the whole budget is read alone. */
  costOf(headerBytes: number): number {
    return headerBytes <= FREE_BYTES ? 0 : Math.min(headerBytes * COPIES, this.#totalBytes);
  }

  /** False when others hold too much or are already waiting: first come, first served. */
  take(bytes: number): boolean {
    if (this.#line.length > 0 || this.#usedBytes + bytes > this.#totalBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
    this.#serve();
  }

  /** Resolves when the bytes are reserved. Rejects with the signal's reason. */
  async wait(bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.take(bytes)) return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(signal.reason);
        this.#serve();
      };
      const take = (): void => {
        signal.removeEventListener('abort', onAbort);
        this.#usedBytes += bytes;
        resolve();
      };
      const waiting = { bytes, take };
      this.#line.push(waiting);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #serve(): void {
    for (;;) {
      const [first] = this.#line;
      if (first === undefined || this.#usedBytes + first.bytes > this.#totalBytes) return;
      this.#line.shift();
      first.take();
    }
  }
}

/** One probe's part of the budget: enough for the largest header that it has claimed. */
export class MemoryShare implements Disposable {
  readonly #budget: MemoryBudget;
  #heldBytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Must be called before a header of this size is read. @throws MemoryNeeded */
  claim(headerBytes: number): void {
    const moreBytes = this.#budget.costOf(headerBytes) - this.#heldBytes;
    if (moreBytes <= 0) return;
    if (!this.#budget.take(moreBytes)) throw new MemoryNeeded(headerBytes);
    this.#heldBytes += moreBytes;
  }

  /** Waits for the same amount. Returns first what it holds, so that two shares never wait for each other. */
  async wait(headerBytes: number, signal: AbortSignal): Promise<void> {
    this[Symbol.dispose]();
    const bytes = this.#budget.costOf(headerBytes);
    await this.#budget.wait(bytes, signal);
    this.#heldBytes = bytes;
  }

  [Symbol.dispose](): void {
    if (this.#heldBytes === 0) return;
    const bytes = this.#heldBytes;
    this.#heldBytes = 0;
    this.#budget.giveBack(bytes);
  }
}

/** How long a probe may wait for memory, in ms; beyond that, something must be holding it. */
export const MEMORY_WAIT_MS = 10 * 60_000;

export const noMemory = (): ReadError =>
  new ReadError(
    'no_memory',
    `the memory for large headers (PROBE_MEMORY_BYTES) was in use for ${MEMORY_WAIT_MS / 60_000} min`,
    { isRetryable: true },
  );
