import { formatCount, formatRows } from '../in-words.ts';

/**
 * How the rows of a manifest compare with the batch that it continues. With `invalid` and `repeated` these are all
 * rows.
 */
export interface ContinuationCounts {
  /** They keep their sessions. */
  kept: number;
  /** The rows to be called. */
  changed: number;
  isNew: number;
  failed: number;
  expired: number;
  invalid: number;
  repeated: number;
  /** In the batch, but no longer in the manifest. */
  removed: number;
}

/** The rows to be called. */
export const countCalls = ({ changed, isNew, failed, expired }: ContinuationCounts): number =>
  changed + isNew + failed + expired;

export interface ContinuedFile {
  fileName: string;
  batchId: string;
  /** It is a report of the batch. */
  isReport: boolean;
  /** Its bytes are those that the batch was imported from. Default false. */
  isSameFile?: boolean;
}

/** One sentence about a batch that continues another: which rows it keeps and which it calls. */
export function describeContinuation(
  { fileName, batchId, isReport, isSameFile = false }: ContinuedFile,
  counts: ContinuationCounts,
): string {
  const { kept, changed, isNew, failed, expired, invalid, removed } = counts;
  const calls = countCalls(counts);
  const parts = [
    describeKept(kept),
    ...some(changed, () => `${formatCount(changed)} changed`),
    ...some(isNew, () => `${formatCount(isNew)} ${isNew === 1 ? 'is' : 'are'} new`),
    ...some(failed, () => `${formatCount(failed)} had no session`),
    ...some(expired, () => `${formatCount(expired)} had an expired session`),
    ...some(invalid, () => `${formatCount(invalid)} ${invalid === 1 ? 'is' : 'are'} malformed`),
    ...some(removed, () => `${formatCount(removed)} ${removed === 1 ? 'was' : 'were'} removed`),
  ];
  const hasChanged = isSameFile ? 'is unchanged' : 'has changed';
  const since = isReport
    ? `${fileName} is a report of ${batchId}`
    : `${fileName} ${hasChanged} since ${batchId}`;
  return `${since}: ${parts.join(', ')}: ${formatCount(calls)} ${calls === 1 ? 'call' : 'calls'}.`;
}

function describeKept(kept: number): string {
  if (kept === 0) return 'no row keeps its session';
  return kept === 1
    ? '1 row is unchanged and keeps its session'
    : `${formatRows(kept)} are unchanged and keep their sessions`;
}

const some = (count: number, words: () => string): string[] => (count === 0 ? [] : [words()]);
