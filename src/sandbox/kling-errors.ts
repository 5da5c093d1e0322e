/**
 * Kling's own table of codes with their HTTP statuses (API page, "What a failure means"). 1100, 1101, 1102 and 1304
 * really come with 429 and 1103 with 403, so no caller may rely on the status alone.
 */
export const KLING_ERRORS = {
  1000: { status: 401, message: 'Authentication failed' },
  1001: { status: 401, message: 'Authorization is empty' },
  1002: { status: 401, message: 'Authorization is invalid' },
  1003: { status: 401, message: 'Authorization is not yet valid' },
  1004: { status: 401, message: 'Authorization has expired' },
  1100: { status: 429, message: 'Account exception' },
  1101: { status: 429, message: 'Account in arrears' },
  1102: { status: 429, message: 'Resource pack depleted or expired' },
  1103: { status: 403, message: 'Unauthorized access to requested resource' },
  1200: { status: 400, message: 'Invalid request parameters' },
  1201: { status: 400, message: 'Invalid parameters' },
  1202: { status: 404, message: 'The requested method is invalid' },
  1203: { status: 404, message: 'The requested resource does not exist' },
  1300: { status: 400, message: 'Trigger strategy of the platform' },
  1301: { status: 400, message: 'Trigger the content security policy of the platform' },
  1302: { status: 429, message: 'The API request is too fast, exceeding the platform rate limit' },
  1303: { status: 429, message: 'Concurrency or QPS exceeds the prepaid resource package limit' },
  1304: { status: 429, message: 'Trigger the IP whitelisting policy of the platform' },
  5000: { status: 500, message: 'Server internal error' },
  5001: { status: 503, message: 'Server temporarily unavailable, usually due to maintenance' },
  5002: { status: 504, message: 'Server internal timeout' },
} as const satisfies Record<number, { status: number; message: string }>;

export type KlingErrorCode = keyof typeof KLING_ERRORS;

export const KLING_ERROR_CODES = Object.keys(KLING_ERRORS).map(Number) as KlingErrorCode[];

export function isKlingErrorCode(code: number): code is KlingErrorCode {
  return Object.hasOwn(KLING_ERRORS, code);
}
