import { countEnded, countPending } from '../../lib/core/batch.ts';
import { formatCount, formatTimeLeft } from '../../lib/core/in-words.ts';
import type { PictureView } from '../api/api-schemas.ts';

type Moving = Pick<PictureView, 'batch' | 'rowsPerSecond' | 'secondsLeft'>;

/** `1,200 of 5,000 · 8.3 rows/s · ~8 min left`. */
export function progressWords({ batch, rowsPerSecond, secondsLeft }: Moving): string {
  const { counts, rows } = batch;
  return [
    `${formatCount(countEnded(counts))} of ${formatCount(rows)}`,
    ...(rowsPerSecond > 0 && countPending(counts) > 0
      ? [`${rowsPerSecond.toFixed(1)} rows/s`]
      : []),
    ...(secondsLeft === null ? [] : [`${formatTimeLeft(secondsLeft)} left`]),
  ].join(' · ');
}
