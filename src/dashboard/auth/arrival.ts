import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';
import { isTrusted, type TrustedProxies } from '../../lib/network/trusted-proxies.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { refuse } from '../pages/refusal.ts';

export interface ArrivalOptions {
  /** The proxies whose headers are trusted; anyone else could forge them. */
  proxies: TrustedProxies;
  /**
   * Whether to answer only to names of this machine. Without a password, this keeps out foreign pages whose host name
   * was pointed here (DNS rebinding).
   */
  onlyLocalNames: boolean;
}

const LOCAL_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** How a request arrived, before anything else is checked. */
export function noteArrival({
  proxies,
  onlyLocalNames,
}: ArrivalOptions): MiddlewareHandler<DashboardEnv> {
  return async (context, next) => {
    const sender = getConnInfo(context).remote.address ?? '';
    const isFromProxy = isTrusted(proxies, sender);
    context.set('isFromProxy', isFromProxy);
    context.set('isSecure', isFromProxy && lastOf(context, 'x-forwarded-proto') === 'https');
    // The last address is what our proxy saw; those before it were only reported to the proxy.
    const forwarded = isFromProxy ? lastOf(context, 'x-forwarded-for') : undefined;
    context.set('address', forwarded ?? sender);
    if (onlyLocalNames && !LOCAL_NAME.test(context.req.header('host') ?? '')) {
      return refuse(context, { kind: 'strange_host' });
    }
    return await next();
  };
}

const lastOf = ({ req }: DashboardContext, header: string): string | undefined =>
  req.header(header)?.split(',').at(-1)?.trim();

/** Browsers name the origin of every change (Fetch, "Origin header"). */
export const isFromBrowser = ({ req }: DashboardContext): boolean =>
  req.header('origin') !== undefined || req.header('sec-fetch-site') !== undefined;
