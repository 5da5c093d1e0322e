import { doubling, duration } from './duration.ts';
import { optional, setting } from './setting.ts';
import {
  choice,
  hosts,
  integer,
  key,
  limitOrOff,
  proxyAddress,
  rate,
  timeZone,
  webAddress,
} from './setting-schemas.ts';

/** How the API is called. */
export const CALL_SETTINGS = {
  COMETAPI_KEY: optional({
    schema: key,
    purpose: 'Key of the API, sent as a bearer token.',
    isSecret: true,
  }),
  API_AUTH: setting({
    schema: choice(['bearer', 'kling-jwt']),
    default: 'bearer',
    purpose:
      "How calls are authorized: by `COMETAPI_KEY`, or by tokens signed with Kling's two keys.",
  }),
  KLING_ACCESS_KEY: optional({
    schema: key,
    purpose: 'Access key of an account of Kling itself, for `API_AUTH=kling-jwt`.',
    isSecret: true,
  }),
  KLING_SECRET_KEY: optional({
    schema: key,
    purpose: 'The secret key that belongs to it and signs the tokens.',
    isSecret: true,
  }),
  API_BASE_URL: setting({
    schema: webAddress,
    default: 'https://api.cometapi.com/kling',
    purpose: 'Where the API is served; `/v1/videos/…` is appended.',
  }),
  API_CONCURRENCY: setting({
    schema: integer(1, 1_000),
    default: '5',
    note: ' calls',
    purpose: 'Calls at once, all workers together.',
  }),
  API_RATE_PER_SECOND: setting({
    schema: rate,
    default: '0',
    purpose: 'Calls begun in any second, all workers together.',
  }),
  SESSIONS_PER_DAY: setting({
    schema: limitOrOff,
    default: 'off',
    note: ' sessions',
    purpose: 'Sessions that may be opened in a day, all workers together.',
  }),
  SESSIONS_TIME_ZONE: setting({
    schema: timeZone,
    default: 'UTC',
    purpose: 'Where the day of `SESSIONS_PER_DAY` begins and ends, at midnight.',
  }),
  API_TIMEOUT: setting({
    schema: duration('1s', '1h'),
    default: '120s',
    purpose: 'How long one call may take; the API fetches the clip meanwhile.',
  }),
  MAX_ATTEMPTS: setting({
    schema: integer(1, 100),
    default: '6',
    note: ' calls',
    purpose: 'Calls that may fail with a server error before a row is given up.',
  }),
  MAX_UNCONFIRMED: setting({
    schema: integer(0, 10),
    default: '2',
    note: ' repetitions',
    purpose: 'How often a call without an answer is repeated.',
  }),
  ROW_DEADLINE: setting({
    schema: duration('1s', '720h'),
    default: '6h',
    note: ' of open gate',
    purpose: 'A row is given up after this much open gate time since its first call.',
  }),
  SEND_TASK_ID: setting({
    schema: choice(['always', 'never']),
    default: 'always',
    purpose: 'Some gateways of the family refuse `task_id` beside `video_id`.',
  }),
  RETRY_PAUSE: setting({
    schema: doubling('10ms', '5m'),
    default: '1s',
    purpose: 'Longest wait before the first retry of a row after a server error.',
  }),
  THROTTLE_PAUSE: setting({
    schema: doubling('100ms', '2m'),
    default: '10s',
    purpose: 'First pause of all calls when the API says "too many" without saying until when.',
  }),
  GATE_PAUSE: setting({
    schema: doubling('100ms', '15m'),
    default: '1m',
    purpose: 'First pause of a blocked gate before one call tries.',
  }),
  THROTTLE_LIMIT: setting({
    schema: duration('1s', '24h'),
    default: '15m',
    purpose: 'After this much throttling without one success the gate is blocked.',
  }),
  HTTPS_PROXY: optional({
    schema: proxyAddress,
    purpose: 'Proxy for https addresses: calls, notices and manifests, never probing.',
    isSecret: true,
  }),
  HTTP_PROXY: optional({
    schema: proxyAddress,
    purpose: 'The same for http addresses.',
    isSecret: true,
  }),
  NO_PROXY: setting({
    schema: hosts,
    default: '',
    note: '; * is everything',
    purpose: 'Hosts that are reached without these proxies.',
  }),
} as const;
