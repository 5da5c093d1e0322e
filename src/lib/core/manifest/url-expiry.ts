/**
 * When a presigned URL stops working, in ms since 1970, as the URL itself tells; null when it does not.
 * Knows AWS Signature 4 and 2 (S3 and what imitates it), Google Cloud Storage V4 and V2, Azure shared access
 * signatures, and CloudFront with a canned or a custom policy. Never throws.
 */
export function expiresAtOfUrl(url: string): number | null {
  if (!URL.canParse(url)) {
    return null;
  }
  const query = new Map(
    [...new URL(url).searchParams].map(([name, value]) => [name.toLowerCase(), value]),
  );
  const ends = [
    signedFor(query.get('x-amz-date'), query.get('x-amz-expires')),
    signedFor(query.get('x-goog-date'), query.get('x-goog-expires')),
    isSigned(query) ? secondsToMs(query.get('expires')) : null,
    query.has('sig') ? dateToMs(query.get('se')) : null,
    policyEnd(query.get('policy')),
  ];
  return ends.find((end) => end !== null) ?? null;
}

/** `Expires` alone is a common name: it means the end of a signature only beside one. */
function isSigned(query: ReadonlyMap<string, string>): boolean {
  return query.has('signature');
}

/** AWS and Google V4: a basic ISO 8601 date and a lifetime in seconds. */
function signedFor(date: string | undefined, lifetimeS: string | undefined): number | null {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date ?? '') ?? [];
  if (parts.length === 0 || !/^\d{1,9}$/.test(lifetimeS ?? '')) {
    return null;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) + Number(lifetimeS) * 1000;
}

function secondsToMs(seconds: string | undefined): number | null {
  return seconds !== undefined && /^\d{9,11}$/.test(seconds) ? Number(seconds) * 1000 : null;
}

/** Azure writes a full ISO 8601 time, a time without seconds, or a day; all in UTC. */
function dateToMs(text: string | undefined): number | null {
  const pattern = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;
  const ms = text !== undefined && pattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** CloudFront's custom policy: JSON in base64 with `+=/` written as `-_~`. */
function policyEnd(policy: string | undefined): number | null {
  if (policy === undefined) {
    return null;
  }
  const base64 = policy.replace(/[-_~]/g, (letter) => POLICY_LETTERS[letter] ?? letter);
  try {
    const [, seconds] =
      /"DateLessThan"\s*:\s*\{\s*"AWS:EpochTime"\s*:\s*(\d+)/.exec(atob(base64)) ?? [];
    return secondsToMs(seconds);
  } catch {
    return null;
  }
}

const POLICY_LETTERS: Record<string, string> = { '-': '+', _: '=', '~': '/' };
