import type { Batch } from '../core/batch/batch.ts';
import { chunkOfRow } from '../core/batch/chunk.ts';
import { NO_MARK } from '../core/row/row-mark.ts';
import { joinOutcomes } from '../report/read-entries.ts';
import type { ReportEntry } from '../report/report-formatter.ts';
import type { BatchStore } from '../store/batch-store.ts';
import type { RowIndex } from '../store/row-index.ts';
import {
  areEndsWanted,
  isEndWanted,
  meetsFilter,
  type RowFilter,
  unendedOf,
} from './row-filter.ts';

export interface FindContext {
  store: BatchStore;
  rowIndex: RowIndex;
  now: () => number;
}

export interface RowQuery extends RowFilter {
  /** The first row to search, from 1. */
  fromRow: number;
  /** Rows per page, at most some hundred. */
  limit: number;
  /** After this time the search stops and returns what it has found. */
  budgetMs: number;
}

export interface RowPage {
  entries: ReportEntry[];
  /** The start of the next page; null after the last one. */
  nextRow: number | null;
  /**
   * The time was over before the page was full: rows before `nextRow` were searched, and the search can continue
   * there.
   */
  isCutShort: boolean;
}

/** Rows whose marks are read at once: 128 KB. */
const WINDOW_ROWS = 65_536;
/** Chunks to search for a text between two looks at the clock. */
const SEARCHED_CHUNKS = 8;

/** Rows that match a filter, in manifest order. Only reads; rows that move are reported as they were when read. */
export async function findRows(
  context: FindContext,
  batch: Batch,
  query: RowQuery,
): Promise<RowPage> {
  const untilMs = context.now() + query.budgetMs;
  const entries: ReportEntry[] = [];
  for await (const { rows, through } of listCandidates(context, batch, query)) {
    entries.push(...(await readMatching(context, batch, rows, query)));
    const extra = entries[query.limit];
    if (extra !== undefined) {
      return {
        entries: entries.slice(0, query.limit),
        nextRow: extra.row.row,
        isCutShort: false,
      };
    }
    if (through < batch.rows && context.now() >= untilMs) {
      return { entries, nextRow: through + 1, isCutShort: true };
    }
  }
  return { entries, nextRow: null, isCutShort: false };
}

/** Rows that may match the filter, and the row up to which no others do. */
interface Candidates {
  rows: number[];
  through: number;
}

async function* listCandidates(
  context: FindContext,
  batch: Batch,
  query: RowQuery,
): AsyncGenerator<Candidates> {
  const unended = unendedOf(batch, query);
  const underWay = unended === 'under_way' ? await listUnderWay(context, batch) : new Set<number>();
  if (unended === 'under_way' && !areEndsWanted(query)) {
    const rows = [...underWay].filter((row) => row >= query.fromRow).toSorted((a, b) => a - b);
    yield* inPortions(rows, { ...query, isSearch: query.text !== null }, batch.rows);
    return;
  }
  const isEnd = rememberByMark((mark) => isEndWanted(mark, query));
  for (let first = Math.max(1, query.fromRow); first <= batch.rows; first += WINDOW_ROWS) {
    const length = Math.min(WINDOW_ROWS, batch.rows - first + 1);
    const marks = await context.rowIndex.readMarks(batch.id, first, length);
    const isUnended = (row: number): boolean => unended === 'all' || underWay.has(row);
    const rows = marks === null ? range(first, length) : selectRows(marks, first, isEnd, isUnended);
    const isSearch = query.text !== null || marks === null;
    yield* inPortions(rows, { ...query, isSearch }, first + length - 1);
  }
}

function* range(first: number, length: number): Generator<number> {
  for (let row = first; row < first + length; row += 1) yield row;
}

function* selectRows(
  marks: Uint16Array,
  first: number,
  isEnd: (mark: number) => boolean,
  isUnended: (row: number) => boolean,
): Generator<number> {
  for (let at = 0; at < marks.length; at += 1) {
    const mark = marks[at] ?? NO_MARK;
    if (mark === NO_MARK ? isUnended(first + at) : isEnd(mark)) yield first + at;
  }
}

/** How many are read at once: one page or, if most do not match, several chunks. */
function* inPortions(
  rows: Iterable<number>,
  { isSearch, limit }: { isSearch: boolean; limit: number },
  last: number,
): Generator<Candidates> {
  let portion: number[] = [];
  for (const row of rows) {
    const [first = row] = portion;
    const isFull = isSearch
      ? chunkOfRow(row) - chunkOfRow(first) >= SEARCHED_CHUNKS
      : portion.length > limit;
    if (isFull) {
      yield { rows: portion, through: row - 1 };
      portion = [];
    }
    portion.push(row);
  }
  yield { rows: portion, through: last };
}

/** Rows in the stages: some seconds of work, whatever the size of the batch. */
async function listUnderWay({ store }: FindContext, { id }: Batch): Promise<Set<number>> {
  const rows = new Set<number>();
  for await (const page of store.listUnderWay(id)) for (const row of page.keys()) rows.add(row);
  return rows;
}

/** A million rows have only some dozens of marks, and this is called for each row. */
function rememberByMark(test: (mark: number) => boolean): (mark: number) => boolean {
  const known = new Int8Array(2 ** 16);
  return (mark) => {
    if (known[mark] === 0) known[mark] = test(mark) ? 1 : -1;
    return known[mark] === 1;
  };
}

async function readMatching(
  { store, rowIndex }: FindContext,
  batch: Batch,
  rows: number[],
  filter: RowFilter,
): Promise<ReportEntry[]> {
  const wanted = new Set(rows);
  const chunks = [...new Set(rows.map(chunkOfRow))];
  const picked = await Promise.all(
    chunks.map((chunk) => rowIndex.pickRows(batch.id, chunk, { rows: wanted, text: filter.text })),
  );
  const found = picked.flatMap((some) => some ?? []);
  const outcomes = await store.readOutcomesOf(
    batch.id,
    found.map(({ row }) => row),
  );
  const entries = await joinOutcomes(store, batch, found, outcomes);
  return entries.filter((entry) => meetsFilter(entry, filter));
}
