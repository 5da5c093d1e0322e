import { isOpenRun, type Overlap, type ScheduleRun } from './schedule.ts';

export type OverlapDecision =
  | { kind: 'start' }
  /** Look again later. */
  | { kind: 'wait' }
  | { kind: 'skip'; sentence: string }
  /** Start after ending the earlier runs: those with a batch by cancelling it, the others by skipping them. */
  | { kind: 'replace'; earlier: ScheduleRun[] };

/** Runs that may wait; further ones are skipped, because a run that never ends would collect them for ever. */
const MAX_WAITING = 10;

/** What happens to a run, given the other runs of its schedule. */
export function decideOverlap(
  overlap: Overlap,
  run: ScheduleRun,
  runs: readonly ScheduleRun[],
): OverlapDecision {
  const earlier = runs.filter((other) => isOpenRun(other) && isAhead(other, run));
  if (earlier.length === 0) return { kind: 'start' };
  switch (overlap) {
    case 'skip':
      return { kind: 'skip', sentence: `The previous run had not ended${batchOf(earlier)}.` };
    case 'queue':
      return earlier.filter(({ state }) => state === 'waiting').length >= MAX_WAITING
        ? { kind: 'skip', sentence: `${MAX_WAITING} runs are already waiting.` }
        : { kind: 'wait' };
    case 'cancel-previous':
      return { kind: 'replace', earlier };
  }
}

/** A run that starts late may find that a later one has already begun. */
const isAhead = (other: ScheduleRun, run: ScheduleRun): boolean =>
  other.plannedAtMs < run.plannedAtMs ||
  (other.plannedAtMs > run.plannedAtMs && other.state !== 'waiting');

function batchOf(earlier: readonly ScheduleRun[]): string {
  const batchId = earlier.findLast((run) => run.batchId !== null)?.batchId;
  return batchId === undefined ? '' : ` (batch ${batchId})`;
}
