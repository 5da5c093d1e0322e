import { type Batch, countPending } from '../core/batch/batch.ts';
import { explainStandstill, NO_WORKER } from '../core/batch/explain-standstill.ts';
import { isUsedUpToday } from '../core/gate/day-limit.ts';
import {
  currentConcurrency,
  type Gate,
  type GateLimits,
  limitsOfWorkers,
} from '../core/gate/gate.ts';
import { explainNotRenewed } from '../core/renewal/explain-not-renewed.ts';
import { areKeptAlive, LATE_MS } from '../core/renewal/late-renewals.ts';
import type { SessionCounts } from '../core/time-buckets.ts';
import type { GateStore } from '../gate/gate-store.ts';
import type { BatchOverview } from '../store/batch-overview.ts';
import type { BatchStore, ErrorCount } from '../store/batch-store.ts';
import type { WorkerInfo } from '../store/redis/worker-registry.ts';

/** The status of a batch: everything that a person may want to know at a glance. */
export interface BatchStatus {
  batch: Batch;
  /** Most frequent first, at most five. */
  errors: ErrorCount[];
  /** Over the last minute. */
  rowsPerSecond: number;
  /** Null when it is not known. */
  secondsLeft: number | null;
  sessions: SessionCounts;
  gate: Gate;
  /** The clock behind the gate's times. */
  gateNowMs: number;
  /** The sessions of the day are used up. */
  isUsedUpToday: boolean;
  /** Calls that may run at once now. */
  concurrency: number;
  workers: number;
  /** Why nothing moves; null when something moves, or the batch has ended. */
  standstill: string | null;
  /** Why sessions that should be kept alive will expire; null when none will, as far as is known. */
  notRenewed: string | null;
}

/** The sources of a status. */
export interface StatusSources {
  store: BatchStore;
  overview: BatchOverview;
  gateStore: GateStore;
  listWorkers: () => Promise<WorkerInfo[]>;
  /** Used as long as there is no worker. */
  ownLimits: GateLimits;
  /** The sentence for when no worker runs. Default `NO_WORKER`. */
  noWorker?: string;
}

/** A few small reads, whatever the size of the batch. Throws when the batch was removed. */
export async function readBatchStatus(
  sources: StatusSources,
  batchId: string,
): Promise<BatchStatus> {
  const { store, overview, gateStore, listWorkers, ownLimits, noWorker = NO_WORKER } = sources;
  const now = Date.now();
  const [batch, errors, rowsPerSecond, sessions, reading, workers, writeRefusal, workerRefusal] =
    await Promise.all([
      store.readBatch(batchId),
      store.readErrors(batchId, 5),
      overview.readPace(batchId, now),
      overview.readSessions(batchId, now),
      gateStore.read(),
      listWorkers(),
      overview.readWriteRefusal(),
      overview.readWorkerRefusal(),
    ]);
  if (batch === null) throw new Error(`batch ${batchId} is gone`);
  const { gate, nowMs } = reading;
  const late = areKeptAlive(batch, now) ? await overview.countExpiring(batchId, now, LATE_MS) : 0;
  const facts = { batch, gate, workers: workers.length, workerRefusal, nowMs };
  const standstill = explainStandstill({ ...facts, writeRefusal, noWorker });
  const limits = limitsOfWorkers(workers, ownLimits);
  return {
    batch,
    errors,
    rowsPerSecond,
    secondsLeft: secondsLeftOf(batch, rowsPerSecond, standstill),
    sessions,
    gate,
    gateNowMs: nowMs,
    isUsedUpToday: isUsedUpToday(gate, limits, nowMs),
    concurrency: currentConcurrency(gate, limits),
    workers: workers.length,
    standstill,
    notRenewed: explainNotRenewed({ ...facts, late }),
  };
}

/** Null when it is unknown: the batch does not move, or has nothing left to do. */
export function secondsLeftOf(
  { counts }: Pick<Batch, 'counts'>,
  rowsPerSecond: number,
  standstill: string | null,
): number | null {
  const pending = countPending(counts);
  if (standstill !== null) return null;
  return rowsPerSecond > 0 && pending > 0 ? pending / rowsPerSecond : null;
}
