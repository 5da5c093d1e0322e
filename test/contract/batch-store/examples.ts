import { expect } from 'vitest';
import {
  type BatchRef,
  countEnded,
  countPending,
  type FailureLimit,
  NO_ARRANGEMENTS,
} from '../../../src/lib/core/batch/batch.ts';
import { chunkOfRow, firstRowOfChunk } from '../../../src/lib/core/batch/chunk.ts';
import type { ManifestRow, ManifestShape } from '../../../src/lib/core/manifest/manifest.ts';
import type { Source } from '../../../src/lib/core/manifest/source.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import type { PendingState } from '../../../src/lib/core/row/row.ts';
import { newRowProgress, type RowProgress } from '../../../src/lib/core/row/row-progress.ts';
import type { BatchDraft, BatchStore, Chunk, RowView } from '../../../src/lib/store/batch-store.ts';

export type OpenBatchStores = (count: number) => Promise<BatchStore[]>;

export const NOW_MS = 1_700_000_000_000;

export const SHAPE: ManifestShape = {
  format: 'csv',
  delimiter: ';',
  columns: ['name', 'video_url'],
  roles: { video_url: 'video_url', video_id: null, task_id: null, video_created_at: null },
};

/** For tests in which the outcome's video does not matter. */
export const SOURCE: Source = { kind: 'url', videoUrl: 'https://videos.example/1.mp4' };

/** The source of `manifestRow`. */
export const sourceOf = (row: number): Source => ({
  kind: 'url',
  videoUrl: `https://videos.example/${row}.mp4`,
});

const NEVER_PAUSE: FailureLimit = { kind: 'off' };

/** A batch that `draft` makes. */
export const ref = (id: string): BatchRef => ({ id, incarnation: 'first' });

export const draft = (others: Partial<BatchDraft> = {}): BatchDraft => ({
  ...ref('batch-1'),
  identity: 'manifest-1',
  name: 'videos.csv',
  manifestSha256: 'abc',
  shape: SHAPE,
  options: { strictFps: false, maxFailures: NEVER_PAUSE, reuse: false, trialRows: null },
  priority: 10,
  mends: null,
  arrangements: NO_ARRANGEMENTS,
  notify: null,
  selection: null,
  ...others,
});

export const manifestRow = (row: number, others: Partial<ManifestRow> = {}): ManifestRow => ({
  row,
  line: row + 1,
  cells: [`clip ${row}`, `https://videos.example/${row}.mp4`],
  ...others,
});

export const outcome = (others: Partial<Outcome> = {}): Outcome => ({
  status: 'succeeded',
  finishedAtMs: NOW_MS + 5,
  attempts: 1,
  warnings: [],
  ...others,
});

export const failed = (code: string, message = 'words'): Outcome =>
  outcome({ status: 'failed', error: { code, message } });

export const progress = (state: PendingState, writer: string): RowProgress => ({
  ...newRowProgress(state),
  writer,
});

/** Chunk `index` with rows up to `lastRow`. */
export function chunk(index: number, lastRow: number, outcomes: [number, Outcome][] = []): Chunk {
  const firstRow = firstRowOfChunk(index);
  const rows = Array.from({ length: lastRow - firstRow + 1 }, (_, i) => manifestRow(firstRow + i));
  return { index, rows, outcomes: new Map(outcomes), sharedUrls: [] };
}

export async function openStore(open: OpenBatchStores): Promise<BatchStore> {
  const [store] = await open(1);
  if (store === undefined) throw new Error('no store was opened');
  return store;
}

/** A store with one running batch of this many rows; its outcomes are known from reading. */
export async function withBatch(
  store: BatchStore,
  rows: number,
  outcomes: [number, Outcome][] = [],
  id = 'batch-1',
): Promise<string> {
  await store.openBatch(draft({ id, ...(id !== 'batch-1' && { identity: id }) }), NOW_MS);
  for (let index = 0; index <= chunkOfRow(rows); index += 1) {
    const known = outcomes.filter(([row]) => chunkOfRow(row) === index);
    await store.appendChunk(ref(id), chunk(index, Math.min(rows, (index + 1) * 500), known));
  }
  await store.finishImport(ref(id), SHAPE, NOW_MS + 1);
  return id;
}

export async function viewOf(store: BatchStore, batchId: string, row: number): Promise<RowView> {
  const view = await store.readRow(ref(batchId), row);
  if (view === null) throw new Error(`no batch ${batchId}`);
  return view;
}

/** The counters, without those at 0; fails when they do not add up to the batch's rows. */
export async function countsOf(store: BatchStore, batchId: string): Promise<object> {
  const batch = await store.readBatch(batchId);
  if (batch === null) throw new Error(`no batch ${batchId}`);
  expect(countPending(batch.counts) + countEnded(batch.counts)).toBe(batch.rows);
  return Object.fromEntries(Object.entries(batch.counts).filter(([, count]) => count !== 0));
}
