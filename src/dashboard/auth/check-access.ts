import type { DashboardContext, Role, User } from '../dashboard-env.ts';
import { type Refusal, refuse } from '../pages/refusal.ts';
import type { AccessCheck, Route } from '../route.ts';
import type { Access } from './access.ts';
import { isFromBrowser } from './arrival.ts';
import { BasicAuth } from './basic-auth.ts';
import { csrfTokenOf, ensureToken, isSameToken, tokenOf } from './cookies.ts';

type Identified = { user: User; by: 'cookie' | 'header' | 'machine' };
/** `throttledMs`: how long a request must wait because its password was not checked; 0 if it was. */
type Identification = { identified: Identified | null; throttledMs: number };

/** Checks the access to each route. */
export function createAccessCheck(access: Access, now: () => number): AccessCheck {
  const identify = identifier(access, now);
  return (route) => async (context, next) => {
    context.set('csrfToken', csrfTokenOf(ensureToken(context)));
    const { identified, throttledMs } = await identify(context);
    if (identified !== null) context.set('user', identified.user);
    context.set('isLoggedIn', identified?.by === 'cookie');
    const refusal = judgeWait(route, throttledMs) ?? (await judge(route, context, identified));
    if (refusal !== null) return await refuse(context, refusal);
    await next();
    return undefined;
  };
}

const judgeWait = (route: Route, waitMs: number): Refusal | null =>
  waitMs > 0 && route.access !== 'anyone' ? { kind: 'throttled', waitMs } : null;

async function judge(
  route: Route,
  context: DashboardContext,
  identified: Identified | null,
): Promise<Refusal | null> {
  if (route.access !== 'anyone') {
    if (identified === null) return { kind: 'not_logged_in' };
    const { user } = identified;
    if (!isAllowed(user.role, route.access)) return { kind: 'viewer', user };
  }
  const isProven = !needsProof(route) || (await hasProof(route, context, identified));
  return isProven ? null : { kind: 'outdated_page' };
}

const isAllowed = (role: Role, access: Role): boolean => access === 'viewer' || role === 'operator';

const needsProof = ({ method, proof = 'before' }: Route): boolean =>
  method !== 'GET' && proof === 'before';

/**
 * A browser sends cookies automatically, whichever page makes the request; it never sends our token, or a password in
 * a header.
 */
async function hasProof(
  route: Route,
  context: DashboardContext,
  identified: Identified | null,
): Promise<boolean> {
  if (identified?.by === 'header') return true;
  if (identified?.by === 'machine' && !isFromBrowser(context)) return true;
  const expected = context.var.csrfToken;
  if (isSameToken(expected, context.req.header('x-csrf-token'))) return true;
  // A streamed body may have any size.
  if (route.body === 'streamed') return false;
  const isForm = /^application\/x-www-form-urlencoded/i.test(
    context.req.header('content-type') ?? '',
  );
  return isForm && isSameToken(expected, (await context.req.parseBody())._csrf);
}

function identifier(
  access: Access,
  now: () => number,
): (context: DashboardContext) => Promise<Identification> {
  const known = (identified: Identified | null): Identification => ({ identified, throttledMs: 0 });
  if (access.kind === 'open') return async () => known({ user: access.user, by: 'machine' });
  const basic = new BasicAuth(access, now);
  return async (context) => {
    const byHeader = await basic.authenticate(context);
    if (byHeader.kind === 'user') return known({ user: byHeader.user, by: 'header' });
    if (byHeader.kind === 'throttled') return { identified: null, throttledMs: byHeader.waitMs };
    const token = tokenOf(context);
    const session = token === undefined ? null : await access.sessions.find(token);
    const user = session === null ? null : access.users.find(session.name, session.mark);
    return known(user === null ? null : { user, by: 'cookie' });
  };
}
