import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { DashboardEnv } from './dashboard-env.ts';

/**
 * Set on every answer. A route that sets one of them itself, as pages of other packages must, keeps its own value.
 * `baseUri`: what a page may use as base address.
 */
export function createSecurityHeaders(
  baseUri: "'none'" | "'self'" = "'none'",
): MiddlewareHandler<DashboardEnv> {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: [baseUri],
      frameAncestors: ["'none'"],
    },
    permissionsPolicy: { camera: [], geolocation: [], microphone: [] },
    referrerPolicy: 'same-origin',
    // Over HTTPS only, which is known for each request.
    strictTransportSecurity: false,
    xFrameOptions: 'DENY',
    overwrite: false,
  });
  return async (context, next) => {
    await headers(context, next);
    if (context.var.isSecure) context.header('Strict-Transport-Security', 'max-age=15552000');
  };
}
