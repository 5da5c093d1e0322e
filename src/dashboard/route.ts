import type { Hono, MiddlewareHandler } from 'hono';
import type { DashboardContext, DashboardEnv, Role } from './dashboard-env.ts';

/**
 * One thing that a person or a program can ask the dashboard for. Every route has this form, so that all can be
 * listed.
 */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** In Hono's form: `/batches/:id`. A trailing `/*` matches everything below. */
  path: string;
  /** The required role. Every change is for operators. */
  access: 'anyone' | Role;
  /**
   * How a request proves that a change comes from our own pages: in a header or a form field, which is checked before
   * `handle` runs; or inside a body that is too large to be read first, so that `handle` must check it.
   */
  proof?: 'before' | 'in_body';
  /** For bodies larger than a form: `handle` reads the stream and limits its size. */
  body?: 'streamed';
  handle: (context: DashboardContext) => Response | Promise<Response>;
}

/** Routes that only read. */
export const view = (path: string, handle: Route['handle']): Route => ({
  method: 'GET',
  path,
  access: 'viewer',
  handle,
});

/** A change from a form. */
export const change = (path: string, handle: Route['handle']): Route => ({
  method: 'POST',
  path,
  access: 'operator',
  handle,
});

/**
 * Decides whether a request may use a route: `null` lets it pass, a response refuses it. Made in
 * `auth/check-access.ts`.
 */
export type AccessCheck = (
  route: Route,
) => (context: DashboardContext, next: () => Promise<void>) => Promise<Response | undefined>;

/** No form of ours is larger; uploads have their own limit. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * Uses the Content-Length, which Node enforces. Hono's own `bodyLimit` recreates requests without one, which this
 * server's request type does not allow: it would answer 500 even to requests without a body.
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
