import { isAbsolute, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RowSelection } from '../../lib/core/batch/batch.ts';
import { NOTICE_FORMATS, type NoticeFormat } from '../../lib/core/notice/notice-target.ts';
import { findBadDate } from '../../lib/core/schedule/path-dates.ts';
import { findTimingProblem } from '../../lib/core/schedule/planned-times.ts';
import { OVERLAPS, type Overlap, type Schedule } from '../../lib/core/schedule/schedule.ts';
import { isScheduleName } from '../../lib/schedule/schedule-schema.ts';
import { parseDuration } from '../../lib/settings/duration.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { machineZone } from './machine-zone.ts';
import { addImportOptions, type ManifestFlags, selectionKinds } from './options.ts';
import { addTimingOptions, type TimingFlags } from './timing-options.ts';

const MAX_CATCH_UP_MS = 31 * 86_400_000;
const DEFAULT_CATCH_UP_MS = 12 * 3_600_000;

export interface ScheduleFlags extends Omit<ManifestFlags, 'batch'>, TimingFlags {
  cron: string;
  manifest: string;
  overlap: Overlap;
  catchUp: number;
  unchanged: 'run' | 'skip';
  only?: RowSelection['kinds'];
  notifyUrl?: string;
  notifyFormat: NoticeFormat;
}

/** What a schedule is made of: options of its own, and all of `import`. The same for `set` and for a file of schedules. */
export function addScheduleOptions(command: Command): Command {
  command
    .requiredOption(
      '--cron <expression>',
      'when, such as "0 2 * * *" (minute hour day month weekday)',
    )
    .requiredOption(
      '--manifest <path|glob|url>',
      "where workers find the manifest; {yyyy-MM-dd} is the run's date, {yyyy-MM-dd, -1d} the day before; of a glob the newest file",
    )
    .addOption(
      new Option('--overlap <what>', 'what a run does while the one before it has not ended')
        .choices(OVERLAPS)
        .default('skip'),
    )
    .addOption(
      new Option('--catch-up <duration>', 'how late the latest missed run still starts, 0s to 31d')
        .argParser(catchUp)
        .default(DEFAULT_CATCH_UP_MS, '12h'),
    )
    .addOption(
      new Option('--unchanged <what>', 'what a manifest does that is the one of the run before')
        .choices(['run', 'skip'])
        .default('run'),
    )
    .addOption(
      new Option(
        '--only <kinds>',
        'import just the rows that are new, or failed, compared with the runs before (new,failed)',
      ).argParser(selectionKinds),
    )
    .option('--notify-url <url>', 'a webhook of its own, instead of NOTIFY_URL', webhook)
    .addOption(
      new Option('--notify-format <format>', 'how notices to --notify-url are written')
        .choices(NOTICE_FORMATS)
        .default('standard'),
    );
  return addTimingOptions(addImportOptions(command));
}

/**
 * The schedule that these flags describe. A relative path is taken from `folder`, as workers have working directories of their own;
 * without a folder it is refused.
 * @throws CliError (2) for what cannot be right.
 */
export function scheduleOf(name: string, flags: ScheduleFlags, folder: string | null): Schedule {
  if (!isScheduleName(name)) {
    refuse(
      `"${name}" cannot be a schedule's name: use lower-case letters, digits and dashes, at least one letter, at most 40.`,
    );
  }
  const zone = flags.tz ?? machineZone();
  const timing = { cron: flags.cron.trim(), zone };
  const problem = findTimingProblem(timing, Date.now());
  if (problem !== null) refuse(problem);
  const { map, strictFps, maxFailures, reuse } = flags;
  return {
    name,
    ...timing,
    manifest: placeOf(flags.manifest, folder),
    overlap: flags.overlap,
    catchUpMs: flags.catchUp,
    unchanged: flags.unchanged,
    ...orNull(flags, ['only', 'limit', 'mends', 'finishBy', 'window']),
    reading: {
      map,
      ...orNull(flags, ['delimiter', 'format', 'sheet']),
      ...(flags.skipHidden && { skipHidden: true }),
    },
    options: { strictFps, maxFailures, reuse, trialRows: flags.canary ?? null },
    priority: flags.priority,
    tags: flags.tag,
    notify: flags.notifyUrl ? { url: flags.notifyUrl, format: flags.notifyFormat } : null,
  };
}

/** These flags, null where one was left out. */
function orNull<K extends keyof ScheduleFlags>(
  flags: ScheduleFlags,
  names: readonly K[],
): { [N in K]: NonNullable<ScheduleFlags[N]> | null } {
  return Object.fromEntries(names.map((name) => [name, flags[name] ?? null])) as {
    [N in K]: NonNullable<ScheduleFlags[N]> | null;
  };
}

function placeOf(manifest: string, folder: string | null): string {
  const bad = findBadDate(manifest);
  if (bad !== null) {
    refuse(
      `${bad} in --manifest is no date; write it as {yyyy-MM-dd}, {yyyyMMdd_HHmm} or {yyyy-MM-dd, -1d}.`,
    );
  }
  if (manifest === '-' || manifest.trim() === '') {
    refuse('A schedule cannot read standard input; give --manifest a path or an address.');
  }
  if (/^https?:\/\//i.test(manifest)) return manifest;
  if (folder === null && !isAbsolute(manifest)) {
    refuse(`"${manifest}" is no address and no whole path; begin it with http://, https:// or /.`);
  }
  return resolve(folder ?? '/', manifest);
}

function refuse(sentence: string): never {
  throw new CliError(EXIT.usage, sentence);
}

function catchUp(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== null && durationMs <= MAX_CATCH_UP_MS) return durationMs;
  throw new InvalidArgumentError('Use a duration from 0s to 31d, such as 12h.');
}

function webhook(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('Use an address that begins with http:// or https://.');
}
