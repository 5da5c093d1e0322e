import type { ScheduleRun } from '../core/schedule.ts';
import type { BatchStore } from '../store/batch-store.ts';
import type { ScheduleStore } from './schedule-store.ts';

/** A schedule's runs, newest first. One whose batch has ended counts as finished, also when nobody has noted that yet. */
export async function listRunsAsTheyStand(
  schedules: Pick<ScheduleStore, 'listRuns'>,
  batches: Pick<BatchStore, 'readBatch'>,
  name: string,
): Promise<ScheduleRun[]> {
  const runs = await schedules.listRuns(name);
  return await Promise.all(
    runs.map(async (run) => {
      if (run.state !== 'running' || run.batchId === null) return run;
      const batch = await batches.readBatch(run.batchId);
      const isUnderWay =
        batch !== null && batch.state !== 'completed' && batch.state !== 'cancelled';
      return isUnderWay ? run : { ...run, state: 'finished' as const };
    }),
  );
}
