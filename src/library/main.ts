// What programs import as `kling-sessions`; docs/library.md describes it.

export type { Remark, VideoFacts } from '../lib/core/video/video.ts';
export type { Probed, ProbeFinding } from '../lib/video/judge-probe.ts';
export type { ProbeCost, ProbeResult, ReadFailure } from '../lib/video/prober.ts';
export { ManifestError, type ManifestErrorCode } from '../producer/manifest/manifest-error.ts';
export { type ConnectOptions, connect } from './connection/connect.ts';
export type { Connection, ImportCallOptions, ImportProgress } from './connection/connection.ts';
export { BatchError, type BatchErrorCode } from './errors/batch-error.ts';
export {
  DataError,
  type DataErrorCode,
  isKlingSessionsError,
  type KlingSessionsError,
  type OptionProblem,
  OptionsError,
  RedisError,
  type RedisErrorCode,
} from './errors/errors.ts';
export { SettingsError } from './errors/settings-error.ts';
export type { ImportOptions } from './importing/import-options.ts';
export type { ImportedBatch } from './importing/imported-batch.ts';
export type { ManifestRow, ManifestSource } from './importing/manifest-source.ts';
export {
  judge,
  openProber,
  type ProbeOptions,
  probe,
  type VideoProber,
  type VideoSource,
} from './probing/probe.ts';
export type { ResultsOptions } from './results/results-options.ts';
export type { RowResult } from './results/row-result.ts';
export type { SettingName, SettingsInput } from './settings/settings-input.ts';
export type {
  ActOptions,
  CancelOptions,
  RefreshOptions,
  RetryOptions,
  RowsResult,
  StateResult,
} from './steering/steering-options.ts';
export type {
  BatchProgress,
  BatchState,
  OutcomeStatus,
  PendingStatus,
} from './watching/batch-progress.ts';
export type { WaitOptions, WatchOptions } from './watching/watch-options.ts';
export type { Log } from './working/log.ts';
export { startWorker, type Worker, type WorkerOptions } from './working/start-worker.ts';
