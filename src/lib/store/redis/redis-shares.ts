import { z } from 'zod';
import { type Claim, type ClaimFacts, renewClaim, shareOf } from '../../core/batch/claim.ts';
import type { Share } from '../../core/batch/decide-dispatch.ts';
import { jsonText } from './packing/stored-json.ts';
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

/** Priority, rows per second, rows begun, rows under way, base, stored at (ms). */
const entry = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]);

const claimText = jsonText(entry);

export class RedisShares extends RedisPart implements Shares {
  /** Only one dispatch at a time runs for a batch, so its claim does not change in between. */
  async announce(batchId: string, facts: ClaimFacts, nowMs: number): Promise<Share[]> {
    const claims = await this.#readClaims(nowMs);
    const before = claims.get(batchId) ?? null;
    claims.delete(batchId);
    const claim = renewClaim(before, facts, [...claims.values()]);
    claims.set(batchId, claim);
    const { priority, endedPerSecond, begun, underWay, base } = claim;
    const text = JSON.stringify([priority, endedPerSecond, begun, underWay, base, nowMs]);
    await this.redis.hset(this.keys.shares, batchId, text);
    return Array.from(claims, ([id, claim]) => shareOf(id, claim));
  }

  /** One entry for each running batch. Unreadable entries, such as those of another version, are no claims. */
  async #readClaims(nowMs: number): Promise<Map<string, Claim>> {
    const claims = new Map<string, Claim>();
    for (const [id, text] of Object.entries(await this.redis.hgetall(this.keys.shares))) {
      const read = claimText.safeParse(text);
      if (!read.success) continue;
      const [priority, endedPerSecond, begun, underWay, base, atMs] = read.data;
      const claim = { priority, endedPerSecond, begun, underWay, base };
      if (atMs > nowMs - LIFETIME_MS) claims.set(id, claim);
    }
    return claims;
  }

  async withdraw(batchId: string): Promise<void> {
    await this.redis.hdel(this.keys.shares, batchId);
  }
}
