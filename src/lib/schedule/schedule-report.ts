import { DateTime } from 'luxon';
import { showValue } from '../core/manifest/show-value.ts';
import { plannedTimes } from '../core/schedule/planned-times.ts';
import type { KeptSchedule, Schedule, ScheduleRun } from '../core/schedule/schedule.ts';
import { isWebAddress } from '../core/web-address.ts';
import { showPlace } from '../report/delivery/report-place.ts';

const NEXT_TIMES = 5;

/** A moment in a zone and in UTC, ISO 8601. */
export interface ShownTime {
  local: string;
  utc: string;
}

/** A schedule that is safe to show: without the webhook and the query of an address, which may be secrets. */
export interface ScheduleReport extends Omit<KeptSchedule, 'schedule'> {
  schedule: Schedule;
  /** None while it is paused. */
  next: ShownTime[];
}

export function reportOf(kept: KeptSchedule, nowMs: number): ScheduleReport {
  const { schedule } = kept;
  const times = nextTimesOf(kept, nowMs, NEXT_TIMES);
  const next = times.map((timeMs) => shownTime(timeMs, schedule.zone));
  return { ...kept, schedule: withoutSecrets(schedule), next };
}

/** In ms, the next one first; none while it is paused. */
export function nextTimesOf(
  { schedule, isPaused, plannedUntilMs }: KeptSchedule,
  nowMs: number,
  count: number,
): number[] {
  if (isPaused) return [];
  const times = plannedTimes(schedule, Math.max(nowMs, plannedUntilMs));
  return Array.from({ length: count }, () => times.next().value);
}

export const shownTime = (timeMs: number, zone: string): ShownTime => ({
  local: DateTime.fromMillis(timeMs, { zone }).toISO({ suppressMilliseconds: true }) ?? '',
  utc: new Date(timeMs).toISOString().replace('.000Z', 'Z'),
});

/** `2026-11-25T02:00:00+08:00` → `2026-11-25 02:00 +08:00`, with seconds if there are any; UTC without its `Z`. */
export const readableTime = (iso: string): string =>
  iso.replace(/^(\S+)T(\d\d:\d\d)(:(?!00)\d\d|:00)(.*)$/, (_, day, time, seconds, offset) =>
    [
      day,
      seconds === ':00' ? time : `${time}${seconds}`,
      ...(/^Z?$/.test(offset) ? [] : [offset]),
    ].join(' '),
  );

function withoutSecrets(schedule: Schedule): Schedule {
  const { manifest, out, notify } = schedule;
  return {
    ...schedule,
    manifest: showManifest(manifest),
    out: out && showPlace(out),
    notify: notify && { ...notify, url: `${new URL(notify.url).origin}/…` },
  };
}

/** An address without its query. */
export const showManifest = (manifest: string): string =>
  isWebAddress(manifest) ? showValue(manifest) : manifest;

/** A run that is safe to show. */
export const showRun = (run: ScheduleRun): ScheduleRun => ({
  ...run,
  manifest: run.manifest && showManifest(run.manifest),
});
