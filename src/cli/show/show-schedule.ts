import { DateTime } from 'luxon';
import { countWithoutSession } from '../../lib/core/batch/batch.ts';
import { formatCount, formatRows } from '../../lib/core/in-words.ts';
import type { ScheduleRun } from '../../lib/core/schedule/schedule.ts';
import { settingsOf, showSetting } from '../../lib/requests/write-schedule.ts';
import type { ScheduleChange } from '../../lib/schedule/compare-schedules.ts';
import {
  readableTime,
  type ScheduleReport,
  shownTime,
} from '../../lib/schedule/schedule-report.ts';
import type { Terminal } from '../process/terminal.ts';

/** `nightly  0 2 * * *  Asia/Taipei  …`, its next times, and the result of the last run. */
export function describeSchedule(
  terminal: Terminal,
  { schedule, isPaused, next }: ScheduleReport,
  lastRun: ScheduleRun | null,
): string[] {
  const { name, cron, zone, manifest } = schedule;
  const times = next.map(
    ({ local, utc }, index) =>
      `  ${index === 0 ? 'next' : '    '}  ${readableTime(local)}  ${terminal.style('dim', `${readableTime(utc)} UTC`)}`,
  );
  return [
    `${terminal.style('bold', name)}  "${cron}"  ${zone}  ${manifest}`,
    ...(isPaused ? [`  paused; \`kling-sessions schedule resume ${name}\` continues it`] : times),
    ...(lastRun === null ? [] : [`  last  ${describeRun(lastRun, zone)}`]),
  ];
}

/** The options that the line of name, times and manifest leaves out: `overlap skip · catch-up 12h · …`. */
export function describeSettings(terminal: Terminal, { schedule }: ScheduleReport): string {
  const given = settingsOf(schedule).filter(
    ({ flag, value }) => value !== null && !IN_FIRST_LINE.has(flag),
  );
  const words = given.map((setting) => `${setting.flag} ${showSetting(setting)}`);
  return terminal.style('dim', `  ${words.join(' · ')}`);
}

const IN_FIRST_LINE = new Set(['cron', 'tz', 'manifest']);

/** `2026-11-25 02:00 +08:00 (caught up)  finished · started 09:00:04 · …`. */
export function describeRun(run: ScheduleRun, zone: string): string {
  const { plannedAtMs, trigger, startedAtMs, finishedAtMs, state, batchId, reason } = run;
  const how = trigger === 'timer' ? '' : ` (${trigger === 'person' ? 'by a person' : 'caught up'})`;
  const times = [
    startedAtMs === null ? '' : ` · started ${clock(startedAtMs, zone)}`,
    finishedAtMs === null || startedAtMs === null ? '' : ` · ended ${clock(finishedAtMs, zone)}`,
  ];
  return [
    `${readableTime(shownTime(plannedAtMs, zone).local)}${how}  ${state}`,
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

/** `cron: 0 2 * * * → 0 3 * * *`. */
export const describeChange = ({ flag, from, to }: ScheduleChange): string =>
  `${flag}: ${from} → ${to}`;
