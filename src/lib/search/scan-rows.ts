import type { Batch } from '../core/batch/batch.ts';
import { CHUNK_ROWS, countChunks, firstRowOfChunk, lastRowOfChunk } from '../core/batch/chunk.ts';
import { comparePlaces, type ListPlace } from '../core/list-place.ts';
import { joinOutcomes } from '../report/read-entries.ts';
import type { ReportEntry } from '../report/report-formatter.ts';
import { showCells } from '../rows/show-cells.ts';
import type { BatchStore } from '../store/batch-store.ts';
import type { RowIndex } from '../store/row-index.ts';
import type { BatchLabel, SearchIndex } from '../store/search-index.ts';
import { nullIfUnreadable } from '../store/unreadable-record.ts';
import type { Sought } from './sought.ts';

export interface ScanSources {
  store: BatchStore;
  rowIndex: RowIndex;
  searchIndex: SearchIndex;
  now: () => number;
}

export interface ScanLimits {
  /** The scan stops at this time. */
  untilMs: number;
  /** Rows to search. */
  rows: number;
  /** Rows to find. */
  hits: number;
}

export interface FoundRow {
  batch: Batch;
  entry: ReportEntry;
  /** Its own key, by which it was found. */
  key?: string;
}

/** The row from which a scan continues, even if its batch is gone or newer batches exist. */
export interface ScanPlace {
  batch: ListPlace;
  row: number;
}

export interface Scan {
  found: FoundRow[];
  /** How many rows were searched, and in how many batches. */
  rows: number;
  batches: number;
  /** Where to continue; null after the last row. */
  next: ScanPlace | null;
}

/** Chunks and batches that are read at once, between two looks at the clock. */
const CHUNKS_AT_ONCE = 8;
const BATCHES_AT_ONCE = 8;

/** Looks into every row of these batches, in their order, until a limit is reached. */
export async function scanRows(
  sources: ScanSources,
  labels: readonly BatchLabel[],
  sought: Sought,
  from: ScanPlace | null,
  limits: ScanLimits,
): Promise<Scan> {
  const scan: Scan = { found: [], rows: 0, batches: 0, next: null };
  let portion: Piece[] = [];
  for await (const piece of listPieces(sources, labels, from)) {
    if (portion.length === CHUNKS_AT_ONCE) {
      if (!(await take(sources, portion, sought, scan, limits))) return scan;
      portion = [];
      scan.next = startOf(piece);
      if (scan.rows >= limits.rows || sources.now() >= limits.untilMs) return scan;
    }
    portion.push(piece);
  }
  if (await take(sources, portion, sought, scan, limits)) scan.next = null;
  return scan;
}

/** A chunk of a batch, from its row `fromRow` on. */
interface Piece {
  batch: Batch;
  chunk: number;
  fromRow: number;
  isFirst: boolean;
}

const startOf = ({ batch, fromRow }: Piece): ScanPlace => placeAt(batch, fromRow);

const placeAt = ({ id, createdAtMs }: Batch, row: number): ScanPlace => ({
  batch: { atMs: createdAtMs, id },
  row,
});

async function* listPieces(
  { store }: ScanSources,
  labels: readonly BatchLabel[],
  from: ScanPlace | null,
): AsyncGenerator<Piece> {
  const isDone = ({ createdAtMs, id }: BatchLabel): boolean =>
    from !== null && comparePlaces({ atMs: createdAtMs, id }, from.batch) > 0;
  const left = labels.filter((label) => !isDone(label));
  for (let at = 0; at < left.length; at += BATCHES_AT_ONCE) {
    const ids = left.slice(at, at + BATCHES_AT_ONCE).map(({ id }) => id);
    // Batches that are gone or damaged have no rows to search.
    const batches = await Promise.all(ids.map((id) => store.readBatch(id).catch(nullIfUnreadable)));
    for (const batch of batches) {
      if (batch === null) continue;
      const firstRow = batch.id === from?.batch.id ? from.row : 1;
      for (
        let chunk = Math.floor((firstRow - 1) / CHUNK_ROWS);
        chunk < countChunks(batch.rows);
        chunk += 1
      ) {
        const fromRow = Math.max(firstRow, firstRowOfChunk(chunk));
        yield { batch, chunk, fromRow, isFirst: fromRow === firstRow };
      }
    }
  }
}

/** False when enough rows are found: the scan then continues after the last of them. */
async function take(
  sources: ScanSources,
  pieces: readonly Piece[],
  sought: Sought,
  scan: Scan,
  limits: ScanLimits,
): Promise<boolean> {
  const found = await Promise.all(pieces.map((piece) => searchPiece(sources, piece, sought)));
  for (const [at, piece] of pieces.entries()) {
    const { batch, chunk, fromRow, isFirst } = piece;
    const entries = found[at] ?? [];
    const room = limits.hits - scan.found.length;
    scan.found.push(...entries.slice(0, room).map((entry) => ({ batch, entry })));
    scan.batches += Number(isFirst);
    const next = entries[room];
    const last = lastRowOfChunk(chunk, batch.rows);
    scan.rows += (next === undefined ? last + 1 : next.row.row) - fromRow;
    if (next === undefined) continue;
    scan.next = placeAt(batch, next.row.row);
    return false;
  }
  return true;
}

async function searchPiece(
  { store, rowIndex, searchIndex }: ScanSources,
  { batch, chunk, fromRow }: Piece,
  { text, lower, mayBeId }: Sought,
): Promise<ReportEntry[]> {
  const [byCell, byOutcome] = await Promise.all([
    rowIndex.pickRows(batch.id, chunk, { rows: null, text }),
    mayBeId ? searchIndex.findInOutcomes(batch.id, chunk, text) : [],
  ]);
  const inCells = (byCell ?? []).filter((row) =>
    showCells(row).some((cell) => cell.toLowerCase().includes(lower)),
  );
  const known = new Set(inCells.map(({ row }) => row));
  const missing = byOutcome.filter((row) => !known.has(row));
  const others =
    missing.length === 0
      ? []
      : await rowIndex.pickRows(batch.id, chunk, { rows: new Set(missing), text: null });
  const rows = [...inCells, ...(others ?? [])]
    .filter(({ row }) => row >= fromRow)
    .toSorted((one, other) => one.row - other.row);
  if (rows.length === 0) return [];
  const outcomes = await store.readOutcomesOf(
    batch.id,
    rows.map(({ row }) => row),
  );
  return await joinOutcomes(store, batch, rows, outcomes);
}
