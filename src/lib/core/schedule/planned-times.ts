import { CronExpressionParser } from 'cron-parser';
import { IANAZone } from 'luxon';

/** When a schedule runs: a cron expression of five fields, or six with seconds first, in a time zone. */
export interface Timing {
  cron: string;
  /** IANA name, such as `Asia/Taipei`. */
  zone: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Longer than any gap that a change of clocks has left; Samoa skipped a whole day. */
const MAX_GAP_MINUTES = 2 * 24 * 60;

/**
 * The planned times of a schedule after `afterMs`, in order and without end. If the clocks skip a time, it becomes
 * the next minute that exists. If they repeat a time, the first one counts, unless the schedule runs every hour
 * anyway. Several times at the same moment become one.
 * @throws Error for an expression without a next time.
 */
export function* plannedTimes(timing: Timing, afterMs: number): Generator<number, never> {
  let lastMs = afterMs;
  for (;;) {
    lastMs = nextTime(timing, lastMs);
    yield lastMs;
  }
}

/** The first time after `afterMs`. */
export function nextTime({ cron, zone: name }: Timing, afterMs: number): number {
  const zone = IANAZone.create(name);
  const first = nextOfFirsts(cron, zone, afterMs);
  if (!runsEveryHour(cron)) return first;
  return Math.min(first, nextInFold(cron, zone, afterMs) ?? first);
}

const FIRST_SPAN_MS = 2 * MINUTE_MS;

/** At most `limit` times after `afterMs` and up to `untilMs` (included), the latest ones, in order. */
export function timesBetween(
  timing: Timing,
  afterMs: number,
  untilMs: number,
  limit: number,
): number[] {
  // From the end backwards, in growing steps: after years of absence, a schedule that runs every minute has millions
  // of times.
  for (let spanMs = FIRST_SPAN_MS; ; spanMs *= 2) {
    const startMs = Math.max(afterMs, untilMs - spanMs);
    const found = allTimesBetween(timing, startMs, untilMs);
    if (startMs === afterMs || found.length >= limit) return found.slice(-limit);
  }
}

function allTimesBetween(timing: Timing, afterMs: number, untilMs: number): number[] {
  const found: number[] = [];
  for (const timeMs of plannedTimes(timing, afterMs)) {
    if (timeMs > untilMs) break;
    found.push(timeMs);
  }
  return found;
}

/** What is wrong with a timing, as one sentence; null when it is usable. */
export function findTimingProblem({ cron, zone }: Timing, nowMs: number): string | null {
  if (!IANAZone.isValidZone(zone)) {
    return `"${zone}" is not a time zone; use a name such as Asia/Taipei or UTC.`;
  }
  if (/(^|[\s,])H/.test(cron)) return `"${cron}": H is not supported; name the minute or hour.`;
  if (cron.trim() === '') return 'The cron expression is empty; use one such as "0 2 * * *".';
  // The library adds missing fields on the left: "0 2 * *" would mean every minute of the 2nd of each month.
  const fields = cron.trim().split(/\s+/).length;
  if (!cron.trim().startsWith('@') && fields < 5) {
    return `"${cron}" has ${fields} of five fields: minute, hour, day, month, weekday, such as "0 2 * * *".`;
  }
  try {
    nextTime({ cron, zone }, nowMs);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `"${cron}" is not a usable cron expression (${why}); use one such as "0 2 * * *".`;
  }
}

/**
 * The cron arithmetic uses clock readings, written as if they were UTC, where no hour is missing or doubled. This
 * program maps them to the zone, because libraries shift a missing time by a whole hour or skip it.
 */
function nextOfFirsts(cron: string, zone: IANAZone, afterMs: number): number {
  const readings = readingsAfter(cron, toReading(zone, afterMs));
  for (;;) {
    const momentMs = firstMoment(zone, readings());
    if (momentMs > afterMs) return momentMs;
  }
}

/** Within the hour that clocks show twice, or at its second start: the next time of the second pass. */
function nextInFold(cron: string, zone: IANAZone, afterMs: number): number | null {
  const candidateMs = readingsAfter(cron, toReading(zone, afterMs))() - offsetMs(zone, afterMs);
  if (offsetMs(zone, candidateMs) === offsetMs(zone, afterMs)) return candidateMs;
  const foldMs = changeBetween(zone, afterMs, candidateMs);
  if (offsetMs(zone, foldMs) > offsetMs(zone, afterMs)) return null;
  return readingsAfter(cron, toReading(zone, foldMs) - 1)() - offsetMs(zone, foldMs);
}

function readingsAfter(cron: string, readingMs: number): () => number {
  const readings = CronExpressionParser.parse(cron, {
    tz: 'UTC',
    currentDate: new Date(readingMs),
  });
  return () => readings.next().getTime();
}

function runsEveryHour(cron: string): boolean {
  return CronExpressionParser.parse(cron).fields.hour.values.length === 24;
}

const offsetMs = (zone: IANAZone, atMs: number): number => zone.offset(atMs) * MINUTE_MS;
const toReading = (zone: IANAZone, atMs: number): number => atMs + offsetMs(zone, atMs);

/** The first moment at which clocks show this reading, or the next whole minute if they skip it. */
function firstMoment(zone: IANAZone, readingMs: number): number {
  for (let minutes = 0; minutes < MAX_GAP_MINUTES; minutes += 1) {
    const wantedMs =
      minutes === 0 ? readingMs : (Math.floor(readingMs / MINUTE_MS) + minutes) * MINUTE_MS;
    const offsets = [offsetMs(zone, wantedMs - DAY_MS), offsetMs(zone, wantedMs + DAY_MS)];
    const moments = offsets
      .map((offset) => wantedMs - offset)
      .filter((momentMs) => toReading(zone, momentMs) === wantedMs);
    if (moments.length > 0) return Math.min(...moments);
  }
  throw new Error(`no clock in ${zone.name} shows ${new Date(readingMs).toISOString()}`);
}

/** The first moment after the zone's offset changes between two moments. */
function changeBetween(zone: IANAZone, fromMs: number, toMs: number): number {
  let [beforeMs, afterMs] = [fromMs, toMs];
  while (afterMs - beforeMs > 1) {
    const middleMs = Math.floor((beforeMs + afterMs) / 2);
    if (zone.offset(middleMs) === zone.offset(fromMs)) beforeMs = middleMs;
    else afterMs = middleMs;
  }
  return afterMs;
}
