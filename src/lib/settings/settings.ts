import { z } from 'zod';
import { NOTICE_FORMATS } from '../core/notice/notice-target.ts';
import { duration } from './duration.ts';
import {
  address,
  folders,
  integer,
  key,
  rate,
  redisAddress,
  text,
  webhookSecret,
} from './setting-schemas.ts';

/** One setting as people meet it: in the environment, `doctor` and the handbook. */
interface Setting<T> {
  schema: z.ZodType<T, string>;
  /** As it would stand in the environment; undefined when there is none. */
  default?: string;
  /** Unit and range. */
  range: string;
  purpose: string;
  isSecret?: true;
}

type WithDefault<T> = Setting<T> & { default: string };

const setting = <T>(setting: WithDefault<T>): WithDefault<T> => setting;
const optional = <T>(setting: Omit<Setting<T>, 'default'>): Setting<T> => setting;

/** Every setting of the program. To add one, add a line here and use it. */
export const SETTINGS = {
  COMETAPI_KEY: optional({
    schema: key,
    range: 'text',
    purpose: 'Key of the API, sent as a bearer token.',
    isSecret: true,
  }),
  API_BASE_URL: setting({
    schema: address('http:', 'https:'),
    default: 'https://api.cometapi.com/kling',
    range: 'http(s) address',
    purpose: 'Where the API is served; `/v1/videos/…` is appended.',
  }),
  API_CONCURRENCY: setting({
    schema: integer(1, 1_000),
    default: '5',
    range: '1 to 1000 calls',
    purpose: 'Calls at once, all workers together.',
  }),
  API_RATE_PER_SECOND: setting({
    schema: rate,
    default: '0',
    range: '0 to 10000 calls per second; 0 is no limit',
    purpose: 'Calls begun in any second, all workers together.',
  }),
  API_TIMEOUT: setting({
    schema: duration('1s', '1h'),
    default: '120s',
    range: '1s to 1h',
    purpose: 'How long one call may take; the API fetches the clip meanwhile.',
  }),
  MAX_ATTEMPTS: setting({
    schema: integer(1, 100),
    default: '6',
    range: '1 to 100 calls',
    purpose: 'Calls that may fail with a server error before a row is given up.',
  }),
  MAX_UNCONFIRMED: setting({
    schema: integer(0, 10),
    default: '2',
    range: '0 to 10 repetitions',
    purpose: 'How often a call that was sent and not answered is repeated.',
  }),
  ROW_DEADLINE: setting({
    schema: duration('1s', '720h'),
    default: '6h',
    range: '1s to 720h of open gate',
    purpose: 'After how much open gate time since its first call a row is given up.',
  }),
  SEND_TASK_ID: setting({
    schema: z.enum(['always', 'never']),
    default: 'always',
    range: 'always or never',
    purpose: 'Some gateways of the family refuse `task_id` beside `video_id`.',
  }),
  RETRY_PAUSE: setting({
    schema: duration('10ms', '5m'),
    default: '1s',
    range: '10ms to 5m, doubling to 5m',
    purpose: 'Longest wait before a row is tried again after a server error, the first time.',
  }),
  THROTTLE_PAUSE: setting({
    schema: duration('100ms', '2m'),
    default: '10s',
    range: '100ms to 2m, doubling to 2m',
    purpose: 'First pause of all calls when the API says "too many" without saying until when.',
  }),
  GATE_PAUSE: setting({
    schema: duration('100ms', '15m'),
    default: '1m',
    range: '100ms to 15m, doubling to 15m',
    purpose: 'First pause of a blocked gate before one call tries.',
  }),
  THROTTLE_LIMIT: setting({
    schema: duration('1s', '24h'),
    default: '15m',
    range: '1s to 24h',
    purpose: 'Throttled for so long without one success, the gate is blocked.',
  }),
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
  PROBE_CONCURRENCY: setting({
    schema: integer(1, 500),
    default: '32',
    range: '1 to 500 videos',
    purpose: 'Videos probed at once by one worker process.',
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
    purpose: 'Largest file that is fetched whole where a server offers no ranges.',
  }),
  PROBE_ALLOW_HOSTS: setting({
    schema: text,
    default: '',
    range: 'comma-separated hosts, host:port pairs, CIDR ranges',
    purpose: 'What may be probed although it is not a public address.',
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
    purpose: "Where schedules' manifests may be read from although it is not a public address.",
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
    purpose: 'Webhook that is told of what happens; see notices.md.',
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
    purpose: 'What notices may be sent to although it is not a public address.',
  }),
  DASHBOARD_URL: optional({
    schema: address('http:', 'https:'),
    range: 'http(s) address',
    purpose: 'Where people reach the dashboard; notices link to it.',
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
    purpose: 'Where a worker serves `/metrics`, `/healthz` and `/readyz`, to whoever may connect.',
  }),
  WORKER_HTTP_PORT: optional({
    schema: integer(0, 65_535),
    range: '0 to 65535; 0 is any free port',
    purpose: 'Port for these; without it a worker serves nothing.',
  }),
  DASHBOARD_HOST: setting({
    schema: text,
    default: '127.0.0.1',
    range: 'address or name of this machine',
    purpose:
      'Where the dashboard listens; anything but this machine itself needs a password or users.',
  }),
  DASHBOARD_PORT: setting({
    schema: integer(0, 65_535),
    default: '4270',
    range: '0 to 65535; 0 is any free port',
    purpose: 'Port of the dashboard.',
  }),
  DASHBOARD_PASSWORD: optional({
    schema: z.string().min(8, 'must have at least 8 characters'),
    range: 'text of at least 8 characters',
    purpose: 'Password of the dashboard, for one operator.',
    isSecret: true,
  }),
  DASHBOARD_USERS: optional({
    schema: text,
    range: 'path of a JSON file',
    purpose: 'Users of the dashboard instead of one password, with roles and hashed passwords.',
  }),
  DASHBOARD_UPLOAD_MAX_BYTES: setting({
    schema: integer(1_024, 1_099_511_627_776),
    default: '268435456',
    range: '1 KiB to 1 TiB, in bytes',
    purpose: 'Largest manifest that the dashboard takes.',
  }),
  DASHBOARD_TRUST_PROXY: setting({
    schema: z.enum(['yes', 'no']),
    default: 'no',
    range: 'yes or no',
    purpose:
      'Whether a reverse proxy in front of the dashboard is believed where requests come from.',
  }),
  LOG_LEVEL: setting({
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']),
    default: 'info',
    range: 'trace, debug, info, warn, error or silent',
    purpose: 'Least severe log line that is written.',
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

/** Where each setting comes from; an empty text counts as not set. */
export type Environment = Partial<Record<string, string>>;

/** Reads every setting; `problems` has one sentence for each that is wrong, never only the first. */
export function readSettings(
  environment: Environment,
): { ok: true; settings: Settings } | { ok: false; problems: string[] } {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const given = environment[name] || setting.default;
    if (given === undefined) continue;
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) settings[name] = parsed.data;
    else problems.push(describe(name, setting, given, parsed.error));
  }
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, settings: settings as Settings };
}

function describe(
  name: string,
  setting: Setting<unknown>,
  given: string,
  error: z.ZodError,
): string {
  const shown = setting.isSecret ? 'its value' : `"${given}"`;
  const what = error.issues.map(({ message }) => message).join('; ');
  return `${name}: ${shown} is not usable: ${what} (${setting.range}).`;
}
