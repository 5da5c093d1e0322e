import { type Batch, isEnded } from '../../lib/core/batch/batch.ts';
import { CHUNK_ROWS, countChunks, firstRowOfChunk } from '../../lib/core/batch/chunk.ts';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import { type Continuation, decideKept } from '../../lib/core/row/decide-kept.ts';
import type { OutcomeStatus } from '../../lib/core/row/row.ts';
import { statusOfMark } from '../../lib/core/row/row-mark.ts';
import { readEntries, statusOf } from '../../lib/report/read-entries.ts';
import type { ReportEntry } from '../../lib/report/report-formatter.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { RowIndex } from '../../lib/store/row-index.ts';

export interface StandingsContext {
  store: BatchStore;
  rowIndex: Pick<RowIndex, 'readMarks'>;
  overview: Pick<BatchOverview, 'readFirstExpiry'>;
}

/** Some rows of a table, and what becomes of each if a manifest has it again; null if it repeats another row. */
export interface Standings {
  rows: readonly ManifestRow[];
  standings: readonly (Continuation | null)[];
}

/**
 * All rows of a batch in their order. Where all its sessions live long enough, as for most tables that are corrected,
 * the marks of its rows say what becomes of them, and no outcome is read. Throws when a chunk is missing.
 */
export async function* readStandings(
  context: StandingsContext,
  batch: Batch,
  nowMs: number,
): AsyncGenerator<Standings> {
  const decide = await decideByMarks(context, batch, nowMs);
  if (decide === null) {
    for await (const entries of readEntries(context.store, batch)) {
      yield standingsOf(entries, nowMs);
    }
    return;
  }
  let next = readMarked(context, batch, 0);
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const { rows, marks } = await next;
    // Redis answers while this chunk is compared.
    next = readMarked(context, batch, chunk + 1);
    next.catch(() => undefined);
    yield { rows, standings: Array.from(marks, (mark) => decide(statusOfMark(mark))) };
  }
}

export function standingsOf(entries: readonly ReportEntry[], nowMs: number): Standings {
  return {
    rows: entries.map(({ row }) => row),
    standings: entries.map(({ result }) => {
      // A repeated row has the result of the row that it repeats.
      if (statusOf(result) === 'duplicate') return null;
      return decideKept(typeof result === 'string' ? null : result, nowMs);
    }),
  };
}

type DecideByStatus = (status: OutcomeStatus | null) => Continuation | null;

/** Null if the status of a row does not say enough. */
async function decideByMarks(
  { rowIndex, overview }: StandingsContext,
  batch: Batch,
  nowMs: number,
): Promise<DecideByStatus | null> {
  const firstExpiryMs = isEnded(batch.state) ? await overview.readFirstExpiry(batch.id) : null;
  if (firstExpiryMs === null || (await rowIndex.readMarks(batch.id, 1, 1)) === null) return null;
  const session = { id: '', expiresAtMs: firstExpiryMs };
  if (decideKept({ status: 'succeeded', session }, nowMs) !== 'keep') return null;
  const unmarked = batch.cancelledAtMs === null ? null : ({ status: 'cancelled' } as const);
  return (status) => {
    if (status === 'duplicate') return null;
    return decideKept(status === null ? unmarked : { status, session }, nowMs);
  };
}

async function readMarked(
  { store, rowIndex }: StandingsContext,
  batch: Batch,
  chunk: number,
): Promise<{ rows: readonly ManifestRow[]; marks: Uint16Array }> {
  const first = firstRowOfChunk(chunk);
  const count = Math.min(CHUNK_ROWS, batch.rows - first + 1);
  if (count <= 0) return { rows: [], marks: new Uint16Array() };
  const [rows, marks] = await Promise.all([
    store.readChunk(batch.id, chunk),
    rowIndex.readMarks(batch.id, first, count),
  ]);
  if (rows !== null && marks !== null) return { rows, marks };
  throw new Error(`chunk ${chunk} of batch ${batch.id} is missing; see \`kling-sessions verify\``);
}
