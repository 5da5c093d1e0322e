import { ReadError } from './read-error.ts';

/** What is too small to be counted: nearly every clip needs less. */
const FREE_BYTES = 256 * 1024;
/** A header is held as it was read, as it is laid out for ffprobe, and by ffprobe itself. */
const COPIES = 3;

/** The bytes are taken by other probes; catch this and wait with `MemoryShare.wait` and begins again. */
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

  /** For one probe; disposing it gives back what it holds. */
  share(): MemoryShare {
    return new MemoryShare(this);
  }

  /** A header larger than the whole budget is read alone. */
  costOf(headerBytes: number): number {
    return headerBytes <= FREE_BYTES ? 0 : Math.min(headerBytes * COPIES, this.#totalBytes);
  }

  /** False when others hold too much, or wait already: who came first is served first. */
  take(bytes: number): boolean {
    if (this.#line.length > 0 || this.#usedBytes + bytes > this.#totalBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#usedBytes -= bytes;
    this.#serve();
  }

  /** Resolves when the bytes are taken. Rejects with the signal's reason. */
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

/** What one probe holds of the budget: enough for the largest header that it has claimed. */
export class MemoryShare implements Disposable {
  readonly #budget: MemoryBudget;
  #heldBytes = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** To be called before a header of this size is read. @throws MemoryNeeded */
  claim(headerBytes: number): void {
    const moreBytes = this.#budget.costOf(headerBytes) - this.#heldBytes;
    if (moreBytes <= 0) return;
    if (!this.#budget.take(moreBytes)) throw new MemoryNeeded(headerBytes);
    this.#heldBytes += moreBytes;
  }

  /** Waits for as much. Gives back first what it holds, so that two shares never wait for each other. */
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

/** How long a probe may wait for memory, in ms: beyond that something holds on to it. */
export const MEMORY_WAIT_MS = 10 * 60_000;

export const noMemory = (): ReadError =>
  new ReadError(
    'no_memory',
    `the memory for large headers (PROBE_MEMORY_BYTES) was in use for ${MEMORY_WAIT_MS / 60_000} min`,
    { isRetryable: true },
  );
