import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import type { CallRecord } from '../../../src/sandbox/ledger.ts';
import { calledVideo, type EndedRow, recordedSessions } from './ended-row.ts';

/**
 * There are at most as many sessions without a row as calls without an answer in the rows, video by video. Of a call
 * for which `mayForget` is true, Redis may have lost every record.
 */
export function unexplainedOrphans(
  batch: Batch,
  rows: EndedRow[],
  calls: CallRecord[],
  mayForget: (call: CallRecord) => boolean = () => false,
): string[] {
  const { admitted, total } = admittedSessions(rows);
  const recorded = recordedSessions(rows);
  const opened = new Map<string, number[]>();
  for (const call of calls) {
    if (call.sessionId === null) continue;
    if (mayForget(call) && !recorded.has(call.sessionId)) continue;
    const video = calledVideo(call);
    opened.set(video, [...(opened.get(video) ?? []), call.call]);
  }
  const unexplained = [...admitted].flatMap(([video, most]) => {
    const by = opened.get(video) ?? [];
    return by.length <= most
      ? []
      : [`${video}: calls ${by.join(', ')} opened sessions, ${most} recorded or possible`];
  });
  return total === batch.possibleOrphans
    ? unexplained
    : [...unexplained, `possible orphans: counted ${batch.possibleOrphans}, recounted ${total}`];
}

/** How many sessions the rows of each video have or say may exist, and how many may exist altogether. */
function admittedSessions(rows: EndedRow[]): { admitted: Map<string, number>; total: number } {
  const admitted = new Map<string, number>();
  let total = 0;
  for (const { video, outcome } of rows) {
    if (video === null) continue;
    const recorded = outcome?.status === 'succeeded' ? 1 : 0;
    const possible = outcome?.possibleOrphans ?? 0;
    total += possible;
    admitted.set(video, (admitted.get(video) ?? 0) + recorded + possible);
  }
  return { admitted, total };
}
