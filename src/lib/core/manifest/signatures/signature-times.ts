/** The forms in which signers write times. None of the readers throws; null means that the time is unknown. */

/** Seconds since 1970, with nine to eleven digits. */
export const secondsToMs = (seconds: string | undefined): number | null =>
  seconds !== undefined && /^\d{9,11}$/.test(seconds) ? Number(seconds) * 1000 : null;

export const hexSecondsToMs = (hex: string | undefined): number | null =>
  hex === undefined ? null : secondsToMs(String(Number.parseInt(hex, 16)));

/** A basic ISO 8601 time in UTC, and a lifetime in seconds from then on; a negative one means for ever. */
export function after(date: string, lifetimeS: string): number | null {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const startMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(startMs) || !/^\d{1,9}$/.test(lifetimeS)
    ? null
    : startMs + Number(lifetimeS) * 1000;
}

/** A full ISO 8601 time, a time without seconds, or a day; all in UTC. */
export function isoToMs(text: string | undefined): number | null {
  const pattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;
  const ms = text !== undefined && pattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** CloudFront's custom policy: JSON in base64, with `+=/` written as `-_~`. */
export function policyEnd(policy = ''): number | null {
  const base64 = policy.replace(/[-_~]/g, (letter) => POLICY_LETTERS[letter] ?? letter);
  const pattern = /"DateLessThan"\s*:\s*\{\s*"AWS:EpochTime"\s*:\s*(\d+)/;
  return secondsToMs(pattern.exec(decodeBase64(base64))?.[1]);
}

const POLICY_LETTERS: Record<string, string> = { '-': '+', _: '=', '~': '/' };

/** From a value such as `exp=1767225600~acl=/*~hmac=…`; undefined for any other value. */
export function tildeEnd(value: string): number | null | undefined {
  if (!value.includes('~')) return undefined;
  const fields = value.split('~');
  const end = fields.map((field) => /(?:^|=)exp=(\d+)$/.exec(field)?.[1]).find(Boolean);
  const isSigned = fields.some((field) => /^hmac=[\da-f]{32,128}$/i.test(field));
  return isSigned && end !== undefined ? secondsToMs(end) : undefined;
}

export interface Claims {
  endsAtMs: number | null;
  subject: string | null;
}

/** From a JSON Web Token (RFC 7519), which is read but not verified; null for any other text. */
export function claimsOf(token = ''): Claims | null {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (payload === undefined) return null;
  const json = decodeBase64(payload.replaceAll('-', '+').replaceAll('_', '/'));
  try {
    const { exp, sub }: { exp?: unknown; sub?: unknown } = JSON.parse(json) ?? {};
    return {
      // RFC 7519: seconds, possibly with a fraction.
      endsAtMs: typeof exp === 'number' ? secondsToMs(String(Math.floor(exp))) : null,
      subject: typeof sub === 'string' && /^[\w-]+$/.test(sub) ? sub : null,
    };
  } catch {
    return null;
  }
}

export const isHex = (text: string | undefined, ...lengths: number[]): boolean =>
  text !== undefined && /^[\da-f]+$/i.test(text) && lengths.includes(text.length);

export function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Empty when the text is not base64. */
function decodeBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return '';
  }
}
