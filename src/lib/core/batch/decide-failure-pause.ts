import type { FailureLimit } from './batch.ts';

export interface FailureFacts {
  /** One letter for each of the last rows that ended since the batch last resumed, at most 100; `1` means failed. */
  recentEnds: string;
  /** Rows that failed since the batch last resumed. */
  failedRows: number;
}

/** Fewer ended rows than this are not enough to judge a batch. */
const ENDED_ROWS_TO_JUDGE = 20;

/** Whether so many rows fail that a person should look before the others are tried. */
export function decideFailurePause(facts: FailureFacts, limit: FailureLimit): boolean {
  switch (limit.kind) {
    case 'off':
      return false;
    case 'count':
      return facts.failedRows >= limit.rows;
    case 'share': {
      const ended = facts.recentEnds.length;
      const failed = facts.recentEnds.replaceAll('0', '').length;
      return ended >= ENDED_ROWS_TO_JUDGE && failed > (ended * limit.percent) / 100;
    }
  }
}
