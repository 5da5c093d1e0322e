import { RESOLUTIONS } from '../../lib/activity/activity-log.ts';
import { secondsLeftOf } from '../../lib/batch/batch-status.ts';
import { type Activity, countCalls, latencyQuantileMs } from '../../lib/core/activity.ts';
import { type Batch, isEnded } from '../../lib/core/batch/batch.ts';
import { explainStandstill, NO_WORKER } from '../../lib/core/batch/explain-standstill.ts';
import { countBehind, describeCopy } from '../../lib/core/feed/copy-state.ts';
import type { BatchStanding } from '../../lib/store/batch-overview.ts';
import { UnreadableRecord } from '../../lib/store/unreadable-record.ts';
import type { UnreadableView } from '../api/api-schemas.ts';
import type { ActivityView, OverviewView } from '../api/overview-schemas.ts';
import type { DashboardPorts } from '../ports.ts';
import { readGate } from './read-gate.ts';
import { readNextRuns } from './read-schedules.ts';
import { showBatch } from './show-batch.ts';

/** From the shortest steps on. */
const RESOLUTION_NAMES = ['minutes', 'tens', 'hours'] as const;
const MAX_RUNNING = 50;
const MAX_RECENT = 6;
/** Running batches are among the newest; the page of batches has older ones. */
const LOOKED_AT = 1_000;

/** The state of everything, at the cost of a few small reads per running batch. */
export async function readOverview(ports: DashboardPorts): Promise<OverviewView> {
  const nowMs = ports.now();
  const [{ reading, workers, view }, standings, nextRuns, writeRefusal, workerRefusal, database] =
    await Promise.all([
      readGate(ports),
      listStandings(ports),
      readNextRuns(ports),
      ports.overview.readWriteRefusal(),
      ports.overview.readWorkerRefusal(),
      readDatabase(ports),
    ]);
  const active = standings.filter(({ state }) => !isEnded(state));
  const unreadable = new Map<string, UnreadableView>();
  const [running, recent] = await Promise.all([
    readBatches(ports, active.slice(0, MAX_RUNNING), unreadable),
    readBatches(ports, endedLast(standings), unreadable),
  ]);
  const paces = await Promise.all(running.map(({ id }) => ports.overview.readPace(id, nowMs)));
  return {
    nowMs,
    gate: view,
    workers,
    nextRuns,
    running: running.map((batch, index) => {
      const rowsPerSecond = paces[index] ?? 0;
      const standstill = explainStandstill({
        ...reading,
        batch,
        workers: workers.length,
        writeRefusal,
        workerRefusal,
        noWorker: ports.noWorker ?? NO_WORKER,
      });
      return {
        batch: showBatch(batch),
        rowsPerSecond,
        secondsLeft: secondsLeftOf(batch, rowsPerSecond, standstill),
        standstill,
      };
    }),
    moreRunning: Math.max(0, active.length - MAX_RUNNING),
    recent: recent.map(showBatch),
    database,
    unreadable: [...unreadable.values()],
  };
}

async function readDatabase({
  copyState,
  feed,
}: DashboardPorts): Promise<OverviewView['database']> {
  const state = await copyState.read();
  if (state === null) return null;
  const latest = await feed.readLatest();
  return {
    sentence: describeCopy(state, latest),
    changesBehind: countBehind(state, latest),
    behindSinceMs: state.behindSinceMs,
    trouble: state.trouble,
  };
}

async function listStandings({ overview }: DashboardPorts): Promise<BatchStanding[]> {
  const standings: BatchStanding[] = [];
  for await (const standing of overview.listStandings()) {
    standings.push(standing);
    if (standings.length === LOOKED_AT) break;
  }
  return standings;
}

const endedLast = (standings: readonly BatchStanding[]): BatchStanding[] =>
  standings
    .filter(({ finishedAtMs }) => finishedAtMs !== null)
    .toSorted((one, other) => (other.finishedAtMs ?? 0) - (one.finishedAtMs ?? 0))
    .slice(0, MAX_RECENT);

/** Without batches that were deleted meanwhile; unreadable ones are listed separately. */
async function readBatches(
  { store }: DashboardPorts,
  standings: readonly BatchStanding[],
  unreadable: Map<string, UnreadableView>,
): Promise<Batch[]> {
  const read = async (id: string): Promise<Batch | null> => {
    try {
      return await store.readBatch(id);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      unreadable.set(id, { id, reason: error.message });
      return null;
    }
  };
  const batches = await Promise.all(standings.map(({ id }) => read(id)));
  return batches.filter((batch) => batch !== null);
}

/** In the shortest steps that are kept for so long; for one batch or, without an id, for all. */
export async function readActivity(
  { activity, batchActivity, now }: DashboardPorts,
  lengthMs: number,
  batchId: string | null = null,
): Promise<ActivityView> {
  const resolution =
    RESOLUTION_NAMES.find((name) => lengthMs <= RESOLUTIONS[name].keptMs) ?? 'hours';
  const steps =
    batchId === null
      ? await activity.readRecent(resolution, lengthMs, now())
      : await batchActivity.readRecent(batchId, resolution, lengthMs, now());
  return {
    stepMs: RESOLUTIONS[resolution].stepMs,
    steps: steps.map((step) => ({ atMs: step.atMs, ...showStep(step.activity) })),
  };
}

function showStep(activity: Activity): Omit<ActivityView['steps'][number], 'atMs'> {
  const { answers, outcomes, latencyTotalMs, timeouts, samples } = activity;
  const calls = countCalls(activity);
  return {
    answers,
    outcomes,
    latencyP50Ms: latencyQuantileMs(activity, 0.5),
    latencyP95Ms: latencyQuantileMs(activity, 0.95),
    timeouts,
    callsAllowed: samples === 0 ? null : activity.callsAllowed / samples,
    callsUsed: samples === 0 ? null : activity.callsUsed / samples,
    latencyMeanMs: calls === 0 ? null : latencyTotalMs / calls,
  };
}
