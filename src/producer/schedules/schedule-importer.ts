import type { SuccessionContext } from '../../lib/batch/end-for-successor.ts';
import { type Batch, NO_ARRANGEMENTS } from '../../lib/core/batch/batch.ts';
import { fillInDates } from '../../lib/core/schedule/path-dates.ts';
import type { RunReason, Schedule } from '../../lib/core/schedule/schedule.ts';
import type { FindProxy } from '../../lib/network/find-proxy.ts';
import type { Guard } from '../../lib/network/guarded-lookup.ts';
import { requestOf } from '../../lib/requests/schedule-request.ts';
import type {
  FoundManifest,
  ImportEnding,
  ScheduledImport,
  ScheduleImporter,
} from '../../lib/schedule/importer.ts';
import { type ContinuationContext, findContinued } from '../continuing/continue-import.ts';
import { type ImportContext, importBatch } from '../import-batch.ts';
import type { ImportOptions } from '../import-options.ts';
import { importOptions, readingOptions } from '../import-request.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { type Manifest, openManifest } from '../manifest/open-manifest.ts';
import { findManifest } from './find-manifest.ts';
import { pickNewRows } from './pick-new-rows.ts';

/** Limits for schedules' manifests: the person who sets a schedule is not on the machine that reads it. */
export interface ManifestBounds {
  /** Addresses that may be contacted. */
  guard: Guard;
  /** The proxies for them; default none. */
  findProxy?: FindProxy;
  /** Folders that may hold the files; empty for any. */
  folders: readonly string[];
  /** Largest manifest that is read from an address. */
  maxBytes: number;
}

/** The longest time for reading a manifest from an address: ten times what the largest takes at 5 MB/s. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

export type ScheduleImportContext = Omit<ImportContext, 'signal' | 'onProgress'> &
  Pick<ContinuationContext, 'overview' | 'ledger' | 'rowIndex'> &
  Pick<SuccessionContext, 'countWorkers'>;

/** Reads manifests on this machine. */
export class LocalScheduleImporter implements ScheduleImporter {
  readonly #context: ScheduleImportContext;
  readonly #bounds: ManifestBounds;

  constructor(context: ScheduleImportContext, bounds: ManifestBounds) {
    this.#context = context;
    this.#bounds = bounds;
  }

  async find({ manifest, zone }: Schedule, plannedAtMs: number): Promise<FoundManifest> {
    try {
      const { folders } = this.#bounds;
      return { kind: 'found', manifest: await findManifest(manifest, plannedAtMs, zone, folders) };
    } catch (error) {
      return { kind: 'none', reason: explainManifest(error) };
    }
  }

  async import(task: ScheduledImport): Promise<ImportEnding> {
    try {
      const { guard, findProxy, maxBytes } = this.#bounds;
      await using manifest = await openManifest(task.manifest, {
        ...readingOptions(requestOf(task.schedule)),
        signal: task.signal,
        guard,
        ...(findProxy && { findProxy }),
        limits: { isRegularFile: true, maxBytes, timeoutMs: DOWNLOAD_TIMEOUT_MS },
      });
      return await this.#importManifest(task, manifest);
    } catch (error) {
      const reason = explainManifest(error);
      return error instanceof ManifestError && error.isTransient
        ? { kind: 'not_now', reason }
        : { kind: 'none', manifestSha256: null, reason };
    }
  }

  async #importManifest(task: ScheduledImport, manifest: Manifest): Promise<ImportEnding> {
    const manifestSha256 = manifest.sha256;
    const none = (code: RunReason, sentence: string): ImportEnding => ({
      kind: 'none',
      manifestSha256,
      reason: { code, sentence },
    });
    const { schedule, batchId } = task;
    const isUnchanged = manifestSha256 === task.previousSha256;
    if (isUnchanged && schedule.unchanged === 'skip') {
      return none('manifest_unchanged', 'The manifest is identical to that of the previous run.');
    }
    if (schedule.mends !== null && (await this.#context.store.readBatch(schedule.mends)) === null) {
      return none('conflict', `Batch ${schedule.mends}, which this one mends, no longer exists.`);
    }
    const selection = await this.#selectRows(task, manifest);
    if (selection?.rows.size === 0) {
      const sentence = 'Compared with earlier runs, the manifest has no rows left to import.';
      return none('nothing_new', sentence);
    }
    const options = { ...optionsOf(task), ...(selection && { selection }) };
    const continued = selection ? null : await this.#continue(task, manifest, options);
    if (continued?.kind === 'refused') return none('conflict', continued.sentence);
    const who = `schedule ${schedule.name}`;
    const context = { ...this.#context, who, signal: task.signal };
    const whole = { ...options, ...continued?.options };
    const result = await importBatch(context, manifest, whole);
    switch (result.kind) {
      case 'imported':
        return { kind: 'imported', batch: result.batch, isUnchanged, remarks: whole.remarks ?? [] };
      case 'interrupted':
        return { kind: 'interrupted', batch: result.batch };
      case 'conflict':
        return none(
          'conflict',
          `Batch ${batchId} was made from another manifest or with other options.`,
        );
      case 'selection_changed':
        return none(
          'conflict',
          `Of batch ${batchId} a part was stored, and now other rows are wanted.`,
        );
    }
  }

  /** The options that keep the live sessions of the schedule's previous table. */
  async #continue(
    { schedule, signal }: ScheduledImport,
    manifest: Manifest,
    options: ImportOptions,
  ): ReturnType<typeof findContinued> {
    const request = {
      continues: schedule.continue,
      key: schedule.key,
      isFresh: false,
      origin: null,
    };
    const context = { ...this.#context, who: `schedule ${schedule.name}`, signal };
    return await findContinued(context, manifest, options, request, context);
  }

  /** The rows that `only` asks for; undefined for all, as at the first run. */
  async #selectRows(
    task: ScheduledImport,
    manifest: Manifest,
  ): Promise<ImportOptions['selection']> {
    const { only: kinds } = task.schedule;
    const { store } = this.#context;
    const found = await Promise.all(task.comparedWith.map((id) => store.readBatch(id)));
    const batches = found.filter((batch): batch is Batch => batch !== null);
    const comparedWith = batches.at(-1)?.id;
    if (kinds === null || comparedWith === undefined) return undefined;
    const rows = await pickNewRows({ store, signal: task.signal }, manifest, batches, kinds);
    return { comparedWith, kinds, rows };
  }
}

function optionsOf({
  schedule,
  batchId,
  plannedAtMs,
  startedAtMs,
}: ScheduledImport): ImportOptions {
  const { name, zone, out, notify } = schedule;
  // Its date is that of the run's planned time, like the manifest's.
  const report = out && fillInDates(out, plannedAtMs, zone);
  const request = { ...requestOf(schedule), batch: batchId, out: null };
  const options = importOptions(request, startedAtMs, () => zone);
  return {
    ...options,
    arrangements: { ...(options.arrangements ?? NO_ARRANGEMENTS), schedule: name },
    ...(report !== null && { report }),
    ...(notify && { notify }),
  };
}

/** Throws errors that are not the manifest's fault. */
function explainManifest(error: unknown): { code: RunReason; sentence: string } {
  if (!(error instanceof ManifestError)) throw error;
  switch (error.code) {
    case 'not_found':
      return { code: 'manifest_missing', sentence: error.message };
    case 'empty':
    case 'no_rows':
      return { code: 'manifest_empty', sentence: error.message };
    case 'changed':
    case 'unreadable':
    case 'is_directory':
    case 'download_failed':
    case 'too_large':
    case 'spool_failed':
    case 'unsupported_format':
    case 'no_header':
    case 'bad_header':
    case 'no_usable_column':
    case 'unknown_column':
    case 'ambiguous_column':
    case 'gzip_broken':
    case 'gzip_bomb':
    case 'workbook_broken':
    case 'workbook_bomb':
    case 'parquet_broken':
    case 'unknown_sheet':
      return { code: 'manifest_unreadable', sentence: error.message };
  }
}
