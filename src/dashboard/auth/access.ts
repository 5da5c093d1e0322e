import type { User } from '../dashboard-env.ts';
import type { LoginLimit } from './login-limit.ts';
import type { SessionStore } from './session-store.ts';
import type { Users } from './users.ts';

/** How people log in. */
export type Access =
  /** On this machine only, where everyone who can connect can also use the command line. */
  | { kind: 'open'; user: User }
  | { kind: 'login'; users: Users; sessions: SessionStore; limit: LoginLimit };
