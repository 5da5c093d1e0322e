import { z } from 'zod';
import { isTimeOfDay } from '../core/batch/daily-window.ts';
import { NOTICE_FORMATS } from '../core/notice/notice-target.ts';
import { findBadDate } from '../core/schedule/path-dates.ts';
import { findTimingProblem } from '../core/schedule/planned-times.ts';
import { OVERLAPS, type Schedule } from '../core/schedule/schedule.ts';
import { wholePlace } from '../report/delivery/report-place.ts';
import { isScheduleName } from '../schedule/schedule-schema.ts';
import { ONE_END, READING_OPTIONS, TIMING_OPTIONS, WORKING_OPTIONS } from './import-request.ts';
import type { Request, RequestOptions } from './option.ts';
import { REPORT_OPTIONS } from './report-request.ts';
import { choice, duration, text, webhook } from './schemas.ts';
import { refuseRequest, UnusableRequest } from './unusable-request.ts';

const MAX_CATCH_UP_MS = 31 * 86_400_000;

const ONLY_RULE = 'Use new, failed, or both with a comma between.';
/** The rows that a comparison selects, each kind once and `new` first. */
const only = z.codec(
  z.array(z.enum(['new', 'failed'], ONLY_RULE), ONLY_RULE).min(1, ONLY_RULE),
  z.custom<('new' | 'failed')[]>(),
  {
    decode: (given) => (['new', 'failed'] as const).filter((kind) => given.includes(kind)),
    encode: (kinds) => kinds,
  },
);

const manifest = text('Give a path, a glob or an address.').superRefine((path, context) => {
  const bad = findBadDate(path);
  if (bad !== null) {
    const message = `${bad} is not a date; write it as {yyyy-MM-dd}, {yyyyMMdd_HHmm} or {yyyy-MM-dd, -1d}.`;
    context.addIssue({ code: 'custom', message });
  } else if (path === '-' || path.trim() === '') {
    const message = 'A schedule cannot read standard input; give a path or an address.';
    context.addIssue({ code: 'custom', message });
  }
});

/** How a run behaves. */
export const RUN_OPTIONS = {
  overlap: {
    schema: choice(OVERLAPS),
    value: 'what',
    description: 'what a run does while the previous one has not ended',
    label: 'While the previous run has not ended, a run',
    words: { skip: 'is skipped', queue: 'waits for it', 'cancel-previous': 'cancels it' },
    default: 'skip',
  },
  catchUp: {
    schema: duration('Use a duration from 0s to 31d, such as 12h.', MAX_CATCH_UP_MS),
    value: 'duration',
    description: 'how late the latest missed run still starts, 0s to 31d',
    label: 'Missed runs start late by up to',
    hint: '12h',
    default: '12h',
  },
  unchanged: {
    schema: choice(['run', 'skip']),
    value: 'what',
    description: 'what to do with a manifest that has not changed since the previous run',
    label: 'An unchanged manifest',
    words: { run: 'is imported', skip: 'is skipped' },
    default: 'run',
  },
  only: {
    schema: only,
    value: 'kinds',
    description:
      'import only rows that are new, or failed, compared with earlier runs (new,failed)',
    label: 'Rows',
    words: {
      '': 'all',
      new: 'only new ones',
      failed: 'only those that failed',
      'new,failed': 'new ones and those that failed',
    },
  },
} satisfies RequestOptions;

/** The target of notices about its batches. */
export const NOTICE_OPTIONS = {
  notifyUrl: {
    schema: webhook,
    value: 'url',
    description: 'a webhook of its own, instead of NOTIFY_URL',
    label: 'Webhook of its own',
    hint: 'the default for all batches',
    isLong: true,
  },
  notifyFormat: {
    schema: choice(NOTICE_FORMATS),
    value: 'format',
    description: 'how notices to --notify-url are written',
    label: 'Written for',
    default: 'standard',
  },
} satisfies RequestOptions;

/** All options of a schedule: its own, and all of an import except the id. */
export const SCHEDULE_OPTIONS = {
  cron: {
    schema: text('Write minute, hour, day, month and weekday, such as 0 2 * * *.').trim(),
    value: 'expression',
    description: 'when, such as "0 2 * * *" (minute hour day month weekday)',
    label: 'Cron expression: minute, hour, day, month, weekday',
    hint: '0 2 * * *',
    isRequired: true,
  },
  manifest: {
    schema: manifest,
    value: 'path|glob|url',
    description:
      "where workers find the manifest; {yyyy-MM-dd} is the run's date, {yyyy-MM-dd, -1d} the day before; for a glob, the newest file",
    label: 'Manifest',
    hint: '/srv/clips/{yyyy-MM-dd}.csv',
    isLong: true,
    isRequired: true,
  },
  ...RUN_OPTIONS,
  ...TIMING_OPTIONS,
  ...READING_OPTIONS,
  ...WORKING_OPTIONS,
  ...REPORT_OPTIONS,
  ...NOTICE_OPTIONS,
} satisfies RequestOptions;
export type ScheduleRequest = Request<typeof SCHEDULE_OPTIONS>;

interface Place {
  /**
   * The folder for a relative manifest, because workers have their own working directories; null if there is none.
   */
  folder: string | null;
  /** Called when no zone is given. */
  machineZone: () => string;
  nowMs: number;
}

/** The schedule that a request describes. @throws UnusableRequest for invalid values. */
export function scheduleOf(name: string, request: ScheduleRequest, place: Place): Schedule {
  if (!isScheduleName(name)) {
    throw refuseRequest(
      null,
      `"${name}" cannot be a schedule's name: use lower-case letters, digits and dashes, at least one letter, at most 40.`,
    );
  }
  const { cron, tz, catchUp, canary, tag, notifyUrl, notifyFormat, ...others } = request;
  const zone = tz ?? place.machineZone();
  const problem = findTimingProblem({ cron, zone }, place.nowMs);
  if (problem !== null) throw refuseRequest('cron', problem);
  if (request.only !== null && request.continue !== null) {
    throw refuseRequest(
      'continue',
      'A schedule either continues a table or takes only some rows; leave out one of the two.',
    );
  }
  const manifest = wholePath('manifest', request.manifest, place.folder);
  const out = request.out && wholePath('out', request.out, place.folder);
  if (out === manifest) {
    throw refuseRequest('out', 'The report would replace the manifest; name another file.');
  }
  checkKeepAlive(request);
  const { map, delimiter, format, sheet, skipHidden, strictFps, maxFailures, reuse, ...same } =
    others;
  return {
    ...same,
    name,
    cron,
    zone,
    manifest,
    out,
    catchUpMs: catchUp,
    reading: { map, delimiter, format, sheet, ...(skipHidden && { skipHidden }) },
    options: { strictFps, maxFailures, reuse, trialRows: canary },
    tags: tag,
    notify: notifyUrl === null ? null : { url: notifyUrl, format: notifyFormat },
  };
}

/** A date would be in the past for all runs but the first ones. */
function checkKeepAlive({ keepAlive, keepAliveUntil }: ScheduleRequest): void {
  if (keepAliveUntil !== null && !isTimeOfDay(keepAliveUntil)) {
    const advice = 'For a schedule, use a time of day such as 18:00.';
    throw new UnusableRequest([
      { kind: 'unusable', option: 'keepAliveUntil', value: keepAliveUntil, advice },
    ]);
  }
  if (keepAlive !== null && keepAliveUntil !== null) throw refuseRequest('keepAliveUntil', ONE_END);
}

/** The reverse. */
export function requestOf(schedule: Schedule): ScheduleRequest {
  const { name: _, zone, catchUpMs, reading, options, tags, notify, ...same } = schedule;
  const { trialRows, ...others } = options;
  return {
    ...same,
    ...reading,
    skipHidden: reading.skipHidden ?? false,
    ...others,
    tz: zone,
    catchUp: catchUpMs,
    canary: trialRows,
    tag: tags,
    notifyUrl: notify?.url ?? null,
    notifyFormat: notify?.format ?? 'standard',
  };
}

function wholePath(option: 'manifest' | 'out', path: string, folder: string | null): string {
  const whole = wholePlace(path, folder);
  if (whole !== null) return whole;
  throw refuseRequest(
    option,
    `"${path}" is neither an address nor an absolute path; begin it with http://, https:// or /.`,
  );
}
