import { withoutOrigin } from '../row/compose-outcome.ts';
import type { FailedAttempt } from '../row/failed-attempt.ts';
import type { Outcome } from '../row/outcome.ts';
import type { Renewal } from '../row/renewal.ts';
import { newRowProgress, type RowProgress } from '../row/row-progress.ts';

/**
 * The progress of a row whose session is renewed. Lost calls are added to those of the row, because the row's outcome
 * shows all of them.
 */
export function progressOfRenewal(outcome: Outcome): RowProgress {
  const { renewal, possibleOrphans = 0, unclearCalls = [], video = null } = outcome;
  const { givenUp: _, ...spent } = renewal ?? NOT_BEGUN;
  return {
    ...newRowProgress('ready'),
    ...spent,
    lostCalls: possibleOrphans,
    lostCallTimes: unclearCalls,
    video,
    warnings: withoutOrigin(outcome),
  };
}

/** The row's present outcome after this progress; its session and expiry stay. */
export function withRenewal(
  outcome: Outcome,
  progress: RowProgress,
  givenUp: string | null,
): Outcome {
  const { attempts, unconfirmed, isCalling, callBeganMs, faults, firstCallOpenMs } = progress;
  const { writer, failedAttempts, lostCalls, lostCallTimes } = progress;
  const call = { attempts, unconfirmed, isCalling, callBeganMs };
  const spent = { ...call, faults, firstCallOpenMs, writer };
  return {
    ...outcome,
    ...(lostCalls > 0 && { possibleOrphans: lostCalls }),
    ...(lostCallTimes.length > 0 && { unclearCalls: lostCallTimes }),
    renewal: { ...spent, failedAttempts, givenUp },
  };
}

const NOT_BEGUN: Renewal = {
  attempts: 0,
  unconfirmed: 0,
  isCalling: false,
  callBeganMs: null,
  faults: 0,
  firstCallOpenMs: null,
  writer: '',
  failedAttempts: [],
  givenUp: null,
};

/** What went wrong, in one sentence without a full stop; null when nothing did. */
export function describeRenewal({ renewal }: Pick<Outcome, 'renewal'>): string | null {
  const failed = renewal?.failedAttempts ?? [];
  const last = failed.at(-1);
  if (renewal === undefined || (last === undefined && renewal.givenUp === null)) return null;
  const calls = `${failed.length} ${failed.length === 1 ? 'call' : 'calls'}`;
  const why = last === undefined ? '' : ` after ${calls}, the last one at ${at(last)}`;
  const reason = renewal.givenUp ?? last?.message ?? '';
  return renewal.givenUp === null
    ? `its session is not renewed yet${why}: ${reason}`
    : `its session could not be renewed${why}: ${reason}`;
}

const at = ({ atMs }: FailedAttempt): string => new Date(atMs).toISOString();
