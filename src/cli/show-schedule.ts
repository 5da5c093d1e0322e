import { DateTime } from 'luxon';
import { countWithoutSession } from '../lib/core/batch.ts';
import type { ScheduleChange } from '../lib/core/compare-schedules.ts';
import { formatCount, formatRows } from '../lib/core/in-words.ts';
import { plannedTimes } from '../lib/core/planned-times.ts';
import type { KeptSchedule, Schedule, ScheduleRun } from '../lib/core/schedule.ts';
import { showValue } from '../lib/core/show-value.ts';
import type { Terminal } from './terminal.ts';

const NEXT_TIMES = 5;

/** A moment by the clocks of a zone and as UTC, ISO 8601. */
interface ShownTime {
  local: string;
  utc: string;
}

/** A schedule as scripts read it: the webhook and the query of an address are left out, as they may be secrets. */
export interface ScheduleReport extends Omit<KeptSchedule, 'schedule'> {
  schedule: Schedule;
  /** None while it is paused. */
  next: ShownTime[];
}

export function reportOf(kept: KeptSchedule, nowMs: number): ScheduleReport {
  const { schedule, isPaused, plannedUntilMs } = kept;
  const times = isPaused ? [] : take(plannedTimes(schedule, Math.max(nowMs, plannedUntilMs)));
  const next = times.map((timeMs) => shownTime(timeMs, schedule.zone));
  return { ...kept, schedule: withoutSecrets(schedule), next };
}

function take(times: Iterator<number>): number[] {
  return Array.from({ length: NEXT_TIMES }, () => times.next().value as number);
}

const shownTime = (timeMs: number, zone: string): ShownTime => ({
  local: DateTime.fromMillis(timeMs, { zone }).toISO({ suppressMilliseconds: true }) ?? '',
  utc: new Date(timeMs).toISOString().replace('.000Z', 'Z'),
});

function withoutSecrets(schedule: Schedule): Schedule {
  const { manifest, notify } = schedule;
  return {
    ...schedule,
    manifest: showManifest(manifest),
    notify: notify && { ...notify, url: `${new URL(notify.url).origin}/…` },
  };
}

const showManifest = (manifest: string): string =>
  /^https?:/i.test(manifest) ? showValue(manifest) : manifest;

/** A run as scripts read it. */
export const runJson = (run: ScheduleRun): ScheduleRun => ({
  ...run,
  manifest: run.manifest && showManifest(run.manifest),
});

/** `nightly  0 2 * * *  Asia/Taipei  …`, its next times, and how the last run went. */
export function describeSchedule(
  terminal: Terminal,
  { schedule, isPaused, next }: ScheduleReport,
  lastRun: ScheduleRun | undefined,
): string[] {
  const { name, cron, zone, manifest } = schedule;
  const times = next.map(
    ({ local, utc }, index) =>
      `  ${index === 0 ? 'next' : '    '}  ${readable(local)}  ${terminal.style('dim', `${readable(utc)} UTC`)}`,
  );
  return [
    `${terminal.style('bold', name)}  "${cron}"  ${zone}  ${manifest}`,
    ...(isPaused ? [`  paused; \`kling-sessions schedule resume ${name}\` goes on`] : times),
    ...(lastRun === undefined ? [] : [`  last  ${describeRun(lastRun, zone)}`]),
  ];
}

/** `2026-11-25 02:00 +08:00 → 02:00:04: finished …`. */
export function describeRun(run: ScheduleRun, zone: string): string {
  const { plannedAtMs, trigger, startedAtMs, finishedAtMs, state, batchId, reason } = run;
  const how = trigger === 'timer' ? '' : ` (${trigger === 'person' ? 'by a person' : 'caught up'})`;
  const times = [
    startedAtMs === null ? '' : ` · started ${clock(startedAtMs, zone)}`,
    finishedAtMs === null || startedAtMs === null ? '' : ` · ended ${clock(finishedAtMs, zone)}`,
  ];
  return [
    `${readable(shownTime(plannedAtMs, zone).local)}${how}  ${state}`,
    ...times,
    batchId === null ? '' : ` · ${batchId}`,
    describeCounts(run),
    reason === null ? '' : ` · ${reason.sentence}`,
  ].join('');
}

function describeCounts({ counts, isUnchanged }: ScheduleRun): string {
  const same = isUnchanged ? ' · same manifest as before' : '';
  if (counts === null) return same;
  const rows = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const without = countWithoutSession(counts);
  const ending = without === 0 ? '' : `, ${formatCount(without)} without a session`;
  return ` · ${formatRows(rows)}${ending}${same}`;
}

const clock = (timeMs: number, zone: string): string =>
  DateTime.fromMillis(timeMs, { zone }).toFormat('HH:mm:ss');

/** `2026-11-25T02:00:00+08:00` → `2026-11-25 02:00 +08:00`, with seconds where there are any. */
const readable = (iso: string): string =>
  iso.replace(/^(\S+)T(\d\d:\d\d)(:(?!00)\d\d|:00)(.*)$/, (_, day, time, seconds, offset) =>
    [
      day,
      seconds === ':00' ? time : `${time}${seconds}`,
      ...(/^Z?$/.test(offset) ? [] : [offset]),
    ].join(' '),
  );

/** `cron: 0 2 * * * → 0 3 * * *`. */
export function describeChange({ field, from, to }: ScheduleChange): string {
  const show = (value: unknown): string => {
    if (field === 'notify' && value !== null) return 'a webhook';
    if (field === 'catchUpMs') return `${Number(value) / 3_600_000}h`;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return field === 'manifest' ? showManifest(text) : text;
  };
  return `${field}: ${show(from)} → ${show(to)}`;
}
