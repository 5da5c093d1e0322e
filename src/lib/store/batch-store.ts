import type {
  Arrangements,
  Batch,
  BatchEvent,
  BatchOptions,
  BatchState,
  RowSelection,
} from '../core/batch/batch.ts';
import type { FailureFacts } from '../core/batch/decide-failure-pause.ts';
import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';
import type { Source } from '../core/manifest/source.ts';
import type { NoticeTarget } from '../core/notice/notice-target.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { PendingState } from '../core/row/row.ts';
import type { RowProgress } from '../core/row/row-progress.ts';

export interface BatchDraft {
  /** Wanted id: letters, digits, `-` and `_`, at least one letter. */
  id: string;
  /** What makes this import the same as another: manifest, options and, if given, the explicit id. */
  identity: string;
  name: string;
  manifestSha256: string;
  shape: ManifestShape;
  options: BatchOptions;
  arrangements: Arrangements;
  /** Its own webhook, which no reader of batches gets to see; null for the one of all batches, if there is one. */
  notify: NoticeTarget | null;
  /** 1 to 100. */
  priority: number;
  /** A batch that exists. */
  mends: string | null;
  selection: RowSelection | null;
}

export interface Chunk {
  /** From 0. */
  index: number;
  rows: ManifestRow[];
  /** Outcomes known from reading alone (`invalid`, `duplicate`), by row. */
  outcomes: Map<number, Outcome>;
  /** Addresses that an earlier row names, too. */
  sharedUrls: string[];
}

/** A row as one stage finds it. */
export interface RowView {
  batchState: BatchState;
  options: BatchOptions;
  /** Null before it is first dispatched. */
  progress: RowProgress | null;
  /** The stored text of `progress`; every change names the text it replaces. */
  version: string;
  /** Also when it was cancelled together with its batch, before anybody had begun it. */
  hasOutcome: boolean;
}

/** What a compare-and-swap of a row's progress came to. */
export type SwapResult =
  | { kind: 'swapped'; version: string }
  /** Somebody else changed the row; read it again and decide anew. */
  | { kind: 'changed' }
  | { kind: 'has_outcome' };

export type RecordResult =
  /** `batchState` is the state after it: recording the last row completes the batch. */
  | { kind: 'recorded'; batchState: BatchState; failures: FailureFacts }
  | { kind: 'changed' }
  /** The first outcome won; this one was dropped. */
  | { kind: 'has_outcome' };

export interface ErrorCount {
  code: string;
  count: number;
  /** One of the messages. */
  sample: string;
}

export interface SwapOptions {
  /** Dispatch will queue the row again. Default false. */
  isHandedBack?: boolean;
  /** Nothing is replaced while the batch is paused, or after it was cancelled: that counts as `changed`. Default false. */
  onlyWhileRunning?: boolean;
}

/** Where a batch's dispatch stands. */
export interface DispatchView {
  batch: Batch;
  /** Next row to look at; every row before it is under way, handed back or has ended. */
  cursor: number;
  /** Changes whenever ended rows wait again. */
  reopenings: number;
  /** Rows between dispatch and outcome, without those handed back. */
  underWay: number;
  /** Rows that were handed back and wait to be dispatched again. */
  handedBack: number;
  /** Counts resumptions; a dispatch job of an earlier one stops by itself. */
  epoch: number;
  /** A person has resumed it, or had rows tried again; not only its window. */
  wasResumed: boolean;
}

/**
 * The truth about batches: rows, progress, exactly one outcome per row, counters that always add up.
 * Every method may run twice without harm. Errors of the connection are thrown.
 */
export interface BatchStore {
  /** Makes the batch, or finds the one of the same identity. `conflict`: the id belongs to another identity. */
  openBatch(
    draft: BatchDraft,
    nowMs: number,
  ): Promise<{ kind: 'created' | 'found'; batchId: string } | { kind: 'conflict' }>;
  /**
   * Stores the next chunk and its outcomes in one step. Chunks come in order; one that is there is left alone.
   * False when the import is over: another producer has ended it, or the batch was cancelled.
   */
  appendChunk(batchId: string, chunk: Chunk): Promise<boolean>;
  /**
   * Ends the import; the batch runs, or is completed when no row is left to do. `shape` is the final one: a
   * JSONL manifest's columns are known only after its last row.
   */
  finishImport(batchId: string, shape: ManifestShape, nowMs: number): Promise<void>;

  /** Null when there is no such batch. */
  readBatch(batchId: string): Promise<Batch | null>;
  /** Most frequent first. */
  readErrors(batchId: string, limit: number): Promise<ErrorCount[]>;
  /** Applies an event by the transition table; null when it does not apply. A resumption begins a new epoch. */
  changeState(
    batchId: string,
    event: BatchEvent,
    reason: string | null,
    nowMs: number,
  ): Promise<BatchState | null>;

  readDispatch(batchId: string): Promise<DispatchView | null>;
  readChunk(batchId: string, chunk: number): Promise<ManifestRow[] | null>;
  /**
   * Notes that rows from the cursor on have been handed to a stage, all in one chunk, and moves the cursor past
   * `lastRow`, unless rows were reopened since the cursor was read together with `reopenings`.
   */
  markDispatched(
    batchId: string,
    rows: { row: number; state: PendingState }[],
    lastRow: number,
    reopenings: number,
  ): Promise<void>;
  /** Those of some rows of one chunk that have neither outcome nor progress. */
  findUntouched(batchId: string, rows: number[]): Promise<number[]>;
  /** Rows that were handed back and that no stage has begun again, lowest first. */
  readAgain(batchId: string, limit: number): Promise<number[]>;

  /** Rows between dispatch and outcome, without those handed back; some hundred at a time, each at least once. */
  listUnderWay(batchId: string): AsyncIterable<Map<number, RowProgress>>;

  /** Null when there is no such batch. */
  readRow(batchId: string, row: number): Promise<RowView | null>;
  /** Replaces the progress whose text is `version`. */
  swapProgress(
    batchId: string,
    row: number,
    version: string,
    next: RowProgress,
    options?: SwapOptions,
  ): Promise<SwapResult>;
  /**
   * Writes the outcome and moves the counters in one atomic step, if the progress text is still `version`. A
   * new session is noted under its `source`, for those who reuse sessions.
   */
  recordOutcome(
    batchId: string,
    row: number,
    version: string,
    outcome: Outcome,
    source: Source | null,
  ): Promise<RecordResult>;
  /** Outcomes of one chunk's rows. */
  readOutcomes(batchId: string, chunk: number): Promise<Map<number, Outcome>>;
  /** Outcomes of any rows, in one go; at most a few hundred at a time. */
  readOutcomesOf(batchId: string, rows: number[]): Promise<Map<number, Outcome>>;
  /** Progress of any rows, in one go. */
  readProgressOf(batchId: string, rows: number[]): Promise<Map<number, RowProgress>>;
}
