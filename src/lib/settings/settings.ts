import { z } from 'zod';
import { NOTICE_FORMATS } from '../core/notice/notice-target.ts';
import { CALL_SETTINGS } from './call-settings.ts';
import { DASHBOARD_SETTINGS } from './dashboard-settings.ts';
import { duration } from './duration.ts';
import { optional, type Setting, setting } from './setting.ts';
import { address, folders, integer, redisAddress, text, webhookSecret } from './setting-schemas.ts';

/** Every setting of the program. To add one, add a line here and use it. */
export const SETTINGS = {
  ...CALL_SETTINGS,
  SHUTDOWN_GRACE: setting({
    schema: duration('0s', '1h'),
    default: '30s',
    range: '0s to 1h',
    purpose: 'How long running calls may take to finish after the first signal to stop.',
  }),
  REDIS_URL: optional({
    schema: redisAddress,
    range:
      'address: redis:// or rediss:// and a server, unix:// and a socket path, redis+cluster:// or redis+sentinel:// and several servers',
    purpose: 'Redis or Valkey; without it `run` starts a private server.',
    isSecret: true,
  }),
  REDIS_CA_FILE: optional({
    schema: text,
    range: 'path of a PEM file',
    purpose:
      "The authority that signed the certificate of Redis; it replaces the system's authorities.",
  }),
  REDIS_CERT_FILE: optional({
    schema: text,
    range: 'path of a PEM file',
    purpose: 'Client certificate for a Redis that asks for one; needs `REDIS_KEY_FILE`.',
  }),
  REDIS_KEY_FILE: optional({
    schema: text,
    range: 'path of a PEM file',
    purpose: 'Key of the client certificate.',
  }),
  PROBE_CONCURRENCY: setting({
    schema: integer(1, 500),
    default: '32',
    range: '1 to 500 videos',
    purpose:
      'Videos that one worker process probes at once, plus as many again that take longer than 1 s.',
  }),
  PROBE_TIMEOUT: setting({
    schema: duration('1s', '1h'),
    default: '60s',
    range: '1s to 1h',
    purpose: 'How long probing one video may take.',
  }),
  PROBE_MAX_BYTES: setting({
    schema: integer(65_536, 1_099_511_627_776),
    default: '536870912',
    range: '64 KiB to 1 TiB, in bytes',
    purpose: 'Largest file that is fetched whole if a server offers no ranges.',
  }),
  PROBE_MEMORY_BYTES: setting({
    schema: integer(16_777_216, 1_099_511_627_776),
    default: '268435456',
    range: '16 MiB to 1 TiB, in bytes',
    purpose: 'Memory that the probes of one worker process may use together for large headers.',
  }),
  PROBE_ALLOW_HOSTS: setting({
    schema: text,
    default: '',
    range: 'comma-separated hosts, host:port pairs, CIDR ranges',
    purpose: 'Addresses that may be probed although they are not public.',
  }),
  FFPROBE_PATH: optional({
    schema: text,
    range: 'path',
    purpose: 'ffprobe to use; else the one of the npm package, else the one on PATH.',
  }),
  MANIFEST_ALLOW_HOSTS: setting({
    schema: text,
    default: '',
    range: 'comma-separated hosts, host:port pairs, CIDR ranges',
    purpose: 'Addresses that schedules may read manifests from although they are not public.',
  }),
  MANIFEST_FOLDERS: setting({
    schema: folders,
    default: '',
    range: 'comma-separated absolute paths; empty is any',
    purpose: "Folders that schedules' manifests may lie in on the worker's machine.",
  }),
  NOTIFY_URL: optional({
    schema: address('http:', 'https:'),
    range: 'http(s) address',
    purpose: 'Webhook that receives notices; see notices.md.',
    isSecret: true,
  }),
  NOTIFY_SECRET: optional({
    schema: webhookSecret,
    range: 'whsec_ and base64',
    purpose: 'Signs notices by the Standard Webhooks scheme.',
    isSecret: true,
  }),
  NOTIFY_FORMAT: setting({
    schema: z.enum(NOTICE_FORMATS),
    default: 'standard',
    range: 'standard or slack',
    purpose: 'How notices to `NOTIFY_URL` are written.',
  }),
  NOTIFY_ALLOW_HOSTS: setting({
    schema: text,
    default: '',
    range: 'comma-separated hosts, host:port pairs, CIDR ranges',
    purpose: 'Addresses that notices may be sent to although they are not public.',
  }),
  RETENTION: setting({
    schema: duration('1h', '3650d'),
    default: '90d',
    range: '1h to 3650d',
    purpose: 'How long a batch is kept after its end; workers then delete it.',
  }),
  WORKER_HTTP_HOST: setting({
    schema: text,
    default: '127.0.0.1',
    range: 'address or name of this machine',
    purpose:
      'Where a worker serves `/metrics`, `/healthz` and `/readyz`, to everyone who can connect.',
  }),
  WORKER_HTTP_PORT: optional({
    schema: integer(0, 65_535),
    range: '0 to 65535; 0 is any free port',
    purpose: 'Port for these; without it a worker serves nothing.',
  }),
  ...DASHBOARD_SETTINGS,
  LOG_LEVEL: setting({
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    range: 'trace, debug, info, warn, error or silent',
    purpose: 'Least severe log line that is written.',
  }),
  LOG_FORMAT: setting({
    schema: z.enum(['auto', 'json', 'text']),
    default: 'auto',
    range: 'auto, json or text',
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
