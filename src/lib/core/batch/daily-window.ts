import { DateTime } from 'luxon';

/** Daily hours. If they end before they begin, they continue past midnight. */
export interface DailyWindow {
  /** `HH:mm`. */
  from: string;
  /** `HH:mm`, not included; never equal to `from`. */
  to: string;
  /** IANA name, such as `Asia/Taipei`. */
  zone: string;
}

/** The position of a moment relative to the window. */
export interface WindowPhase {
  isInside: boolean;
  /** When this phase began; the same number at every moment of the phase. */
  sinceMs: number;
  /** When the phase changes: at the window's end if inside, at its next start if outside. */
  untilMs: number;
}

const LONGEST_WORK_MS = 30 * 86_400_000;

/** Start and end of one opening of a window, in ms. */
type Opening = readonly [startMs: number, endMs: number];

export function phaseOfWindow(window: DailyWindow, nowMs: number): WindowPhase {
  const today = DateTime.fromMillis(nowMs, { zone: window.zone }).startOf('day');
  // Two days in each direction: a day on which the clock jumps may have no opening at all.
  const openings = [-2, -1, 0, 1, 2].map((days) => openingOf(window, today.plus({ days })));
  const real = openings.filter(([startMs, endMs]) => endMs > startMs);
  const present = real.find(([startMs, endMs]) => startMs <= nowMs && nowMs < endMs);
  if (present !== undefined) {
    return { isInside: true, sinceMs: present[0], untilMs: present[1] };
  }
  return {
    isInside: false,
    sinceMs: Math.max(...real.map(([, endMs]) => endMs).filter((endMs) => endMs <= nowMs)),
    untilMs: Math.min(...real.map(([startMs]) => startMs).filter((startMs) => startMs > nowMs)),
  };
}

function openingOf({ from, to }: DailyWindow, day: DateTime): Opening {
  const endDay = to <= from ? day.plus({ days: 1 }) : day;
  return [instantOf(day, from), instantOf(endDay, to)];
}

/**
 * When work of `workMs` ends if it starts now and continues only within the window; infinity if that takes months.
 */
export function endWithinWindow(window: DailyWindow, nowMs: number, workMs: number): number {
  if (workMs > LONGEST_WORK_MS) return Number.POSITIVE_INFINITY;
  let leftMs = workMs;
  let atMs = nowMs;
  for (;;) {
    const { isInside, untilMs } = phaseOfWindow(window, atMs);
    if (isInside && leftMs <= untilMs - atMs) return atMs + leftMs;
    if (isInside) leftMs -= untilMs - atMs;
    atMs = untilMs;
  }
}

/** `HH:mm`. */
export const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

export const isTimeOfDay = (text: string): boolean => TIME_OF_DAY.test(text);

/** The first moment after `afterMs` at which clocks in the zone show this time, `HH:mm`. */
export function nextTimeOfDay(time: string, zone: string, afterMs: number): number {
  const today = DateTime.fromMillis(afterMs, { zone }).startOf('day');
  const moments = [0, 1].map((days) => instantOf(today.plus({ days }), time));
  return moments.find((moment) => moment > afterMs) ?? instantOf(today.plus({ days: 2 }), time);
}

/**
 * The first moment of a day at which clocks show this time, or a later one if they skip it. So a skipped time means
 * the next minute that exists, and of a repeated time the first one counts.
 */
function instantOf(day: DateTime, time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const moment = day.set({ hour, minute });
  if (moment.hour === hour && moment.minute === minute) return moment.toMillis();
  // Luxon moves as far past the jump as the time was inside it.
  let first = moment;
  for (;;) {
    const before = first.minus({ minutes: 1 });
    const isPast = before.day === day.day && before.hour * 60 + before.minute >= hour * 60 + minute;
    if (!isPast) return first.toMillis();
    first = before;
  }
}

export const isTimeZone = (name: string): boolean =>
  DateTime.local({ zone: name, locale: 'en' }).isValid;

/** Whether the name means the same time zone on every machine. */
export const isZoneEverywhere = (name: string): boolean =>
  isTimeZone(name) && !/^(local|system|default)$/i.test(name);

/** `06:00` in the zone, with the date if it is a different day there. */
export function timeInZone(atMs: number, zone: string, nowMs: number): string {
  const at = DateTime.fromMillis(atMs, { zone });
  return at.hasSame(DateTime.fromMillis(nowMs, { zone }), 'day')
    ? at.toFormat('HH:mm')
    : dateInZone(atMs, zone);
}

/** `2026-12-01 06:00` in the zone. */
export const dateInZone = (atMs: number, zone: string): string =>
  DateTime.fromMillis(atMs, { zone }).toFormat('yyyy-MM-dd HH:mm');
