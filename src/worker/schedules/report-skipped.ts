import type { RunReason, Schedule, ScheduleRun } from '../../lib/core/schedule/schedule.ts';
import type { SkipReason } from '../../lib/notice/notice.ts';
import type { ScheduleContext } from './schedule-context.ts';

/** Reports, once, that a run made no batch, if a person should know. */
export async function reportSkipped(
  { notices, log }: ScheduleContext,
  { name, zone, notify }: Schedule,
  { plannedAtMs, state, reason }: ScheduleRun,
): Promise<void> {
  if (reason === null || state === 'finished') return;
  const fields = { schedule: name, plannedAtMs, reason: reason.code, sentence: reason.sentence };
  log.warn(fields, 'scheduled run skipped');
  const why = noticeReason(reason.code);
  if (why === null) return;
  const run = { schedule: name, plannedAtMs, zone, notify };
  await notices.send({ kind: 'run_skipped', run, why, detail: reason.sentence });
}

/** Null when no notice is needed. */
function noticeReason(code: RunReason): SkipReason | null {
  switch (code) {
    case 'manifest_missing':
    case 'manifest_empty':
    case 'manifest_unreadable':
    case 'manifest_unchanged':
    case 'overlap':
      return code;
    case 'conflict':
    case 'internal_error':
      return 'failed';
    case 'nothing_new':
    case 'missed':
    case 'cancelled':
    case 'paused':
      return null;
  }
}
