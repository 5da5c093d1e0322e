import { type Batch, formatRef } from '../core/batch/batch.ts';
import type { Position } from '../core/feed/position.ts';
import {
  BeyondFeed,
  type Result,
  type ResultsContext,
  readResults,
  readRows,
} from '../results/read-results.ts';
import { DatabaseTrouble } from './database-trouble.ts';
import { type ResultRecord, toRecord } from './result-record.ts';
import type { CopyPlace, ResultsDatabase } from './results-database.ts';

export interface CopyContext extends ResultsContext {
  database: ResultsDatabase;
}

export interface CopyOptions {
  signal: AbortSignal;
  /** Called after each transaction, and when nothing was left to copy. */
  onCopied?: (progress: CopyProgress) => Promise<void>;
}

export interface CopyProgress {
  position: Position;
  /** Changes that were copied in this call so far. */
  results: number;
  /** The end of the feed was reached: everything that had changed before this look is in the database. */
  isAtEnd: boolean;
}

/** Rows of one transaction. A slow database gets fewer. */
const MOST_ROWS = 1_000;
const FEWEST_ROWS = 50;
const ROWS_OF_PAGE = 1_000;
/** Repetitions of one row are without bound, so they are read and written in parts. */
const DUPLICATES_AT_ONCE = 500;

/** So that a database that was restored from a back-up is noticed while nothing changes. */
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
  #ahead: Promise<Gathered> | null = null;

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
    const page = await (this.#ahead ?? this.#gather(place.position));
    this.#ahead = page.isAtEnd ? null : begin(this.#gather(page.next));
    const isWritten = await this.#write(place, (current) =>
      writePage(this.#context, current, page),
    );
    if (!isWritten) this.#ahead = null;
    return {
      position: isWritten ? page.next : place.position,
      copied: isWritten ? page.results.length : 0,
      isAtEnd: isWritten && page.isAtEnd,
    };
  }

  #gather(from: Position): Promise<Gathered> {
    return gather(this.#context, from, this.#rowsAtOnce);
  }

  /** As the database has it; a write that expects another finds out. */
  async #currentPlace(): Promise<CopyPlace> {
    const isOld = performance.now() - this.#placeReadAtMs > PLACE_KEPT_MS;
    if (this.#place !== null && (!isOld || this.#ahead !== null)) return this.#place;
    const { database, feed } = this.#context;
    this.#place = await database.readPlace(await feed.readId());
    this.#placeReadAtMs = performance.now();
    return this.#place;
  }

  /** False when another process has written meanwhile, or it took too long: then less is to be written at once. */
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

/** Its failure is seen where it is awaited, if it is. */
function begin<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}

interface Gathered {
  results: Result[];
  next: Position;
  isAtEnd: boolean;
}

async function gather(context: CopyContext, from: Position, limit: number): Promise<Gathered> {
  const results: Result[] = [];
  let next = from;
  for (;;) {
    const page = await readPage(context, next, Math.min(ROWS_OF_PAGE, limit));
    results.push(...page.results);
    next = page.next;
    if (page.isAtEnd || results.length >= limit) return { results, next, isAtEnd: page.isAtEnd };
  }
}

const readPage = (
  context: CopyContext,
  from: Position,
  limit: number,
): ReturnType<typeof readResults> =>
  readResults(context, { from, limit, batch: null }).catch((error: unknown) => {
    if (!(error instanceof BeyondFeed)) throw error;
    throw new DatabaseTrouble(
      'ahead',
      'The results database has copied more than this Redis holds: Redis has lost data. ' +
        '`kling-sessions database backfill --again` replaces what the database has by what Redis has.',
    );
  });

/** Null when another process has written meanwhile. */
async function writePage(
  context: CopyContext,
  place: CopyPlace,
  { results, next }: Gathered,
): Promise<CopyPlace | null> {
  if (results.length === 0 && isSame(next, place.position)) return place;
  const batches = new Map(results.map(({ batch }) => [formatRef(batch), batch]));
  let current: CopyPlace | null = place;
  const again: ResultRecord[] = [];
  for (const batch of batches.values()) {
    if (batch.counts.duplicate === 0) continue;
    const events = eventsOf(batch, results);
    again.push(
      ...(await readDuplicates(context, batch, duplicatesIn(batch, results, events), place)),
    );
    current = current && (await writeStoredDuplicates(context, current, batch, events));
  }
  if (current === null) return null;
  const records = results.map((result) => toRecord(result, place.generation));
  return await context.database.write(current, {
    next,
    batches: [...batches.values()],
    results: withoutRepetition([...records, ...again]),
  });
}

const isSame = (one: Position, other: Position): boolean =>
  one.event === other.event && one.row === other.row;

/** A row may come several times in a page; the last is the latest. */
const withoutRepetition = (records: readonly ResultRecord[]): ResultRecord[] => [
  ...new Map(
    records.map((record) => [`${formatRef(record.batch)} ${record.row}`, record]),
  ).values(),
];

/** Rows of the batch that others may repeat, with their events. */
const eventsOf = (batch: Batch, results: readonly Result[]): Map<number, number> =>
  new Map(
    results
      .filter((result) => formatRef(result.batch) === formatRef(batch))
      .map(({ entry, position }) => [entry.row.row, position.event]),
  );

/** Those that repeat a row of the same page, which may have been read before that row had its outcome. */
const duplicatesIn = (
  batch: Batch,
  results: readonly Result[],
  events: ReadonlyMap<number, number>,
): Map<number, number> =>
  new Map(
    results.flatMap(({ batch: { id }, entry: { row, result }, position }) => {
      if (id !== batch.id || typeof result === 'string' || result.status !== 'duplicate') return [];
      const event = events.get(result.duplicateOf ?? 0);
      return event === undefined ? [] : [[row.row, Math.max(event, position.event)] as const];
    }),
  );

/**
 * A row that repeats another shows that one's session, and is not announced when that one gets it. The rows are
 * written before the page is, with the position as it was: whoever is interrupted here does it again.
 */
async function writeStoredDuplicates(
  context: CopyContext,
  place: CopyPlace,
  batch: Batch,
  events: ReadonlyMap<number, number>,
): Promise<CopyPlace | null> {
  const { database } = context;
  let current: CopyPlace | null = place;
  for (let after = 0; current !== null; ) {
    const found = await database.findDuplicates(
      batch,
      [...events.keys()],
      after,
      DUPLICATES_AT_ONCE,
    );
    const last = found.at(-1);
    if (last === undefined) return current;
    const wanted = new Map(found.map(({ row, of }) => [row, events.get(of) ?? 0]));
    const results = await readDuplicates(context, batch, wanted, place);
    current = await database.write(current, { next: place.position, batches: [], results });
    after = last.row;
  }
  return null;
}

async function readDuplicates(
  context: CopyContext,
  batch: Batch,
  rows: ReadonlyMap<number, number>,
  { generation }: CopyPlace,
): Promise<ResultRecord[]> {
  const records: ResultRecord[] = [];
  const all = [...rows];
  for (let first = 0; first < all.length; first += DUPLICATES_AT_ONCE) {
    const part = new Map(all.slice(first, first + DUPLICATES_AT_ONCE));
    const results = await readRows(context, batch, part);
    records.push(...results.map((result) => toRecord(result, generation)));
  }
  return records;
}
