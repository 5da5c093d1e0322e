import { type Command, InvalidArgumentError } from 'commander';
import { type Arrangements, NO_ARRANGEMENTS } from '../../lib/core/batch/batch.ts';
import { type DailyWindow, isTimeZone, nextTimeOfDay } from '../../lib/core/batch/daily-window.ts';

export interface TimingFlags {
  /** `HH:mm`. */
  finishBy?: string;
  window?: Omit<DailyWindow, 'zone'>;
  tz?: string;
}

/** When the rows of a batch are to be worked on. */
export function addTimingOptions(command: Command): Command {
  return command
    .option('--finish-by <HH:mm>', 'warn when it may not end by then', timeOfDay)
    .option('--window <HH:mm-HH:mm>', 'work on its rows within these hours only', windowOfDay)
    .option(
      '--tz <zone>',
      "whose clocks times of day go by, such as Asia/Taipei; default this machine's",
      timeZone,
    );
}

/** What the flags come to for a batch that begins at `nowMs`. */
export function arrangementsOf(flags: TimingFlags, nowMs: number): Arrangements {
  const zone = flags.tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { finishBy, window } = flags;
  return {
    ...NO_ARRANGEMENTS,
    finishBy: finishBy === undefined ? null : { atMs: nextTimeOfDay(finishBy, zone, nowMs), zone },
    window: window === undefined ? null : { ...window, zone },
  };
}

const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

function timeOfDay(text: string): string {
  if (TIME_OF_DAY.test(text)) return text;
  throw new InvalidArgumentError('Use a time of day from 00:00 to 23:59, such as 06:00.');
}

function windowOfDay(text: string): Omit<DailyWindow, 'zone'> {
  const [from = '', to = '', ...more] = text.split(/[-–]/);
  const isRight = TIME_OF_DAY.test(from) && TIME_OF_DAY.test(to) && from !== to;
  if (isRight && more.length === 0) return { from, to };
  throw new InvalidArgumentError('Use two different times of day, such as 22:00-06:00.');
}

function timeZone(text: string): string {
  if (isTimeZone(text)) return text;
  throw new InvalidArgumentError('Use the name of a time zone, such as Asia/Taipei or UTC.');
}
