import { decideDue } from '../../lib/core/schedule/decide-due.ts';
import { nextTime, timesBetween } from '../../lib/core/schedule/planned-times.ts';
import { newRun, type Schedule, type ScheduleRun } from '../../lib/core/schedule/schedule.ts';
import type { JobResult } from '../../lib/queue/queue-worker.ts';
import { KEPT_RUNS } from '../../lib/schedule/schedule-store.ts';
import { UnreadableRecord } from '../../lib/store/unreadable-record.ts';
import type { ScheduleContext } from './schedule-context.ts';

/** A tick that comes this much before its time, by this machine's clock, waits for it. */
const EARLY_MS = 60_000;

/** A schedule's tick: plans the runs whose time has come, and queues the one that is due. */
export async function planSchedule(context: ScheduleContext, name: string): Promise<JobResult> {
  const { schedules, queue, batches } = context;
  const kept = await schedules.read(name).catch(asUnreadable);
  if (kept === 'unreadable') return { kind: 'done' };
  if (kept === null || kept.isPaused) {
    await queue.stopTicks(name);
    return { kind: 'done' };
  }
  const { schedule, plannedUntilMs } = kept;
  const nowMs = batches.now();
  const dueTimes = timesBetween(schedule, plannedUntilMs, nowMs, KEPT_RUNS);
  const latestMs = dueTimes.at(-1);
  if (latestMs === undefined) {
    const earlyMs = nextTime(schedule, Math.max(plannedUntilMs, nowMs)) - nowMs;
    return earlyMs < EARLY_MS ? { kind: 'later', delayMs: earlyMs } : { kind: 'done' };
  }
  const { run, missed } = decideDue(dueTimes, nowMs, schedule.catchUpMs);
  const due = run === null ? [] : [newRun(run.plannedAtMs, run.trigger)];
  const missedRuns = missed.map((plannedAtMs) => missedRun(plannedAtMs, nowMs));
  const added = new Set(await schedules.addRuns(name, [...missedRuns, ...due], latestMs));
  if (run !== null) await queue.addRun(schedule, run.plannedAtMs);
  await reportMissed(
    context,
    schedule,
    missed.filter((plannedAtMs) => added.has(plannedAtMs)),
  );
  return { kind: 'done' };
}

/** The sweep reports it, and restores its ticks once it can be read. */
function asUnreadable(error: unknown): 'unreadable' {
  if (error instanceof UnreadableRecord) return 'unreadable';
  throw error;
}

function missedRun(plannedAtMs: number, nowMs: number): ScheduleRun {
  const sentence = 'No worker was running at its time.';
  return {
    ...newRun(plannedAtMs, 'timer'),
    state: 'missed',
    finishedAtMs: nowMs,
    reason: { code: 'missed', sentence },
  };
}

/** If many runs were missed at once, only the latest is announced; the history has all of them. */
async function reportMissed(
  { notices, log }: ScheduleContext,
  { name, zone, notify }: Schedule,
  missed: readonly number[],
): Promise<void> {
  const plannedAtMs = missed.at(-1);
  if (plannedAtMs === undefined) return;
  log.warn({ schedule: name, plannedAtMs, runs: missed.length }, 'scheduled runs missed');
  await notices.send({ kind: 'run_missed', run: { schedule: name, plannedAtMs, zone, notify } });
}
