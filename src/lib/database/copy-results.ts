import type { Batch } from '../core/batch/batch.ts';
import type { Position } from '../core/feed/position.ts';
import { copyPage } from './copy-page.ts';
import { DatabaseTrouble } from './database-trouble.ts';
import { type CopyContext, gatherPage, type PageToCopy } from './gather-page.ts';
import type { CopyPlace } from './results-database.ts';

export interface CopyOptions {
  signal: AbortSignal;
  /** Called after each transaction, and when nothing was left to copy. */
  onCopied?: (progress: CopyProgress) => Promise<void>;
}

export interface CopyProgress {
  position: Position;
  /** The batches whose rows were stored last, as they were stored. */
  batches: ReadonlySet<Batch>;
  /** Changes that were copied in this call so far. */
  results: number;
  /** The end of the feed was reached: everything that had changed before this look is in the database. */
  isAtEnd: boolean;
}

/** Rows of one transaction. A slow database gets fewer. */
const MOST_ROWS = 2_000;
const FEWEST_ROWS = 50;
/** Two pages are in memory: one is read while the database stores the one before. */
const PAGE_BYTES = 500_000;

/** Detects a database that was restored from a back-up even while nothing changes. */
const PLACE_KEPT_MS = 30_000;

/**
 * Copies what has changed since the place that the database has. It may be interrupted anywhere, and several processes
 * may do it at once: of two that write the same page, one stores nothing. Every method throws DatabaseTrouble, and
 * trouble of Redis; after either it may be called again.
 */
export class ResultsCopier {
  readonly #context: CopyContext;
  #place: CopyPlace | null = null;
  #placeReadAtMs = 0;
  #rowsAtOnce = MOST_ROWS;
  /** The next page, which is read while the database stores the one before. */
  #ahead: Promise<PageToCopy> | null = null;

  constructor(context: CopyContext) {
    this.#context = context;
  }

  /** To the end of the feed, or until `signal` is aborted. */
  async copyToEnd({ signal, onCopied }: CopyOptions): Promise<void> {
    this.#ahead = null;
    for (let results = 0; !signal.aborted; ) {
      const { copied, ...progress } = await this.#copyPage();
      results += copied;
      await onCopied?.({ ...progress, results });
      if (progress.isAtEnd) return;
    }
  }

  /**
   * Batches as they are, at most a few hundred. False when another process has written meanwhile; then nothing was
   * stored.
   */
  async writeBatches(batches: readonly Batch[]): Promise<boolean> {
    const place = await this.#currentPlace();
    return await this.#write(place, (current) =>
      this.#context.database.write(current, { next: place.position, batches, results: [] }),
    );
  }

  async #copyPage(): Promise<Omit<CopyProgress, 'results'> & { copied: number }> {
    const place = await this.#currentPlace();
    const page = await (this.#ahead ?? this.#gather(place));
    this.#ahead = page.isAtEnd ? null : begin(this.#gather({ ...place, position: page.next }));
    const isWritten = await this.#write(place, (current) => copyPage(this.#context, current, page));
    if (!isWritten) this.#ahead = null;
    return {
      position: isWritten ? page.next : place.position,
      batches: new Set(isWritten ? page.parts.map(({ batch }) => batch) : []),
      copied: isWritten ? page.results : 0,
      isAtEnd: isWritten && page.isAtEnd,
    };
  }

  #gather(from: CopyPlace): Promise<PageToCopy> {
    return gatherPage(this.#context, from, { rows: this.#rowsAtOnce, bytes: PAGE_BYTES });
  }

  /** The position in the database; a write that expects another one fails. */
  async #currentPlace(): Promise<CopyPlace> {
    const isOld = performance.now() - this.#placeReadAtMs > PLACE_KEPT_MS;
    if (this.#place !== null && (!isOld || this.#ahead !== null)) return this.#place;
    const { database, feed } = this.#context;
    this.#place = await database.readPlace(await feed.readId());
    this.#placeReadAtMs = performance.now();
    return this.#place;
  }

  /**
   * False when another process has written meanwhile, or when the write took too long and a smaller one must follow.
   */
  async #write(
    place: CopyPlace,
    write: (place: CopyPlace) => Promise<CopyPlace | null>,
  ): Promise<boolean> {
    this.#place = null; // whatever happens, it is not this one any more
    this.#place = await write(place).catch((error: unknown) => {
      this.#ahead = null;
      const isSlow = error instanceof DatabaseTrouble && error.isSlow;
      if (!isSlow || this.#rowsAtOnce === FEWEST_ROWS) throw error;
      this.#rowsAtOnce = Math.max(FEWEST_ROWS, Math.floor(this.#rowsAtOnce / 4));
      return null;
    });
    return this.#place !== null;
  }
}

/** A failure is handled where the promise is awaited. */
function begin<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
