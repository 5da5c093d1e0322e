import { createHash } from 'node:crypto';
import type { DashboardContext, User } from '../dashboard-env.ts';
import type { Access } from './access.ts';

const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 100;

/**
 * Programs send name and password with each request (RFC 7617). What was right is remembered for some minutes, as
 * checking a password takes long by design. Never asked for by `WWW-Authenticate`: browsers would keep it.
 */
export class BasicAuth {
  readonly #access: Extract<Access, { kind: 'login' }>;
  readonly #now: () => number;
  readonly #known = new Map<string, { user: User; untilMs: number }>();

  constructor(access: Extract<Access, { kind: 'login' }>, now: () => number) {
    this.#access = access;
    this.#now = now;
  }

  /** Null when the request carries none that is right. */
  async authenticate(context: DashboardContext): Promise<User | null> {
    const given = /^Basic ([\w+/=]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    if (given === undefined) return null;
    const key = createHash('sha256').update(given).digest('base64');
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > this.#now()) return known.user;
    const user = await this.#check(
      Buffer.from(given, 'base64').toString('utf8'),
      context.var.address,
    );
    if (user !== null) this.#remember(key, user);
    return user;
  }

  async #check(credentials: string, address: string): Promise<User | null> {
    const { users, limit } = this.#access;
    const colon = credentials.indexOf(':');
    const name = credentials.slice(0, Math.max(colon, 0));
    if (limit.waitMs(address, name) > 0) return null;
    limit.countTry(address, name);
    const user = await users.authenticate(name, credentials.slice(colon + 1));
    if (user !== null) limit.forget(address, name);
    return user;
  }

  #remember(key: string, user: User): void {
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(key, { user, untilMs: this.#now() + REMEMBERED_MS });
  }
}
