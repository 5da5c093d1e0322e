import type { Batch } from '../core/batch/batch.ts';
import { formatPosition } from '../core/feed/position.ts';
import { jsonlReport } from '../report/jsonl-report.ts';
import type { Result } from './read-results.ts';

/**
 * Results as lines of JSON: the line of a JSONL report, with the position to continue from, and whether it comes because
 * the session has expired.
 */
export function createResultLines(): (result: Result) => string {
  let last: { batch: Batch; line: ReturnType<typeof jsonlReport>['line'] } | null = null;
  return ({ batch, entry, position, isExpired }) => {
    // Each page reads its batches again, so a batch is another object on the next page.
    if (last?.batch !== batch) last = { batch, line: jsonlReport(batch.shape).line };
    return last.line(entry, {
      kling_position: formatPosition(position),
      kling_expired: isExpired,
    });
  };
}
