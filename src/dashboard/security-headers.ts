import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { DashboardEnv } from './dashboard-env.ts';

/** What pages of other packages need beyond our own. */
interface Allowed {
  /** What a page may use as base address. */
  baseUri: "'none'" | "'self'";
  /** Whether the markup may contain styles. */
  inlineStyles: boolean;
}

/** Set on every answer. A route that sets one of them itself keeps its own value. */
export function createSecurityHeaders(
  { baseUri, inlineStyles }: Allowed = { baseUri: "'none'", inlineStyles: false },
): MiddlewareHandler<DashboardEnv> {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: inlineStyles ? ["'self'", "'unsafe-inline'"] : ["'self'"],
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
