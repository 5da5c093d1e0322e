import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { refuse } from '../pages/refusal.ts';

export interface ArrivalOptions {
  /** Whether a reverse proxy in front of us says where requests come from. Without one, anybody could. */
  trustsProxy: boolean;
  /**
   * Whether only names of this machine are answered to. Without a password this keeps out pages elsewhere whose name
   * was made to point here (DNS rebinding).
   */
  onlyLocalNames: boolean;
}

const LOCAL_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** How a request came, before anything else is looked at. */
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
  // The last one is what our proxy saw; those before it are what it was told.
  const forwarded = trustsProxy ? lastOf(context.req.header('x-forwarded-for')) : undefined;
  return forwarded ?? getConnInfo(context).remote.address ?? '';
}

/** Browsers say with every change where it comes from (Fetch, "Origin header"). */
export const isFromBrowser = ({ req }: DashboardContext): boolean =>
  req.header('origin') !== undefined || req.header('sec-fetch-site') !== undefined;
