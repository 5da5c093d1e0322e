import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Document, type ErrorCode, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { Schedule } from '../../lib/core/schedule/schedule.ts';
import { flagOf, type RequestOption, readRequest } from '../../lib/requests/option.ts';
import { SCHEDULE_OPTIONS, scheduleOf } from '../../lib/requests/schedule-request.ts';
import {
  describeProblem,
  type RequestProblem,
  refuseRequest,
  UnusableRequest,
} from '../../lib/requests/unusable-request.ts';
import { CliError, EXIT } from '../process/exit.ts';
import { machineZone } from './machine-zone.ts';

/** A schedule as it is written in the file. */
export interface WantedSchedule {
  schedule: Schedule;
  /** Undefined if the file does not say so; then the schedule stays as it is. */
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
type Path = readonly PropertyKey[];

/** The content of the file, with line numbers. */
interface Yaml {
  content: unknown;
  /** The line of the value at a path, from 1; null when there is none. */
  lineOf(path: Path): number | null;
}

/**
 * Reads a file of schedules. Its keys are the flags of `schedule set`, so that they mean the same and are refused for
 * the same reasons.
 * @throws CliError (2) that lists every problem with its line.
 */
export async function readScheduleFile(path: string): Promise<WantedSchedule[]> {
  const yaml = await readYaml(path);
  const { schedules } = checkShape(path, yaml);
  const folder = dirname(resolve(path));
  const problems: string[] = [];
  const wanted = Object.entries(schedules).flatMap(([name, entry]) => {
    try {
      return [understand(name, entry, folder)];
    } catch (error) {
      if (!(error instanceof UnusableRequest)) throw error;
      for (const problem of error.problems) {
        const place = placeOf(path, yaml, pathOf(name, problem));
        problems.push(`${place}: ${describeProblem(problem, keyOf)}`);
      }
      return [];
    }
  });
  if (problems.length > 0) throw new CliError(EXIT.usage, problems.join('\n'));
  return wanted;
}

const QUOTE = 'put it in quotes, such as `cron: "*/5 * * * *"`';
const OTHER_MISTAKE = 'check indentation, colons and quotes here and in the line above';
/** The usual mistakes, by error code of the parser, whose own messages are about its grammar. */
const YAML_MISTAKES: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: `a value that begins with "*" needs quotes; ${QUOTE}`,
  BAD_DQ_ESCAPE: 'within double quotes a backslash is written twice; use single quotes',
  BAD_INDENT: 'the indentation differs from the lines above, or a bracket is not closed',
  BAD_SCALAR_START: `the value begins with a character that YAML reserves; ${QUOTE}`,
  BLOCK_AS_IMPLICIT_KEY: `a value that holds ": " needs quotes; ${QUOTE}`,
  DUPLICATE_KEY: 'this key appears twice; remove one',
  MISSING_CHAR: 'a quote or bracket is not closed',
  MULTILINE_IMPLICIT_KEY: 'the colon after a key is missing',
  MULTIPLE_DOCS: 'a line `---` begins a second document; remove it',
  TAB_AS_INDENT: 'a tab indents this line; use spaces',
  UNEXPECTED_TOKEN: `a value that begins with "*", or continues after its closing quote, cannot be read; ${QUOTE}`,
};

async function readYaml(path: string): Promise<Yaml> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) =>
    refuse(
      error.code === 'ENOENT'
        ? `There is no file ${path}; check the path.`
        : `${path} cannot be read (${error.code ?? error.message}).`,
    ),
  );
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    refuse(`${path}, line ${line}: not valid YAML: ${YAML_MISTAKES[error.code] ?? OTHER_MISTAKE}.`);
  }
  return { content: document.toJS(), lineOf: (place) => lineOf(document, lines, place) };
}

function lineOf(document: Document, lines: LineCounter, path: Path): number | null {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  const startOffset = isNode(node) ? node.range?.[0] : undefined;
  return startOffset === undefined ? null : lines.linePos(startOffset).line;
}

function checkShape(path: string, yaml: Yaml): z.infer<typeof fileSchema> {
  const checked = fileSchema.safeParse(yaml.content);
  if (checked.success) return checked.data;
  const place = checked.error.issues[0]?.path ?? [];
  const found = place.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null)?.[key],
    yaml.content,
  );
  return refuse(`${placeOf(path, yaml, place)}: ${explainShape(place, found)}`);
}

/** What is expected at a place with the wrong shape. */
function explainShape(place: Path, found: unknown): string {
  const [, name, flag] = place.map(String);
  if (flag !== undefined) {
    return `"${flag}" must be a value, a list of values, or a map of names to values.`;
  }
  if (name !== undefined) {
    return `"${name}" must hold flags of \`schedule set\` without their dashes, such as \`cron: "0 2 * * *"\`; here is ${kindOf(found)}.`;
  }
  return 'the file must contain "schedules:", below it the schedules by name, and below each name its flags as in `schedule set`, without dashes.';
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'something else' : `"${String(value)}"`;
}

function understand(name: string, { paused, ...entry }: Entry, folder: string): WantedSchedule {
  if (paused !== undefined && typeof paused !== 'boolean') {
    throw refuseRequest('paused', 'paused must be true or false.');
  }
  const unknown = Object.keys(entry).filter((key) => !NAMES.has(key));
  // Checked first: a missing key may only be misspelled.
  if (unknown.length > 0) {
    throw new UnusableRequest(unknown.map((option) => ({ kind: 'unknown', option })));
  }
  const named = Object.entries(entry).map(([key, value]) => [NAMES.get(key), value]);
  const request = readRequest(SCHEDULE_OPTIONS, Object.fromEntries(named));
  const schedule = scheduleOf(name, request, { folder, machineZone, nowMs: Date.now() });
  return { schedule, isPaused: paused };
}

/** Option names by their keys in a file. A key is the flag without dashes. */
const NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(SCHEDULE_OPTIONS).map(([name, option]: [string, RequestOption]) => [
    flagOf(name, option),
    name,
  ]),
);

const keyOf = (name: string): string =>
  [...NAMES].find(([, option]) => option === name)?.[0] ?? name;

/** The line of the key that a problem is about. */
const pathOf = (name: string, { option }: RequestProblem): Path =>
  option === null ? ['schedules', name] : ['schedules', name, keyOf(option)];

/** `schedules.yaml, line 4`, and the schedule's name. */
function placeOf(path: string, yaml: Yaml, place: Path): string {
  const line = yaml.lineOf(place) ?? yaml.lineOf(place.slice(0, -1));
  const name = place[1] === undefined ? '' : `, ${String(place[1])}`;
  return `${path}${line === null ? '' : `, line ${line}`}${name}`;
}

function refuse(sentence: string): never {
  throw new CliError(EXIT.usage, sentence);
}
