import type { TokenStore } from '../../lib/tokens/token-store.ts';
import type { User } from '../dashboard-env.ts';
import type { LoginLimit } from './login-limit.ts';
import type { ProxyLogin } from './proxy-login.ts';
import type { SessionStore } from './session-store.ts';
import type { Users } from './users.ts';

interface OpenAccess {
  kind: 'open';
  user: User;
  tokens: TokenStore;
}

interface ProxyAccess {
  kind: 'proxy';
  login: ProxyLogin;
  tokens: TokenStore;
}

interface LoginAccess {
  kind: 'login';
  users: Users;
  sessions: SessionStore;
  limit: LoginLimit;
  tokens: TokenStore;
}

/**
 * How people log in: here, at a reverse proxy, or not at all. They need no log-in if only this machine can connect,
 * because everyone there can also use the command line. Programs have tokens in each case.
 */
export type Access = OpenAccess | ProxyAccess | LoginAccess;
