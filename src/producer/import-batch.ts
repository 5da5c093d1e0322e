import { createHash } from 'node:crypto';
import { keepToWindow } from '../lib/batch/keep-to-window.ts';
import { recountBatch } from '../lib/batch/recount-batch.ts';
import {
  type Arrangements,
  type Batch,
  type BatchOptions,
  countEnded,
  NO_ARRANGEMENTS,
  type RowSelection,
} from '../lib/core/batch/batch.ts';
import { CHUNK_ROWS, countChunks } from '../lib/core/batch/chunk.ts';
import type { ManifestRow } from '../lib/core/manifest/manifest.ts';
import type { NoticeTarget } from '../lib/core/notice/notice-target.ts';
import type { Queues } from '../lib/queue/queues.ts';
import type { BatchRepair } from '../lib/store/batch-repair.ts';
import type { BatchSteering } from '../lib/store/batch-steering.ts';
import type { BatchStore, Chunk } from '../lib/store/batch-store.ts';
import type { Manifest } from './manifest/open-manifest.ts';
import { pickRows } from './pick-rows.ts';
import type { RowSet } from './row-set.ts';
import { RowSettler } from './settle-rows.ts';

export interface ImportOptions extends BatchOptions {
  /** The batch whose rows without a session this one is to supply; it must exist. */
  mends?: string;
  /** Only rows that a comparison with another batch picked. */
  selection?: { comparedWith: string; kinds: RowSelection['kinds']; rows: RowSet };
  /** An id of the user's own; makes this import another batch than one without, or with another id. */
  batchId?: string;
  /** Only the first rows. */
  limit?: number;
  /** Share of the work beside other batches, 1 to 100. May differ when the import is repeated; the first counts. */
  priority: number;
  /** May differ when the import is repeated, too. Default none. */
  arrangements?: Arrangements;
  /** A webhook of its own. May differ, too. */
  notify?: NoticeTarget;
}

export interface ImportContext {
  store: BatchStore;
  repair: BatchRepair;
  steering: BatchSteering;
  queues: Queues;
  now: () => number;
  /** Called once the batch is there, before any of its rows. `wasFound` as in the result. */
  onOpened?: (batchId: string, wasFound: boolean) => Promise<void>;
  /** Called after each stored chunk with the rows read so far. */
  onProgress?: (rows: number) => void;
  signal: AbortSignal;
}

export type ImportResult =
  /** `wasFound`: the same manifest with the same options was imported before, or its import was interrupted. */
  | { kind: 'imported'; batch: Batch; wasFound: boolean }
  /** The wanted id belongs to another manifest or to other options. */
  | { kind: 'conflict'; batchId: string }
  /** The interrupted import cannot go on: since it began, the comparison picks other rows. */
  | { kind: 'selection_changed'; batchId: string };

/**
 * Stores a manifest's rows and has them dispatched. Running it again with the same manifest and options resumes
 * an interrupted import and otherwise changes nothing; two producers may run it at once. Nothing is dispatched
 * before the last row is stored, so that a manifest which breaks off in the middle costs no call.
 */
export async function importBatch(
  context: ImportContext,
  manifest: Manifest,
  options: ImportOptions,
): Promise<ImportResult> {
  const { store, queues, now } = context;
  const identity = identify(manifest, options);
  const id = options.batchId ?? `${slug(manifest.name)}-${identity.slice(0, 8)}`;
  const { strictFps, maxFailures, reuse, trialRows } = options;
  const selection = options.selection ? describeSelection(options.selection) : null;
  const opened = await store.openBatch(
    {
      id,
      identity,
      name: manifest.name,
      manifestSha256: manifest.sha256,
      shape: manifest.shape,
      options: { strictFps, maxFailures, reuse, trialRows },
      arrangements: options.arrangements ?? NO_ARRANGEMENTS,
      notify: options.notify ?? null,
      priority: options.priority,
      mends: options.mends ?? null,
      selection,
    },
    now(),
  );
  if (opened.kind === 'conflict') return { kind: 'conflict', batchId: id };
  const { batchId } = opened;
  await context.onOpened?.(batchId, opened.kind === 'found');
  const before = await readBatch(store, batchId);
  if (before.state === 'importing') {
    if (before.selection?.sha256 !== selection?.sha256) {
      return { kind: 'selection_changed', batchId };
    }
    await storeRows(context, batchId, manifest, options);
    await store.finishImport(batchId, manifest.shape, now());
    await keepToWindow(context, await readBatch(store, batchId));
  }
  const isNew = opened.kind === 'created';
  if (before.selection?.sha256 === selection?.sha256) {
    await restoreLost(context, batchId, manifest, { ...options, isNew });
  }
  const view = await store.readDispatch(batchId);
  if (view?.batch.state === 'running') await queues.addDispatch({ batchId, epoch: view.epoch });
  const batch = await readBatch(store, batchId);
  return { kind: 'imported', batch, wasFound: opened.kind === 'found' };
}

function describeSelection({
  comparedWith,
  kinds,
  rows,
}: NonNullable<ImportOptions['selection']>): RowSelection {
  return { comparedWith, kinds: kinds.toSorted(), sha256: rows.sha256() };
}

async function readBatch(store: BatchStore, batchId: string): Promise<Batch> {
  const batch = await store.readBatch(batchId);
  if (batch === null) throw new Error(`batch ${batchId} vanished during its import`);
  return batch;
}

/**
 * What makes two imports the same: the file, how it is read, how its rows are to be judged, and what it is for. Not which
 * rows a comparison picked: the other batch may be retried meanwhile, and the same command must not call again.
 */
function identify(manifest: Manifest, options: ImportOptions): string {
  const { format, delimiter, roles } = manifest.shape;
  const { batchId, limit, strictFps, maxFailures, reuse, trialRows, mends, selection } = options;
  return createHash('sha256')
    .update(
      JSON.stringify([
        manifest.sha256,
        format,
        delimiter,
        roles,
        batchId ?? null,
        limit ?? null,
        strictFps,
        maxFailures,
        reuse,
        trialRows,
        manifest.sheet,
        mends ?? null,
        selection ? [selection.comparedWith, selection.kinds.toSorted()] : null,
        ...(manifest.skipsHidden ? ['skip_hidden'] : []),
      ]),
    )
    .digest('hex');
}

/** Letters, digits and dashes that begin like the manifest's name; `batch` when nothing of it is left. */
function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return /[a-z]/.test(plain) ? plain : `batch${plain && `-${plain}`}`;
}

async function storeRows(
  context: ImportContext,
  batchId: string,
  manifest: Manifest,
  options: ImportOptions,
): Promise<void> {
  let isOpen: Promise<boolean> = Promise.resolve(true);
  for await (const chunk of settledChunks(context, manifest, options)) {
    // One chunk is on its way to the store while the next one is read.
    if (!(await isOpen)) return;
    isOpen = context.store.appendChunk(batchId, chunk);
    // It is awaited in the next turn, and may fail before.
    isOpen.catch(() => undefined);
    context.onProgress?.(chunk.rows.at(-1)?.row ?? 0);
  }
  await isOpen;
}

async function* settledChunks(
  { signal, now }: ImportContext,
  manifest: Manifest,
  { limit, selection }: ImportOptions,
): AsyncGenerator<Chunk> {
  const pick = {
    ...(limit !== undefined && { limit }),
    ...(selection && { picked: selection.rows }),
  };
  using settler = new RowSettler(manifest.shape);
  let index = 0;
  for await (const rows of chunksOf(pickRows(manifest.rows(), pick))) {
    signal.throwIfAborted();
    yield { index, rows, ...settler.settle(rows, now()) };
    index += 1;
  }
}

/** After a loss of data: puts back rows that are gone, and has the counters say what is there. */
async function restoreLost(
  context: ImportContext,
  batchId: string,
  manifest: Manifest,
  options: ImportOptions & { isNew: boolean },
): Promise<void> {
  const { store, repair, now } = context;
  const batch = await readBatch(store, batchId);
  const chunks = countChunks(batch.rows);
  const missing = new Set(await repair.findMissingChunks(batchId, chunks));
  if (missing.size > 0) {
    for await (const chunk of settledChunks(context, manifest, options)) {
      if (missing.has(chunk.index)) await repair.restoreChunk(batchId, chunk);
    }
  }
  // While a batch runs, the two counts are of different moments; then `verify` knows better.
  const standsStill = options.isNew || batch.state === 'completed';
  const isTorn =
    standsStill && (await repair.countEnded(batchId, chunks)) !== countEnded(batch.counts);
  if (missing.size > 0 || isTorn) await recountBatch({ store, repair, now }, batchId);
}

/** Regroups rows into full chunks, whose borders must not depend on how the reader delivers (at most 500 rows at once). */
async function* chunksOf(batches: AsyncIterable<ManifestRow[]>): AsyncGenerator<ManifestRow[]> {
  let chunk: ManifestRow[] = [];
  for await (const rows of batches) {
    chunk.push(...rows);
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk.slice(0, CHUNK_ROWS);
    chunk = chunk.slice(CHUNK_ROWS);
  }
  if (chunk.length > 0) yield chunk;
}
