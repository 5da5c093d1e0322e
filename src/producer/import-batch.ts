import { randomBytes } from 'node:crypto';
import { keepToWindow } from '../lib/batch/pausing/by-window.ts';
import { recountBatch } from '../lib/batch/recount-batch.ts';
import {
  type Batch,
  type BatchRef,
  countEnded,
  NO_ARRANGEMENTS,
  type RowSelection,
} from '../lib/core/batch/batch.ts';
import { CHUNK_ROWS, countChunks } from '../lib/core/batch/chunk.ts';
import type { ManifestRow } from '../lib/core/manifest/manifest.ts';
import { describeEnd } from '../lib/core/renewal/keep-alive.ts';
import { dispatchJobOf } from '../lib/queue/jobs.ts';
import type { Queues } from '../lib/queue/queues.ts';
import { showPlace } from '../lib/report/delivery/report-place.ts';
import type { BatchRepair } from '../lib/store/batch-repair.ts';
import type { BatchSteering } from '../lib/store/batch-steering.ts';
import type { BatchDraft, BatchStore, Chunk } from '../lib/store/batch-store.ts';
import type { KeyIndex } from '../lib/store/key-index.ts';
import { identify, idOf } from './batch-identity.ts';
import { keepSessions } from './continuing/keep-sessions.ts';
import { findKeyColumns } from './continuing/row-key.ts';
import type { ImportOptions } from './import-options.ts';
import { indexStoredRows } from './index-keys.ts';
import type { Manifest } from './manifest/open-manifest.ts';
import { pickRows } from './pick-rows.ts';
import { RowSettler, type SettledRow, settleRows } from './settle-rows.ts';

export interface ImportContext {
  store: BatchStore;
  repair: BatchRepair;
  steering: BatchSteering;
  keyIndex: KeyIndex;
  queues: Queues;
  now: () => number;
  /** Who imports it, for its history. Default `an import`. */
  who?: string;
  /** Called once the batch exists, before any of its rows. `wasFound`: it existed before. */
  onOpened?: (batch: BatchRef, wasFound: boolean) => Promise<void>;
  /** Called after each stored chunk with the rows read so far. */
  onProgress?: (rows: number) => void;
  signal: AbortSignal;
}

export type ImportResult =
  /** Every row of the manifest is stored. `found` says what existed when the import began. */
  { kind: 'imported'; batch: Batch; wasFound: boolean; found: Found } | ImportFailure;

/** Why not every row of a manifest was stored. */
export type ImportFailure =
  /**
   * The batch was cancelled or removed (null) meanwhile, and rows are missing. Repeating the import stores the rest.
   */
  | { kind: 'interrupted'; batchId: string; batch: Batch | null }
  /** The requested id belongs to another manifest, or to an import with other options. */
  | { kind: 'conflict'; batchId: string }
  /** The interrupted import cannot continue: since it began, the comparison selects other rows. */
  | { kind: 'selection_changed'; batchId: string };

/** What an import found of its batch: nothing, some of its rows, or all of them. */
export type Found = 'nothing' | 'part' | 'all';

/**
 * Stores a manifest's rows and starts their dispatch. Running it again with the same manifest and options resumes an
 * interrupted import and otherwise changes nothing; two producers may run it at once. Nothing is dispatched before
 * the last row is stored, so that a truncated manifest costs no call. If the batch was cancelled meanwhile, the rest
 * is stored as cancelled rows, which a retry takes up with the others.
 * @throws ManifestError if the manifest cannot be read, or lacks a key column.
 */
export async function importBatch(
  context: ImportContext,
  manifest: Manifest,
  options: ImportOptions,
): Promise<ImportResult> {
  const { store, now } = context;
  if (options.key) findKeyColumns(manifest, options.key);
  const draft = draftOf(manifest, options);
  const opened = await store.openBatch(draft, now());
  if (opened.kind === 'conflict') return { kind: 'conflict', batchId: draft.id };
  const { id: batchId, incarnation } = opened.batch;
  const isNew = opened.kind === 'created';
  await context.onOpened?.(opened.batch, !isNew);
  if (isNew) await noteRemarks(context, opened.batch, options.remarks);
  const before = await store.readBatch(batchId);
  if (before?.incarnation !== incarnation) return { kind: 'interrupted', batchId, batch: null };
  await followLimit(context, before, options);
  await followKeepAlive(context, before, options);
  await followReport(context, before, { ...options, isNew });
  const isPart = before.state === 'importing' || !before.isReadToEnd;
  const isSameSelection = before.selection?.sha256 === draft.selection?.sha256;
  if (isPart && !isSameSelection) return { kind: 'selection_changed', batchId };
  if (isPart) await storeRows(context, before, manifest, options);
  const batch = await store.readBatch(batchId);
  if (!batch?.isReadToEnd) return { kind: 'interrupted', batchId, batch };
  if (isSameSelection) await restoreLost(context, batch, manifest, { ...options, isNew });
  if (options.key && !isPart) await indexStoredRows(context, batch, options.key);
  return await startWork(context, batchId, foundOf(isNew, isPart));
}

async function noteRemarks(
  { steering, now, who = 'an import' }: ImportContext,
  batch: BatchRef,
  remarks: ImportOptions['remarks'] = [],
): Promise<void> {
  for (const what of remarks) {
    await steering.addHistory(batch, { atMs: now(), who, what, reason: null });
  }
}

/** A repeated import that names another maximum of sessions changes it. */
async function followLimit(
  { steering, now }: ImportContext,
  batch: Batch,
  { maxSessions }: ImportOptions,
): Promise<void> {
  if (maxSessions === undefined || maxSessions === batch.maxSessions) return;
  await steering.setMaxSessions(batch, maxSessions);
  const what = `maximum of sessions set to ${maxSessions}`;
  const entry = { atMs: now(), who: 'a repeated import', what, reason: null };
  await steering.addHistory(batch, entry);
}

/** A repeated import that names another end renews sessions until then. */
async function followKeepAlive(
  { steering, now }: ImportContext,
  batch: Batch,
  { keepAlive }: ImportOptions,
): Promise<void> {
  if (keepAlive === undefined || keepAlive.untilMs === batch.keepAlive?.untilMs) return;
  await steering.setKeepAlive(batch, keepAlive);
  const what = `sessions kept alive until ${describeEnd(keepAlive)}`;
  await steering.addHistory(batch, { atMs: now(), who: 'a repeated import', what, reason: null });
}

/** A repeated import that names another place has the report written there. */
async function followReport(
  { steering, now }: ImportContext,
  batch: Batch,
  { report, isNew }: ImportOptions & { isNew: boolean },
): Promise<void> {
  if (report === undefined) return;
  const shown = showPlace(report);
  const isOther = await steering.setReport(batch, { place: report, shown }, now());
  if (!isOther || isNew) return;
  const what = `report to be written to ${shown}`;
  await steering.addHistory(batch, { atMs: now(), who: 'a repeated import', what, reason: null });
}

function foundOf(isNew: boolean, isPart: boolean): Found {
  if (isNew) return 'nothing';
  return isPart ? 'part' : 'all';
}

function draftOf(manifest: Manifest, options: ImportOptions): BatchDraft {
  const { strictFps, maxFailures, reuse, trialRows, selection } = options;
  const identity = identify(manifest, options);
  return {
    id: options.batchId ?? idOf(manifest, identity),
    incarnation: randomBytes(5).toString('hex'),
    identity,
    name: manifest.name,
    manifestSha256: manifest.sha256,
    shape: manifest.shape,
    options: { strictFps, maxFailures, reuse, trialRows },
    arrangements: options.arrangements ?? NO_ARRANGEMENTS,
    notify: options.notify ?? null,
    priority: options.priority,
    maxSessions: options.maxSessions ?? null,
    keepAlive: options.keepAlive ?? null,
    mends: options.mends ?? null,
    lineage: options.lineage ?? null,
    origin: options.origin ?? null,
    key: options.key ?? null,
    selection: selection ? describeSelection(selection) : null,
  };
}

/** Has the rows dispatched, within the batch's window. */
async function startWork(
  context: ImportContext,
  batchId: string,
  found: Found,
): Promise<ImportResult> {
  const { store, queues } = context;
  const stored = await store.readBatch(batchId);
  if (stored !== null) await keepToWindow(context, stored);
  const view = await store.readDispatch(batchId);
  if (view === null) return { kind: 'interrupted', batchId, batch: null };
  if (view.batch.state === 'running') {
    await queues.addDispatch(dispatchJobOf(view.batch, view.epoch));
  }
  return { kind: 'imported', batch: view.batch, wasFound: found !== 'nothing', found };
}

function describeSelection({
  comparedWith,
  kinds,
  rows,
}: NonNullable<ImportOptions['selection']>): RowSelection {
  return { comparedWith, kinds: kinds.toSorted(), sha256: rows.sha256() };
}

/** Ends the import when every row is stored, and stops early when the batch takes no more of them. */
async function storeRows(
  context: ImportContext,
  before: Batch,
  manifest: Manifest,
  options: ImportOptions,
): Promise<void> {
  const { store, now } = context;
  if (await appendRows(context, before, manifest, options)) {
    await store.finishImport(before, manifest.shape, now());
  } else await store.leaveImport(before, manifest.shape);
}

/** False when the batch was cancelled or removed, or another producer has ended the import. */
async function appendRows(
  context: ImportContext,
  batch: Batch,
  manifest: Manifest,
  options: ImportOptions,
): Promise<boolean> {
  const afterCancel = batch.state !== 'importing';
  const keys = options.key ? context.keyIndex.write(batch, options.key) : null;
  let isOpen: Promise<boolean> = Promise.resolve(true);
  for await (const chunk of settledChunks(context, manifest, options)) {
    // One chunk is on its way to the store while the next one is read.
    if (!(await isOpen)) return false;
    isOpen = context.store.appendChunk(batch, chunk, { afterCancel });
    // It is awaited in the next turn, and may fail before that.
    isOpen.catch(() => undefined);
    await keys?.add(chunk.rows, manifest.shape);
    context.onProgress?.(chunk.rows.at(-1)?.row ?? 0);
  }
  if (await isOpen) await keys?.finish();
  return await isOpen;
}

async function* settledChunks(
  { signal, now }: ImportContext,
  manifest: Manifest,
  { limit, selection, continues }: ImportOptions,
): AsyncGenerator<Chunk> {
  const pick = {
    ...(limit !== undefined && { limit }),
    ...(selection && { picked: selection.rows }),
  };
  using settler = new RowSettler(manifest.shape);
  // The comparison's results for all rows are reused.
  const known = selection ? undefined : continues?.matches;
  const settle = (row: ManifestRow): SettledRow | null =>
    known ? known.settled(manifest.shape, row) : settler.settle(row);
  let index = 0;
  for await (const rows of chunksOf(pickRows(manifest.rows(), pick))) {
    signal.throwIfAborted();
    const settled = settleRows(rows, settle, now());
    const { shape } = manifest;
    const kept = continues && (await keepSessions(continues, { rows, settled, shape }, now()));
    yield { index, rows, ...settled, ...kept };
    index += 1;
  }
}

/** After a loss of data: restores lost rows, and recounts the batch. */
async function restoreLost(
  context: ImportContext,
  batch: Batch,
  manifest: Manifest,
  options: ImportOptions & { isNew: boolean },
): Promise<void> {
  const { store, repair, now } = context;
  const { id: batchId } = batch;
  const chunks = countChunks(batch.rows);
  const missing = new Set(await repair.findMissingChunks(batchId, chunks));
  if (missing.size > 0) {
    for await (const chunk of settledChunks(context, manifest, options)) {
      if (missing.has(chunk.index)) await repair.restoreChunk(batch, chunk);
    }
  }
  // While a batch runs, the two counts are from different moments; `verify` gives the exact answer.
  const standsStill = options.isNew || batch.state === 'completed';
  const isTorn =
    standsStill && (await repair.countEnded(batchId, chunks)) !== countEnded(batch.counts);
  if (missing.size > 0 || isTorn) await recountBatch({ store, repair, now }, batchId);
}

/** Regroups rows into full chunks, whose borders must not depend on the reader (at most 500 rows at once). */
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
