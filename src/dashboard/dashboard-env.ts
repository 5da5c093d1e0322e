import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { html } from 'hono/html';
import type { Parameters } from './parameters.ts';

/** `viewer` sees everything and changes nothing; `operator` may do everything that the command line can. */
export type Role = 'viewer' | 'operator';

export interface User {
  /** The name in histories. */
  name: string;
  role: Role;
}

/** The name and colour that distinguish one installation from another. */
export interface Installation {
  name: string | null;
  /** Its sessions are not real. */
  isPractice: boolean;
}

export interface DashboardEnv {
  Bindings: HttpBindings;
  Variables: {
    installation: Installation;
    /** The user of the request. Set before every route that needs a role. */
    user: User;
    /** Whether there is a session that logging out would end. */
    isLoggedIn: boolean;
    /** Must be sent back with every change. */
    csrfToken: string;
    /** Whether the request came over TLS. */
    isSecure: boolean;
    /** The query parameters of the page. Not set where there is no route. */
    parameters: Parameters;
    /** Where the request came from. */
    address: string;
    /** Whether a trusted reverse proxy passed it on. */
    isFromProxy: boolean;
    /** SHA-256 of a file that was the body, in hex. Set once the whole file has arrived. */
    fileDigest?: string;
  };
}

export type DashboardContext = Context<DashboardEnv>;

/** Markup with escaped values. */
export type Html = ReturnType<typeof html>;
