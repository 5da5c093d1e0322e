import { countEnded, countPending } from '../../lib/core/batch/batch.ts';
import { formatCount, formatTimeLeft } from '../../lib/core/in-words.ts';
import type { BatchStatusView } from '../api/api-schemas.ts';

type Moving = Pick<BatchStatusView, 'batch' | 'rowsPerSecond' | 'secondsLeft' | 'standstill'>;

/** `1,200 of 5,000 · 8.3 rows/s · ~8 min left`. */
export function progressWords({ batch, rowsPerSecond, secondsLeft, standstill }: Moving): string {
  const { counts, rows } = batch;
  // The pace of the last minute means nothing for a batch that has stopped.
  const isMoving = standstill === null && countPending(counts) > 0;
  return [
    `${formatCount(countEnded(counts))} of ${formatCount(rows)}`,
    ...(rowsPerSecond > 0 && isMoving ? [`${rowsPerSecond.toFixed(1)} rows/s`] : []),
    ...(secondsLeft === null || !isMoving ? [] : [`${formatTimeLeft(secondsLeft)} left`]),
  ].join(' · ');
}
