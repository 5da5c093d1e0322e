import type { Hono, MiddlewareHandler } from 'hono';
import type { DashboardContext, DashboardEnv, Role } from './dashboard-env.ts';

/** What a person or a program can ask the dashboard for. Every route is one of these, so that all can be listed. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As Hono writes paths: `/batches/:id`. A trailing `/*` takes everything below. */
  path: string;
  /** Who may. Whatever changes anything is for operators. */
  access: 'anyone' | Role;
  /**
   * How the proof comes that a change was asked for on one of our own pages: in a header or a form field, which is
   * looked at before `handle` runs; or within a body that is too large to be read first, so that `handle` must look.
   */
  proof?: 'before' | 'in_body';
  /** Where it is larger than a form: `handle` reads it as it comes, and holds it to a size. */
  body?: 'streamed';
  handle: (context: DashboardContext) => Response | Promise<Response>;
}

/** Routes that look and change nothing. */
export const view = (path: string, handle: Route['handle']): Route => ({
  method: 'GET',
  path,
  access: 'viewer',
  handle,
});

/** A change that a form asks for. */
export const change = (path: string, handle: Route['handle']): Route => ({
  method: 'POST',
  path,
  access: 'operator',
  handle,
});

/** Decides whether a request may use a route: `null` lets it pass, a response refuses it. Made in `auth/check-access.ts`. */
export type AccessCheck = (
  route: Route,
) => (context: DashboardContext, next: () => Promise<void>) => Promise<Response | undefined>;

/** No form of ours is larger; uploads count for themselves. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * By the length that a request names, which Node holds it to. Hono's own `bodyLimit` recreates requests that name none, which
 * the server's kind of request does not allow: it would answer 500 even to those without a body.
 */
const limitBody: MiddlewareHandler<DashboardEnv> = async (context, next) => {
  const length = context.req.header('content-length');
  if (length === undefined && context.req.header('transfer-encoding') !== undefined) {
    return context.text('A request body needs a Content-Length.\n', 411);
  }
  if (Number(length ?? 0) > MAX_BODY_BYTES) return context.text('The body is too large.\n', 413);
  return await next();
};

/** Puts each route behind its access check. */
export function addRoutes(
  app: Hono<DashboardEnv>,
  routes: readonly Route[],
  checkAccess: AccessCheck,
): void {
  for (const route of routes) {
    const check = checkAccess(route);
    if (route.method !== 'GET' && route.body !== 'streamed') {
      app.on(route.method, route.path, limitBody);
    }
    app.on(route.method, route.path, async (context) => {
      let response: Response | undefined;
      const refusal = await check(context, async () => {
        response = await route.handle(context);
      });
      return refusal ?? response ?? context.notFound();
    });
  }
}
