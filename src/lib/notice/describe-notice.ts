import {
  type Batch,
  countPending,
  countWithoutSession,
  type RowCounts,
} from '../core/batch/batch.ts';
import { timeInZone } from '../core/batch/daily-window.ts';
import { redactUrls } from '../core/redact-url.ts';
import { WITHOUT_SESSION } from '../core/row/row.ts';
import type { Notice, PlannedRun, SkipReason } from './notice.ts';

const SKIPPED: Record<SkipReason, string> = {
  manifest_missing: 'its manifest does not exist',
  manifest_empty: 'its manifest has no rows',
  manifest_unchanged: 'its manifest has not changed',
  manifest_unreadable: 'its manifest cannot be read',
  overlap: 'the previous run was still under way',
  failed: 'it could not be imported',
};

/** A notice in one or two sentences, for people. */
export function describeNotice(notice: Notice, nowMs: number): string {
  switch (notice.kind) {
    case 'finished':
    case 'finished_with_failures':
      return `Batch ${notice.batch.id} finished: ${describeEnd(notice.batch)}.`;
    case 'paused_itself': {
      const pending = countPending(notice.batch.counts);
      const left = pending === 1 ? '1 row waits' : `${number(pending)} rows wait`;
      return `Batch ${notice.batch.id} paused itself, and ${left}: ${redactUrls(notice.reason)}.`;
    }
    case 'recovered': {
      const { id, arrangements } = notice.batch;
      return `Schedule ${arrangements.schedule ?? ''} has recovered: batch ${id} finished, ${describeEnd(notice.batch)}.`;
    }
    case 'deadline_at_risk':
      return describeRisk(notice, nowMs);
    case 'sessions_expire': {
      const { sessions, reason, batch } = notice;
      const [noun, verb] = sessions === 1 ? ['session', 'expires'] : ['sessions', 'expire'];
      return `Batch ${batch.id}: ${number(sessions)} ${noun} to be kept alive ${verb} within ten minutes. ${redactUrls(reason)}`;
    }
    case 'report_failed':
      return `Batch ${notice.batch.id}: ${redactUrls(notice.reason)}`;
    case 'gate_blocked':
    case 'sessions_used_up':
      return `The API is not being called. ${notice.sentence}`;
    case 'database_behind':
      return notice.sentence;
    case 'report_at_risk':
      return `Schedule ${notice.run.schedule}, next run ${plannedTime(notice.run)}: ${redactUrls(notice.reason)}`;
    case 'run_missed':
      return `Schedule ${notice.run.schedule} missed its run of ${plannedTime(notice.run)}: no worker was running in time.`;
    case 'run_skipped':
      return `Schedule ${notice.run.schedule} skipped its run of ${plannedTime(notice.run)}: ${SKIPPED[notice.why]}.`;
    case 'test':
      return 'This is a test; notices of kling-sessions arrive here.';
  }
}

/** `980 of 1,000 rows have a session; 15 failed, 5 rejected`. */
function describeEnd({ rows, counts }: Batch): string {
  const without = countWithoutSession(counts);
  if (without === 0)
    return rows === 1 ? 'its row has a session' : `all ${number(rows)} rows have a session`;
  return `${number(rows - without)} of ${number(rows)} rows have a session; ${whatFailed(counts)}`;
}

const whatFailed = (counts: RowCounts): string =>
  WITHOUT_SESSION.filter((status) => counts[status] > 0)
    .map((status) => `${number(counts[status])} ${status}`)
    .join(', ');

function describeRisk(
  notice: Extract<Notice, { kind: 'deadline_at_risk' }>,
  nowMs: number,
): string {
  const { batch, expectedEndMs, isAssumed } = notice;
  const { finishBy } = batch.arrangements;
  const zone = finishBy?.zone ?? 'UTC';
  const deadline = timeInZone(finishBy?.atMs ?? nowMs, zone, nowMs);
  const pending = countPending(batch.counts);
  const left = pending === 1 ? '1 row is left' : `${number(pending)} rows are left`;
  const end = pending === 1 ? 'ends' : 'end';
  const forecast =
    expectedEndMs === null
      ? 'and nothing moves'
      : `which at ${isAssumed ? 'an assumed' : 'the present'} pace ${end} ${describeDelay(expectedEndMs, deadline, zone, nowMs)}`;
  return `Batch ${batch.id} may not end by ${deadline} (${zone}): ${left}, ${forecast}.`;
}

/** A time that equals the deadline itself says nothing. */
function describeDelay(endMs: number, deadline: string, zone: string, nowMs: number): string {
  const end = timeInZone(endMs, zone, nowMs);
  return end === deadline ? 'within a minute after it' : `at ${end}`;
}

const plannedTime = ({ plannedAtMs, zone }: PlannedRun): string =>
  `${timeInZone(plannedAtMs, zone, 0)} (${zone})`;

const number = (n: number): string => n.toLocaleString('en-US');
