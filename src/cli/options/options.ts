import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Environment } from '../../lib/settings/read-settings.ts';
import { SETTINGS, type SettingName } from '../../lib/settings/settings.ts';

/** The target of notices and their format. */
export const NOTICE_SETTINGS: readonly SettingName[] = [
  'NOTIFY_URL',
  'NOTIFY_FORMAT',
  'NOTIFY_ALLOW_HOSTS',
  'DASHBOARD_URL',
];

/** Settings of a process that works on rows. */
export const WORKER_SETTINGS: readonly SettingName[] = [
  'API_BASE_URL',
  'API_CONCURRENCY',
  'API_RATE_PER_SECOND',
  'SESSIONS_PER_DAY',
  'SESSIONS_TIME_ZONE',
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

/** Settings of a process that starts scheduled runs. */
export const SCHEDULE_SETTINGS: readonly SettingName[] = [
  'MANIFEST_ALLOW_HOSTS',
  'MANIFEST_FOLDERS',
];

/** Settings of a process that sends reports and rows to other systems. */
export const DELIVERY_SETTINGS: readonly SettingName[] = [
  'REPORT_ALLOW_HOSTS',
  'REPORT_FOLDERS',
  'NOTIFY_ROWS',
];

/** Settings of a process that serves HTTP until it is stopped. */
export const WORKER_HTTP_SETTINGS: readonly SettingName[] = [
  'WORKER_HTTP_HOST',
  'WORKER_HTTP_PORT',
];

/** `API_CONCURRENCY` → `--api-concurrency <value>`. */
const flagOf = (name: SettingName): string => `--${name.toLowerCase().replaceAll('_', '-')}`;

/** Gives a command a flag for each of these settings. A flag takes precedence over the environment. */
export function addSettingFlags(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { purpose, range, ...rest } = SETTINGS[name];
    const fallback = 'default' in rest && rest.default !== '' ? `; default ${rest.default}` : '';
    const option = new Option(`${flagOf(name)} <value>`, `${purpose} (${range}${fallback})`);
    command.addOption(option.helpGroup('Settings:'));
  }
  return command;
}

/** The values of the flags, by the names of the settings. */
export function flagsAsEnvironment(options: object, names: readonly SettingName[]): Environment {
  const environment: Environment = {};
  for (const name of names) {
    const key = new Option(`${flagOf(name)} <value>`).attributeName();
    const value = (options as Record<string, unknown>)[key];
    if (typeof value === 'string') environment[name] = value;
  }
  return environment;
}

export function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Use a whole number from 1.');
}

export function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError('Use a port from 0 (any free one) to 65535.');
}
