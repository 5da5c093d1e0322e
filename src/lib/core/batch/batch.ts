import type { Cost } from '../budget/cost.ts';
import type { ManifestShape } from '../manifest/manifest.ts';
import type { KeepAlive } from '../renewal/keep-alive.ts';
import type { BatchReport } from '../report/batch-report.ts';
import {
  OUTCOME_STATUSES,
  type OutcomeStatus,
  PENDING_STATES,
  type PendingState,
  WITHOUT_SESSION,
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

/** No work is left on the batch, unless its rows are queued again. */
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

/** The next state, or null when the event does not apply in this state. */
export function nextBatchState(state: BatchState, event: BatchEvent): BatchState | null {
  return TRANSITIONS[state][event] ?? null;
}

/** How many rows are in each state and outcome. The values always add up to the batch's rows. */
export type RowCounts = Record<PendingState | OutcomeStatus, number>;

/** When a batch pauses itself: at a share of the last 100 ended rows, at a number of failed rows, or never. */
export type FailureLimit =
  | { kind: 'share'; percent: number }
  | { kind: 'count'; rows: number }
  | { kind: 'off' };

/** Fixed when the batch is created; part of its identity together with the manifest. */
export interface BatchOptions {
  /** 23.976, 29.97 and 59.94 fps are rejected instead of causing a warning. */
  strictFps: boolean;
  maxFailures: FailureLimit;
  /** A row whose video has a live session gets that session instead of a new one. */
  reuse: boolean;
  /** How many rows go first; the others follow only when one of them gets a session. Null for no canary. */
  trialRows: number | null;
}

/**
 * When a batch is processed, and for whom. Not part of its identity: the first import's settings
 * apply.
 */
export interface Arrangements {
  /** The schedule that started it; null for a person. */
  schedule: string | null;
  /** The time by which it should end; null for any time. */
  finishBy: { atMs: number; zone: string } | null;
  /** The hours within which its rows are processed; null for any time. */
  window: DailyWindow | null;
  /** Labels by which people find batches that belong together. */
  tags: string[];
}

export const NO_ARRANGEMENTS: Arrangements = {
  schedule: null,
  finishBy: null,
  window: null,
  tags: [],
};

/** Which rows of its manifest a batch holds: those that a comparison with another batch selected. */
export interface RowSelection {
  comparedWith: string;
  kinds: ('new' | 'failed')[];
  /**
   * sha-256 of the selected rows' numbers in the manifest, hex. An interrupted import must continue with the same
   * rows.
   */
  sha256: string;
}

/** The batch of the same table before this one. */
export interface Lineage {
  after: string;
  /** None of its sessions is kept: every row is called again. */
  isFresh: boolean;
}

/**
 * Identifies one batch. An id can be used again after its batch was removed; the incarnation tells the two apart.
 * Every write names it, so that work for a removed batch cannot change its successor.
 */
export interface BatchRef {
  id: string;
  /** Random, created at import; empty for a batch that version 0.1 imported. */
  incarnation: string;
}

/** As one word, for names and notes: `nightly~9f86d08188`. An id holds no `~`. */
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
  /** The batch whose rows without a session this batch mends; null when there is none. */
  mends: string | null;
  /** Null for the first batch of its table. */
  lineage: Lineage | null;
  /** Digest of the path or address that it was imported from; null for any other origin. */
  origin: string | null;
  /** The columns by whose values its rows are found (`lib/rows/find-by-key.ts`); null for none. */
  key: readonly string[] | null;
  /** Null when it holds all rows of its manifest. */
  selection: RowSelection | null;
  state: BatchState;
  /** Why it is paused, one sentence; null otherwise. */
  stateReason: string | null;
  /** It is paused because it is outside its window, and continues when that opens. */
  isOutsideWindow: boolean;
  /** The batch is paused because its sessions are used up, and continues once it may open more. */
  isAtLimit: boolean;
  /** When a notice warned that the batch may miss its deadline; null if none did. */
  riskToldAtMs: number | null;
  createdAtMs: number;
  /** When the last row got its outcome; null before that. */
  finishedAtMs: number | null;
  /** Rows stored so far; final once `isReadToEnd`. */
  rows: number;
  /** Every row of the manifest is stored. Stays false if the import was cancelled before its end. */
  isReadToEnd: boolean;
  /** Width of the widest row, at least the number of columns. */
  maxCells: number;
  counts: RowCounts;
  /** Sessions that may exist in addition to the recorded ones. */
  possibleOrphans: number;
  /** Share of the work compared with other batches, 1 to 100: twice the priority, twice the share. */
  priority: number;
  /** How many sessions it may open, from 1; null for any number. */
  maxSessions: number | null;
  /** Calls that have opened a session, or may have. */
  usedSessions: number;
  /** Until when its sessions are renewed; null for not at all. */
  keepAlive: KeepAlive | null;
  /** How many renewals are under way. */
  renewalCalls: number;
  /** Where workers write its report; null for nowhere. */
  report: BatchReport | null;
  /** What all of its sessions cost, including those that were replaced since. */
  cost: Cost;
  /**
   * When it was cancelled; null when it never was, or when those rows are queued again. Rows that had not begun were
   * cancelled at that time. They have no outcome of their own, even while other rows of the batch are retried.
   */
  cancelledAtMs: number | null;
}

export const countPending = (counts: RowCounts): number =>
  PENDING_STATES.reduce((sum, state) => sum + counts[state], 0);

export const countEnded = (counts: RowCounts): number =>
  OUTCOME_STATUSES.reduce((sum, status) => sum + counts[status], 0);

/**
 * Rows that ended without a session. A duplicate has a session if the row it repeats has one, and that row is counted
 * itself.
 */
export const countWithoutSession = (counts: RowCounts): number =>
  WITHOUT_SESSION.reduce((sum, status) => sum + counts[status], 0);

export const DEFAULT_PRIORITY = 10;
