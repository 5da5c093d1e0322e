import { html } from 'hono/html';
import { newSecret } from '../../lib/tokens/secret.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { csrfField, page } from '../pages/layout.ts';
import { textUpTo } from '../parameters.ts';
import type { Route } from '../route.ts';
import type { Access } from './access.ts';
import { setToken, tokenOf } from './cookies.ts';
import { describeWait, retryAfter } from './login-limit.ts';

/** Only our own paths: a link must not lead people to another site after they log in. */
const OWN_PATH = /^\/(?![/\\])[\w/?&=.,:%+-]*$/;

/** No address of ours is longer. */
const MAX_NEXT = 4_000;

export function loginRoutes(access: Access): Route[] {
  if (access.kind !== 'login') return [];
  return [
    {
      method: 'GET',
      path: '/login',
      access: 'anyone',
      parameters: { next: textUpTo(MAX_NEXT) },
      handle: (context) => showLogin(context, access, null, 200),
    },
    {
      method: 'POST',
      path: '/login',
      access: 'anyone',
      handle: (context) => logIn(context, access),
    },
    {
      method: 'POST',
      path: '/logout',
      access: 'anyone',
      handle: async (context) => {
        const token = tokenOf(context);
        if (token !== undefined) await access.sessions.end(token);
        setToken(context, newSecret());
        return context.redirect('/login', 303);
      },
    },
  ];
}

type LoginAccess = Extract<Access, { kind: 'login' }>;

async function logIn(context: DashboardContext, access: LoginAccess): Promise<Response> {
  const body = await context.req.parseBody();
  const name = String(body.name ?? '').slice(0, 100);
  const password = String(body.password ?? '').slice(0, 1_000);
  const { address } = context.var;
  const { users, sessions, limit } = access;
  const counted = users.nameToCount(name);
  const waitMs = limit.begin(address, counted);
  if (waitMs > 0) {
    context.header('Retry-After', retryAfter(waitMs));
    return showLogin(context, access, describeWait(waitMs), 429);
  }
  const user = await users.authenticate(name, password);
  if (user === null) {
    const what = users.haveNames ? 'Name or password' : 'The password';
    return showLogin(context, access, `${what} is wrong.`, 401);
  }
  limit.succeed(address, counted);
  // Someone else may know a token from before the log-in.
  setToken(context, await sessions.begin({ name: user.name, mark: users.markOf(user.name) }));
  const next = String(body.next ?? '/');
  return context.redirect(OWN_PATH.test(next) ? next : '/', 303);
}

function showLogin(
  context: DashboardContext,
  { users }: LoginAccess,
  problem: string | null,
  status: 200 | 401 | 429,
): Response | Promise<Response> {
  const next = context.req.query('next') ?? '/';
  return page(context, {
    title: 'Log in',
    status,
    content: loginForm(context, users.haveNames, problem, next),
  });
}

function loginForm(
  context: DashboardContext,
  haveNames: boolean,
  problem: string | null,
  next: string,
): Html {
  const name = html`<label for="name">Name</label>
    <input id="name" name="name" autocomplete="username" autocapitalize="none" required autofocus>`;
  return html`<form method="post" action="/login" class="card login">
    <h1>Log in</h1>
    ${problem !== null && html`<p class="notice bad" role="alert">${problem}</p>`}
    ${csrfField(context)}<input type="hidden" name="next" value="${next}">
    ${haveNames && name}
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required ${haveNames ? '' : 'autofocus'}>
    <button class="primary">Log in</button>
  </form>`;
}
