import { Command, CommanderError } from 'commander';
import type { Schedule } from '../../lib/core/schedule/schedule.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { addScheduleOptions, type ScheduleFlags, scheduleOf } from './schedule-options.ts';

type Scalar = string | number | boolean | null;

/** The flags of `schedule set` by their names without dashes, as files and forms have them. */
export type ScheduleEntry = Record<string, Scalar | Scalar[] | Record<string, Scalar>>;

/**
 * Read by the command line's own parser, so that all means the same wherever it is written, and is refused with the same words.
 * `folder`: where a relative manifest is taken from; null where none can be meant.
 * @throws CliError (2) with one sentence.
 */
export function scheduleOfEntry(
  name: string,
  entry: ScheduleEntry,
  folder: string | null,
): Schedule {
  const command = addScheduleOptions(new Command(name));
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  const known = new Set(command.options.map((option) => option.name()));
  // Before anything else: what is missing may just be written wrongly.
  const unknown = Object.keys(entry).find((key) => !known.has(key));
  if (unknown !== undefined) throw new CliError(EXIT.usage, `unknown option '--${unknown}'`);
  try {
    command.parse(Object.entries(entry).flatMap(flagsOf), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new CliError(EXIT.usage, error.message.replace(/^error: /, '').replace(/\n.*/s, ''));
  }
  return scheduleOf(name, command.opts<ScheduleFlags>(), folder);
}

/** `map: {video_url: Link}` → `--map=video_url=Link`; `only: [new, failed]` → `--only=new,failed`; `reuse: true` → `--reuse`. */
function flagsOf([key, value]: [string, ScheduleEntry[string]]): string[] {
  if (value === false || value === null) return [];
  if (value === true) return [`--${key}`];
  if (Array.isArray(value)) return [`--${key}=${value.join(',')}`];
  if (typeof value === 'object') return Object.entries(value).map(([k, v]) => `--${key}=${k}=${v}`);
  return [`--${key}=${value}`];
}
