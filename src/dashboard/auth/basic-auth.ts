import { createHash } from 'node:crypto';
import type { DashboardContext, User } from '../dashboard-env.ts';
import type { Access } from './access.ts';

const REMEMBERED_MS = 5 * 60_000;
const MAX_REMEMBERED = 100;

export type BasicResult =
  | { kind: 'user'; user: User }
  /** The request has no valid name and password. */
  | { kind: 'nobody' }
  /** Too many were wrong recently, so this one was not checked. */
  | { kind: 'throttled'; waitMs: number };

const NOBODY: BasicResult = { kind: 'nobody' };

/**
 * Programs send name and password with each request (RFC 7617). A correct pair is remembered for some minutes,
 * because checking a password is slow by design. The server never sends `WWW-Authenticate`: browsers would remember
 * the password.
 */
export class BasicAuth {
  readonly #access: Extract<Access, { kind: 'login' }>;
  readonly #now: () => number;
  readonly #known = new Map<string, { name: string; mark: string; untilMs: number }>();

  constructor(access: Extract<Access, { kind: 'login' }>, now: () => number) {
    this.#access = access;
    this.#now = now;
  }

  async authenticate(context: DashboardContext): Promise<BasicResult> {
    const given = /^Basic ([\w+/=]+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    if (given === undefined) return NOBODY;
    const key = createHash('sha256').update(given).digest('base64');
    const known = this.#known.get(key);
    if (known !== undefined && known.untilMs > this.#now()) {
      // Null after a change of the password, which the pair must not outlive.
      const user = this.#access.users.find(known.name, known.mark);
      if (user !== null) return { kind: 'user', user };
    }
    const result = await this.#check(
      Buffer.from(given, 'base64').toString('utf8'),
      context.var.address,
    );
    if (result.kind === 'user') this.#remember(key, result.user);
    return result;
  }

  async #check(credentials: string, address: string): Promise<BasicResult> {
    const { users, limit } = this.#access;
    const colon = credentials.indexOf(':');
    const name = credentials.slice(0, Math.max(colon, 0));
    const counted = users.nameToCount(name);
    const waitMs = limit.begin(address, counted);
    if (waitMs > 0) return { kind: 'throttled', waitMs };
    const user = await users.authenticate(name, credentials.slice(colon + 1));
    if (user === null) return NOBODY;
    limit.succeed(address, counted);
    return { kind: 'user', user };
  }

  #remember(key: string, { name }: User): void {
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    const mark = this.#access.users.markOf(name);
    this.#known.set(key, { name, mark, untilMs: this.#now() + REMEMBERED_MS });
  }
}
