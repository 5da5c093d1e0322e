import type { Batch, BatchRef } from '../core/batch/batch.ts';
import type { Position } from '../core/feed/position.ts';
import type { ResultRecord } from './result-record.ts';

/** How far the feed of one installation has been copied, as the database has it. */
export interface CopyPlace {
  feedId: string;
  position: Position;
  /** How often the feed was copied again from its beginning; 0 for never. */
  generation: number;
  /** Counts the writes. A write that expects another number does nothing. */
  writes: number;
}

export interface DatabasePage {
  /** Where the next page begins. */
  next: Position;
  /** As they are now. */
  batches: readonly Batch[];
  results: readonly PackedRows[];
}

/** Some rows, each once, in the form in which the database takes them; `pack` makes it. */
export interface PackedRows {
  readonly rows: number;
  readonly columns: readonly Buffer[];
}

export interface Duplicate {
  row: number;
  /** The row that it repeats. */
  of: number;
}

/**
 * A database of results that other programs query. Connects when it is first used and again after trouble, with one
 * connection at most. Every method ends within a minute. @throws DatabaseTrouble for any problem of the database or
 * the connection to it.
 */
export interface ResultsDatabase extends AsyncDisposable {
  /** Its address, safe to show: without password and parameters. */
  readonly place: string;
  /** Whether everything that copying needs is allowed; leaves nothing behind. */
  tryRights(): Promise<void>;
  /** Where copying continues, according to the database. */
  readPlace(feedId: string): Promise<CopyPlace>;
  /** Takes a tenth of the memory of the records, outside of the heap. At most some hundred at once. */
  pack(records: readonly ResultRecord[]): PackedRows;
  /**
   * Stores the page and its position in one transaction. Null when another process has written since `place` was read:
   * nothing was stored then. A row that the database has in the same or a later revision stays as it is.
   */
  write(place: CopyPlace, page: DatabasePage): Promise<CopyPlace | null>;
  /** Copying begins again with the first event, and replaces everything that is stored. */
  rewind(feedId: string): Promise<CopyPlace>;
  /** Stored rows that repeat one of these rows of a batch, in order; those after row `after`, at most `limit`. */
  findDuplicates(
    batch: BatchRef,
    rows: readonly number[],
    after: number,
    limit: number,
  ): Promise<Duplicate[]>;
  /** Stored rows of a batch from one number to another, both included, in order. */
  readRows(batch: BatchRef, from: number, to: number): Promise<ResultRecord[]>;
}
