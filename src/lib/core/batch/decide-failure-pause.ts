import type { FailureLimit } from './batch.ts';

export interface FailureFacts {
  /** A letter for each of the last rows that ended since the batch last resumed, at most 100: `1` failed. */
  recentEnds: string;
  /** Rows that failed since the batch last resumed. */
  failedRows: number;
}

/** Fewer ended rows than this say nothing about a batch. */
const ENDED_ROWS_TO_JUDGE = 20;

/** Whether so many rows fail that a person should look before the rest is tried. */
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
