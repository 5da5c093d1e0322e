import { z } from 'zod';
import { type Batch, countWithoutSession } from '../core/batch/batch.ts';
import { redactUrls } from '../core/redact-url.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../core/row/row.ts';
import { describeNotice } from './describe-notice.ts';
import { type BatchNews, type Notice, type PlannedRun, SKIP_REASONS } from './notice.ts';

/** Changes when receivers have to change; additions leave it as it is. */
const VERSION = 1;

/** Longest quoted text; more is cut. */
const LONGEST_SAMPLE = 300;

const time = z.iso.datetime();
const count = z.int().nonnegative();

const batchSchema = z.object({
  id: z.string(),
  name: z.string(),
  schedule: z.string().nullable(),
  tags: z.array(z.string()),
  rows: count,
  counts: z.object(
    Object.fromEntries([...PENDING_STATES, ...OUTCOME_STATUSES].map((name) => [name, count])),
  ),
  withoutSession: count,
  possibleOrphans: count,
  createdAt: time,
  finishedAt: time.nullable(),
});

const errorsSchema = z.array(z.object({ code: z.string(), count, sample: z.string() })).max(5);

const aboutAll = { sentence: z.string(), link: z.url().nullable() };
const aboutBatch = {
  ...aboutAll,
  report: z.url().nullable(),
  batch: batchSchema,
  errors: errorsSchema,
};
const aboutRun = { ...aboutAll, run: z.object({ schedule: z.string(), plannedAt: time }) };

const ofType = <T extends string, S extends z.ZodRawShape>(type: T, data: S) =>
  z.object({
    version: z.literal(VERSION),
    type: z.literal(type),
    timestamp: time,
    data: z.object(data),
  });

/** The body described in `docs/notices.md`. */
export const standardBody = z.discriminatedUnion('type', [
  ofType('batch.finished', aboutBatch),
  ofType('batch.finished_with_failures', aboutBatch),
  ofType('batch.paused', { ...aboutBatch, reason: z.string() }),
  ofType('batch.deadline_at_risk', {
    ...aboutBatch,
    finishBy: time,
    expectedEnd: time.nullable(),
  }),
  ofType('batch.sessions_expire', { ...aboutBatch, sessions: count, reason: z.string() }),
  ofType('batch.report_failed', { ...aboutBatch, place: z.string(), reason: z.string() }),
  ofType('schedule.recovered', aboutBatch),
  ofType('gate.blocked', { ...aboutAll, since: time, code: z.string() }),
  ofType('sessions.used_up', { ...aboutAll, since: time, until: time, perDay: count }),
  ofType('database.behind', { ...aboutAll, since: time }),
  ofType('schedule.report_at_risk', { ...aboutRun, reason: z.string() }),
  ofType('run.missed', aboutRun),
  ofType('run.skipped', { ...aboutRun, why: z.enum(SKIP_REASONS), detail: z.string() }),
  ofType('test', aboutAll),
]);
export type StandardBody = z.infer<typeof standardBody>;

export interface ComposeContext {
  /** The address of the dashboard; null for no links. */
  dashboardUrl: string | null;
  nowMs: number;
}

export function composeStandardBody(notice: Notice, context: ComposeContext): StandardBody {
  switch (notice.kind) {
    case 'finished':
    case 'finished_with_failures':
    case 'recovered': {
      const atMs = notice.batch.finishedAtMs ?? context.nowMs;
      const type =
        notice.kind === 'recovered' ? 'schedule.recovered' : (`batch.${notice.kind}` as const);
      return { ...head(atMs), type, data: aboutBatchOf(notice, context) };
    }
    case 'paused_itself': {
      const data = { ...aboutBatchOf(notice, context), reason: clean(notice.reason) };
      return { ...head(notice.atMs), type: 'batch.paused', data };
    }
    case 'deadline_at_risk':
      return composeAtRisk(notice, context);
    case 'sessions_expire': {
      const { sessions, reason, atMs } = notice;
      const data = { ...aboutBatchOf(notice, context), sessions, reason: clean(reason) };
      return { ...head(atMs), type: 'batch.sessions_expire', data };
    }
    case 'report_failed': {
      const { place, reason } = notice;
      const data = { ...aboutBatchOf(notice, context), place: clean(place), reason: clean(reason) };
      return { ...head(context.nowMs), type: 'batch.report_failed', data };
    }
    case 'gate_blocked': {
      const { sinceMs, code } = notice;
      const data = { ...about(notice, '', context), since: iso(sinceMs), code };
      return { ...head(sinceMs), type: 'gate.blocked', data };
    }
    case 'sessions_used_up': {
      const { sinceMs, untilMs, perDay } = notice;
      const times = { since: iso(sinceMs), until: iso(untilMs) };
      const data = { ...about(notice, '', context), ...times, perDay };
      return { ...head(sinceMs), type: 'sessions.used_up', data };
    }
    case 'database_behind': {
      const data = { ...about(notice, '', context), since: iso(notice.sinceMs) };
      return { ...head(notice.sinceMs), type: 'database.behind', data };
    }
    case 'report_at_risk': {
      const data = { ...aboutRunOf(notice, context), reason: clean(notice.reason) };
      return { ...head(context.nowMs), type: 'schedule.report_at_risk', data };
    }
    case 'run_missed':
      return { ...head(context.nowMs), type: 'run.missed', data: aboutRunOf(notice, context) };
    case 'run_skipped': {
      const { why, detail } = notice;
      const data = { ...aboutRunOf(notice, context), why, detail: clean(detail) };
      return { ...head(context.nowMs), type: 'run.skipped', data };
    }
    case 'test':
      return { ...head(notice.atMs), type: 'test', data: about(notice, '', context) };
  }
}

function composeAtRisk(
  notice: Extract<Notice, { kind: 'deadline_at_risk' }>,
  context: ComposeContext,
): StandardBody {
  const { batch, expectedEndMs } = notice;
  const data = {
    ...aboutBatchOf(notice, context),
    finishBy: iso(batch.arrangements.finishBy?.atMs ?? context.nowMs),
    expectedEnd: expectedEndMs === null ? null : iso(expectedEndMs),
  };
  return { ...head(context.nowMs), type: 'batch.deadline_at_risk', data };
}

const aboutBatchOf = (notice: Extract<Notice, BatchNews>, context: ComposeContext) => ({
  ...about(notice, `batches/${notice.batch.id}`, context),
  report: linkTo(context, `batches/${notice.batch.id}/report.csv`),
  ...describeBatch(notice),
});

function aboutRunOf(notice: Extract<Notice, { run: PlannedRun }>, context: ComposeContext) {
  const { schedule, plannedAtMs } = notice.run;
  const run = { schedule, plannedAt: iso(plannedAtMs) };
  return { ...about(notice, `schedules/${schedule}`, context), run };
}

const head = (atMs: number) => ({ version: VERSION, timestamp: iso(atMs) }) as const;

const about = (notice: Notice, path: string, context: ComposeContext) => ({
  sentence: describeNotice(notice, context.nowMs),
  link: linkTo(context, path),
});

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** The address of the dashboard may have a path. */
function linkTo({ dashboardUrl: base }: ComposeContext, path: string): string | null {
  return base === null ? null : new URL(path, base.endsWith('/') ? base : `${base}/`).href;
}

/** Addresses lose their signatures, because this leaves the installation. */
function clean(text: string): string {
  const shown = redactUrls(text);
  return shown.length > LONGEST_SAMPLE ? `${shown.slice(0, LONGEST_SAMPLE - 1)}…` : shown;
}

function describeBatch({ batch, errors }: BatchNews) {
  return {
    batch: {
      id: batch.id,
      name: batch.name,
      schedule: batch.arrangements.schedule,
      tags: batch.arrangements.tags,
      rows: batch.rows,
      counts: countsOf(batch),
      withoutSession: countWithoutSession(batch.counts),
      possibleOrphans: batch.possibleOrphans,
      createdAt: iso(batch.createdAtMs),
      finishedAt: batch.finishedAtMs === null ? null : iso(batch.finishedAtMs),
    },
    errors: errors.map(({ code, count, sample }) => ({ code, count, sample: clean(sample) })),
  };
}

const countsOf = ({ counts }: Batch): Record<string, number> =>
  Object.fromEntries([...PENDING_STATES, ...OUTCOME_STATUSES].map((name) => [name, counts[name]]));
