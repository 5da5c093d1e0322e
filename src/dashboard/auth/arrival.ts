import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { refuse } from '../pages/refusal.ts';

export interface ArrivalOptions {
  /**
   * Whether to trust a reverse proxy about where requests come from. Without a proxy, anyone could set these headers.
   */
  trustsProxy: boolean;
  /**
   * Whether to answer only to names of this machine. Without a password, this keeps out foreign pages whose host name
   * was pointed here (DNS rebinding).
   */
  onlyLocalNames: boolean;
}

const LOCAL_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** How a request arrived, before anything else is checked. */
export function noteArrival(options: ArrivalOptions): MiddlewareHandler<DashboardEnv> {
  return async (context, next) => {
    context.set('isSecure', isSecure(context, options));
    context.set('address', addressOf(context, options));
    if (options.onlyLocalNames && !LOCAL_NAME.test(context.req.header('host') ?? '')) {
      return refuse(context, { kind: 'strange_host' });
    }
    return await next();
  };
}

const lastOf = (list: string | undefined): string | undefined => list?.split(',').at(-1)?.trim();

const isSecure = ({ req }: DashboardContext, { trustsProxy }: ArrivalOptions): boolean =>
  trustsProxy && lastOf(req.header('x-forwarded-proto')) === 'https';

function addressOf(context: DashboardContext, { trustsProxy }: ArrivalOptions): string {
  // The last address is what our proxy saw; those before it were only reported to the proxy.
  const forwarded = trustsProxy ? lastOf(context.req.header('x-forwarded-for')) : undefined;
  return forwarded ?? getConnInfo(context).remote.address ?? '';
}

/** Browsers name the origin of every change (Fetch, "Origin header"). */
export const isFromBrowser = ({ req }: DashboardContext): boolean =>
  req.header('origin') !== undefined || req.header('sec-fetch-site') !== undefined;
