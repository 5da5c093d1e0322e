import type {
  Arrangements,
  Batch,
  BatchEvent,
  BatchOptions,
  BatchRef,
  BatchState,
  Lineage,
  RowSelection,
} from '../core/batch/batch.ts';
import type { FailureFacts } from '../core/batch/decide-failure-pause.ts';
import type { DayEnds } from '../core/budget/session-day.ts';
import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';
import type { Source } from '../core/manifest/source.ts';
import type { NoticeTarget } from '../core/notice/notice-target.ts';
import type { KeepAlive } from '../core/renewal/keep-alive.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { PendingState } from '../core/row/row.ts';
import type { RowProgress } from '../core/row/row-progress.ts';

export interface BatchDraft {
  /** Requested id: letters, digits, `-` and `_`, at least one letter. */
  id: string;
  /** Random; ignored if the batch already exists. */
  incarnation: string;
  /** Identifies the import: manifest, options and, if given, the explicit id. */
  identity: string;
  name: string;
  manifestSha256: string;
  shape: ManifestShape;
  options: BatchOptions;
  arrangements: Arrangements;
  /** Its own webhook, which is hidden from readers of batches; null for the default one, if any. */
  notify: NoticeTarget | null;
  /** 1 to 100. */
  priority: number;
  /** From 1; default any number. */
  maxSessions?: number | null;
  /** Default none. */
  keepAlive?: KeepAlive | null;
  /** A batch that exists. */
  mends: string | null;
  /** Default none. */
  lineage?: Lineage | null;
  /** Default none. */
  origin?: string | null;
  /** Columns by whose values its rows are found; default none. */
  key?: readonly string[] | null;
  selection: RowSelection | null;
}

export interface Chunk {
  /** From 0. */
  index: number;
  rows: ManifestRow[];
  /** Outcomes known before anything is called (`invalid`, `duplicate`, `reused` of a kept row), by row. */
  outcomes: Map<number, Outcome>;
  /**
   * How rows ended in the batch that this one continues, when they are called again or with another video; default
   * none.
   */
  earlier?: ReadonlyMap<number, Outcome>;
  /** Addresses that an earlier row also names. */
  sharedUrls: string[];
}

export interface AppendOptions {
  /** Completes the rows of a batch that was cancelled during its import: they count as cancelled. Default false. */
  afterCancel?: boolean;
}

/** A row as a stage reads it. */
export interface RowView {
  batchState: BatchState;
  options: BatchOptions;
  /** Null before it is first dispatched. */
  progress: RowProgress | null;
  /** The stored text of `progress`; every change names the text it replaces. */
  version: string;
  /** Its progress is unreadable: only its state is known, and even that is uncertain. */
  isDamaged: boolean;
  /** True also if it was cancelled together with its batch before it had begun. */
  hasOutcome: boolean;
}

/** The result of a compare-and-swap of a row's progress. */
export type SwapResult =
  | { kind: 'swapped'; version: string }
  /** When the day ends in which the call counts; set only if a call begins. */
  | { kind: 'begun'; version: string; dayEndMs: number }
  /** Another process changed the row; read it and decide again. */
  | { kind: 'changed' }
  | { kind: 'has_outcome' }
  /** No call begins: the batch has used its sessions. */
  | { kind: 'no_session_left' }
  /**
   * No call begins: all workers together have used the sessions of the day that ends at this time.
   */
  | { kind: 'no_session_today'; dayEndMs: number }
  /** The batch was removed; another one may have its id. */
  | { kind: 'gone' };

export type RecordResult =
  /** `batchState` is the state after it: recording the last row completes the batch. */
  | { kind: 'recorded'; batchState: BatchState; failures: FailureFacts }
  | { kind: 'changed' }
  /** The first outcome won; this one was dropped. */
  | { kind: 'has_outcome' }
  /** Another row of the batch already has this session; nothing was written. */
  | { kind: 'session_taken'; byRow: number }
  /** The batch was removed; another one may have its id. */
  | { kind: 'gone' };

export interface ErrorCount {
  code: string;
  count: number;
  /** One of the messages. */
  sample: string;
}

export interface SwapOptions {
  /** Dispatch will queue the row again. Default false. */
  isHandedBack?: boolean;
  /**
   * The last write before a call, which counts the session that the call may open. Nothing is replaced while the batch
   * is paused, or after it was cancelled (the result is then `changed`), or when sessions are used up. Default: none.
   */
  beginsCall?: CallBudget;
  /**
   * The call that this write ends has opened no session, so it no longer counts in the day that ends at this time.
   */
  givesBack?: number | null;
}

export interface CallBudget {
  /** Sessions that all workers together may open in a day; 0 is no limit. */
  perDay: number;
  dayEnds: DayEnds;
}

/** The state of a batch's dispatch. */
export interface DispatchView {
  batch: Batch;
  /** Next row to read; every row before it is under way, was returned or has ended. */
  cursor: number;
  /** Changes whenever ended rows are queued again. */
  reopenings: number;
  /** Rows between dispatch and outcome, without returned ones. */
  underWay: number;
  /** Returned rows that wait to be dispatched again. */
  handedBack: number;
  /** Counts resumptions; a dispatch job of an earlier one stops by itself. */
  epoch: number;
  /** A person has resumed it or retried rows; a resumption by its window does not count. */
  wasResumed: boolean;
}

/**
 * The authoritative state of batches: rows, progress, exactly one outcome per row, counters that always add up. Every
 * method may run twice without harm. Connection errors are thrown. A change of a batch names its incarnation and does
 * nothing if that was removed.
 */
export interface BatchStore {
  /** Creates the batch, or finds the one with the same identity. `conflict`: another identity has the id. */
  openBatch(
    draft: BatchDraft,
    nowMs: number,
  ): Promise<{ kind: 'created' | 'found'; batch: BatchRef } | { kind: 'conflict' }>;
  /**
   * Stores the next chunk and its outcomes in one step. Chunks come in order; an existing one is left alone. False
   * when the import is over: another producer has ended it, or the batch was cancelled or removed.
   */
  appendChunk(batch: BatchRef, chunk: Chunk, options?: AppendOptions): Promise<boolean>;
  /**
   * Records that every row of the manifest is stored. The batch then runs, or is completed if no row is left to do; a
   * cancelled batch stays cancelled. `shape` is the final one: the columns of a JSONL manifest are known only after
   * its last row.
   */
  finishImport(batch: BatchRef, shape: ManifestShape, nowMs: number): Promise<void>;
  /** Ends an import early. `shape` is the one by which the stored rows can be read. */
  leaveImport(batch: BatchRef, shape: ManifestShape): Promise<void>;

  /** The id of the batch with this identity; null for none. */
  findIdentical(identity: string): Promise<string | null>;
  /** Null when there is no such batch. @throws UnreadableRecord when its record is damaged. */
  readBatch(batchId: string): Promise<Batch | null>;
  /** Most frequent first. */
  readErrors(batchId: string, limit: number): Promise<ErrorCount[]>;
  /** Applies an event by the transition table; null when it does not apply. A resumption starts a new epoch. */
  changeState(
    batch: BatchRef,
    event: BatchEvent,
    reason: string | null,
    nowMs: number,
  ): Promise<BatchState | null>;

  readDispatch(batchId: string): Promise<DispatchView | null>;
  readChunk(batchId: string, chunk: number): Promise<ManifestRow[] | null>;
  /**
   * Records that rows from the cursor on were queued for a stage, all in one chunk, and moves the cursor past
   * `lastRow`, unless rows were reopened since the cursor was read together with `reopenings`.
   */
  markDispatched(
    batch: BatchRef,
    rows: { row: number; state: PendingState }[],
    lastRow: number,
    reopenings: number,
  ): Promise<void>;
  /** Those of these rows of one chunk that have neither outcome nor progress. */
  findUntouched(batchId: string, rows: number[]): Promise<number[]>;
  /** Returned rows that no stage has begun again, lowest first. */
  readAgain(batchId: string, limit: number): Promise<number[]>;

  /** Rows between dispatch and outcome, without returned ones; some hundred at a time, each at least once. */
  listUnderWay(batchId: string): AsyncIterable<Map<number, RowProgress>>;

  /** Null when the batch was removed. */
  readRow(batch: BatchRef, row: number): Promise<RowView | null>;
  /** The `version` of a row that dispatch has handed over in this state, and to which nothing has happened since. */
  versionOfNew(state: PendingState): string;
  /** Replaces the progress whose text is `version`. */
  swapProgress(
    batch: BatchRef,
    row: number,
    version: string,
    next: RowProgress,
    options?: SwapOptions,
  ): Promise<SwapResult>;
  /**
   * Writes the outcome and changes the counters in one atomic step, if the progress text is still `version`. A digest
   * of `source` is kept with the result of a call, and a new session is recorded under it for batches that reuse
   * sessions. A session that another row of the batch has is refused if the store remembers it: some ten thousand
   * sessions, for a day. `givesBack` as in `SwapOptions`.
   */
  recordOutcome(
    batch: BatchRef,
    row: number,
    version: string,
    outcome: Outcome,
    source: Source | null,
    options?: Pick<SwapOptions, 'givesBack'>,
  ): Promise<RecordResult>;
  /** Outcomes of one chunk's rows. */
  readOutcomes(batchId: string, chunk: number): Promise<Map<number, Outcome>>;
  /** Outcomes of any rows, at once; at most a few hundred at a time. */
  readOutcomesOf(batchId: string, rows: number[]): Promise<Map<number, Outcome>>;
  /** The earlier outcomes of one chunk's rows, oldest first. Rows without any are left out. */
  readAllEarlier(batchId: string, chunk: number): Promise<Map<number, Outcome[]>>;
  /** Progress of any rows, at once. */
  readProgressOf(batchId: string, rows: number[]): Promise<Map<number, RowProgress>>;
}
