import { z } from 'zod';
import { type Batch, countWithoutSession } from '../core/batch.ts';
import { redactUrls } from '../core/redact-url.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../core/row.ts';
import { describeNotice } from './describe-notice.ts';
import { type BatchNews, type Notice, type PlannedRun, SKIP_REASONS } from './notice.ts';

/** Changes when a receiver would have to be changed; what is only added leaves it as it is. */
const VERSION = 1;

/** Words of others are cut here. */
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
const aboutBatch = { ...aboutAll, batch: batchSchema, errors: errorsSchema };
const aboutRun = { ...aboutAll, run: z.object({ schedule: z.string(), plannedAt: time }) };

const ofType = <T extends string, S extends z.ZodRawShape>(type: T, data: S) =>
  z.object({
    version: z.literal(VERSION),
    type: z.literal(type),
    timestamp: time,
    data: z.object(data),
  });

/** The body as `docs/notices.md` describes it. */
export const standardBody = z.discriminatedUnion('type', [
  ofType('batch.finished', aboutBatch),
  ofType('batch.finished_with_failures', aboutBatch),
  ofType('batch.deadline_at_risk', {
    ...aboutBatch,
    finishBy: time,
    expectedEnd: time.nullable(),
  }),
  ofType('schedule.recovered', aboutBatch),
  ofType('gate.blocked', { ...aboutAll, since: time, code: z.string() }),
  ofType('run.missed', aboutRun),
  ofType('run.skipped', { ...aboutRun, why: z.enum(SKIP_REASONS), detail: z.string() }),
  ofType('test', aboutAll),
]);
export type StandardBody = z.infer<typeof standardBody>;

export interface ComposeContext {
  /** Where the dashboard is reached; null when nothing is to be linked. */
  dashboardUrl: string | null;
  nowMs: number;
}

export function composeStandardBody(notice: Notice, context: ComposeContext): StandardBody {
  const { dashboardUrl, nowMs } = context;
  const head = (atMs: number) => ({ version: VERSION, timestamp: iso(atMs) }) as const;
  const about = (path: string) => ({
    sentence: describeNotice(notice, nowMs),
    link: dashboardUrl && linkTo(dashboardUrl, path),
  });
  switch (notice.kind) {
    case 'finished':
    case 'finished_with_failures':
    case 'recovered':
      return {
        ...head(notice.batch.finishedAtMs ?? nowMs),
        type: notice.kind === 'recovered' ? 'schedule.recovered' : `batch.${notice.kind}`,
        data: { ...about(`batches/${notice.batch.id}`), ...describeBatch(notice) },
      };
    case 'deadline_at_risk': {
      const { expectedEndMs } = notice;
      return {
        ...head(nowMs),
        type: 'batch.deadline_at_risk',
        data: {
          ...about(`batches/${notice.batch.id}`),
          ...describeBatch(notice),
          finishBy: iso(notice.batch.arrangements.finishBy?.atMs ?? nowMs),
          expectedEnd: expectedEndMs === null ? null : iso(expectedEndMs),
        },
      };
    }
    case 'gate_blocked': {
      const { sinceMs, code } = notice;
      return {
        ...head(sinceMs),
        type: 'gate.blocked',
        data: { ...about(''), since: iso(sinceMs), code },
      };
    }
    case 'run_missed':
      return {
        ...head(nowMs),
        type: 'run.missed',
        data: { ...about(schedulePath(notice.run)), run: describeRun(notice.run) },
      };
    case 'run_skipped': {
      const { run, why, detail } = notice;
      const data = {
        ...about(schedulePath(run)),
        run: describeRun(run),
        why,
        detail: clean(detail),
      };
      return { ...head(nowMs), type: 'run.skipped', data };
    }
    case 'test':
      return { ...head(notice.atMs), type: 'test', data: about('') };
  }
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** `base` may itself have a path. */
const linkTo = (base: string, path: string): string =>
  new URL(path, base.endsWith('/') ? base : `${base}/`).href;

const schedulePath = ({ schedule }: PlannedRun): string => `schedules/${schedule}`;

const describeRun = ({ schedule, plannedAtMs }: PlannedRun) => ({
  schedule,
  plannedAt: iso(plannedAtMs),
});

/** Addresses lose their signatures, as this leaves the house. */
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
