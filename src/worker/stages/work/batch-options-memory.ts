import { type BatchOptions, type BatchRef, formatRef } from '../../../lib/core/batch/batch.ts';

const MOST_BATCHES = 1_000;

/** The options of the batches whose rows this process has read lately. They never change while a batch exists. */
export class BatchOptionsMemory {
  /** The one read first comes first. */
  readonly #known = new Map<string, BatchOptions>();

  note(batch: BatchRef, options: BatchOptions): void {
    const name = formatRef(batch);
    if (this.#known.has(name)) return;
    this.#known.set(name, options);
    const [first] = this.#known.keys();
    if (this.#known.size > MOST_BATCHES && first !== undefined) this.#known.delete(first);
  }

  find(batch: BatchRef): BatchOptions | null {
    return this.#known.get(formatRef(batch)) ?? null;
  }
}
