import type { Hono, MiddlewareHandler } from 'hono';
import type { DashboardEnv } from './dashboard-env.ts';
import { refuse } from './pages/refusal.ts';
import type { AccessCheck, Route } from './route.ts';

/** No form of ours is larger; uploads have their own limit. */
const MAX_BODY_BYTES = 256 * 1024;

/**
 * Uses the Content-Length, which Node enforces. Hono's own `bodyLimit` recreates requests without one, which this
 * server's request type does not allow: it would answer 500 even to requests without a body.
 */
const limitBody: MiddlewareHandler<DashboardEnv> = async (context, next) => {
  const length = context.req.header('content-length');
  if (length === undefined && context.req.header('transfer-encoding') !== undefined) {
    return await refuse(context, { kind: 'length_required' });
  }
  if (Number(length ?? 0) > MAX_BODY_BYTES) {
    const sentence = `The body has more than ${MAX_BODY_BYTES / 1_024} KiB.`;
    return await refuse(context, { kind: 'too_large', sentence });
  }
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
      context.set('parameters', route.parameters ?? {});
      let response: Response | undefined;
      const refusal = await check(context, async () => {
        response = await route.handle(context);
      });
      return refusal ?? response ?? context.notFound();
    });
  }
}
