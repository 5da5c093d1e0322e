import type { Redis } from 'ioredis';
import { chunkOfRow } from '../../core/batch/chunk.ts';
import type { Source } from '../../core/manifest/source.ts';
import type { LiveSession } from '../../core/row/compose-outcome.ts';
import { LEAST_LIFE_MS } from '../../core/row/decide-kept.ts';
import type { BatchStore } from '../batch-store.ts';
import type { Keys } from '../keys.ts';
import { ledgerHours, parseLedgerValue, stampOf } from './packing/ledger-entry.ts';
import { unpackEarlier } from './packing/pack-outcome.ts';
import { digestSource } from './packing/source-digest.ts';
import { RedisPart } from './redis-part.ts';

/** Which videos have a live session, in any batch. The script that writes an outcome also writes its entry here. */
export interface Ledger {
  /**
   * Returns the longest-lived session of this video. Null if no session lives for another 15 minutes, and if the row
   * had a session before: a retry of such a row asks for a new one. Without a row, any session counts.
   */
  findLiveSession(
    source: Source,
    forRow: { batchId: string; row: number } | null,
    nowMs: number,
  ): Promise<LiveSession | null>;
}

export class RedisLedger extends RedisPart implements Ledger {
  readonly #store: Pick<BatchStore, 'readOutcomesOf'>;

  constructor(redis: Redis, keys: Keys, store: Pick<BatchStore, 'readOutcomesOf'>) {
    super(redis, keys);
    this.#store = store;
  }

  async findLiveSession(
    source: Source,
    forRow: { batchId: string; row: number } | null,
    nowMs: number,
  ): Promise<LiveSession | null> {
    if (forRow !== null && (await this.#hadSession(forRow))) return null;
    const { listed, called, slice } = digestSource(source);
    const values = await Promise.all(
      ledgerHours(nowMs).map((hour) => this.redis.hget(this.keys.ledger(hour, slice), listed)),
    );
    for (const value of values) {
      if (value === null) continue;
      const live = await this.#findMeant(value, called);
      if (live !== null && live.session.expiresAtMs >= nowMs + LEAST_LIFE_MS) return live;
    }
    return null;
  }

  /** The session that an entry means, if its row still has that session, of this video. */
  async #findMeant(value: string, called: string): Promise<LiveSession | null> {
    const entry = parseLedgerValue(value);
    if (entry === null) return null;
    const { batchId, row, stamp } = entry;
    const [incarnation, outcomes] = await Promise.all([
      this.redis.hget(this.keys.batch(batchId), 'incarnation'),
      this.#store.readOutcomesOf(batchId, [row]),
    ]);
    const outcome = outcomes.get(row);
    const session = outcome?.session;
    if (session === undefined || outcome?.called !== called) return null;
    const batch = { id: batchId, incarnation: incarnation ?? '' };
    return stampOf(batch, session.id) === stamp ? { session, batchId, row } : null;
  }

  async #hadSession({ batchId, row }: { batchId: string; row: number }): Promise<boolean> {
    const key = this.keys.earlier(batchId, chunkOfRow(row));
    const earlier = unpackEarlier(await this.redis.hget(key, String(row)));
    return earlier.some(({ session }) => session !== undefined);
  }
}
