import { NOTICE_FORMATS } from '../core/notice/notice-target.ts';
import { NOTIFIED_ROWS } from '../core/notice/notified-rows.ts';
import { DEFAULT_KEY_SPACE } from '../store/keys.ts';
import { CALL_SETTINGS } from './call-settings.ts';
import { DASHBOARD_SETTINGS } from './dashboard-settings.ts';
import { DATABASE_SETTINGS } from './database-settings.ts';
import { duration } from './duration.ts';
import { optional, type Setting, setting } from './setting.ts';
import {
  bytes,
  choice,
  folders,
  host,
  hosts,
  integer,
  keySpace,
  pemFile,
  port,
  redisAddress,
  TIB,
  text,
  webAddress,
  webhookSecret,
} from './setting-schemas.ts';

/** Every setting of the program. To add one, add a line here and use it. */
export const SETTINGS = {
  ...CALL_SETTINGS,
  SHUTDOWN_GRACE: setting({
    schema: duration('0s', '1h'),
    default: '30s',
    purpose: 'How long running calls may take to finish after the first signal to stop.',
  }),
  REDIS_URL: optional({
    schema: redisAddress,
    purpose: 'Redis or Valkey; without it `run` starts a private server.',
    isSecret: true,
  }),
  REDIS_KEY_SPACE: setting({
    schema: keySpace,
    default: DEFAULT_KEY_SPACE,
    purpose: 'Separates the data of several installations in one Redis or cluster.',
  }),
  REDIS_CA_FILE: optional({
    schema: pemFile,
    purpose:
      "The authority that signed the certificate of Redis; it replaces the system's authorities.",
  }),
  REDIS_CERT_FILE: optional({
    schema: pemFile,
    purpose: 'Client certificate for a Redis that asks for one; needs `REDIS_KEY_FILE`.',
  }),
  REDIS_KEY_FILE: optional({
    schema: pemFile,
    purpose: 'Key of the client certificate.',
  }),
  ...DATABASE_SETTINGS,
  PROBE_CONCURRENCY: setting({
    schema: integer(1, 500),
    default: '32',
    note: ' videos',
    purpose:
      'Videos that one worker process probes at once, plus as many again that take longer than 1 s.',
  }),
  PROBE_TIMEOUT: setting({
    schema: duration('1s', '1h'),
    default: '60s',
    purpose: 'How long probing one video may take.',
  }),
  PROBE_MAX_BYTES: setting({
    schema: bytes(65_536, TIB),
    default: '536870912',
    purpose: 'Largest file that is fetched whole if a server offers no ranges.',
  }),
  PROBE_MEMORY_BYTES: setting({
    schema: bytes(16_777_216, TIB),
    default: '268435456',
    purpose: 'Memory that the probes of one worker process may use together for large headers.',
  }),
  PROBE_ALLOW_HOSTS: setting({
    schema: hosts,
    default: '',
    purpose: 'Addresses that may be probed although they are not public.',
  }),
  FFPROBE_PATH: optional({
    schema: text.describe('path'),
    purpose: 'ffprobe to use; else the one of the npm package, else the one on PATH.',
  }),
  MANIFEST_ALLOW_HOSTS: setting({
    schema: hosts,
    default: '',
    purpose: 'Addresses that schedules may read manifests from although they are not public.',
  }),
  MANIFEST_FOLDERS: setting({
    schema: folders,
    default: '',
    purpose: "Folders that schedules' manifests may lie in on the worker's machine.",
  }),
  REPORT_FOLDERS: setting({
    schema: folders.describe('comma-separated absolute paths'),
    default: '',
    purpose:
      "Folders on the worker's machine that may get reports (`--out`); without it any for the command line, none for the dashboard and the API.",
  }),
  REPORT_ALLOW_HOSTS: setting({
    schema: hosts,
    default: '',
    purpose: 'Addresses that reports may be sent to although they are not public.',
  }),
  NOTIFY_URL: optional({
    schema: webAddress,
    purpose: 'Webhook that receives notices; see notices.md.',
    isSecret: true,
  }),
  NOTIFY_SECRET: optional({
    schema: webhookSecret,
    purpose: 'Signs notices by the Standard Webhooks scheme.',
    isSecret: true,
  }),
  NOTIFY_FORMAT: setting({
    schema: choice(NOTICE_FORMATS),
    default: 'standard',
    purpose: 'How notices to `NOTIFY_URL` are written.',
  }),
  NOTIFY_ROWS: setting({
    schema: choice(NOTIFIED_ROWS),
    default: 'none',
    purpose: 'Which rows `NOTIFY_URL` gets as they end: those without a session, or all.',
  }),
  NOTIFY_ALLOW_HOSTS: setting({
    schema: hosts,
    default: '',
    purpose: 'Addresses that notices may be sent to although they are not public.',
  }),
  RETENTION: setting({
    schema: duration('1h', '3650d'),
    default: '90d',
    purpose: 'How long a batch is kept after its end; workers then delete it.',
  }),
  WORKER_HTTP_HOST: setting({
    schema: host,
    default: '127.0.0.1',
    purpose:
      'Where a worker serves `/metrics`, `/healthz` and `/readyz`, to everyone who can connect.',
  }),
  WORKER_HTTP_PORT: optional({
    schema: port,
    purpose: 'Port for these; without it a worker serves nothing.',
  }),
  ...DASHBOARD_SETTINGS,
  LOG_LEVEL: setting({
    schema: choice(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    purpose: 'Least severe log line that is written.',
  }),
  LOG_FORMAT: setting({
    schema: choice(['auto', 'json', 'text']),
    default: 'auto',
    purpose: 'How log lines are written; `auto` is text on a terminal and JSON elsewhere.',
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;

type Parsed<N extends SettingName> = (typeof SETTINGS)[N] extends Setting<infer T> ? T : never;
/** Settings without a default may be absent. */
export type Settings = {
  [N in SettingName]: (typeof SETTINGS)[N] extends { default: string }
    ? Parsed<N>
    : Parsed<N> | undefined;
};
