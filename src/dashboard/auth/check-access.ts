import type { DashboardContext, Role, User } from '../dashboard-env.ts';
import { type Refusal, refuse } from '../pages/refusal.ts';
import type { AccessCheck, Route } from '../route.ts';
import type { Access } from './access.ts';
import { isFromBrowser } from './arrival.ts';
import { BasicAuth } from './basic-auth.ts';
import { bearerOf, checkBearer } from './bearer.ts';
import { csrfTokenOf, ensureToken, isSameToken, tokenOf } from './cookies.ts';

type Identified = { user: User; by: 'cookie' | 'header' | 'machine' | 'proxy' };
/** `refusal`: why the credentials were not valid, or were not checked. */
type Identification = { identified: Identified | null; refusal: Refusal | null };

/** Checks the access to each route. */
export function createAccessCheck(access: Access, now: () => number): AccessCheck {
  const identify = identifier(access, now);
  return (route) => async (context, next) => {
    context.set('csrfToken', csrfTokenOf(ensureToken(context)));
    const { identified, refusal } = await identify(context);
    if (identified !== null) context.set('user', identified.user);
    context.set('isLoggedIn', identified?.by === 'cookie');
    const isRefused = refusal !== null && route.access !== 'anyone';
    const why = isRefused ? refusal : await judge(route, context, identified);
    if (why !== null) return await refuse(context, why);
    await next();
    return undefined;
  };
}

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
  const byOthers = personIdentifier(access, now);
  return async (context) => {
    const text = bearerOf(context);
    if (text === null) return await byOthers(context);
    const result = await checkBearer(access.tokens, context, text, now());
    return result.kind === 'user' ? known({ user: result.user, by: 'header' }) : refused(result);
  };
}

function personIdentifier(
  access: Access,
  now: () => number,
): (context: DashboardContext) => Promise<Identification> {
  if (access.kind === 'open') return async () => known({ user: access.user, by: 'machine' });
  if (access.kind === 'proxy') {
    const { login } = access;
    return async (context) => {
      const found = login.identify(context);
      return found.kind === 'user' ? known({ user: found.user, by: 'proxy' }) : refused(found);
    };
  }
  const basic = new BasicAuth(access, now);
  return async (context) => {
    const byHeader = await basic.authenticate(context);
    if (byHeader.kind === 'user') return known({ user: byHeader.user, by: 'header' });
    if (byHeader.kind === 'throttled') return refused(byHeader);
    const token = tokenOf(context);
    const session = token === undefined ? null : await access.sessions.find(token);
    const user = session === null ? null : access.users.find(session.name, session.mark);
    return known(user === null ? null : { user, by: 'cookie' });
  };
}

const known = (identified: Identified | null): Identification => ({ identified, refusal: null });
const refused = (refusal: Refusal): Identification => ({ identified: null, refusal });
