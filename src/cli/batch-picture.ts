import { type Batch, countPending } from '../lib/core/batch.ts';
import { explainStandstill } from '../lib/core/explain-standstill.ts';
import { currentConcurrency, type Gate } from '../lib/core/gate.ts';
import type { SessionCounts } from '../lib/core/time-buckets.ts';
import type { ErrorCount } from '../lib/store/batch-store.ts';
import { listWorkers } from '../lib/worker-registry.ts';
import { limitsOfWorkers } from './gate-policy.ts';
import type { Stores } from './stores.ts';

/** How a batch stands, all that a person may want to know at one glance. */
export interface BatchPicture {
  batch: Batch;
  /** Most frequent first, at most five. */
  errors: ErrorCount[];
  /** Over the last minute. */
  rowsPerSecond: number;
  /** Null when nothing tells. */
  secondsLeft: number | null;
  sessions: SessionCounts;
  gate: Gate;
  /** The clock that the gate's times are measured by. */
  gateNowMs: number;
  /** Calls that may run at once now. */
  concurrency: number;
  workers: number;
  /** Why nothing moves; null when something does, or has ended. */
  standstill: string | null;
}

/** Some small reads whatever the size of the batch. Throws when the batch is gone. */
export async function takePicture(stores: Stores, batchId: string): Promise<BatchPicture> {
  const { store, overview, gateStore, redis, keys } = stores;
  const now = Date.now();
  const [batch, errors, rowsPerSecond, sessions, reading, workers] = await Promise.all([
    store.readBatch(batchId),
    store.readErrors(batchId, 5),
    overview.readPace(batchId, now),
    overview.readSessions(batchId, now),
    gateStore.read(),
    listWorkers(redis, keys),
  ]);
  if (batch === null) throw new Error(`batch ${batchId} is gone`);
  const { gate, nowMs } = reading;
  const pending = countPending(batch.counts);
  return {
    batch,
    errors,
    rowsPerSecond,
    secondsLeft: rowsPerSecond > 0 && pending > 0 ? pending / rowsPerSecond : null,
    sessions,
    gate,
    gateNowMs: nowMs,
    concurrency: currentConcurrency(gate, limitsOfWorkers(workers)),
    workers: workers.length,
    standstill: explainStandstill({ batch, gate, workers: workers.length, nowMs }),
  };
}
