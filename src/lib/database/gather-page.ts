import { type Batch, formatRef } from '../core/batch/batch.ts';
import type { Position } from '../core/feed/position.ts';
import {
  BeyondFeed,
  type Result,
  type ResultPage,
  type ResultsContext,
  readResults,
  readRows,
} from '../results/read-results.ts';
import { DatabaseTrouble } from './database-trouble.ts';
import { type ResultRecord, toRecord } from './result-record.ts';
import type { PackedRows, ResultsDatabase } from './results-database.ts';

/** How much is read for one transaction. */
export interface PageLimit {
  rows: number;
  /** Bytes of the users' own cells; the last part of a page may exceed this. */
  bytes: number;
}

/** What one transaction stores. */
export interface PageToCopy {
  parts: BatchPart[];
  packed: PackedRows[];
  /** Changes, some of which may be about the same row. */
  results: number;
  /** Where the next page begins. */
  next: Position;
  isAtEnd: boolean;
}

/** The part of a page that belongs to one batch. */
export interface BatchPart {
  /** The batch as it was last read. */
  batch: Batch;
  /** The rows and the events by which they came, if rows of the batch repeat others. */
  events: Map<number, number>;
}

export interface CopyContext extends ResultsContext {
  database: ResultsDatabase;
}

/** Read, packed and written at once, so a page may exceed its bytes by those of as many rows. */
const ROWS_OF_PART = 500;

/**
 * The changes after a position, for one transaction. They are packed as soon as they are read, so that no page is in
 * memory as objects. @throws DatabaseTrouble, and trouble of Redis.
 */
export async function gatherPage(
  context: CopyContext,
  { position: from, generation }: { position: Position; generation: number },
  limit: PageLimit,
): Promise<PageToCopy> {
  const page = new GatheredPage(context, generation);
  for (let next = from; ; ) {
    const part = await readPart(context, next, Math.min(ROWS_OF_PART, limit.rows));
    page.add(part.results);
    next = part.next;
    const isFull = page.results >= limit.rows || page.bytes >= limit.bytes;
    if (part.isAtEnd || isFull) return { ...(await page.end()), next, isAtEnd: part.isAtEnd };
  }
}

/** The part that collects what is not packed yet. */
interface OpenPart extends BatchPart {
  /** The latest record of each row of the changes that are added. */
  records: Map<number, ResultRecord>;
  /** Rows that repeat others; packed at the end of the page, which may have those rows. */
  duplicates: Map<number, ResultRecord>;
}

class GatheredPage {
  readonly #context: CopyContext;
  readonly #generation: number;
  readonly #parts = new Map<string, OpenPart>();
  readonly #packed: PackedRows[] = [];
  results = 0;
  bytes = 0;

  constructor(context: CopyContext, generation: number) {
    this.#context = context;
    this.#generation = generation;
  }

  add(results: readonly Result[]): void {
    let part: OpenPart | null = null;
    for (const result of results) {
      // Neighbours share the object of their batch, so that a page costs few look-ups.
      if (part?.batch !== result.batch) part = this.#partOf(result.batch);
      this.#addRow(part, result);
    }
    const parts = [...this.#parts.values()];
    this.#pack(parts.flatMap(({ records }) => [...records.values()]));
    for (const { records } of parts) records.clear();
    this.results += results.length;
  }

  #addRow({ records, duplicates, events }: OpenPart, result: Result): void {
    const { batch, entry, position } = result;
    const { row, cells } = entry.row;
    const record = toRecord(result, this.#generation);
    if (record.status === 'duplicate') duplicates.set(row, record);
    else records.set(row, record);
    if (batch.counts.duplicate > 0) events.set(row, position.event);
    for (const cell of cells) this.bytes += cell.length;
  }

  #partOf(batch: Batch): OpenPart {
    const ref = formatRef(batch);
    const part: OpenPart = this.#parts.get(ref) ?? {
      batch,
      records: new Map(),
      duplicates: new Map(),
      events: new Map(),
    };
    part.batch = batch;
    this.#parts.set(ref, part);
    return part;
  }

  #pack(records: readonly ResultRecord[]): void {
    if (records.length > 0) this.#packed.push(this.#context.database.pack(records));
  }

  async end(): Promise<Pick<PageToCopy, 'parts' | 'packed' | 'results'>> {
    const parts = [...this.#parts.values()];
    for (const part of parts) {
      await renewDuplicates(this.#context, part, this.#generation);
      const records = [...part.duplicates.values()];
      for (let at = 0; at < records.length; at += ROWS_OF_PART) {
        this.#pack(records.slice(at, at + ROWS_OF_PART));
      }
    }
    return { parts, packed: this.#packed, results: this.results };
  }
}

const readPart = (context: ResultsContext, from: Position, limit: number): Promise<ResultPage> =>
  readResults(context, { from, limit, batch: null }).catch((error: unknown) => {
    if (!(error instanceof BeyondFeed)) throw error;
    throw new DatabaseTrouble(
      'ahead',
      'The results database has copied more than this Redis holds: Redis has lost data. ' +
        '`kling-sessions database backfill --again` replaces what the database has by what Redis has.',
    );
  });

/** A row of a page may repeat another row of the page, and may have been read before that row had its outcome. */
async function renewDuplicates(
  context: ResultsContext,
  { batch, duplicates, events }: OpenPart,
  generation: number,
): Promise<void> {
  const within = new Map<number, number>();
  for (const { row, duplicateOf } of duplicates.values()) {
    const event = events.get(duplicateOf ?? 0);
    if (event !== undefined) within.set(row, Math.max(event, events.get(row) ?? 0));
  }
  for (const record of await readRecords(context, batch, within, generation)) {
    duplicates.set(record.row, record);
  }
}

/** Rows of a batch as they are now; `rows` has the event that each is read for. */
export async function readRecords(
  context: ResultsContext,
  batch: Batch,
  rows: ReadonlyMap<number, number>,
  generation: number,
): Promise<ResultRecord[]> {
  const records: ResultRecord[] = [];
  const all = [...rows];
  for (let first = 0; first < all.length; first += ROWS_OF_PART) {
    const part = new Map(all.slice(first, first + ROWS_OF_PART));
    const results = await readRows(context, batch, part);
    records.push(...results.map((result) => toRecord(result, generation)));
  }
  return records;
}
