import { type Context, Hono } from 'hono';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import type { TrustedProxies } from '../lib/network/trusted-proxies.ts';
import { isRedisTrouble } from '../lib/redis/trouble.ts';
import { UnreadableRecord } from '../lib/store/unreadable-record.ts';
import { addRoutes } from './add-routes.ts';
import type { Access } from './auth/access.ts';
import { isFromBrowser, noteArrival } from './auth/arrival.ts';
import { createAccessCheck } from './auth/check-access.ts';
import type { DashboardEnv, Installation } from './dashboard-env.ts';
import type { LiveHub } from './live/live-hub.ts';
import { refuse } from './pages/refusal.ts';
import type { DashboardPorts } from './ports.ts';
import { listRoutes } from './routes.ts';
import { createSecurityHeaders } from './security-headers.ts';

export interface DashboardOptions {
  ports: DashboardPorts;
  hub: LiveHub;
  access: Access;
  installation: Installation;
  /** From whom to trust `X-Forwarded-Proto`, `X-Forwarded-For` and the name of the person. */
  proxies: TrustedProxies;
}

/** The dashboard without its server. */
export function createDashboardApp({
  ports,
  hub,
  access,
  installation,
  proxies,
}: DashboardOptions): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.use(createSecurityHeaders());
  app.use(async (context, next) => {
    context.set('installation', installation);
    await next();
  });
  app.use(noteArrival({ proxies, onlyLocalNames: access.kind === 'open' }));
  // Based on the origin that the browser reports; the access check also requires the page's own token.
  app.use(csrf({ origin: isOwnOrigin }));
  addRoutes(app, listRoutes(ports, access, hub), createAccessCheck(access, ports.now));
  app.notFound((context) => refuse(context, { kind: 'not_found', what: 'such page' }));
  app.onError(async (error, context) => {
    if (error instanceof HTTPException) {
      return await refuse(context, { kind: isFromBrowser(context) ? 'outdated_page' : 'not_json' });
    }
    if (error instanceof UnreadableRecord) {
      return await refuse(context, { kind: 'unreadable', sentence: error.message });
    }
    if (isRedisTrouble(error)) return await refuse(context, { kind: 'no_redis' });
    ports.log.error({ err: error, path: context.req.path }, 'request failed');
    return await refuse(context, { kind: 'failed' });
  });
  return app;
}

/** The address as the browser sees it: a proxy that terminates TLS passes requests on without it. */
const isOwnOrigin = (origin: string, context: Context): boolean => {
  const { protocol, host } = new URL(context.req.url);
  return origin === `${context.get('isSecure') ? 'https:' : protocol}//${host}`;
};
