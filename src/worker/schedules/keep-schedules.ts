import { isOpenRun } from '../../lib/core/schedule/schedule.ts';
import { isRedisTrouble } from '../../lib/redis/trouble.ts';
import { planSchedule } from './plan-schedule.ts';
import type { ScheduleContext } from './schedule-context.ts';

const SWEEP_MS = 30_000;
/** A tick that is so late is lost, or no worker was there. */
const OVERDUE_MS = 60_000;

/** Puts back what schedules have lost: their ticks, plans that no tick has made, runs without a job. */
export async function sweepSchedules(context: ScheduleContext): Promise<void> {
  const { schedules, queue, batches } = context;
  for (const { schedule, isPaused } of await schedules.list()) {
    for (const run of await schedules.listRuns(schedule.name)) {
      if (isOpenRun(run)) await queue.addRun(schedule, run.plannedAtMs);
    }
    if (isPaused) continue;
    const nextMs = await queue.readNextTick(schedule.name);
    if (nextMs === null || nextMs < batches.now() - OVERDUE_MS) {
      await queue.startTicks(schedule.name, schedule);
    }
    await planSchedule(context, schedule.name);
  }
}

/** Sweeps now and every 30 s, until disposed. */
export function keepSchedules(context: ScheduleContext): Disposable {
  let isSweeping = false;
  const sweep = async (): Promise<void> => {
    if (isSweeping) return;
    isSweeping = true;
    try {
      await sweepSchedules(context);
    } catch (error) {
      if (!isRedisTrouble(error)) context.log.error({ err: error }, 'schedules not looked at');
    } finally {
      isSweeping = false;
    }
  };
  const timer = setInterval(() => void sweep(), SWEEP_MS);
  void sweep();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
