import type { RedisKind } from '../redis/lab-redis.ts';

/** Of all workers of a phase. */
export const CALLS_AT_ONCE = 16;

/** A part of a run, with servers and workers of its own. */
export interface PhaseReport {
  redis: RedisKind;
  /** Contradictions, one sentence each; empty when everything survived. */
  problems: string[];
  /** Batches that ended and were compared with the calls of the API. */
  batches: number;
  rows: number;
  calls: number;
  /** Sessions that may exist and that no row has, as the rows say. */
  possibleOrphans: number;
  /** Videos with more sessions than their rows have or say may exist: a failover forgot a call. */
  forgotten: number;
  /** Those during which rows of these batches were called. */
  failovers: FailoverCost[];
  /** Imports whose batch was cancelled before all rows were stored. */
  cancelledImports: number;
}

/** The numbers of the calls from the last good moment of a primary until its group was well again. */
export interface Failover {
  what: string;
  /** Whether a worker was stopped before it had stored the answers it held: rows say that they are lost. */
  hasStoppedWorker: boolean;
  firstCall: number;
  lastCall: number;
}

export interface FailoverCost {
  what: string;
  /** Sessions of rows called meanwhile whose answer reached a worker, and that no row has. */
  extraSessions: number;
}

export const emptyReport = (redis: RedisKind): PhaseReport => ({
  redis,
  problems: [],
  batches: 0,
  rows: 0,
  calls: 0,
  possibleOrphans: 0,
  forgotten: 0,
  failovers: [],
  cancelledImports: 0,
});
