import type { ApiFailureKind } from './api-failure.ts';

/**
 * String codes of Kling's relays (API page, "What a failure means"), in lower case. They decide at any HTTP
 * status: `invalid_request` comes with 500, saturation with 403, `model_not_found` with 503.
 */
const STRING_CODES: ReadonlyMap<string, ApiFailureKind> = new Map([
  ['multi_elements_init_rejected', 'refused'],
  ['invalid_request', 'refused'],
  ['upstream_load_saturated', 'throttled'],
  ['insufficient_user_quota', 'account'],
  ['pre_consume_token_quota_failed', 'account'],
  ['model_not_found', 'misconfigured'],
] as const);

/**
 * Words to find in a message, in lower case; the first match decides. Account comes before throttling, because a
 * relay that reports both ("saturated, balance too low") will not recover by waiting.
 */
const PHRASES: readonly (readonly [phrase: string, kind: ApiFailureKind])[] = [
  ['quota is not enough', 'account'],
  ['用户额度不足', 'account'],
  ['令牌额度不足', 'account'],
  ['invalid token', 'account'],
  ['upstream_load_saturated', 'throttled'],
  ['负载已饱和', 'throttled'],
];

/** What a status means if nothing in the body is more specific. */
const STATUSES: ReadonlyMap<number, ApiFailureKind> = new Map([
  [401, 'account'],
  [402, 'account'],
  [403, 'account'],
  [404, 'misconfigured'],
  [405, 'misconfigured'],
  [408, 'server'],
  [429, 'throttled'],
] as const);

export function classOfStringCode(code: string): ApiFailureKind | null {
  return STRING_CODES.get(code.toLowerCase()) ?? null;
}

export function classOfPhrase(text: string): ApiFailureKind | null {
  const lowerCaseText = text.toLowerCase();
  return PHRASES.find(([phrase]) => lowerCaseText.includes(phrase))?.[1] ?? null;
}

/** The class of a status that is not 2xx. An unknown status counts as the x00 of its class (RFC 9110, 15). */
export function classOfStatus(status: number): ApiFailureKind {
  const known = STATUSES.get(status);
  if (known !== undefined) return known;
  if (status >= 300 && status < 400) return 'misconfigured';
  return status >= 400 && status < 500 ? 'refused' : 'server';
}
