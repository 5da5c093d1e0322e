import { type Batch, countPending } from '../core/batch/batch.ts';
import { assumedRowsPerSecond, type Pace } from '../core/gate/estimate-turn.ts';
import {
  currentConcurrency,
  type Gate,
  type GateLimits,
  limitsInForce,
} from '../core/gate/gate.ts';
import type { GateStore } from '../gate/gate-store.ts';
import type { BatchOverview } from '../store/batch-overview.ts';
import type { WorkerInfo } from '../store/redis/worker-registry.ts';

export interface PaceSources {
  overview: BatchOverview;
  gateStore: GateStore;
  listWorkers: () => Promise<WorkerInfo[]>;
  /** The limits that this process was started with. */
  limits: GateLimits;
}

/** How many rows end per second now. */
export interface PaceReading {
  /** Over the last minute, all batches together; 0 when it is not known. */
  measuredRowsPerSecond: number;
  /** Rows per second that the limits in force allow; above 0. */
  assumedRowsPerSecond: number;
  inForce: GateLimits;
  running: Batch[];
  gate: Gate;
  /** The clock behind the gate's times. */
  nowMs: number;
}

/** A few small reads per batch. */
export async function readPace(sources: PaceSources): Promise<PaceReading> {
  const { overview, gateStore, listWorkers, limits } = sources;
  const [{ gate, nowMs }, workers, running] = await Promise.all([
    gateStore.read(),
    listWorkers(),
    listRunning(overview),
  ]);
  const paces = await Promise.all(running.map(({ id }) => overview.readPace(id, Date.now())));
  const inForce = {
    ...limitsInForce(gate, limits),
    concurrency: currentConcurrency(gate, limits),
  };
  return {
    measuredRowsPerSecond: workers.length === 0 ? 0 : paces.reduce((sum, pace) => sum + pace, 0),
    assumedRowsPerSecond: assumedRowsPerSecond(inForce),
    inForce,
    running,
    gate,
    nowMs,
  };
}

async function listRunning(overview: BatchOverview): Promise<Batch[]> {
  const running: Batch[] = [];
  for await (const batch of overview.listBatches()) {
    if (batch.state === 'running' && countPending(batch.counts) > 0) running.push(batch);
  }
  return running;
}

/** The other batches that share the work. */
export const othersOf = (running: readonly Batch[]): Pace['others'] =>
  running.map(({ counts, priority }) => ({ pending: countPending(counts), priority }));
