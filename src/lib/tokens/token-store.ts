import { z } from 'zod';
import { repliesOf } from '../redis/replies.ts';
import { storedJson } from '../store/redis/packing/stored-json.ts';
import { RedisPart } from '../store/redis/redis-part.ts';
import { type ApiToken, isSecretOf, readToken, TOKEN_SCOPES, writeToken } from './api-token.ts';
import { digestOf, newSecret } from './secret.ts';

const MAX_TOKENS = 200;
const MINUTE_MS = 60_000;

const stored = storedJson<ApiToken>(
  'A token',
  z.object({
    name: z.string(),
    scope: z.enum(TOKEN_SCOPES),
    digest: z.string(),
    createdAtMs: z.number(),
    createdBy: z.string(),
    expiresAtMs: z.number().nullable(),
    perMinute: z.int().min(1),
  }),
);

export type TokenDraft = Omit<ApiToken, 'digest'>;

export type CreateResult =
  /** `text` is what a program sends; it cannot be shown again. */
  { kind: 'created'; text: string } | { kind: 'taken' } | { kind: 'too_many'; max: number };

export type CheckResult =
  | { kind: 'valid'; token: ApiToken }
  | { kind: 'unknown' }
  | { kind: 'expired'; token: ApiToken }
  /** The token has made its requests of this minute. */
  | { kind: 'throttled'; token: ApiToken; waitMs: number };

export interface ListedToken extends ApiToken {
  /** Null: never. */
  lastUsedAtMs: number | null;
}

/**
 * The tokens of programs, shared by all dashboards on this Redis. Nothing is cached here, so a revoked token ends at
 * once.
 */
export class TokenStore extends RedisPart {
  async create(draft: TokenDraft): Promise<CreateResult> {
    const { tokens, tokensUsed } = this.keys;
    if ((await this.redis.hlen(tokens)) >= MAX_TOKENS) return { kind: 'too_many', max: MAX_TOKENS };
    const secret = newSecret();
    const text = stored.write({ ...draft, digest: digestOf(secret) });
    if ((await this.redis.hsetnx(tokens, draft.name, text)) === 0) return { kind: 'taken' };
    await this.redis.hdel(tokensUsed, draft.name);
    return { kind: 'created', text: writeToken(draft.name, secret) };
  }

  /** By name. A damaged record is left out; `revoke` removes it. */
  async list(): Promise<ListedToken[]> {
    const [texts, used] = await Promise.all([
      this.redis.hvals(this.keys.tokens),
      this.redis.hgetall(this.keys.tokensUsed),
    ]);
    return texts
      .flatMap((text) => stored.tryRead(text) ?? [])
      .map((token) => ({ ...token, lastUsedAtMs: numberOrNull(used[token.name]) }))
      .toSorted((one, other) => one.name.localeCompare(other.name));
  }

  /** False when there is no such token. May run twice. */
  async revoke(name: string): Promise<boolean> {
    const removed = await this.redis.hdel(this.keys.tokens, name);
    await this.redis.hdel(this.keys.tokensUsed, name);
    return removed === 1;
  }

  /** Checks what a program sent, and counts the request. */
  async check(text: string, nowMs: number): Promise<CheckResult> {
    const given = readToken(text);
    const record = given && (await this.redis.hget(this.keys.tokens, given.name));
    const token = record ? stored.tryRead(record) : null;
    if (given === null || token === null || !isSecretOf(token, given.secret)) {
      return { kind: 'unknown' };
    }
    if (token.expiresAtMs !== null && token.expiresAtMs <= nowMs) return { kind: 'expired', token };
    const count = await this.#count(token, nowMs);
    if (count <= token.perMinute) return { kind: 'valid', token };
    return { kind: 'throttled', token, waitMs: MINUTE_MS - (nowMs % MINUTE_MS) };
  }

  /** The requests of this minute, this one included. */
  async #count({ name }: ApiToken, nowMs: number): Promise<number> {
    const key = this.keys.tokenCalls(name, Math.floor(nowMs / MINUTE_MS));
    const [count] = await repliesOf(
      this.redis
        .pipeline()
        .incr(key)
        .pexpire(key, 2 * MINUTE_MS)
        .hset(this.keys.tokensUsed, name, nowMs),
    );
    return Number(count);
  }
}

const numberOrNull = (text: string | undefined): number | null =>
  text === undefined ? null : Number(text);
