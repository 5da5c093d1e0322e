import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { Schedule } from '../lib/core/schedule.ts';
import { CliError, EXIT } from './exit.ts';
import { scheduleOfEntry } from './schedule-entry.ts';

/** A schedule as a file has it. */
export interface WantedSchedule {
  schedule: Schedule;
  /** Undefined where the file does not say: it stays as it is. */
  isPaused: boolean | undefined;
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const fileSchema = z.strictObject({
  schedules: z.record(
    z.string(),
    z.record(z.string(), z.union([scalar, z.array(scalar), z.record(z.string(), scalar)])),
  ),
});
type Entry = z.infer<typeof fileSchema>['schedules'][string];

/**
 * Reads a file of schedules. Its keys are the flags of `schedule set`, and are read by the same parser, so that they mean
 * the same and are refused with the same words.
 * @throws CliError (2) with the place of what is wrong.
 */
export async function readScheduleFile(path: string): Promise<WantedSchedule[]> {
  const { schedules } = checkShape(path, await readYaml(path));
  return Object.entries(schedules).map(([name, entry]) => understand(path, name, entry));
}

async function readYaml(path: string): Promise<unknown> {
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof YAMLParseError) refuse(path, error.message.split('\n')[0] ?? '');
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    refuse(path, code === 'ENOENT' ? 'there is no such file.' : `it cannot be read (${code}).`);
  }
}

function checkShape(path: string, content: unknown): z.infer<typeof fileSchema> {
  const checked = fileSchema.safeParse(content);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const place = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  return refuse(
    path,
    `${place}${issue?.message ?? ''}. It has to hold "schedules:", then names, then the flags of \`schedule set\` without their dashes.`,
  );
}

function understand(path: string, name: string, { paused, ...entry }: Entry): WantedSchedule {
  if (paused !== undefined && typeof paused !== 'boolean')
    refuse(path, `${name}: paused is true or false.`);
  try {
    return { schedule: scheduleOfEntry(name, entry, dirname(resolve(path))), isPaused: paused };
  } catch (error) {
    if (error instanceof CliError) refuse(path, `${name}: ${error.message}`);
    throw error;
  }
}

function refuse(path: string, what: string): never {
  throw new CliError(EXIT.usage, `${path}, ${what}`);
}
