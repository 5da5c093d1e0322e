import type { ManifestShape } from '../manifest/manifest.ts';
import {
  OUTCOME_STATUSES,
  type OutcomeStatus,
  PENDING_STATES,
  type PendingState,
} from '../row/row.ts';
import type { DailyWindow } from './daily-window.ts';

export const BATCH_STATES = [
  'importing',
  'running',
  'paused',
  'completed',
  'cancelling',
  'cancelled',
] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** Nothing of it is worked on any more, unless its rows are made to wait again. */
export const isEnded = (state: BatchState): boolean =>
  state === 'completed' || state === 'cancelled';

/** What may happen to a batch; every change of state goes through `nextBatchState`. */
export const BATCH_EVENTS = [
  'imported',
  'pause',
  'resume',
  'cancel',
  /** Rows that had ended wait again: a retry, or a refresh of their sessions. */
  'reopen',
  'all_rows_ended',
] as const;
export type BatchEvent = (typeof BATCH_EVENTS)[number];

const TRANSITIONS: Record<BatchState, Partial<Record<BatchEvent, BatchState>>> = {
  importing: { imported: 'running', cancel: 'cancelling' },
  running: {
    pause: 'paused',
    cancel: 'cancelling',
    reopen: 'running',
    all_rows_ended: 'completed',
  },
  paused: {
    resume: 'running',
    cancel: 'cancelling',
    reopen: 'paused',
    all_rows_ended: 'completed',
  },
  completed: { reopen: 'running' },
  cancelling: { reopen: 'running', all_rows_ended: 'cancelled' },
  cancelled: { reopen: 'running' },
};

/** The state that follows, or null when the event does not apply in this state. */
export function nextBatchState(state: BatchState, event: BatchEvent): BatchState | null {
  return TRANSITIONS[state][event] ?? null;
}

/** How many rows are where. The values add up to the batch's rows at every moment. */
export type RowCounts = Record<PendingState | OutcomeStatus, number>;

/** When a batch pauses itself: a share of the last 100 ended rows, a number of failed rows, or never. */
export type FailureLimit =
  | { kind: 'share'; percent: number }
  | { kind: 'count'; rows: number }
  | { kind: 'off' };

/** Fixed when the batch is made; part of its identity together with the manifest. */
export interface BatchOptions {
  /** 23.976, 29.97 and 59.94 fps are a rejection instead of a warning. */
  strictFps: boolean;
  maxFailures: FailureLimit;
  /** A row whose video has a live session gets that one instead of a new one. */
  reuse: boolean;
  /** So many rows go first, and the others only when one of them gets a session; null for no canary. */
  trialRows: number | null;
}

/** When a batch is to be worked on, and for whom. No part of its identity: the first import counts. */
export interface Arrangements {
  /** The schedule that started it; null for a person. */
  schedule: string | null;
  /** It should have ended by then; null for any time. */
  finishBy: { atMs: number; zone: string } | null;
  /** Its rows are worked on within these hours only; null for any time. */
  window: DailyWindow | null;
  /** What people call batches that belong together; to find them by. */
  tags: string[];
}

export const NO_ARRANGEMENTS: Arrangements = {
  schedule: null,
  finishBy: null,
  window: null,
  tags: [],
};

/** Which rows of its manifest a batch holds: those that a comparison with another batch picked. */
export interface RowSelection {
  comparedWith: string;
  kinds: ('new' | 'failed')[];
  /** sha-256 of the picked rows' numbers in the manifest, hex: an interrupted import must go on with the same ones. */
  sha256: string;
}

/**
 * Which batch is meant. An id can be used again after its batch was removed; the incarnation says which of the two it is.
 * Every write names it, so that work begun for a removed batch cannot land in its successor.
 */
export interface BatchRef {
  id: string;
  /** Random, given at the import; empty for a batch that version 0.1 imported. */
  incarnation: string;
}

/** As one word, in names and notes: `nightly~9f86d08188`. An id holds no `~`. */
export const formatRef = ({ id, incarnation }: BatchRef): string =>
  incarnation === '' ? id : `${id}~${incarnation}`;

export function parseRef(word: string): BatchRef {
  const [id = '', incarnation = ''] = word.split('~');
  return { id, incarnation };
}

export interface Batch extends BatchRef {
  /** The manifest's name; not unique. */
  name: string;
  /** sha-256 of the manifest's bytes, hex. */
  manifestSha256: string;
  shape: ManifestShape;
  options: BatchOptions;
  arrangements: Arrangements;
  /** The batch whose rows without a session this one is to supply; null when there is none. */
  mends: string | null;
  /** Null when it holds all rows of its manifest. */
  selection: RowSelection | null;
  state: BatchState;
  /** Why it is paused, one sentence; null otherwise. */
  stateReason: string | null;
  /** It is paused because its window is shut, and continues when that opens. */
  isOutsideWindow: boolean;
  /** When a notice said that it may miss its deadline; null when none did. */
  riskToldAtMs: number | null;
  createdAtMs: number;
  /** When the last row got its outcome; null before. */
  finishedAtMs: number | null;
  /** Rows stored so far; final once `isReadToEnd`. */
  rows: number;
  /** Every row of the manifest is stored. An import that was cancelled on its way leaves it false. */
  isReadToEnd: boolean;
  /** Width of the widest row, at least the number of columns. */
  maxCells: number;
  counts: RowCounts;
  /** Sessions that may exist beside the recorded ones. */
  possibleOrphans: number;
  /** Share of the work beside other batches, 1 to 100: twice the priority, twice the share. */
  priority: number;
  /**
   * When it was cancelled; null when it never was, or when those rows wait again. Rows that were not begun were
   * cancelled then and have no outcome of their own, also while other rows of the batch are retried.
   */
  cancelledAtMs: number | null;
}

export const countPending = (counts: RowCounts): number =>
  PENDING_STATES.reduce((sum, state) => sum + counts[state], 0);

export const countEnded = (counts: RowCounts): number =>
  OUTCOME_STATUSES.reduce((sum, status) => sum + counts[status], 0);

/**
 * Rows that ended without a session. A duplicate stands or falls with the row it repeats, which is
 * counted itself.
 */
export const countWithoutSession = (counts: RowCounts): number =>
  counts.invalid + counts.rejected + counts.failed + counts.unconfirmed + counts.cancelled;

export const DEFAULT_PRIORITY = 10;
