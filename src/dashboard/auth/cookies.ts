import { createHmac } from 'node:crypto';
import { getCookie, setCookie } from 'hono/cookie';
import { isSameText, newSecret } from '../../lib/tokens/secret.ts';
import type { DashboardContext } from '../dashboard-env.ts';

const NAME = 'kling_sessions';

/** The browser's token: that of a session, or one that only ties its changes to our pages. */
export const tokenOf = (context: DashboardContext): string | undefined =>
  getCookie(context, NAME, context.var.isSecure ? 'host' : undefined);

/**
 * Lax: a link to a page, in a mail or a chat, works for people who are logged in; changes are POSTs and get no
 * cookie.
 */
export function setToken(context: DashboardContext, token: string): void {
  setCookie(context, NAME, token, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    ...(context.var.isSecure && { secure: true, prefix: 'host' }),
  });
}

/** Gives a token to a browser on its first visit. */
export function ensureToken(context: DashboardContext): string {
  const given = tokenOf(context);
  if (given !== undefined && /^[\w-]{43}$/.test(given)) return given;
  const token = newSecret();
  setToken(context, token);
  return token;
}

/** The value that a page must send back with a change. Only someone who can read the page or the cookie knows it. */
export const csrfTokenOf = (token: string): string =>
  createHmac('sha256', token).update('csrf').digest('base64url');

export const isSameToken = (expected: string, given: unknown): boolean =>
  typeof given === 'string' && isSameText(expected, given);
