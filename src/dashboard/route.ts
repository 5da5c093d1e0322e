import type { DashboardContext, Role } from './dashboard-env.ts';
import type { Parameters } from './parameters.ts';

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
   * How a request proves that a change comes from our own pages: in a header or form field that is checked before
   * `handle` runs; or inside a body too large to be read first, which `handle` must check.
   */
  proof?: 'before' | 'in_body';
  /** The query parameters of a page; the page reports other parts of a query. Default none. */
  parameters?: Parameters;
  /** For bodies larger than a form: `handle` reads the stream and limits its size. */
  body?: 'streamed';
  handle: (context: DashboardContext) => Response | Promise<Response>;
}

/** Routes that only read. */
export const view = (
  path: string,
  handle: Route['handle'],
  parameters: Parameters = {},
): Route => ({
  method: 'GET',
  path,
  access: 'viewer',
  parameters,
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
