import type { ImportOptions } from '../importing/import-options.ts';
import type { ImportedBatch } from '../importing/imported-batch.ts';
import type { ManifestSource } from '../importing/manifest-source.ts';
import type { ResultsOptions } from '../results/results-options.ts';
import type { RowResult } from '../results/row-result.ts';
import type {
  ActOptions,
  CancelOptions,
  RefreshOptions,
  RetryOptions,
  RowsResult,
  StateResult,
} from '../steering/steering-options.ts';
import type { BatchProgress } from '../watching/batch-progress.ts';
import type { WaitOptions, WatchOptions } from '../watching/watch-options.ts';

/** The progress of an import: rows that are stored. */
export interface ImportProgress {
  rows: number;
}

export interface ImportCallOptions extends ImportOptions {
  /** Called after each 500 rows. */
  onProgress?: (progress: ImportProgress) => void;
  signal?: AbortSignal;
}

/**
 * The batches in one Redis. Every call may run at the same time as others, and throws `KlingSessionsError`, or the
 * reason of its signal. `await using` closes it at the end of its block.
 */
export interface Connection extends AsyncDisposable {
  /**
   * Stores a table's rows as a batch, which workers then process. The same table with the same options is the same
   * batch: the call may be repeated, resumes an interrupted import, and otherwise changes nothing. No row is called
   * before the last one is stored.
   * @throws ManifestError when the table as a whole is unusable; OptionsError; BatchError `batch_conflict`,
   *   `import_interrupted`, `cannot_continue`, `batch_not_found` (`mends`).
   */
  importManifest(source: ManifestSource, options?: ImportCallOptions): Promise<ImportedBatch>;
  /** The current progress of a batch. A few small reads. @throws BatchError `batch_not_found`. */
  status(batchId: string, options?: { signal?: AbortSignal }): Promise<BatchProgress>;
  /**
   * The progress of a batch, now and after each change; ends with the batch.
   * @throws BatchError `batch_not_found`, also when it is removed meanwhile.
   */
  watch(batchId: string, options?: WatchOptions): AsyncGenerator<BatchProgress, void, void>;
  /**
   * Resolves when every row of a batch has ended.
   * @throws BatchError `person_needed` when nothing moves until a person acts or until the next day: the message says
   *   what to do, and the call may then be repeated.
   */
  wait(batchId: string, options?: WaitOptions): Promise<BatchProgress>;
  /**
   * Rows with their results, in the order in which they changed. Keep the `position` of the last result that you have
   * handled, and pass it as `after` the next time, so that you miss no change. A row that changes again is returned
   * again.
   * @throws DataError `unknown_position`; OptionsError; BatchError `batch_not_found`.
   */
  results(options?: ResultsOptions): AsyncGenerator<RowResult, void, void>;
  /** Starts no more rows of a batch; calls under way finish. @throws BatchError `not_possible`, `batch_not_found`. */
  pause(batchId: string, options?: ActOptions): Promise<StateResult>;
  /** Resumes a paused batch where it was. @throws as `pause`. */
  resume(batchId: string, options?: ActOptions): Promise<StateResult>;
  /**
   * Ends a batch: results stay, calls under way finish, every other row is cancelled. `retry` with the status
   * `cancelled` undoes it. @throws as `pause`.
   */
  cancel(batchId: string, options?: CancelOptions): Promise<StateResult>;
  /** Queues ended rows again, by how they ended. @throws OptionsError; as `pause`. */
  retry(batchId: string, options?: RetryOptions): Promise<RowsResult>;
  /** Opens new sessions for rows whose session expires soon. @throws OptionsError; as `pause`. */
  refresh(batchId: string, options?: RefreshOptions): Promise<RowsResult>;
  /** Closes the connection. Calls under way fail with `redis_failed`. */
  close(): Promise<void>;
}
