import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { html } from 'hono/html';

/** `viewer` sees everything and changes nothing; `operator` may do what the command line may. */
export type Role = 'viewer' | 'operator';

export interface User {
  /** Stands in histories as who did something. */
  name: string;
  role: Role;
}

export interface DashboardEnv {
  Bindings: HttpBindings;
  Variables: {
    /** Who asks. Set before any route runs that is not for anyone. */
    user: User;
    /** Whether there is a session that a log-out would end. */
    isLoggedIn: boolean;
    /** To be sent back with every change. */
    csrfToken: string;
    /** Whether the request came over TLS. */
    isSecure: boolean;
    /** Where the request came from. */
    address: string;
  };
}

export type DashboardContext = Context<DashboardEnv>;

/** Markup whose values are escaped. */
export type Html = ReturnType<typeof html>;
