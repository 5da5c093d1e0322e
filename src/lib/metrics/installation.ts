import type { ActivityLog } from '../activity/activity-log.ts';
import type { Activity } from '../core/activity.ts';
import type { BatchState } from '../core/batch/batch.ts';
import { BATCH_STATES } from '../core/batch/batch.ts';
import { countBehind } from '../core/feed/copy-state.ts';
import {
  currentConcurrency,
  type Gate,
  type GateLimits,
  limitsInForce,
  limitsOfWorkers,
} from '../core/gate/gate.ts';
import { areKeptAlive, LATE_MS } from '../core/renewal/late-renewals.ts';
import { PENDING_STATES, type PendingState } from '../core/row/row.ts';
import { scheduleLatenessMs } from '../core/schedule/schedule-lateness.ts';
import type { CopyStateStore } from '../database/copy-state-store.ts';
import type { GateStore } from '../gate/gate-store.ts';
import type { Queues } from '../queue/queues.ts';
import type { ScheduleStore } from '../schedule/schedule-store.ts';
import type { BatchOverview } from '../store/batch-overview.ts';
import type { WorkerInfo } from '../store/redis/worker-registry.ts';
import type { ResultFeed } from '../store/result-feed.ts';

/** All workers, batches and queues together at one moment, for metrics. */
export interface Installation {
  totals: Activity;
  gate: Gate;
  /** Calls that may run at once now. */
  concurrency: number;
  limits: GateLimits;
  /** Calls of this day that have opened a session, or may have. */
  sessionsToday: number;
  workers: number;
  /** Jobs by stage and state. */
  jobs: Record<MeasuredStage, Record<string, number>>;
  batches: Record<BatchState, number>;
  /** Batches that are paused because their sessions are used up. */
  batchesAtLimit: number;
  /** Sessions of all batches that should be kept alive, expire within ten minutes and were not renewed. */
  sessionsNotRenewed: number;
  /** Rows of all batches that have not ended. */
  pending: Record<PendingState, number>;
  schedules: { active: number; paused: number };
  /** Lateness of the most overdue run of all schedules, in ms; 0 when none is late. */
  scheduleLatenessMs: number;
  /** The results database; null if none is in use. */
  database: { isAnswering: boolean; changesBehind: number; behindMs: number } | null;
}

export const MEASURED_STAGES = ['dispatch', 'probe', 'init-selection'] as const;
type MeasuredStage = (typeof MEASURED_STAGES)[number];

/** The sources of the values. */
export interface InstallationSources {
  activity: ActivityLog;
  gateStore: GateStore;
  overview: BatchOverview;
  queues: Queues;
  schedules: Pick<ScheduleStore, 'list' | 'listRuns'>;
  feed: Pick<ResultFeed, 'readLatest'>;
  copyState: Pick<CopyStateStore, 'read'>;
  now: () => number;
  listWorkers: () => Promise<WorkerInfo[]>;
  /** Used as long as there is no worker. */
  ownLimits: GateLimits;
}

/** A few small reads, and one per batch and schedule. */
export async function readInstallation(sources: InstallationSources): Promise<Installation> {
  const { activity, gateStore, queues, listWorkers, ownLimits } = sources;
  const [totals, { gate, nowMs }, workers, jobs, standing, scheduling, database] =
    await Promise.all([
      activity.readTotals(),
      gateStore.read(),
      listWorkers(),
      Promise.all(MEASURED_STAGES.map((stage) => queues.countJobs(stage))),
      countBatches(sources),
      lookAtSchedules(sources),
      lookAtDatabase(sources),
    ]);
  const { used } = await sources.overview.readSessionsToday(nowMs);
  const limits = limitsOfWorkers(workers, ownLimits);
  return {
    totals,
    gate,
    concurrency: currentConcurrency(gate, limits),
    limits: limitsInForce(gate, limits),
    sessionsToday: used,
    workers: workers.length,
    jobs: Object.fromEntries(
      MEASURED_STAGES.map((stage, index) => [stage, jobs[index] ?? {}]),
    ) as Installation['jobs'],
    ...standing,
    ...scheduling,
    database,
  };
}

async function countBatches({
  overview,
  now,
}: InstallationSources): Promise<
  Pick<Installation, 'batches' | 'batchesAtLimit' | 'sessionsNotRenewed' | 'pending'>
> {
  const batches = zeros(BATCH_STATES);
  const pending = zeros(PENDING_STATES);
  let [batchesAtLimit, sessionsNotRenewed] = [0, 0];
  for await (const batch of overview.listBatches()) {
    const { id, state, counts, isAtLimit } = batch;
    if (areKeptAlive(batch, now())) {
      sessionsNotRenewed += await overview.countExpiring(id, now(), LATE_MS);
    }
    batches[state] += 1;
    if (isAtLimit) batchesAtLimit += 1;
    for (const name of PENDING_STATES) pending[name] += counts[name];
  }
  return { batches, batchesAtLimit, sessionsNotRenewed, pending };
}

async function lookAtSchedules({
  schedules,
  now,
}: InstallationSources): Promise<Pick<Installation, 'schedules' | 'scheduleLatenessMs'>> {
  const all = await schedules.list();
  const lateness = await Promise.all(
    all.map(async (kept) =>
      scheduleLatenessMs(kept, await schedules.listRuns(kept.schedule.name), now()),
    ),
  );
  const paused = all.filter(({ isPaused }) => isPaused).length;
  return {
    schedules: { active: all.length - paused, paused },
    scheduleLatenessMs: Math.max(0, ...lateness),
  };
}

async function lookAtDatabase({
  copyState,
  feed,
  now,
}: InstallationSources): Promise<Installation['database']> {
  const state = await copyState.read();
  if (state === null) return null;
  const { behindSinceMs, trouble } = state;
  return {
    isAnswering: trouble === null,
    changesBehind: countBehind(state, await feed.readLatest()),
    behindMs: behindSinceMs === null ? 0 : Math.max(0, now() - behindSinceMs),
  };
}

const zeros = <K extends string>(names: readonly K[]): Record<K, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
