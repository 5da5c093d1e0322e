import { revealInvisible, trimInvisible } from './invisible.ts';

const MAX_SHOWN_CHARS = 120;

/** Matches `user:password@` between a scheme and a host. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]*@/gi;

/**
 * A user's value for a message: cut to 120 characters, with control and invisible characters made visible. A URL
 * loses its user-info and everything from its query on, because a signed query string is a credential.
 */
export function showValue(value: string): string {
  const shown = revealInvisible(
    value
      .slice(0, 4 * MAX_SHOWN_CHARS)
      .replace(/\p{Cc}/gu, '·')
      .trim(),
  );
  const safe = shown.includes('://') ? hideCredentials(shown) : shown;
  return safe.length > MAX_SHOWN_CHARS ? `${safe.slice(0, MAX_SHOWN_CHARS - 1)}…` : safe;
}

/** A column's name for a message, as people see it. Invisible characters inside it are named. */
export const showColumn = (name: string | null): string => showValue(trimInvisible(name ?? ''));

function hideCredentials(url: string): string {
  return url.replace(USER_INFO, '$1…@').replace(/[?#].*$/, '?…');
}
