import type { TokenScope } from '../../lib/tokens/api-token.ts';
import type { TokenStore } from '../../lib/tokens/token-store.ts';
import type { DashboardContext, Role, User } from '../dashboard-env.ts';
import type { Refusal } from '../pages/refusal.ts';

type BearerResult =
  | { kind: 'user'; user: User }
  | Extract<Refusal, { kind: 'bad_token' | 'too_many_requests' }>;

const ROLE_OF: Record<TokenScope, Role> = { read: 'viewer', operate: 'operator' };

/**
 * The routes that programs may use: a token never opens a page, or a route only for people, such as creating tokens.
 */
const FOR_PROGRAMS = /^\/(api\/v1\/|metrics$)/;

/** The token that a program sends (RFC 6750); null when it sends none. */
export const bearerOf = ({ req }: DashboardContext): string | null =>
  /^Bearer +(\S+)$/i.exec(req.header('authorization') ?? '')?.[1] ?? null;

/** Counts the request. A wrong token is not counted as a failed log-in: nobody can guess one. */
export async function checkBearer(
  tokens: TokenStore,
  { req }: DashboardContext,
  text: string,
  nowMs: number,
): Promise<BearerResult> {
  if (!FOR_PROGRAMS.test(req.path)) {
    return badToken('A token is for the API, below /api/v1, and for /metrics only.');
  }
  const checked = await tokens.check(text, nowMs);
  switch (checked.kind) {
    case 'valid': {
      const { name, scope } = checked.token;
      return { kind: 'user', user: { name: `token ${name}`, role: ROLE_OF[scope] } };
    }
    case 'unknown':
      return badToken('This token is not valid: it was revoked, or it is not complete.');
    case 'expired':
      return badToken(`The token ${checked.token.name} has expired. Create another one.`);
    case 'throttled': {
      const { waitMs, token } = checked;
      const sentence = `The token ${token.name} has made its ${token.perMinute} requests of this minute. Try again in ${Math.ceil(waitMs / 1_000)} s.`;
      return { kind: 'too_many_requests', sentence, waitMs };
    }
  }
}

const badToken = (sentence: string): BearerResult => ({ kind: 'bad_token', sentence });
