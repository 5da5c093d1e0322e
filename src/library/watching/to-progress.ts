import type { BatchStatus } from '../../lib/batch/batch-status.ts';
import { countEnded } from '../../lib/core/batch/batch.ts';

import type { BatchProgress } from './batch-progress.ts';

/** The part of a status that programs need. */
export function toProgress(status: BatchStatus): BatchProgress {
  const { batch, errors, rowsPerSecond, secondsLeft, sessions, workers, standstill } = status;
  const { id: batchId, name, state, stateReason, rows, isReadToEnd, counts } = batch;
  const { createdAtMs, finishedAtMs } = batch;
  return {
    ...{ batchId, name, state, stateReason },
    createdAt: new Date(createdAtMs),
    finishedAt: finishedAtMs === null ? null : new Date(finishedAtMs),
    ...{ rows, isReadToEnd, ended: countEnded(counts), counts: { ...counts } },
    ...{ sessions, errors, rowsPerSecond, secondsLeft, workers, standstill },
  };
}
