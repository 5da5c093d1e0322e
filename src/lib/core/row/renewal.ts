import type { FailedAttempt } from './failed-attempt.ts';
import type { RowProgress } from './row-progress.ts';

/**
 * What was done so far to open the next session of a row that has one. It is part of the outcome, so that the same
 * compare-and-swap guards both: a row that is retried is no longer renewed, and a row that is being renewed is not
 * retried.
 */
export interface Renewal
  extends Pick<
    RowProgress,
    | 'attempts'
    | 'unconfirmed'
    | 'isCalling'
    | 'callBeganMs'
    | 'faults'
    | 'firstCallOpenMs'
    | 'writer'
  > {
  /** The calls that opened no session, oldest first. */
  failedAttempts: FailedAttempt[];
  /** Why no further call is made for this session; null as long as one may be. */
  givenUp: string | null;
}

/** Whether a call is under way that renews the session of this row. */
export const isBeingRenewed = ({ renewal }: { renewal?: Renewal }): boolean =>
  renewal?.isCalling === true;
