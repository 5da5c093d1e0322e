import { fillInDates } from '../../lib/core/schedule/path-dates.ts';
import { nextTime } from '../../lib/core/schedule/planned-times.ts';
import { isOpenRun, type KeptSchedule, type Schedule } from '../../lib/core/schedule/schedule.ts';
import { isRedisTrouble } from '../../lib/redis/trouble.ts';
import { showPlace } from '../../lib/report/delivery/report-place.ts';
import { every } from '../upkeep/every.ts';
import { logOnce } from '../upkeep/log-once.ts';
import { planSchedule } from './plan-schedule.ts';
import type { ScheduleContext } from './schedule-context.ts';

const SWEEP_MS = 30_000;
/** A tick that is this late is lost, or no worker was running. */
const OVERDUE_MS = 60_000;

/** Restores what schedules have lost: ticks, plans without a tick, runs without a job. */
export async function sweepSchedules(context: ScheduleContext): Promise<void> {
  const { schedules, log } = context;
  for (const record of await schedules.listRecords()) {
    if (record.kind === 'unreadable') {
      const { name: schedule, reason } = record;
      logOnce(log, reason, () => log.error({ schedule, reason }, 'schedule cannot be read'));
    } else await sweepOne(context, record.kept);
  }
}

/** A failure of one schedule must not stop the runs of the others. */
async function sweepOne(context: ScheduleContext, kept: KeptSchedule): Promise<void> {
  const { log } = context;
  const { name } = kept.schedule;
  try {
    await putBack(context, kept);
  } catch (error) {
    if (isRedisTrouble(error)) throw error;
    logOnce(log, `${name} ${String(error)}`, () =>
      log.error({ err: error, schedule: name }, 'schedule passed over'),
    );
  }
}

async function putBack(
  context: ScheduleContext,
  { schedule, isPaused }: KeptSchedule,
): Promise<void> {
  const { schedules, queue, batches } = context;
  for (const run of await schedules.listRuns(schedule.name)) {
    if (isOpenRun(run)) await queue.addRun(schedule, run.plannedAtMs);
  }
  if (isPaused) return;
  const nextMs = await queue.readNextTick(schedule.name);
  if (nextMs === null || nextMs < batches.now() - OVERDUE_MS) {
    await queue.startTicks(schedule.name, schedule);
  }
  await planSchedule(context, schedule.name);
  await checkNextReport(context, schedule);
}

/** Checks whether the next run could write its report, so that a person knows before the night. */
async function checkNextReport(
  { writer, notices, batches, log }: ScheduleContext,
  { name, out, zone, notify, ...timing }: Schedule,
): Promise<void> {
  if (out === null) return;
  const plannedAtMs = nextTime({ ...timing, zone }, batches.now());
  const place = fillInDates(out, plannedAtMs, zone);
  const trouble = await writer.check(place);
  if (trouble === null) return;
  const { reason } = trouble;
  logOnce(log, `${name} ${reason}`, () =>
    log.warn({ schedule: name, place: showPlace(place), reason }, 'report place not usable'),
  );
  const run = { schedule: name, plannedAtMs, zone, notify };
  await notices.send({ kind: 'report_at_risk', run, reason });
}

/** Sweeps now and every 30 s, until disposed. */
export function keepSchedules(context: ScheduleContext): Disposable {
  return every(SWEEP_MS, () => sweepSchedules(context), {
    onError: (error) => context.log.error({ err: error }, 'schedules not looked at'),
    isAtOnce: true,
  });
}
