import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  DEFAULT_PRIORITY,
  type FailureLimit,
  type RowSelection,
} from '../../lib/core/batch/batch.ts';
import { parseTags, TAG_RULE } from '../../lib/core/batch/tags.ts';
import {
  MANIFEST_FORMATS,
  MANIFEST_ROLES,
  type ManifestFormat,
  type ManifestRole,
} from '../../lib/core/manifest/manifest.ts';
import type { Environment } from '../../lib/settings/read-settings.ts';
import { SETTINGS, type SettingName } from '../../lib/settings/settings.ts';
import type { Delimiter } from '../../producer/manifest/csv/header.ts';

/** Who is told of what happens, and how. */
export const NOTICE_SETTINGS: readonly SettingName[] = [
  'NOTIFY_URL',
  'NOTIFY_FORMAT',
  'NOTIFY_ALLOW_HOSTS',
  'DASHBOARD_URL',
];

/** What a process that works on rows can be told. */
export const WORKER_SETTINGS: readonly SettingName[] = [
  'API_BASE_URL',
  'API_CONCURRENCY',
  'API_RATE_PER_SECOND',
  'API_TIMEOUT',
  'MAX_ATTEMPTS',
  'MAX_UNCONFIRMED',
  'ROW_DEADLINE',
  'SEND_TASK_ID',
  'RETRY_PAUSE',
  'THROTTLE_PAUSE',
  'GATE_PAUSE',
  'THROTTLE_LIMIT',
  'SHUTDOWN_GRACE',
  'REDIS_URL',
  'PROBE_CONCURRENCY',
  'PROBE_TIMEOUT',
  'PROBE_MAX_BYTES',
  'PROBE_MEMORY_BYTES',
  'PROBE_ALLOW_HOSTS',
  'FFPROBE_PATH',
  ...NOTICE_SETTINGS,
  'LOG_LEVEL',
];

/** What a process that starts scheduled runs can be told. */
export const SCHEDULE_SETTINGS: readonly SettingName[] = [
  'MANIFEST_ALLOW_HOSTS',
  'MANIFEST_FOLDERS',
];

/** What only a process that works until told to stop serves. */
export const WORKER_HTTP_SETTINGS: readonly SettingName[] = [
  'WORKER_HTTP_HOST',
  'WORKER_HTTP_PORT',
];

/** `API_CONCURRENCY` → `--api-concurrency <value>`. */
const flagOf = (name: SettingName): string => `--${name.toLowerCase().replaceAll('_', '-')}`;

/** Gives a command a flag for each of these settings; a flag goes before the environment. */
export function addSettingFlags(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { purpose, range, ...rest } = SETTINGS[name];
    const fallback = 'default' in rest && rest.default !== '' ? `; default ${rest.default}` : '';
    const option = new Option(`${flagOf(name)} <value>`, `${purpose} (${range}${fallback})`);
    command.addOption(option.helpGroup('Settings:'));
  }
  return command;
}

/** What was given by flags, by the names of the settings. */
export function flagsAsEnvironment(options: object, names: readonly SettingName[]): Environment {
  const environment: Environment = {};
  for (const name of names) {
    const key = new Option(`${flagOf(name)} <value>`).attributeName();
    const value = (options as Record<string, unknown>)[key];
    if (typeof value === 'string') environment[name] = value;
  }
  return environment;
}

export interface ManifestFlags {
  batch?: string;
  map: Partial<Record<ManifestRole, string>>;
  delimiter?: Delimiter;
  format?: ManifestFormat;
  sheet?: string;
  skipHidden?: boolean;
  limit?: number;
  strictFps: boolean;
  maxFailures: FailureLimit;
  reuse: boolean;
  canary?: number;
  priority: number;
  mends?: string;
  tag: string[];
}

/** The options that say how a manifest is to be read, and what is to be done with its rows. */
export const addManifestOptions = (command: Command): Command =>
  addImportOptions(
    command.option(
      '--batch <id>',
      'an id of your own; the same manifest under another id is another batch',
      batchId,
    ),
  );

/** The same without the id, for imports that give ids of their own. */
export const addImportOptions = (command: Command): Command =>
  addBatchOptions(addReadingOptions(command));

function addReadingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--map <role=column>',
        `which column holds what, for example video_url=Link (${MANIFEST_ROLES.join(', ')}); repeatable`,
      )
        .argParser(mapping)
        .default({}, 'by their names'),
    )
    .addOption(
      new Option('--delimiter <character>', 'instead of detecting it').argParser(delimiter),
    )
    .addOption(new Option('--format <format>', 'instead of detecting it').choices(MANIFEST_FORMATS))
    .option(
      '--sheet <name>',
      'which sheet of a workbook, or all; default the first that is not hidden',
    )
    .option(
      '--skip-hidden',
      'leave out rows of a workbook that a filter or a person has hidden',
      false,
    );
}

function addBatchOptions(command: Command): Command {
  return command
    .option('--limit <n>', 'only the first rows', positiveInteger)
    .option('--strict-fps', 'reject 23.976, 29.97 and 59.94 fps instead of warning', false)
    .addOption(
      new Option(
        '--max-failures <limit>',
        'pause when so many rows fail: a share of the last 100 (50%), a number (50), or off',
      )
        .argParser(failureLimit)
        .default({ kind: 'share', percent: 50 }, '50%'),
    )
    .option('--reuse', 'give a row whose video has a live session that session', false)
    .option(
      '--canary <n>',
      'the first n rows go first, and the others when one of them gets a session',
      positiveInteger,
    )
    .option(
      '--priority <n>',
      'share of the work beside other batches, 1 to 100',
      priorityNumber,
      DEFAULT_PRIORITY,
    )
    .option(
      '--mends <batch>',
      'the batch whose rows without a session this one is to supply; its `status` then shows what is still open',
    )
    .addOption(
      new Option('--tag <tags>', 'to find it by, such as spring,ads; repeatable')
        .argParser(tags)
        .default([], 'none'),
    );
}

function batchId(text: string): string {
  if (/^[\w-]{1,100}$/.test(text) && /[a-z]/i.test(text)) return text;
  throw new InvalidArgumentError('Use letters, digits, - and _, at least one letter, at most 100.');
}

function mapping(
  text: string,
  previous: Partial<Record<ManifestRole, string>>,
): Partial<Record<ManifestRole, string>> {
  const at = text.indexOf('=');
  const role = MANIFEST_ROLES.find((name) => name === text.slice(0, at));
  if (role !== undefined && at < text.length - 1)
    return { ...previous, [role]: text.slice(at + 1) };
  throw new InvalidArgumentError(
    `Write role=column; the role is one of ${MANIFEST_ROLES.join(', ')}.`,
  );
}

const DELIMITER_NAMES: Record<string, Delimiter> = {
  ',': ',',
  ';': ';',
  '|': '|',
  '\t': '\t',
  '\\t': '\t',
  tab: '\t',
  TAB: '\t',
};

function delimiter(text: string): Delimiter {
  const found = DELIMITER_NAMES[text];
  if (found !== undefined) return found;
  throw new InvalidArgumentError('Use one of , ; | or TAB.');
}

export function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1.');
}

export function rateNumber(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) <= 10_000) return Number(text);
  throw new InvalidArgumentError('Use a number from 0 (no limit) to 10000.');
}

export function priorityNumber(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 100) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1 to 100.');
}

export function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Use a port from 0 (any free one) to 65535.');
}

export function selectionKinds(text: string): RowSelection['kinds'] {
  const kinds = text.split(',').map((kind) => kind.trim());
  const known = (['new', 'failed'] as const).filter((kind) => kinds.includes(kind));
  if (kinds.length === known.length) return known;
  throw new InvalidArgumentError('Use new, failed, or both with a comma between.');
}

function tags(text: string, previous: readonly string[]): string[] {
  const parsed = parseTags([...previous, text].join(','));
  if (parsed === null || parsed.length === 0) throw new InvalidArgumentError(TAG_RULE);
  return parsed;
}

function failureLimit(text: string): FailureLimit {
  if (text === 'off') return { kind: 'off' };
  const percent = /^(\d{1,3})%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) <= 100) {
    return { kind: 'share', percent: Number(percent) };
  }
  if (/^[1-9]\d{0,9}$/.test(text)) return { kind: 'count', rows: Number(text) };
  throw new InvalidArgumentError('Use a share such as 50%, a number of rows such as 50, or off.');
}
