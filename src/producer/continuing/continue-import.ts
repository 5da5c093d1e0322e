import { endForSuccessor, type SuccessionContext } from '../../lib/batch/end-for-successor.ts';
import { type Batch, isEnded, type Lineage } from '../../lib/core/batch/batch.ts';
import { decideLineage } from '../../lib/core/continuing/decide-lineage.ts';
import { countCalls } from '../../lib/core/continuing/describe-continuation.ts';
import { formatRows } from '../../lib/core/in-words.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { Ledger } from '../../lib/store/redis/redis-ledger.ts';
import type { RowIndex } from '../../lib/store/row-index.ts';
import { batchIdOf, identify } from '../batch-identity.ts';
import { compareWithBatch } from '../comparing/compare-with-batch.ts';
import type { Comparison } from '../comparing/comparison.ts';
import type { ImportOptions } from '../import-options.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import { listMendingOfTable } from '../mending/list-mending.ts';
import { ContinuedTable } from './continued-table.ts';
import { describeComparison, describeKeys, describeMends } from './describe-continued.ts';
import { findLiveElsewhere } from './find-live-elsewhere.ts';
import { listBefore } from './list-before.ts';
import { RowFinder } from './row-finder.ts';
import { findKeyColumns } from './row-key.ts';

/** Which batch an import is to continue. */
export interface ContinuationRequest {
  /**
   * A batch, or the name of batches or of a schedule. Null: the latest of the same origin, or the one that the
   * manifest is a report of.
   */
  continues: string | null;
  /** Columns by which a row is the same row; null for all its cells. */
  key: readonly string[] | null;
  /** Keep no session: call every row again, even if the same table has another name. */
  isFresh: boolean;
  /**
   * Digest of the path or address of a file whose latest batch is continued; null where that is not to be looked for.
   */
  origin: string | null;
}

export interface ContinuationContext {
  store: BatchStore;
  rowIndex: RowIndex;
  overview: Pick<BatchOverview, 'listBatches' | 'listMending' | 'readSessions' | 'readFirstExpiry'>;
  /** Tells when the videos of a table that continues no batch have sessions already. */
  ledger: Ledger;
  who: string;
  /** Called now and then with the rows compared so far. */
  onProgress?: (rows: number) => void;
  /** Called with the batch to continue before anything is changed or compared; throws to stop. Default nothing. */
  confirm?: (batch: Batch, means: ContinuationMeans) => Promise<void>;
  /** Called after the comparison when rows are called and none keeps a session; throws to stop. Default nothing. */
  confirmCalls?: (batch: Batch, calls: NewCalls) => Promise<void>;
  /**
   * Called when a table continues no batch although its videos have sessions that live elsewhere, with a sentence;
   * throws to stop. Default: the sentence is one of the result.
   */
  confirmAnew?: (sentence: string) => Promise<void>;
  now: () => number;
  signal: AbortSignal;
}

/** What continuing means for the batch that is continued. */
export interface ContinuationMeans {
  /** None of its sessions is kept. */
  isFresh: boolean;
  /** The batches that are still running and end first: this one, and those that mend it. */
  ending: readonly Batch[];
}

/** What calling rows means for a batch of which no row keeps its session. */
export interface NewCalls {
  /** How many rows are called. */
  calls: number;
  /** The batches that were still running. They have ended by now, unless the import is only planned. */
  ending: readonly Batch[];
}

/** What an import continues: as options for the import, and in sentences for people. */
export type Continued =
  | {
      kind: 'nothing';
      options: Pick<ImportOptions, 'lineage' | 'origin' | 'remarks'>;
      sentences: string[];
    }
  | {
      kind: 'batch';
      options: Pick<ImportOptions, 'lineage' | 'origin' | 'continues' | 'remarks'>;
      batch: Batch;
      /** Null when every row is called again. */
      comparison: Comparison | null;
      sentences: string[];
    }
  /** Nothing was stored. */
  | { kind: 'refused'; sentence: string };

/**
 * Finds what an import continues and compares the two. With `succession`, a batch that is still running ends first, so
 * that no row is called for both; without it nothing is changed. A batch of which the manifest is only a report keeps
 * running, and its rows under way are refused.
 * @throws ManifestError if the manifest cannot be read, or lacks a key column.
 */
export async function findContinued(
  context: ContinuationContext,
  manifest: Manifest,
  options: ImportOptions,
  request: ContinuationRequest,
  succession: SuccessionContext | null,
): Promise<Continued> {
  const { origin, key } = request;
  if (key !== null) findKeyColumns(manifest, key);
  const earlier = await listEarlier(context, manifest, options, request);
  if (typeof earlier === 'string') return { kind: 'refused', sentence: earlier };
  const beginning = decideLineage(
    earlier.map(describeEarlier),
    (lineage) => batchIdOf(manifest, { ...options, lineage }),
    request.isFresh,
  );
  const lineage = beginning.kind === 'first' ? null : beginning.lineage;
  const isStored =
    beginning.kind !== 'first' && (await isImported(context, manifest, { ...options, lineage }));
  const found = lineage && !isStored ? await context.store.readBatch(lineage.after) : null;
  if (lineage === null || found === null) {
    const keys = isStored || key === null ? [] : await checkKeys(context, manifest, key);
    const isAnew =
      beginning.kind === 'first' && !request.isFresh && !options.reuse && !options.mends;
    const whole = { ...options, lineage, origin };
    return await beginAnew(context, manifest, whole, { keys, isAnew });
  }
  return await continueBatch(context, manifest, found, { request, lineage, succession });
}

/** This very import was made before, to its end. */
async function isImported(
  { store }: ContinuationContext,
  manifest: Manifest,
  options: ImportOptions,
): Promise<boolean> {
  const id = await store.findIdentical(identify(manifest, options));
  return id !== null && (await store.readBatch(id))?.isReadToEnd === true;
}

/** `keys`: sentences about these. `isAnew`: nobody has said that all rows are to be called. */
async function beginAnew(
  context: ContinuationContext,
  manifest: Manifest,
  whole: ImportOptions,
  { keys, isAnew }: { keys: readonly string[]; isAnew: boolean },
): Promise<Continued> {
  const { lineage = null, origin = null } = whole;
  const elsewhere = isAnew ? await findLiveElsewhere(context, manifest, whole) : null;
  const sentences = [...keys, ...(elsewhere === null ? [] : [elsewhere])];
  const options = { lineage, origin, remarks: sentences };
  if (elsewhere === null || !context.confirmAnew) return { kind: 'nothing', options, sentences };
  await context.confirmAnew(elsewhere);
  return { kind: 'nothing', options, sentences: [...keys] };
}

async function continueBatch(
  context: ContinuationContext,
  manifest: Manifest,
  found: Batch,
  asked: { request: ContinuationRequest; lineage: Lineage; succession: SuccessionContext | null },
): Promise<Continued> {
  const { request, lineage, succession } = asked;
  const { origin } = request;
  const isReport = request.continues === null && (origin === null || found.origin !== origin);
  const mending = await listMendingAtWork(context, found);
  const running = [found, ...mending].filter(({ state }) => !isEnded(state));
  const [mendsNow] = running.filter(({ id }) => id !== found.id);
  if (isReport && mendsNow) return refuseMending(found, mendsNow);
  await context.confirm?.(found, { isFresh: lineage.isFresh, ending: isReport ? [] : running });
  const table = [found, ...mending];
  const taken = succession && !isReport ? await takeOver(succession, table, context.who) : table;
  if (!Array.isArray(taken)) return { kind: 'refused', sentence: stillCalling(taken.stillCalling) };
  const [batch = found, ...mends] = taken;
  if (lineage.isFresh) {
    const sentences = [
      `All rows of ${manifest.fileName} get new sessions; no session of ${batch.id} is kept.`,
    ];
    const options = { lineage, origin, remarks: sentences };
    return { kind: 'batch', options, batch, comparison: null, sentences };
  }
  const nowMs = context.now();
  const before = await listBefore(context, batch, request.key, nowMs);
  const known = await ContinuedTable.withMends(context, batch, mends, before);
  const comparing = { kinds: [], key: request.key, nowMs };
  const comparison = await compareWithBatch(context, manifest, known, comparing);
  if (isReport && comparison.pending > 0) return refusePending(batch, comparison.pending);
  await confirmCalls(context, batch, comparison, { isReport, ending: running });
  const sentences = [
    ...describeMends(batch, mends, known.mendedCount),
    ...describeComparison(manifest, batch, comparison, isReport),
  ];
  const continues = { table: known, matches: comparison.matches };
  const options = { lineage, origin, continues, remarks: sentences };
  return { kind: 'batch', options, batch, comparison, sentences };
}

async function confirmCalls(
  context: ContinuationContext,
  batch: Batch,
  { continuation }: Comparison,
  { isReport, ending }: { isReport: boolean; ending: readonly Batch[] },
): Promise<void> {
  const calls = countCalls(continuation);
  // A report may hold some rows only, of purpose: those without a session.
  if (isReport || calls === 0 || continuation.kept > 0) return;
  await context.confirmCalls?.(batch, { calls, ending });
}

/** The batches that mend the table and have live sessions, or may get some. */
async function listMendingAtWork(
  context: Pick<ContinuationContext, 'store' | 'overview' | 'now'>,
  batch: Batch,
): Promise<Batch[]> {
  const found: Batch[] = [];
  for (const mending of await listMendingOfTable(context, batch)) {
    const { alive } = await context.overview.readSessions(mending.id, context.now());
    if (alive > 0 || !isEnded(mending.state)) found.push(mending);
  }
  return found;
}

const describeEarlier = (batch: Batch) => ({
  id: batch.id,
  lineage: batch.lineage,
  isReadToEnd: batch.isReadToEnd,
  hasEnded: isEnded(batch.state),
});

/** Ends batches whose rows another one takes over; the first that still has a call under way if that fails. */
async function takeOver(
  succession: SuccessionContext,
  batches: readonly Batch[],
  who: string,
): Promise<Batch[] | { stillCalling: Batch }> {
  const act = { who, reason: 'a newer batch continues its table' };
  const ended: Batch[] = [];
  for (const batch of batches) {
    const end = await endForSuccessor(succession, batch, act);
    if (end === null) return { stillCalling: batch };
    ended.push(end);
  }
  return ended;
}

const stillCalling = ({ id }: Batch): string =>
  `Batch ${id}, which this one continues, still has calls under way; try again when they have ended.`;

const refuseMending = ({ id }: Batch, mending: Batch): Continued => ({
  kind: 'refused',
  sentence: `Batch ${mending.id}, which mends ${id}, has not ended; wait for its end, or end it with \`kling-sessions cancel ${mending.id}\`.`,
});

const refusePending = ({ id }: Batch, pending: number): Continued => ({
  kind: 'refused',
  sentence: `${formatRows(pending)} of this report ${pending === 1 ? 'is' : 'are'} still under way in batch ${id}; wait for its end, or end it with \`kling-sessions cancel ${id}\`.`,
});

/** Sentences about the keys of a table that continues no batch. */
export async function checkKeys(
  { signal }: Pick<ContinuationContext, 'signal'>,
  manifest: Manifest,
  key: readonly string[],
): Promise<string[]> {
  findKeyColumns(manifest, key);
  const nothing = { rows: 0, shape: manifest.shape };
  using finder = new RowFinder(nothing, manifest, key);
  for await (const rows of manifest.rows()) {
    signal.throwIfAborted();
    for (const row of rows) finder.find(row);
  }
  return describeKeys(finder.badKeys);
}

/** The batches that may be continued, newest first, or the reason why the requested one cannot. */
async function listEarlier(
  context: ContinuationContext,
  manifest: Manifest,
  { batchId }: ImportOptions,
  { continues, origin, isFresh }: ContinuationRequest,
): Promise<Batch[] | string> {
  if (continues !== null) return await listNamed(context, manifest, batchId, continues);
  const { reportOf, sha256 } = manifest;
  if (batchId !== undefined || (origin === null && reportOf === null && !isFresh)) return [];
  return await collect(
    context,
    (batch) =>
      (origin !== null && batch.origin === origin) ||
      batch.id === reportOf ||
      (isFresh && batch.manifestSha256 === sha256),
  );
}

async function listNamed(
  context: ContinuationContext,
  manifest: Manifest,
  batchId: string | undefined,
  wanted: string,
): Promise<Batch[] | string> {
  const named = await context.store.readBatch(wanted);
  if (named !== null) {
    return named.isReadToEnd
      ? [named]
      : `Batch ${wanted} was not read to its end; import it again first.`;
  }
  const batches = await collect(
    context,
    ({ id, name, arrangements }) =>
      id === batchId || name === wanted || arrangements.schedule === wanted,
  );
  const isFirst = manifest.name === wanted || batchId !== undefined;
  return batches.length > 0 || isFirst
    ? batches
    : `There is no batch ${wanted}, and no batch of that name or schedule; \`kling-sessions batches\` lists them.`;
}

/** Up to the newest batch that was read to its end. A batch of picked rows is not a whole table and is skipped. */
async function collect(
  { overview }: ContinuationContext,
  isWanted: (batch: Batch) => boolean,
): Promise<Batch[]> {
  const found: Batch[] = [];
  for await (const batch of overview.listBatches()) {
    if (batch.selection !== null || !isWanted(batch)) continue;
    found.push(batch);
    if (batch.isReadToEnd) break;
  }
  return found;
}
