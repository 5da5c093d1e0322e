import { z } from 'zod';
import { duration } from './duration.ts';
import { optional, setting } from './setting.ts';
import { address, integer, key, proxyAddress, rate, text } from './setting-schemas.ts';

/** How the API is called. */
export const CALL_SETTINGS = {
  COMETAPI_KEY: optional({
    schema: key,
    range: 'text',
    purpose: 'Key of the API, sent as a bearer token.',
    isSecret: true,
  }),
  API_AUTH: setting({
    schema: z.enum(['bearer', 'kling-jwt']),
    default: 'bearer',
    range: 'bearer or kling-jwt',
    purpose:
      "How calls are authorized: by `COMETAPI_KEY`, or by tokens signed with Kling's two keys.",
  }),
  KLING_ACCESS_KEY: optional({
    schema: key,
    range: 'text',
    purpose: 'Access key of an account of Kling itself, for `API_AUTH=kling-jwt`.',
    isSecret: true,
  }),
  KLING_SECRET_KEY: optional({
    schema: key,
    range: 'text',
    purpose: 'The secret key that belongs to it and signs the tokens.',
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
    purpose: 'How often a call without an answer is repeated.',
  }),
  ROW_DEADLINE: setting({
    schema: duration('1s', '720h'),
    default: '6h',
    range: '1s to 720h of open gate',
    purpose: 'A row is given up after this much open gate time since its first call.',
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
    purpose: 'Longest wait before the first retry of a row after a server error.',
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
    purpose: 'After this much throttling without one success the gate is blocked.',
  }),
  HTTPS_PROXY: optional({
    schema: proxyAddress,
    range: 'address of an HTTP proxy',
    purpose: 'Proxy for https addresses: calls, notices and manifests, never probing.',
    isSecret: true,
  }),
  HTTP_PROXY: optional({
    schema: proxyAddress,
    range: 'address of an HTTP proxy',
    purpose: 'The same for http addresses.',
    isSecret: true,
  }),
  NO_PROXY: setting({
    schema: text,
    default: '',
    range: 'comma-separated hosts, host:port pairs, CIDR ranges; * is everything',
    purpose: 'Hosts that are reached without these proxies.',
  }),
} as const;
