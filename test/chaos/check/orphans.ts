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
  const opened = new Map<string, CallRecord[]>();
  for (const call of calls) {
    if (call.sessionId === null) continue;
    if (mayForget(call) && !recorded.has(call.sessionId)) continue;
    const video = calledVideo(call);
    opened.set(video, [...(opened.get(video) ?? []), call]);
  }
  const unexplained = [...admitted].flatMap(([video, most]) => {
    const by = opened.get(video) ?? [];
    if (by.length <= most) return [];
    const said = by.map((call) => describeCall(call, recorded));
    const of = rows.filter((row) => row.video === video).map(describeRow);
    return [
      `${video}: calls ${said.join(', ')} opened sessions, ${most} recorded or possible: ${of.join('; ')}`,
    ];
  });
  return total === batch.possibleOrphans
    ? unexplained
    : [...unexplained, `possible orphans: counted ${batch.possibleOrphans}, recounted ${total}`];
}

/** Such as `2403 (12:07:31.204 to .260, answered, recorded)`. */
function describeCall(
  { call, arrivedAtMs, endedAtMs, sessionId, isDelivered }: CallRecord,
  recorded: ReturnType<typeof recordedSessions>,
): string {
  const until = endedAtMs === null ? 'now' : timeOf(endedAtMs);
  const facts = [
    isDelivered ? 'answered' : 'answer lost',
    ...(recorded.has(sessionId ?? undefined) ? ['recorded'] : []),
  ];
  return `${call} (${timeOf(arrivedAtMs)} to ${until}, ${facts.join(', ')})`;
}

/** The times of the unclear calls are those of the workers, some of whose clocks are days off. */
function describeRow({ row, outcome }: EndedRow): string {
  const { status, possibleOrphans = 0, unclearCalls = [] } = outcome ?? {};
  return `row ${row} ${status}, ${possibleOrphans} possible (${unclearCalls.map(timeOf).join(', ')})`;
}

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

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
