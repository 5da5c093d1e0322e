import { z } from 'zod';
import { type Claim, type ClaimFacts, renewClaim, shareOf } from '../../core/batch/claim.ts';
import type { Share } from '../../core/batch/decide-dispatch.ts';
import { storedJson } from './packing/stored-json.ts';
import { RedisPart } from './redis-part.ts';

/** Each running batch's claim to a share of the work, shared between all dispatchers. */
export interface Shares {
  /** Stores a batch's claim, and returns all claims of the last 10 s, its own included. */
  announce(batchId: string, facts: ClaimFacts, nowMs: number): Promise<Share[]>;
  /** The batch has no more rows to hand over. */
  withdraw(batchId: string): Promise<void>;
}

/** The claim of a batch expires if its dispatch is silent for longer. */
const LIFETIME_MS = 10_000;

/**
 * How long a reading of this many claims serves the looks of this process. Each batch looks up to ten times a second,
 * and reading a thousand claims takes 2 ms. So the cost stays the same for any number of claims, and few claims are
 * read each time.
 */
const servesMs = (claims: number): number => Math.min(claims, 500);

/** Priority, rows per second, rows begun, rows under way, base, stored at (ms). */
type Entry = [number, number, number, number, number, number];

const entry = storedJson<Entry>(
  'The claim of a batch',
  z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
);

interface Reading {
  atMs: number;
  /** One entry for each batch that claims, including what this process has announced since. */
  claims: Promise<Map<string, Entry>>;
  /** Null while it is under way. */
  size: number | null;
}

export class RedisShares extends RedisPart implements Shares {
  #reading: Reading | null = null;

  /** Only one dispatch at a time runs for a batch, so its claim does not change in between. */
  async announce(batchId: string, facts: ClaimFacts, nowMs: number): Promise<Share[]> {
    // The batch's latest look may have been another process's.
    const [entries, own] = await Promise.all([
      this.#read(nowMs),
      this.redis.hget(this.keys.shares, batchId),
    ]);
    const before = own === null ? null : entry.tryRead(own);
    const others: Claim[] = [];
    const shares: Share[] = [];
    for (const [id, other] of entries) {
      if (id === batchId || !isAlive(other, nowMs)) continue;
      const claim = claimIn(other);
      others.push(claim);
      shares.push(shareOf(id, claim));
    }
    const isKnown = before !== null && isAlive(before, nowMs);
    const claim = renewClaim(isKnown ? claimIn(before) : null, facts, others);
    const { priority, endedPerSecond, begun, underWay, base } = claim;
    const next: Entry = [priority, endedPerSecond, begun, underWay, base, nowMs];
    await this.redis.hset(this.keys.shares, batchId, entry.write(next));
    entries.set(batchId, next);
    return [...shares, shareOf(batchId, claim)];
  }

  async withdraw(batchId: string): Promise<void> {
    await this.redis.hdel(this.keys.shares, batchId);
    (await this.#reading?.claims)?.delete(batchId);
  }

  async #read(nowMs: number): Promise<Map<string, Entry>> {
    const { atMs = 0, size = 0 } = this.#reading ?? {};
    const ageMs = nowMs - atMs;
    if (this.#reading !== null && (size === null || (ageMs >= 0 && ageMs < servesMs(size)))) {
      return await this.#reading.claims;
    }
    const reading: Reading = { atMs: nowMs, claims: this.#readEntries(), size: null };
    this.#reading = reading;
    try {
      const claims = await reading.claims;
      reading.size = claims.size;
      return claims;
    } catch (error) {
      if (this.#reading === reading) this.#reading = null;
      throw error;
    }
  }

  /** Unreadable entries, such as those of another version, do not count as claims. */
  async #readEntries(): Promise<Map<string, Entry>> {
    const texts = Object.entries(await this.redis.hgetall(this.keys.shares));
    return new Map(
      texts.flatMap(([id, text]) => {
        const read = entry.tryRead(text);
        return read === null ? [] : [[id, read]];
      }),
    );
  }
}

const isAlive = ([, , , , , atMs]: Entry, nowMs: number): boolean => atMs > nowMs - LIFETIME_MS;

const claimIn = ([priority, endedPerSecond, begun, underWay, base]: Entry): Claim => ({
  priority,
  endedPerSecond,
  begun,
  underWay,
  base,
});
