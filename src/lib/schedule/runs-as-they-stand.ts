import { isEnded } from '../core/batch.ts';
import type { ScheduleRun } from '../core/schedule.ts';
import type { BatchStore } from '../store/batch-store.ts';
import type { ScheduleStore } from './schedule-store.ts';

/** A schedule's runs as they stand, newest first. */
export async function listRunsAsTheyStand(
  schedules: Pick<ScheduleStore, 'listRuns'>,
  batches: Pick<BatchStore, 'readBatch'>,
  name: string,
): Promise<ScheduleRun[]> {
  const runs = await schedules.listRuns(name);
  return await Promise.all(runs.map((run) => runAsItStands(batches, run)));
}

/**
 * A run with the counts that its batch has now. One whose batch has ended counts as finished, also when nobody has noted that
 * yet.
 */
export async function runAsItStands(
  batches: Pick<BatchStore, 'readBatch'>,
  run: ScheduleRun,
): Promise<ScheduleRun> {
  if (run.state !== 'running' || run.batchId === null) return run;
  const batch = await batches.readBatch(run.batchId);
  if (batch === null) return { ...run, state: 'finished' };
  const { state, counts, finishedAtMs } = batch;
  return isEnded(state) ? { ...run, state: 'finished', counts, finishedAtMs } : { ...run, counts };
}
