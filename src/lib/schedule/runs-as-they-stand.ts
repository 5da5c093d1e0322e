import { type Batch, isEnded } from '../core/batch/batch.ts';
import type { ScheduleRun } from '../core/schedule/schedule.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { UnreadableRecord } from '../store/unreadable-record.ts';
import type { ScheduleStore } from './schedule-store.ts';

/** A schedule's runs with their current state, newest first. */
export async function listRunsAsTheyStand(
  schedules: Pick<ScheduleStore, 'listRuns'>,
  batches: Pick<BatchStore, 'readBatch'>,
  name: string,
): Promise<ScheduleRun[]> {
  const runs = await schedules.listRuns(name);
  return await Promise.all(runs.map((run) => runAsItStands(batches, run)));
}

/**
 * A run with the current counts of its batch, and why that is paused. A run whose batch has ended counts as finished,
 * even if that is not recorded yet.
 */
export async function runAsItStands(
  batches: Pick<BatchStore, 'readBatch'>,
  run: ScheduleRun,
): Promise<ScheduleRun> {
  if (run.state !== 'running' || run.batchId === null) return run;
  const batch = await readOrReason(batches, run.batchId);
  if (typeof batch === 'string') {
    return { ...run, reason: { code: 'internal_error', sentence: batch } };
  }
  if (batch === null) return { ...run, state: 'finished' };
  const { state, counts, finishedAtMs } = batch;
  if (isEnded(state)) {
    return { ...run, state: 'finished', counts, finishedAtMs, reason: reasonOfEnd(batch) };
  }
  return { ...run, counts, reason: state === 'paused' ? pauseOf(batch) : run.reason };
}

/** Why it cannot be read, if its record is damaged. */
async function readOrReason(
  batches: Pick<BatchStore, 'readBatch'>,
  batchId: string,
): Promise<Batch | null | string> {
  try {
    return await batches.readBatch(batchId);
  } catch (error) {
    if (error instanceof UnreadableRecord) return error.message;
    throw error;
  }
}

/** Why the batch of a run ended without processing its rows; null when it did not. */
export const reasonOfEnd = ({ state, stateReason }: Batch): ScheduleRun['reason'] =>
  state === 'cancelled'
    ? { code: 'cancelled', sentence: stateReason ?? 'Its batch was cancelled.' }
    : null;

const pauseOf = ({ stateReason }: Batch): NonNullable<ScheduleRun['reason']> => ({
  code: 'paused',
  sentence: `Its batch is paused${stateReason === null ? '' : `: ${stateReason}`}.`,
});
