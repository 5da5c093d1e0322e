import { decideOverlap } from '../core/schedule/decide-overlap.ts';
import { runBatchId } from '../core/schedule/run-batch-id.ts';
import { type KeptSchedule, newRun, type Schedule } from '../core/schedule/schedule.ts';
import type { ScheduleQueue } from '../queue/schedule-queue.ts';
import type { BatchStore } from '../store/batch-store.ts';
import type { AuditLog } from '../store/redis/audit-log.ts';
import { listRunsAsTheyStand } from './runs-as-they-stand.ts';
import type { ScheduleStore } from './schedule-store.ts';

export interface ScheduleSteering {
  schedules: ScheduleStore;
  store: Pick<BatchStore, 'readBatch'>;
  scheduleQueue: Pick<ScheduleQueue, 'startTicks' | 'stopTicks' | 'addRun'>;
  audit: Pick<AuditLog, 'add'>;
  now: () => number;
}

/** Creates or changes a schedule; a paused one stays paused. */
export async function setSchedule(
  steering: ScheduleSteering,
  schedule: Schedule,
  who: string,
): Promise<'created' | 'changed' | 'unchanged'> {
  const { schedules, scheduleQueue, now } = steering;
  const result = await schedules.set(schedule, now());
  const kept = await schedules.read(schedule.name);
  // Also for an unchanged schedule: setting it again asks for its next time.
  if (kept?.isPaused === false) await scheduleQueue.startTicks(schedule.name, schedule);
  if (result !== 'unchanged') await note(steering, who, `schedule ${schedule.name} ${result}`);
  return result;
}

/** Stops planning runs, or plans them again from now on. Runs under way continue. */
export async function setPaused(
  { schedules, scheduleQueue, audit, now }: ScheduleSteering,
  name: string,
  isPaused: boolean,
  who: string,
): Promise<'changed' | 'unchanged' | 'not_found'> {
  const result = await schedules.setPaused(name, isPaused, now());
  const planned = isPaused ? null : await schedules.read(name);
  if (planned === null) await scheduleQueue.stopTicks(name);
  else await scheduleQueue.startTicks(name, planned.schedule);
  if (result === 'changed') {
    await note({ audit, now }, who, `schedule ${name} ${isPaused ? 'paused' : 'resumed'}`);
  }
  return result;
}

/** Removes a schedule and its history; false when there is none. Batches that it started continue. */
export async function removeSchedule(
  steering: ScheduleSteering,
  name: string,
  who: string,
): Promise<boolean> {
  await steering.scheduleQueue.stopTicks(name);
  const isRemoved = await steering.schedules.remove(name);
  if (isRemoved) await note(steering, who, `schedule ${name} removed`);
  return isRemoved;
}

export type RunNowResult =
  | { kind: 'started'; plannedAtMs: number; batchId: string }
  /** An earlier run is in its way. */
  | { kind: 'overlap'; sentence: string };

/** Plans a run for this second, independent of the schedule's times, paused or not. A worker starts it. */
export async function runScheduleNow(
  steering: ScheduleSteering,
  { schedule }: KeptSchedule,
  who: string,
): Promise<RunNowResult> {
  const { schedules, store, scheduleQueue, now } = steering;
  const { name, overlap } = schedule;
  const runs = await listRunsAsTheyStand(schedules, store, name);
  for (let plannedAtMs = Math.floor(now() / 1_000) * 1_000; ; plannedAtMs += 1_000) {
    const run = newRun(plannedAtMs, 'person');
    const decision = decideOverlap(overlap, run, runs);
    if (decision.kind === 'skip') return { kind: 'overlap', sentence: decision.sentence };
    const added = await schedules.addRuns(name, [run], null);
    if (added.length === 0 && (await schedules.readRun(name, plannedAtMs)) !== null) continue;
    await scheduleQueue.addRun(schedule, plannedAtMs);
    await note(steering, who, `schedule ${name} run now`);
    return { kind: 'started', plannedAtMs, batchId: runBatchId(schedule, plannedAtMs) };
  }
}

async function note(
  { audit, now }: Pick<ScheduleSteering, 'audit' | 'now'>,
  who: string,
  what: string,
): Promise<void> {
  await audit.add({ atMs: now(), who, what, reason: null });
}
