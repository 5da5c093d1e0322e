import { type Batch, countPending, formatRef, isEnded } from '../core/batch/batch.ts';
import type { BatchOverview } from '../store/batch-overview.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { nullIfUnreadable } from '../store/unreadable-record.ts';

export interface BatchSources {
  overview: Pick<BatchOverview, 'listBatches'>;
  store: Pick<BatchStore, 'readBatch'>;
}

/** Stores batches; false when another process has written meanwhile and nothing was stored. */
type WriteBatches = (batches: readonly Batch[]) => Promise<boolean>;

const BATCHES_AT_ONCE = 200;
/** All are checked once an hour, in case a change was missed. */
const ALL_AGAIN_MS = 3_600_000;

/**
 * Finds batches whose database copy is outdated by changes that no row shows, such as a pause. Only batches that have
 * not ended change in this way. So a look costs one page of the list, newest batches first, and one read for each
 * batch that has not ended, however many have ended.
 */
export class BatchCopier {
  readonly #sources: BatchSources;
  /** Seen before, whatever their state. */
  #known = new Set<string>();
  /** What was last stored of each batch that has not ended, by reference. */
  #open = new Map<string, { id: string; stored: string }>();
  /** When all of them were looked at, by `performance.now()`. */
  #allAtMs = Number.NEGATIVE_INFINITY;

  constructor(sources: BatchSources) {
    this.#sources = sources;
  }

  /** Batches that were stored with their rows: an ended one may be open again. */
  noteStored(batches: Iterable<Batch>): void {
    for (const batch of batches) this.#note(batch);
  }

  /** Stores what has changed. After an error, or when another process has written, the next look is at all batches. */
  async copyChanged(write: WriteBatches): Promise<void> {
    const isAll = performance.now() - this.#allAtMs > ALL_AGAIN_MS;
    if (isAll) {
      this.#known = new Set();
      this.#open = new Map();
    }
    const startedAtMs = performance.now();
    const before = this.#allAtMs;
    this.#allAtMs = Number.NEGATIVE_INFINITY;
    const isOpenStored = isAll || (await this.#writeAll(this.#readOpen(), write));
    if (!isOpenStored || !(await this.#writeAll(this.#listNew(), write))) return;
    this.#allAtMs = isAll ? startedAtMs : before;
  }

  async #writeAll(batches: AsyncIterable<Batch>, write: WriteBatches): Promise<boolean> {
    let changed: Batch[] = [];
    for await (const batch of batches) {
      changed.push(batch);
      if (changed.length < BATCHES_AT_ONCE) continue;
      if (!(await this.#write(changed, write))) return false;
      changed = [];
    }
    return changed.length === 0 || (await this.#write(changed, write));
  }

  async #write(batches: readonly Batch[], write: WriteBatches): Promise<boolean> {
    if (!(await write(batches))) return false;
    this.noteStored(batches);
    return true;
  }

  /** Reads down to the first known batch, because the list begins with the newest. */
  async *#listNew(): AsyncIterable<Batch> {
    for await (const batch of this.#sources.overview.listBatches()) {
      if (this.#known.has(formatRef(batch))) return;
      yield batch;
    }
  }

  async *#readOpen(): AsyncIterable<Batch> {
    for (const [ref, { id, stored }] of [...this.#open]) {
      const batch = await this.#sources.store.readBatch(id).catch(nullIfUnreadable);
      if (batch === null || formatRef(batch) !== ref) this.#open.delete(ref);
      else if (describe(batch) !== stored) yield batch;
    }
  }

  #note(batch: Batch): void {
    const ref = formatRef(batch);
    this.#known.add(ref);
    // A retry queues rows before the batch runs again.
    const isOpen = !isEnded(batch.state) || countPending(batch.counts) > 0;
    if (!isOpen) this.#open.delete(ref);
    else this.#open.set(ref, { id: batch.id, stored: describe(batch) });
  }
}

const describe = ({ state, stateReason, rows, finishedAtMs, priority, counts }: Batch): string =>
  JSON.stringify([state, stateReason, rows, finishedAtMs, priority, Object.values(counts)]);
