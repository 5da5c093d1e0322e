import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Keys } from '../../lib/store/keys.ts';
import { storedJson } from '../../lib/store/redis/packing/stored-json.ts';
import { digestOf, newSecret } from '../../lib/tokens/secret.ts';

/** A logged-in user. */
export interface LoginSession {
  name: string;
  /** The mark of the password at log-in; see `Users.markOf`. */
  mark: string;
}

/** How long a log-in lasts after the last request. */
const SESSION_S = 12 * 3_600;

const stored = storedJson<LoginSession>(
  'A log-in',
  z.object({ name: z.string(), mark: z.string() }),
);

/** The logged-in users, shared by all dashboards on this Redis. Redis holds only digests of the tokens. */
export class SessionStore {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Returns the token for the browser. */
  async begin(login: LoginSession): Promise<string> {
    const token = newSecret();
    await this.#redis.set(this.#key(token), stored.write(login), 'EX', SESSION_S);
    return token;
  }

  /** Null when the session no longer exists, or its record is damaged. Extends the session. */
  async find(token: string): Promise<LoginSession | null> {
    const text = await this.#redis.getex(this.#key(token), 'EX', SESSION_S);
    return text === null ? null : stored.tryRead(text);
  }

  async end(token: string): Promise<void> {
    await this.#redis.del(this.#key(token));
  }

  #key(token: string): string {
    return this.#keys.login(digestOf(token));
  }
}
