import type { ApiFailureKind } from './api-failure.ts';

interface KlingCode {
  kind: ApiFailureKind;
  /** Completes a sentence, for example "Blocked since 02:14: … (1102)." */
  meaning: string;
}

/**
 * Kling's own table of codes (API page, "What a failure means"). To support another code, add a line. The code
 * decides whatever the HTTP status is: 1100, 1101, 1102 and 1304 come with 429, 1103 with 403.
 */
const KLING_CODES: ReadonlyMap<string, KlingCode> = new Map([
  ['1000', { kind: 'account', meaning: 'the authentication failed' }],
  ['1001', { kind: 'account', meaning: 'the authorization is empty' }],
  ['1002', { kind: 'account', meaning: 'the authorization is invalid' }],
  ['1003', { kind: 'account', meaning: 'the authorization is not yet valid' }],
  ['1004', { kind: 'account', meaning: 'the authorization has expired' }],
  ['1100', { kind: 'account', meaning: 'the account is in an abnormal state' }],
  ['1101', { kind: 'account', meaning: 'the account is in arrears' }],
  ['1102', { kind: 'account', meaning: 'the resource pack is used up or expired' }],
  ['1103', { kind: 'account', meaning: 'the account has no access to this function' }],
  ['1200', { kind: 'refused', meaning: 'the request parameters are invalid' }],
  ['1201', { kind: 'refused', meaning: 'a request parameter is invalid' }],
  ['1202', { kind: 'misconfigured', meaning: 'the request method is invalid' }],
  ['1203', { kind: 'refused', meaning: 'the requested resource does not exist' }],
  ['1300', { kind: 'refused', meaning: 'the platform policy forbids it' }],
  ['1301', { kind: 'refused', meaning: 'the content security policy forbids it' }],
  ['1302', { kind: 'throttled', meaning: 'too many requests in too short a time' }],
  ['1303', { kind: 'throttled', meaning: 'more calls at once than the resource pack allows' }],
  ['1304', { kind: 'account', meaning: 'the IP address is not on the whitelist' }],
  ['5000', { kind: 'server', meaning: 'the API had an internal error' }],
  ['5001', { kind: 'server', meaning: 'the API is unavailable for maintenance' }],
  ['5002', { kind: 'server', meaning: 'the API timed out internally' }],
] as const);

/**
 * Kling numbers its codes in families, so a code that is not in the table still has a class. 13xx is missing on
 * purpose: it mixes refusals, throttling and account trouble.
 */
const KLING_FAMILIES: ReadonlyMap<string, ApiFailureKind> = new Map([
  ['10', 'account'],
  ['11', 'account'],
  ['12', 'refused'],
  ['50', 'server'],
] as const);

/** The class of a code in the table; null for any other text. */
export function classOfKlingCode(code: string): ApiFailureKind | null {
  return KLING_CODES.get(code)?.kind ?? null;
}

/** The class of a four-digit code by its family; null for any other text. */
export function classOfKlingFamily(code: string): ApiFailureKind | null {
  return /^\d{4}$/.test(code) ? (KLING_FAMILIES.get(code.slice(0, 2)) ?? null) : null;
}

/**
 * What a Kling code means, to complete a sentence (`1102` → `the resource pack is used up or expired`); null for any
 * other code.
 */
export function describeKlingCode(code: string): string | null {
  return KLING_CODES.get(code)?.meaning ?? null;
}
