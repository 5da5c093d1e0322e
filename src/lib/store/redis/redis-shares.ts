import { z } from 'zod';
import { type Claim, type ClaimFacts, renewClaim, shareOf } from '../../core/batch/claim.ts';
import type { Share } from '../../core/batch/decide-dispatch.ts';
import { jsonText } from './packing/stored-json.ts';
import { RedisPart } from './redis-part.ts';

/** What each running batch claims of the work, shared between all dispatchers. */
export interface Shares {
  /** Says what a batch claims, and hears what all claimed within the last 10 s, itself included. */
  announce(batchId: string, facts: ClaimFacts, nowMs: number): Promise<Share[]>;
  /** The batch has nothing to hand over any more. */
  withdraw(batchId: string): Promise<void>;
}

/** A batch whose dispatch is silent for longer claims nothing. */
const LIFETIME_MS = 10_000;

/** Priority, rows per second, rows begun, rows under way, base, said at (ms). */
const entry = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]);

const claimText = jsonText(entry);

export class RedisShares extends RedisPart implements Shares {
  /** One dispatch at a time speaks for a batch, so its claim does not change in between. */
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

  /** One entry for each batch that runs. What another version of the program has said there, or left behind, is no claim. */
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
