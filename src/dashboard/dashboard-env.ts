import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { html } from 'hono/html';

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
    /** Where the request came from. */
    address: string;
  };
}

export type DashboardContext = Context<DashboardEnv>;

/** Markup with escaped values. */
export type Html = ReturnType<typeof html>;
