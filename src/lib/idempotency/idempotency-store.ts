import { createHash } from 'node:crypto';
import { z } from 'zod';
import { storedJson } from '../store/redis/packing/stored-json.ts';
import { RedisPart } from '../store/redis/redis-part.ts';

const DAY_MS = 86_400_000;
/** A request under way holds its key for this long, and holds it again while it lasts. */
const LEASE_MS = 60_000;
/** How often a request under way holds its key again, in ms. */
export const HOLD_EVERY_MS = LEASE_MS / 3;
/** Keys that one caller may use in a day. */
const MOST_KEYS = 20_000;
/** A longer answer is not kept. No change has such an answer. */
const LONGEST_ANSWER = 65_536;

export interface KeptAnswer {
  status: number;
  /** JSON. */
  body: string;
  /** SHA-256 of the file that it answers, in hex; null where `request` holds the whole request. */
  fileDigest: string | null;
}

interface KeyRecord {
  /** Digest of the request. */
  request: string;
  /** Null while it is under way. */
  answer: KeptAnswer | null;
}

const stored = storedJson<KeyRecord>(
  'An answer kept for its key',
  z.object({
    request: z.string(),
    answer: z
      .object({ status: z.int(), body: z.string(), fileDigest: z.string().nullable() })
      .nullable(),
  }),
);

export type Begun =
  /** The request is the first with this key. */
  | { kind: 'first'; place: string }
  | { kind: 'answered'; answer: KeptAnswer }
  /** The first request with this key is still under way. */
  | { kind: 'under_way' }
  /** The key belongs to another request. */
  | { kind: 'other_request' }
  | { kind: 'too_many'; max: number };

/** Answers of changes by the keys that callers gave them, kept for 24 h and shared by all dashboards on this Redis. */
export class IdempotencyStore extends RedisPart {
  /**
   * `who`: callers do not share keys. `request`: everything that identifies the request, except a file, whose digest is
   * known when it has arrived.
   */
  async begin(who: string, key: string, request: string): Promise<Begun> {
    const place = this.keys.idempotency(digestOf(`${who}\0${key}`));
    const mine = { request: digestOf(request), answer: null };
    const isFirst = await this.redis.set(place, stored.write(mine), 'PX', LEASE_MS, 'NX');
    if (isFirst === 'OK') return await this.#count(who, place);
    const text = await this.redis.get(place);
    const found = text === null ? null : stored.tryRead(text);
    // The first request ended or was given up between the two commands.
    if (found === null) return { kind: 'under_way' };
    if (found.request !== mine.request) return { kind: 'other_request' };
    return found.answer === null
      ? { kind: 'under_way' }
      : { kind: 'answered', answer: found.answer };
  }

  async #count(who: string, place: string): Promise<Begun> {
    const count = this.keys.idempotencyCount(digestOf(who));
    const used = await this.redis.incr(count);
    if (used === 1) await this.redis.pexpire(count, DAY_MS);
    if (used <= MOST_KEYS) return { kind: 'first', place };
    await this.release(place);
    return { kind: 'too_many', max: MOST_KEYS };
  }

  /** Extends the hold of a request that is still under way. */
  async hold(place: string): Promise<void> {
    await this.redis.pexpire(place, LEASE_MS);
  }

  /** Keeps the answer for 24 h. */
  async finish(place: string, request: string, answer: KeptAnswer): Promise<void> {
    if (answer.body.length > LONGEST_ANSWER) return await this.release(place);
    const record = { request: digestOf(request), answer };
    await this.redis.set(place, stored.write(record), 'PX', DAY_MS);
  }

  /** Nothing was changed, so the key may be used again. */
  async release(place: string): Promise<void> {
    await this.redis.del(place);
  }
}

const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, DIGEST_LENGTH);

const DIGEST_LENGTH = 32;
